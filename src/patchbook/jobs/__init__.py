"""Work that is done by itself: jobs with a schedule, a lease so that one worker does each, and a log of every run."""
