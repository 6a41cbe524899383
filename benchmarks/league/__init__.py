"""The public league: capacitated p-median instances of the literature, and how near we come to their best values."""
