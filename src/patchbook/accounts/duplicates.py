"""Accounts that are probably one company: candidate pairs with a score and reasons. Nothing is ever merged here.

Pairs are looked for only inside blocks — accounts that agree on something rare — because all pairs of a million
accounts are five hundred thousand million. A pair's score weighs how alike name and street are, and whether domain,
telephone and place agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.accounts.values.domains import FREE_MAIL
from patchbook.accounts.values.names import name_keys
from patchbook.errors import BadInput

Method = Literal["rapidfuzz", "splink"]

SCORE_AT_LEAST = 0.85
"""Pairs below this are left out."""

LARGEST_BLOCK = 200
"""A block of more accounts says nothing: a whole city, a switchboard. It is left out, and the count is reported."""

PAIR_SCHEMA = {
    "account_id": pl.String(),
    "duplicate_id": pl.String(),
    "score": pl.Float64(),
    "reasons": pl.String(),
    "survivor": pl.String(),
}


class SplinkMissing(BadInput):
    """The optional second method is not installed."""


@dataclass(frozen=True, kw_only=True)
class Duplicates:
    """What may be one company, for a person to decide."""

    pairs: pl.DataFrame
    """account_id, duplicate_id, score (0 to 1), reasons in words, survivor (the account_id proposed to stay)."""
    groups: pl.DataFrame
    """group, account_id, survivor: accounts joined by pairs, and which of each group is proposed to stay."""
    blocks_left_out: int
    """Blocks too large to say anything."""


def find_duplicates(
    frame: pl.DataFrame,
    *,
    at_least: float = SCORE_AT_LEAST,
    largest_block: int = LARGEST_BLOCK,
    method: Method = "rapidfuzz",
) -> Duplicates:
    """
    Candidate pairs, best first.

    The survivor proposed is the account with most filled fields; of equals the one that was updated last, then the
    one created first, then the one earlier in the file.

    Parameters
    ----------
    frame
        Accounts as `read` gives them.
    at_least
        The lowest score to report, 0 to 1.
    largest_block
        Accounts that agree on one thing are compared only if there are no more of them than this.
    method
        `splink` lets the Splink library learn the weights from the data; it is an optional extra.
    """
    facts = _facts(frame)
    left, right, left_out = _candidates(facts, largest_block)
    if method == "splink":
        from patchbook.accounts.duplicates_splink import scores_by_splink

        scored = scores_by_splink(facts, at_least)
    else:
        scored = _scored(facts, left, right, at_least)
    rank = _rank(frame)
    first, second = scored["left"].to_numpy(), scored["right"].to_numpy()
    stays = np.where(rank[first] <= rank[second], first, second)
    ids = frame["account_id"]
    pairs = pl.DataFrame(
        {
            "account_id": ids.gather(first),
            "duplicate_id": ids.gather(second),
            "score": scored["score"].round(4),
            "reasons": scored["reasons"],
            "survivor": ids.gather(stays),
        },
        schema=PAIR_SCHEMA,
    ).sort(["score", "account_id", "duplicate_id"], descending=[True, False, False])
    return Duplicates(pairs=pairs, groups=_groups(ids, first, second, rank), blocks_left_out=left_out)


def _facts(frame: pl.DataFrame) -> pl.DataFrame:
    """What is compared of each account, spelled alike."""
    absent = pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)

    def column(name: str) -> pl.Series:
        return frame[name].cast(pl.String) if name in frame.columns else absent

    names = name_keys(column("name"))
    return pl.DataFrame(
        {
            "row": pl.int_range(frame.height, dtype=pl.Int64, eager=True),
            "name": names,
            "domain": column("domain").set(column("domain").is_in(sorted(FREE_MAIL)), None),
            "phone": column("phone"),
            "street": street_keys(column("street")),
            "place": column("postal_code"),
            "city": column("city").str.to_lowercase(),
        }
    ).with_columns(
        place=pl.coalesce("place", "city"),
        house_number=pl.col("street").str.extract(r"(\d+)"),
        sorted_name=pl.col("name").str.split(" ").list.sort().list.join(" "),
    )


_STREET_WORDS = {
    "street": "st",
    "avenue": "ave",
    "road": "rd",
    "boulevard": "blvd",
    "drive": "dr",
    "lane": "ln",
    "highway": "hwy",
    "suite": "ste",
    "straße": "str",
    "strasse": "str",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
}


def street_keys(streets: pl.Series) -> pl.Series:
    """Streets spelled alike: lower case, without punctuation, the usual words cut short."""
    plain = streets.str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
    return plain.str.replace_many({f" {word}": f" {short}" for word, short in _STREET_WORDS.items()})


def _candidates(facts: pl.DataFrame, largest: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], int]:
    """Rows of accounts that share a block, each pair once, and how many blocks were too large."""
    blocks = [
        [pl.col("domain")],
        [pl.col("phone")],
        # The name alone is no block: without a second agreement no pair scores enough, and common names make millions.
        [pl.col("sorted_name"), pl.col("city")],
        [pl.col("sorted_name"), pl.col("street")],
        [pl.col("name").str.head(4), pl.col("place")],
        [pl.col("street"), pl.col("place")],
    ]
    found: list[npt.NDArray[np.int64]] = []
    left_out = 0
    for keys in blocks:
        named = {f"key{position}": key for position, key in enumerate(keys)}
        members = (
            facts.select("row", **named)
            .drop_nulls()
            .group_by(list(named), maintain_order=True)
            .agg(pl.col("row"))
            .select("row", size=pl.col("row").list.len())
            .filter(pl.col("size") > 1)
        )
        left_out += int((members["size"] > largest).sum())
        for size, of_size in members.filter(pl.col("size") <= largest).group_by("size"):
            rows = of_size["row"].explode(keep_nulls=False, empty_as_null=False).to_numpy().reshape(-1, int(size[0]))
            one, other = np.triu_indices(rows.shape[1], k=1)
            pairs = np.stack([rows[:, one].ravel(), rows[:, other].ravel()])
            found.append(np.sort(pairs, axis=0))
    if not found:
        none = np.empty(0, dtype=np.int64)
        return none, none, left_out
    both = np.concatenate(found, axis=1)
    # One number a pair sorts and tells apart faster than two columns.
    codes = np.unique(both[0] * facts.height + both[1])
    return codes // facts.height, codes % facts.height, left_out


def _scored(
    facts: pl.DataFrame, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64], at_least: float
) -> pl.DataFrame:
    """left, right, score, reasons of the pairs that score enough."""
    from rapidfuzz import fuzz
    from rapidfuzz.distance import JaroWinkler
    from rapidfuzz.process import cpdist

    def alike(column: str, scorer: Any) -> npt.NDArray[np.float64]:
        values = facts[column].fill_null("")
        score = cpdist(values.gather(left).to_list(), values.gather(right).to_list(), scorer=scorer, dtype=np.float32)
        return np.asarray(score, dtype=np.float64)

    def same(column: str) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Where both know the field, and where they agree."""
        one, other = facts[column].gather(left), facts[column].gather(right)
        known = (one.is_not_null() & other.is_not_null()).to_numpy()
        return known, (one == other).fill_null(False).to_numpy()

    if left.size == 0:
        return pl.DataFrame(schema={"left": pl.Int64, "right": pl.Int64, "score": pl.Float64, "reasons": pl.String})
    name = np.maximum(alike("name", JaroWinkler.similarity), alike("sorted_name", fuzz.ratio) / 100)
    street = alike("street", fuzz.ratio) / 100
    street_known, _ = same("street")
    numbered, same_number = same("house_number")
    street = np.where(numbered & ~same_number, np.minimum(street, 0.6), street)
    weight, score = np.full(left.size, 5.0), 5.0 * name
    agreed = {}
    for column, weighs in (("domain", 3.0), ("phone", 2.0), ("place", 1.5)):
        known, agrees = same(column)
        agreed[column] = agrees
        weight += weighs * known
        score += weighs * agrees
    weight += 2.0 * street_known
    score += 2.0 * street * street_known
    total = score / weight
    # Two different firms in one building, or two of one name in two towns, agree on much and are not one company.
    different_names = name < 0.82
    only_name = ~(agreed["domain"] | agreed["phone"] | (street_known & (street > 0.85)))
    total = np.where(different_names, np.minimum(total, 0.6), total)
    total = np.where(only_name & ~agreed["place"], np.minimum(total, 0.7), total)
    # In one town, names that only begin alike are two firms, and one name in two streets is two branches.
    total = np.where(only_name & ((name < 0.95) | street_known), np.minimum(total, 0.8), total)
    keep = total >= at_least
    reasons = pl.DataFrame(
        {
            "name": pl.Series(name[keep]),
            "domain": pl.Series(agreed["domain"][keep]),
            "phone": pl.Series(agreed["phone"][keep]),
            "street": pl.Series((street_known & (street > 0.85))[keep]),
            "place": pl.Series(agreed["place"][keep]),
        }
    ).select(
        pl.concat_str(
            pl.when(pl.col("name") > 0.999)
            .then(pl.lit("same name"))
            .otherwise(pl.format("names {} % alike", (pl.col("name") * 100).round().cast(pl.Int64))),
            pl.when("domain").then(pl.lit("same domain")),
            pl.when("phone").then(pl.lit("same telephone")),
            pl.when("street").then(pl.lit("same street")),
            pl.when("place").then(pl.lit("same postal code or city")),
            separator=", ",
            ignore_nulls=True,
        )
    )
    return pl.DataFrame(
        {"left": left[keep], "right": right[keep], "score": total[keep], "reasons": reasons.to_series()}
    )


def _rank(frame: pl.DataFrame) -> npt.NDArray[np.int64]:
    """The place of each account in the order of who should stay."""
    table = frame.select(
        filled=pl.sum_horizontal(pl.exclude("^.*_original$").is_not_null().cast(pl.Int64)),
        updated=pl.col("updated_on") if "updated_on" in frame.columns else pl.lit(None, dtype=pl.Date),
        created=pl.col("created_on") if "created_on" in frame.columns else pl.lit(None, dtype=pl.Date),
    ).with_row_index("row")
    order = table.sort(["filled", "updated", "created", "row"], descending=[True, True, False, False], nulls_last=True)[
        "row"
    ].to_numpy()
    rank = np.empty(frame.height, dtype=np.int64)
    rank[order] = np.arange(frame.height)
    return rank


def _groups(
    ids: pl.Series, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64], rank: npt.NDArray[np.int64]
) -> pl.DataFrame:
    """Accounts connected by pairs, each group with the member proposed to stay."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    members = np.unique(np.concatenate([left, right]))
    if members.size == 0:
        return pl.DataFrame(schema={"group": pl.Int64, "account_id": pl.String, "survivor": pl.String})
    one, other = np.searchsorted(members, left), np.searchsorted(members, right)
    graph = csr_array((np.ones(one.size), (one, other)), shape=(members.size, members.size))
    _, group = connected_components(graph, directed=False)
    return pl.DataFrame(
        {
            "group": group.astype(np.int64),
            "account_id": ids.gather(members),
            "survivor": ids.gather(_staying(group, members, rank)),
        }
    ).sort(["group", "account_id"])


def _staying(
    group: npt.NDArray[np.int32], members: npt.NDArray[np.int64], rank: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The row that stays in each member's group."""
    best = np.full(int(group.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(best, group, rank[members])
    by_rank = np.empty(rank.size, dtype=np.int64)
    by_rank[rank] = np.arange(rank.size)
    rows: npt.NDArray[np.int64] = by_rank[best[group]]
    return rows
