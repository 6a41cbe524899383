"""Accounts that are owned otherwise than the plan says: by whom, why, until when, approved by whom."""
