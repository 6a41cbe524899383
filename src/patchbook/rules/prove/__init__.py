"""What is proved of rules in order before anything runs: gaps, overlaps, rules that never win or are never true."""
