"""The layers of a plan applied to accounts of any number: in this process, or by Spark, with the same answers."""

from patchbook.plans.assign.assigned import OUT_SCHEMA, Assigned
from patchbook.plans.assign.engine import assign
from patchbook.plans.assign.layered import Layered, LayerRule

__all__ = ["OUT_SCHEMA", "Assigned", "LayerRule", "Layered", "assign"]
