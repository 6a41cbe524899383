"""Messages that tell other systems of decisions, sent until they have arrived."""

from __future__ import annotations

from patchbook.jobs.job import Report
from patchbook.jobs.kind import Kind
from patchbook.jobs.runner import Turn
from patchbook.jobs.schedule import Schedule
from patchbook.leads.knowledge import document_in
from patchbook.webhooks import actions as webhooks

MOST_ROUNDS = 20
"""Rounds of sending in one run; what is left has its turn a minute later."""


def run(turn: Turn) -> Report:
    """Send what is due. Each message has a lease of its own, so two workers never send one at the same time."""
    with turn.reading() as tx:
        told = document_in(tx).sections["webhooks"]
    done = webhooks.Sent()
    for _ in range(MOST_ROUNDS):
        sent = webhooks.deliver(turn.record, told, at=turn.clock())
        done = done.plus(sent)
        if sent.attempts < webhooks.MOST_AT_A_TIME:
            break
    counts = {"delivered": done.delivered, "later": done.later, "dead": done.dead}
    return Report(says=done.says, counts=counts)


KIND = Kind(
    name="webhooks",
    meaning="Sends messages about decisions to the systems that want to hear of them, again where they failed.",
    schedule=Schedule(minutes=1),
    run=run,
)
