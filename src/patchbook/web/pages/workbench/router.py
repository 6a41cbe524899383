"""Where the addresses of the workbench are listed."""

from patchbook.web.page import Pages

router = Pages()
