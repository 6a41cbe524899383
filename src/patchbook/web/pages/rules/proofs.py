"""What is proved of rules, worked out beside the page and kept: the same rules and accounts give the same proof."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

from patchbook.plans.rules_now import Standing
from patchbook.rules.prove.case import Limits
from patchbook.rules.prove.proof import Proof, prove

MOST_KEPT = 24
MOST_FINDINGS = 50

log = logging.getLogger("patchbook.web")


class ProofFailed(Exception):
    """The prover met a fault of ours; the log has it."""


@dataclass(kw_only=True, eq=False)
class _Work:
    """One proof, asked for."""

    subject: str
    done: Event = field(default_factory=Event)
    proof: Proof | None = None
    is_given_up: bool = False


class Proofs:
    """The proofs of this process; one at a time, since each takes a processor."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Work] = OrderedDict()
        self._lock = Lock()
        self._turn = Lock()

    def of(self, standing: Standing, *, subject: str, wait_seconds: float) -> Proof | None:
        """
        What is proved of these rules, or None while it is being worked out.

        Parameters
        ----------
        subject
            The plan; what waits for its turn under the same name is given up for this.
        wait_seconds
            How long to wait for it.

        Raises
        ------
        ProofFailed
            It cannot be worked out.
        """
        with self._lock:
            work = self._known.get(standing.key)
            if work is None:
                work = self._begun(standing, subject)
            self._known.move_to_end(standing.key)
        if not work.done.wait(wait_seconds):
            return None
        if work.proof is None:
            raise ProofFailed
        return work.proof

    def _begun(self, standing: Standing, subject: str) -> _Work:
        for key, other in list(self._known.items()):
            if other.subject == subject and not other.done.is_set():
                other.is_given_up = True
                del self._known[key]
        work = self._known[standing.key] = _Work(subject=subject)
        while len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)
        # A daemon, so that a server that stops does not wait for a proof nobody will look at.
        Thread(target=self._run, args=(standing, work), name="patchbook-proof", daemon=True).start()
        return work

    def _run(self, standing: Standing, work: _Work) -> None:
        with self._turn:
            if work.is_given_up:
                return
            try:
                work.proof = prove(standing.ordered, standing.unnamed, limits=Limits(most=MOST_FINDINGS))
            except Exception:
                log.exception("The rules of %s were not proved", work.subject)
            work.done.set()


PROOFS = Proofs()
"""Kept for the process: a proof belongs to its rules and accounts, whoever looks and in whatever record."""
