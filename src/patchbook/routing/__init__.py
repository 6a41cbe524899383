"""Pure decisions: which account a lead belongs to, who may have it, whose turn it is, and why."""
