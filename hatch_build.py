"""What building Patchbook does beyond packing files: it lays the JavaScript of others into the package."""

from __future__ import annotations

import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LayVendor(BuildHookInterface[Any]):
    """Has `tools/vendor.py` lay its files before a wheel, an editable install or a source archive is made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Lay them; a refusal is one sentence, not a traceback."""
        sys.path.insert(0, f"{self.root}/tools")
        try:
            import vendor

            vendor.lay(vendor.PACKAGE)
        except vendor.CannotLay as error:
            raise SystemExit(str(error)) from None
        finally:
            sys.path.remove(f"{self.root}/tools")
