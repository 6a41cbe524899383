"""What people say about a plan, a territory, an account or a proposal."""
