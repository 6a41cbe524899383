"""The pages the sweep opens; braces are filled with ids of the demo's record."""

# fmt: off
PAGES: tuple[str, ...] = (
    "/",
    "/signed-in",
)
