import json

import polars as pl
import pytest

ROWS = "Nr,Firma,Mitarbeiter,PLZ,Land\n1,Müller GmbH,12,80331,DE\n2,Acme,viele,10115,DE\n1,Nochmal,3,80331,DE\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "accounts.csv"
    path.write_text(ROWS)
    return path


def test_the_profile_shows_mapping_rejections_and_sentences(patchbook_says, file):
    code, printed, complained = patchbook_says("profile", file, "--column", "account_id=Nr", "--uses", "employees")

    assert (code, complained) == (0, "")
    assert "Mitarbeiter" in printed
    assert "line 3, Mitarbeiter: found 'viele'" in " ".join(printed.split())
    assert "1 account will land nowhere where a plan uses employees" in " ".join(printed.split())


def test_the_profile_prints_json(patchbook_says, file):
    code, printed, _ = patchbook_says("profile", file, "--column", "account_id=Nr", "--json", "--as-of", "2026-01-01")

    assert code == 0
    assert json.loads(printed)["accounts"] == 2


def test_the_profile_writes_its_tables_a_snapshot_and_a_page(patchbook_says, file, tmp_path):
    out, page = tmp_path / "out", tmp_path / "profile.html"

    code, _, _ = patchbook_says(
        "profile", file, "--column", "account_id=Nr", "--duplicates", "--out", out, "--report", page
    )

    assert code == 0
    assert pl.read_csv(out / "rejected.csv")["found"].to_list() == ["viele", "1"]
    assert {path.suffix for path in out.iterdir()} == {".csv", ".parquet"}
    assert page.read_text().startswith("<!doctype html>")


def test_a_file_without_ids_is_one_sentence_and_exit_code_2(patchbook_says, file, tmp_path):
    code, printed, complained = patchbook_says("profile", file, "--column", "name=Firma", "--out", tmp_path / "out")

    assert (code, printed) == (2, "")
    assert complained.count("\n") == 1
    assert "no column that is the account_id" in complained
    assert not (tmp_path / "out").exists()


def test_an_unclear_column_is_one_sentence_and_exit_code_2(patchbook_says, file):
    code, _, complained = patchbook_says("profile", file, "--column", "Nr")

    assert code == 2
    assert complained == "--column 'Nr' is not clear; write field=column, as in --column account_id=Number.\n"


def test_a_report_of_html_alone_gets_a_name(patchbook_says, file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    code, _, _ = patchbook_says("profile", file, "--column", "account_id=Nr", "--report", "html")

    assert code == 0
    assert (tmp_path / "profile.html").read_text().startswith("<!doctype html>")
