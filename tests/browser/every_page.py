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
    "/plans",
    "/plans/new",
    "/comparison?plan_id={plan_id}&plan_id={review_plan_id}",
    "/plans/{plan_id}/disruption",
    "/plans/{plan_id}/frontier",
    "/plans/{plan_id}/document",
    "/plans/{plan_id}/history",
    "/plans/{plan_id}/sharing",
)
