"""Loops over arrays that must be fast (Numba). Arrays in, arrays out; no unit, no account, no logging."""
