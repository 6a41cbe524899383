"""The pages the sweep opens; braces are filled with ids of the demo's record."""

# fmt: off
PAGES: tuple[str, ...] = (
    "/",
    "/signed-in",
    "/routing",
    "/routing/queue",
    "/routing/pools",
    "/routing/leads/{lead_id}",
    "/routing/document",
    "/routing/replays",
    "/routing/hooks",
    "/admin",
    "/admin/health",
    "/admin/users",
    "/admin/users/{person_id}",
    "/admin/tokens",
    "/admin/sign-in",
    "/admin/audit",
    "/admin/jobs",
    "/admin/settings",
)
