"""Taking a publication back: where it still stands, what was believed before it returns."""

from patchbook.publishing.rollback.restore import changed, restore, would_restore

__all__ = ["changed", "restore", "would_restore"]
