"""Uploads in the data folder: a hidden folder each, with the file and a page of JSON beside it.

They are in no backup, since they are kept for a day only.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

from patchbook.accounts.csv_out import write_whole
from patchbook.accounts.peek import Written
from patchbook.imports.imported import Kind
from patchbook.imports.upload.upload import NoUpload, Upload

FOLDER = ".uploads"
_TOLD = "upload.json"
_ID = re.compile(r"upload-[0-9a-f]{16}")


def put(folder: Path, made: Upload, file: Path) -> None:
    """Keep a file, which is moved here, and what is known of it."""
    place = folder / FOLDER / made.upload_id
    shutil.rmtree(place, ignore_errors=True)
    (place / "file").mkdir(parents=True)
    shutil.move(file, place / "file" / made.name)
    save(folder, made)


def save(folder: Path, upload: Upload) -> Upload:
    """Keep what was said of an upload."""
    told = {**asdict(upload), "at": upload.at.isoformat()}
    write_whole(folder / FOLDER / upload.upload_id / _TOLD, json.dumps(told, ensure_ascii=False).encode())
    return upload


def get(folder: Path, upload_id: str) -> Upload:
    """The upload of that id."""
    if _ID.fullmatch(upload_id) is None:
        raise NoUpload
    try:
        told = json.loads((folder / FOLDER / upload_id / _TOLD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise NoUpload from None
    return Upload(
        **{
            **told,
            "at": datetime.fromisoformat(told["at"]),
            "kind": Kind(told["kind"]),
            "written": Written(**told["written"]),
        }
    )


def file_of(folder: Path, upload: Upload) -> Path:
    """Where the file is."""
    path = folder / FOLDER / upload.upload_id / "file" / upload.name
    if not path.is_file():
        raise NoUpload
    return path


def uploads(folder: Path) -> list[Upload]:
    """Every upload, the newest first."""
    found = []
    for place in (folder / FOLDER).glob("upload-*"):
        try:
            found.append(get(folder, place.name))
        except NoUpload:
            continue  # half written, or being dropped
    return sorted(found, key=lambda one: (one.at, one.upload_id), reverse=True)


def drop(folder: Path, upload_id: str) -> None:
    """Let go of a file and of what is known of it."""
    if _ID.fullmatch(upload_id) is not None:
        shutil.rmtree(folder / FOLDER / upload_id, ignore_errors=True)


def become(folder: Path, upload: Upload, import_id: str) -> None:
    """Let go of the file, and keep for its day which import it became."""
    save(folder, replace(upload, import_id=import_id))
    shutil.rmtree(folder / FOLDER / upload.upload_id / "file", ignore_errors=True)
