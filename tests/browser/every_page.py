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
    "/people",
    "/people/{person_id}",
    "/people/calendar",
    "/people/hire",
    "/people/{person_id}/leave?start=2027-04-01",
    "/people/P108/depart?on=2027-04-01&step=check",
    "/people/P108/move?on=2027-04-01&role=Senior",
    "/territories",
    "/territories/{territory_id}",
)
