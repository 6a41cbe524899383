"""Where accounts are assigned: in this process, in a Spark on this machine, or in a Spark cluster."""

from __future__ import annotations

from patchbook.errors import BadInput
from patchbook.plans.assign.assigned import Assigned
from patchbook.plans.plan import Plan
from patchbook.rules import NOTHING, Context
from patchbook.rules.source import nearest

EMBEDDED = "embedded"
LOCAL_SPARK = "local-spark"
CLUSTER = "spark://"


class NoEngine(BadInput):
    """There is no engine of that name."""

    def __init__(self, name: str) -> None:
        near = nearest(name, (EMBEDDED, LOCAL_SPARK))
        hint = f"did you mean {near}?" if near else f"write {EMBEDDED}, {LOCAL_SPARK} or {CLUSTER}HOST:PORT."
        super().__init__(f"There is no engine {name!r}; {hint}")


def assign(plan: Plan, accounts: str, out: str, *, engine: str = EMBEDDED, context: Context = NOTHING) -> Assigned:
    """
    Assign accounts by a plan's lists and rules, and write account_id, territory, rule and reason of each.

    Parameters
    ----------
    accounts
        A Parquet file or a folder of them; columns are called as the plan's fields, or as its `columns` say.
    out
        A folder that is not there yet; it is there whole when this returns.
    engine
        `embedded`, `local-spark`, or a Spark master as `spark://host:7077`; all give the same answers.
    context
        Today, lists, tables and areas that the plan's rules refer to.
    """
    if engine == EMBEDDED:
        from patchbook.plans.assign import embedded

        return embedded.assign(plan, accounts, out, context=context)
    if engine == LOCAL_SPARK or engine.startswith(CLUSTER):
        from patchbook.plans.assign import spark

        return spark.assign(
            plan, accounts, out, master="local[*]" if engine == LOCAL_SPARK else engine, context=context
        )
    raise NoEngine(engine)
