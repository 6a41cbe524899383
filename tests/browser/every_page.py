"""The pages the sweep opens; braces are filled with ids of the demo's record."""

# fmt: off
PAGES: tuple[str, ...] = (
    "/",
    "/signed-in",
    "/data",
    "/data/imports/{import_id}",
    "/data/quality",
    "/data/quality/without?field=employees",
    "/data/duplicates",
    "/data/duplicates?decided=true",
    "/data/duplicates/next",
    "/data/families",
    "/data/families/family?family_id=C0030",
    "/start",
    "/kickoff",
    "/kickoff/P108",
    "/rules-of-engagement",
    "/data-dictionary",
    "/ask?q=a",
    "/accounts/{account_id}",
)
