"""Rebalancing: how few moves bring a book within its limits, proven from below and reached from above.

`least.moves_at_least` bounds the moves from below; `construct/fewest_moves.py` gets near that bound; `split.split` cuts
one seat into several. The mathematics is in `docs/explanation/rebalance.md`.
"""
