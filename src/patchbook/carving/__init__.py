"""Accounts to territories: a problem as arrays, solved within every tolerance, with a bound and reasons.

`solve(problem)` carves; `explain(solution)` says why; `conflict` names what cannot be met together. Numba is imported
by the modules below, so nothing is imported here.
"""
