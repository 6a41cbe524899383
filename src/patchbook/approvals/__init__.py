"""Who has to approve a plan, level by level, and who did."""
