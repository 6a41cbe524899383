"""A plan that stays true: accounts whose fields changed are placed anew, and moved, proposed or left, by policy."""
