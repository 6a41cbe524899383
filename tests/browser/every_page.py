"""The pages the sweep opens; braces are filled with ids of the demo's record."""

# fmt: off
PAGES: tuple[str, ...] = (
    "/",
    "/signed-in",
    "/start",
    "/kickoff",
    "/kickoff/P108",
    "/rules-of-engagement",
    "/data-dictionary",
    "/ask?q=a",
    "/accounts/{account_id}",
    "/plans/{plan_id}",
    "/plans/{plan_id}?view=grid",
    "/plans/{plan_id}/carve",
)
