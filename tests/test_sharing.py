"""What the tests themselves rest on: what is made once for all processes, and where temporary files go."""

from __future__ import annotations

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from shutil import disk_usage

import pytest
from sqlalchemy import create_engine, literal, select

from builders import ram_disk
from builders.compiled_once import COMPILED
from builders.sharing import made_once, of_the_run


def test_a_statement_is_put_together_once_for_all_engines_of_a_kind():
    statement = select(literal(1).label("what_only_this_test_asks"))
    before = len(COMPILED)

    for engine in (create_engine("sqlite://"), create_engine("sqlite://")):
        with engine.connect() as tx:
            assert tx.execute(statement).scalar_one() == 1
        engine.dispose()

    assert len(COMPILED) == before + 1


def test_what_several_ask_for_is_made_once_and_whole_before_anybody_has_it(tmp_path_factory, monkeypatch, tmp_path):
    monkeypatch.setattr(tmp_path_factory, "getbasetemp", lambda: tmp_path / "gw0")
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    made = []

    def make(folder):
        folder.mkdir()
        made.append(folder)
        (folder / "last").touch()

    with ThreadPoolExecutor(4) as pool:
        folders = list(pool.map(lambda _: made_once(tmp_path_factory, "it", make), range(8)))

    assert made == [tmp_path / "it"]
    assert {(folder, (folder / "last").exists()) for folder in folders} == {(tmp_path / "it", True)}


def test_what_could_not_be_made_is_tried_again_from_the_beginning(tmp_path_factory, monkeypatch, tmp_path):
    monkeypatch.setattr(tmp_path_factory, "getbasetemp", lambda: tmp_path)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)

    def fail(folder):
        folder.mkdir()
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        made_once(tmp_path_factory, "it", fail)

    assert made_once(tmp_path_factory, "it", lambda folder: folder.mkdir()) == of_the_run(tmp_path_factory) / "it"


@pytest.fixture
def no_choice_yet(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", "")  # so that it is put back, whatever it was
    monkeypatch.delenv("TMPDIR")


def test_temporary_files_go_to_memory_where_there_is_enough(no_choice_yet, monkeypatch, tmp_path):
    monkeypatch.setattr(ram_disk, "ENOUGH_BYTES", 1)

    assert ram_disk.use_ram_disk(tmp_path)
    assert tempfile.gettempdir() == os.environ["TMPDIR"] == str(tmp_path)


def test_they_stay_on_the_disk_where_memory_is_small_or_somebody_chose(no_choice_yet, monkeypatch, tmp_path):
    assert not ram_disk.use_ram_disk(tmp_path / "nowhere")
    monkeypatch.setattr(ram_disk, "ENOUGH_BYTES", disk_usage(tmp_path).total * 2)
    assert not ram_disk.use_ram_disk(tmp_path)
    monkeypatch.setattr(ram_disk, "ENOUGH_BYTES", 1)
    monkeypatch.setenv("TMPDIR", "/elsewhere")
    assert not ram_disk.use_ram_disk(tmp_path)
