"""The pages the sweep opens; braces are filled with ids of the demo's record."""

# fmt: off
PAGES: tuple[str, ...] = (
    "/",
    "/signed-in",
    "/plans/{plan_id}/rules",
    "/plans/{plan_id}/rules/problems",
    "/plans/{plan_id}/rules/test",
    "/plans/{plan_id}/rules/impact",
    "/plans/{plan_id}/rules/layers/1",
    "/start",
    "/kickoff",
    "/kickoff/P108",
    "/rules-of-engagement",
    "/data-dictionary",
    "/ask?q=a",
    "/accounts/{account_id}",
)
