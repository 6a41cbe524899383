import polars as pl


def test_accounts_and_their_faults_are_written(patchbook_says, tmp_path):
    accounts, truth = tmp_path / "a.csv", tmp_path / "t.csv"

    code, printed, _ = patchbook_says(
        "sample", "accounts", "--rows", 500, "--seed", 3, "--out", accounts, "--truth", truth
    )

    assert code == 0
    assert "500 made-up accounts" in printed
    assert pl.read_csv(accounts, infer_schema=False).height == 500
    assert pl.read_csv(truth, infer_schema=False).columns == ["account_id", "fault", "detail"]


def test_the_same_seed_writes_the_same_bytes(patchbook_says, tmp_path):
    for name in ("one.csv", "other.csv"):
        patchbook_says("sample", "accounts", "--rows", 200, "--seed", 4, "--out", tmp_path / name)

    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "other.csv").read_bytes()


def test_parquet_is_written_when_the_name_asks_for_it(patchbook_says, tmp_path):
    patchbook_says("sample", "accounts", "--rows", 50, "--out", tmp_path / "a.parquet")

    assert pl.read_parquet(tmp_path / "a.parquet").height == 50


def test_people_are_written_with_their_managers(patchbook_says, tmp_path):
    code, printed, _ = patchbook_says("sample", "people", "--seats", 10, "--out", tmp_path / "p.csv")

    assert code == 0
    assert "10 made-up reps and 2 managers" in printed
    assert pl.read_csv(tmp_path / "p.csv").height == 12


def test_no_rows_are_refused_in_a_sentence_and_nothing_is_written(patchbook_says, tmp_path):
    code, _, complained = patchbook_says("sample", "accounts", "--rows", 0, "--out", tmp_path / "a.csv")

    assert code == 2
    assert complained == "A sample of 0 rows was asked for; it needs at least 1.\n"
    assert not (tmp_path / "a.csv").exists()
