"""A process that sends leads as a careless system does: again and again, in any order, until it is killed.

    python -m builders.leadstorm FOLDER [URL]   # reads one JSON request from standard input, prints what was answered

A request says which leads to send, in how many threads, and at which crash point to die.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from builders.leads import NOW, PAT, a_lead
from patchbook.db import Record, crash, open_record
from patchbook.leads import actions
from patchbook.leads.desk import Desk


def main(folder: str, url: str | None, request: dict[str, Any]) -> None:
    """Send, and say of each lead who has it once that is acknowledged."""
    record = open_record(folder, url=url)
    crash._AT, _, crash._COUNT = request.get("at", "").partition(":")
    send(record, request, lambda told: os.write(1, f"{json.dumps(told)}\n".encode()))  # whole lines, whichever thread
    record.close()


def send(record: Record, request: dict[str, Any], say: Callable[[tuple[int, str, str]], object]) -> None:
    """Send what a request says, and say of each lead who has it once that is acknowledged."""
    numbers = list(request["leads"]) * request["times"]
    random.Random(request["seed"]).shuffle(numbers)
    desk = Desk(record, lambda: NOW)

    def ask(number: int) -> None:
        what = a_lead(number, company=f"Firma {number}", country="DE")
        asked = desk.ask(lambda tx, at: PAT, lambda lane, by, at: actions.receive(lane, what, by=by, at=at))
        got = asked.result()
        say((number, got.lead.lead_id, f"{got.decision.decision.person_id}"))

    with ThreadPoolExecutor(request["threads"]) as pool:
        for sent in [pool.submit(ask, number) for number in numbers]:
            sent.result()
    desk.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None, json.loads(sys.stdin.read()))
