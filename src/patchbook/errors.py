"""Every failure a caller may want to catch, by what the caller can do about it.

* PatchbookError
  + BadInput          the input is wrong: correct it and try again        (exit code 2)
  + NotFound          the thing asked for is not there                    (exit code 2)
  + Conflict          somebody changed it, or its state does not allow it (exit code 2)
  + NotAllowed        this person may not do this                         (exit code 2)
  + Infeasible        no answer meets every constraint                    (exit code 1)

A room adds its own classes below one of these five, beside the rule that raises them.
The message is one sentence for a person: what was found, where, and what would be right.
"""


class PatchbookError(Exception):
    """Anything Patchbook refuses; the message is one sentence for a person."""


class BadInput(PatchbookError):
    """The input is wrong; the message says what was found, where, and what would be right."""


class NotFound(PatchbookError):
    """The thing asked for is not there; the message names the nearest that is."""


class Conflict(PatchbookError):
    """The present state does not allow it, or somebody else changed it first."""


class NotAllowed(PatchbookError):
    """This person may not do this; the message says who may."""


class Infeasible(PatchbookError):
    """No answer meets every constraint; the message names the smallest set in conflict."""
