"""What people decide about accounts that were taken in: duplicates to merge or keep apart, families to split."""
