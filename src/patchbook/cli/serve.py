"""`patchbook serve`: the record's web app and REST API, or the reports of a folder, in a browser on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patchbook.cli.app import RUNNING, app
from patchbook.cli.record import Data


@app.command(rich_help_panel=RUNNING)
def serve(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="A result folder, or a folder of them; without one, the record is served."),
    ] = None,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port to listen on; for reports the next free if taken.")
    ] = 8000,
    host: Annotated[
        str, typer.Option("--host", help="Address the record is served on; others need a proxy that speaks https.")
    ] = "127.0.0.1",
    jobs: Annotated[bool, typer.Option("--jobs", help="Do the record's jobs beside serving it.")] = False,
    new: Annotated[
        bool,
        typer.Option("--new", help="Make the record where there is none; its first admin is made in the browser."),
    ] = False,
    data: Data = None,
) -> None:
    """Serve the record's web app and REST API, or with DIR show the reports of a folder, until Ctrl-C."""
    if folder is not None:
        from patchbook.web.serve import serve as serve_folder

        serve_folder(folder, port=port, say=typer.echo)
        return
    from patchbook.db.record import create_record
    from patchbook.web.app import serve_record

    if new:
        create_record(data).close()
    if not jobs:
        serve_record(data, host=host, port=port)
        return
    from threading import Event, Thread

    from patchbook.cli.jobs import work_until
    from patchbook.cli.record import opened

    stop = Event()
    with opened(data) as record:
        worker = Thread(target=work_until, args=(record, stop), name="patchbook-jobs")
        worker.start()
        try:
            serve_record(data, host=host, port=port)
        finally:
            stop.set()
            worker.join()
