"""`patchbook serve`: reports in a browser on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patchbook.cli.app import app


@app.command()
def serve(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A result folder, or a folder of them.")],
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port to listen on; the next free if taken.")
    ] = 8000,
) -> None:
    """Show the reports of a folder in the browser, to this machine only, until Ctrl-C."""
    from patchbook.web.serve import serve as serve_folder

    serve_folder(folder, port=port, say=typer.echo)
