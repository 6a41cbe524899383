"""Accounts stream from Parquet to Parquet, and each gets what the plan's layers say."""

from __future__ import annotations

import pickle

import polars as pl
import pytest

from builders.assigning import TODAY, a_plan_to_assign
from patchbook.accounts.csv_out import FolderNotWritable
from patchbook.errors import BadInput
from patchbook.plans.assign import OUT_SCHEMA, assign, embedded
from patchbook.plans.assign.assigned import NotEmpty
from patchbook.plans.assign.embedded import NoAccounts, NotParquet
from patchbook.plans.assign.engine import NoEngine
from patchbook.plans.assign.layered import Layered, NoIds
from patchbook.plans.file import load
from patchbook.plans.layers import divide
from patchbook.plans.plan import BadPlan, HouseLayer, NamedLayer, Plan, RuleLayer
from patchbook.rules import Context, LookupTable, ValueList
from patchbook.rules.functions.function import MissingField

CONTEXT = Context(today=TODAY)


def test_every_account_gets_the_layer_that_a_carve_would_give_it(tmp_path, monkeypatch):
    plan = load(a_plan_to_assign(tmp_path, rules=12, rows=600), files=False)
    plan = Plan(**{**vars(plan), "layers": tuple(one for one in plan.layers if one.name != "New")})
    monkeypatch.setattr(embedded, "BATCH_ROWS", 128)

    found = assign(plan, str(tmp_path / "accounts"), str(tmp_path / "out"), context=CONTEXT)

    accounts = pl.read_parquet(tmp_path / "accounts/*.parquet").rename({"Number": "account_id"})
    expected = dict.fromkeys(accounts["account_id"])
    taken, unknown = divide(plan, accounts)
    for part in taken:
        expected |= dict.fromkeys(accounts["account_id"].gather(part.rows), part.number + 1)
    written = pl.read_parquet(tmp_path / "out/part-00000.parquet")
    assert dict(written.select("account_id", "rule").iter_rows()) == expected
    assert written["account_id"].to_list() == accounts["account_id"].to_list()
    assert written.schema == pl.Schema(OUT_SCHEMA)
    assert [took.accounts for took in found.layers] == [len(part.rows) for part in taken]
    assert sum(took.accounts > 0 for took in found.layers) > 6
    assert (found.accounts, found.unassigned, unknown) == (600, 0, ["N999"])


def test_the_reason_says_which_layer_and_by_which_condition():
    plan = Plan(
        name="P",
        accounts="accounts.parquet",
        layers=(RuleLayer(territory="South", where="state IN ('GA', 'FL')"), HouseLayer()),
    )
    accounts = pl.DataFrame({"account_id": [1, 2], "state": ["GA", None]})

    assert Layered.of(plan, accounts).assign(accounts).rows() == [
        ("1", "South", 1, "It meets the condition of layer 1, South: state is GA or FL."),
        ("2", "House", 2, "No other layer takes it, so it is the house's (House)."),
    ]


def test_the_first_line_of_a_list_and_the_first_layer_that_takes_an_account_win(tmp_path):
    (tmp_path / "named.csv").write_text("account_id,territory\nA1,North\nA2,\nA1,South\n")
    layers = (RuleLayer(territory="Rule", where="size > 5"), NamedLayer(file=tmp_path / "named.csv"))
    accounts = pl.DataFrame({"account_id": ["A1", "A2", "A3"], "size": [1, 9, 1]})
    plan = Plan(name="P", accounts="accounts.parquet", layers=layers)

    assert Layered.of(plan, accounts).assign(accounts)["territory"].to_list() == ["North", "Rule", None]
    plan = Plan(name="P", accounts="accounts.parquet", layers=layers[::-1])
    assert Layered.of(plan, accounts).assign(accounts)["territory"].to_list() == ["North", "Named", None]


def test_what_cannot_be_assigned_is_told_in_one_sentence_and_writes_nothing(tmp_path):
    plan = load(a_plan_to_assign(tmp_path, rules=1, rows=30), files=False)
    before = sorted(path.name for path in tmp_path.iterdir())
    (tmp_path / "accounts.csv").write_text("account_id\nA1\n")
    (tmp_path / "empty").mkdir()
    no_field, no_id = tmp_path / "no-field.parquet", tmp_path / "no-id.parquet"
    whole = pl.read_parquet(tmp_path / "accounts/*.parquet")
    whole.drop("created_on").write_parquet(no_field)
    whole.with_columns(Number=pl.when(pl.col("Number") != "N7").then("Number")).write_parquet(no_id)
    cases: list[tuple[object, type[BadInput] | type[NoAccounts], str]] = [
        (tmp_path / "nowhere", NoAccounts, "There is no file or folder .*nowhere"),
        (tmp_path / "empty", NoAccounts, "holds no Parquet file"),
        (tmp_path / "accounts.csv", NotParquet, "cannot be read as Parquet"),
        (no_field, BadInput, "no field is called 'created_on'"),
        (no_id, NoIds, "1 accounts have no account_id"),
    ]

    for accounts, error, sentence in cases:
        with pytest.raises(error, match=sentence):
            assign(plan, str(accounts), str(tmp_path / "out"), context=CONTEXT)
    with pytest.raises(NotEmpty, match="is there already"):
        assign(plan, str(tmp_path / "accounts"), str(tmp_path / "accounts"), context=CONTEXT)
    with pytest.raises(FolderNotWritable):
        assign(plan, str(tmp_path / "accounts"), str(tmp_path / "accounts.csv" / "out"), context=CONTEXT)
    with pytest.raises(NoEngine, match="did you mean local-spark"):
        assign(plan, str(tmp_path / "accounts"), str(tmp_path / "out"), engine="local-sparc")
    left = {path.name for path in tmp_path.iterdir()} - {*before}
    assert left == {"accounts.csv", "empty", "no-field.parquet", "no-id.parquet"}


def test_a_column_a_file_lacks_is_named(tmp_path):
    plan = Plan(name="P", accounts="accounts.parquet", layers=(RuleLayer(territory="T", where="state = 'GA'"),))
    layered = Layered(plan, {"state": "text"})

    with pytest.raises(MissingField, match="looks at 'state'"):
        layered.assign(pl.DataFrame({"account_id": ["A1"]}))
    with pytest.raises(NoIds, match="no column 'account_id', only state"):
        layered.assign(pl.DataFrame({"state": ["GA"]}))


def test_a_plan_made_ready_can_be_sent_to_a_worker_with_all_it_refers_to():
    where = "in_list(state, 'south') AND lookup(postal_code, 'zips') = 'East' OR within_km(33.75, -84.39, 50)"
    plan = Plan(name="P", accounts="accounts.parquet", layers=(RuleLayer(territory="T", where=where),))
    context = Context(lists={"south": ValueList.of(["GA"])}, tables={"zips": LookupTable.of({"30301": "East"})})
    accounts = pl.DataFrame(
        {
            "account_id": ["A1", "A2", "A3"],
            "state": ["GA", "FL", "GA"],
            "postal_code": ["30301", "30301", "90210"],
            "latitude": [None, None, 33.8],
            "longitude": [None, None, -84.4],
        }
    )

    sent = pickle.loads(pickle.dumps(Layered.of(plan, accounts, context)))

    assert sent.assign(accounts)["territory"].to_list() == ["T", None, "T"]


def test_a_list_the_plan_does_not_have_is_named():
    plan = Plan(name="P", accounts="a.parquet", layers=(RuleLayer(territory="T", where="in_list(state, 'south')"),))

    with pytest.raises(BadPlan, match="no list is called 'south'"):
        Layered(plan, {"state": "text"})
