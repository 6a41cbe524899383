"""Make an approved plan the truth from a date on, see beforehand what changes, and take it back."""
