"""
The accounts of a company, to be found by what a lead says: in well under a millisecond among a million.

Every account has keys: its domain, its telephone number, its name, the words of its name that are rare, and the
beginning and the end of its name beside its postal code and its city. The keys are kept as one sorted array of hashes
beside one of rows, and what is found is compared by value, as `match.fit` says. Polars and NumPy do the work, so a
server's other threads go on while an index is built.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import log2

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from patchbook.accounts.duplicates import street_keys
from patchbook.accounts.values.names import name_keys
from patchbook.routing.match import FREE, PHONE_DIGITS, SHARED_HOSTS, fit, registrable
from patchbook.routing.questions.accounts import Candidate, Identity

COMPARED = 25
"""Accounts compared by value with one lead, at most."""

RARE = 256
"""A word in more names than this says too little about a company."""

TOLD = 5
"""Candidates told, at most."""

_CUSTOMER = ("customer", "client", "kunde", "active customer")

_REGISTRABLE = r"([^.]+\.(?:ac|co|com|edu|gob|gov|gv|mil|ne|net|nom|or|org|sch)\.\p{L}{2}|[^.]+\.[^.]+)$"
"""As `match.registrable` says."""


class AccountIndex:
    """
    The accounts of one moment. Nothing in it changes; a new snapshot is a new index.

    Parameters
    ----------
    frame
        Accounts as `accounts.read` gives them; `account_id` and `name` are needed.

    Examples
    --------
    >>> index = AccountIndex(pl.DataFrame({"account_id": ["a1"], "name": ["Acme Inc"], "domain": ["acme.com"]}))
    >>> index.candidates(Identity(domain="de.acme.com", name_key="acme"), at_least=0.7)[0].agrees
    ('the domain acme.com above both', 'the name')
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        accounts = _accounts(frame)
        self._hashes, self._rows = _sorted_keys(accounts)
        # Arrow takes a few rows without waking the other threads, as Polars does.
        self._accounts = accounts.to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks()
        self._accounts.take(pa.array([], pa.int64()))  # what Arrow loads for the first time it loads now

    def __len__(self) -> int:
        """How many accounts it has."""
        return int(self._accounts.num_rows)

    @property
    def bytes(self) -> int:
        """What it takes in memory."""
        return int(self._accounts.nbytes + self._hashes.nbytes + self._rows.nbytes)

    def candidates(self, identity: Identity, at_least: float, free_mail: Collection[str] = ()) -> tuple[Candidate, ...]:
        """
        The accounts that fit best and at least so well, the best score first, then by id.

        Parameters
        ----------
        free_mail
            Further domains that say nothing about a company, not even about an account that has one. They are told at
            each look-up, so that a routing document that names others counts at once.
        """
        if identity.is_empty or not len(self):
            return ()
        rows = self._likely(identity)
        if not rows:
            return ()
        found = [
            (one, row)
            for row in self._accounts.take(pa.array(rows)).to_pylist()
            if (one := fit(identity, _identity(row, free_mail))).score >= at_least
        ]
        best = sorted(found, key=lambda pair: (-pair[0].score, pair[1]["account_id"]))[:TOLD]
        return tuple(
            Candidate(
                account_id=row["account_id"],
                name=row["name"] or row["account_id"],
                score=one.score,
                agrees=one.agrees,
                is_customer=row["is_customer"],
                open_deals=row["open_deals"],
                family_size=row["family_size"],
                active_on=row["active_on"],
            )
            for one, row in best
        )

    def _likely(self, identity: Identity) -> list[int]:
        """Rows that share the most telling keys; of a key that many share, those that come first in a tie."""
        keys = _keys_of(identity)
        hashes = pl.Series(keys, dtype=pl.String).hash(seed=0).to_numpy()
        starts = np.searchsorted(self._hashes, hashes, side="left").tolist()
        ends = np.searchsorted(self._hashes, hashes, side="right").tolist()
        points: dict[int, float] = {}
        for start, end in zip(starts, ends, strict=True):
            # What few share says much: a key is worth the bits it takes to tell those who have it from all.
            telling = log2(len(self) / (end - start)) if end > start else 0.0
            for row in self._rows[start : min(end, start + RARE)].tolist():
                points[row] = points.get(row, 0.0) + telling
        return sorted(points, key=lambda row: (-points[row], row))[:COMPARED]


def _keys_of(identity: Identity) -> list[str]:
    """The keys of a lead."""
    keys: list[str] = []
    if identity.domain is not None:
        keys.append(f"d{registrable(identity.domain)}")
    if identity.phone is not None:
        keys.append(f"p{identity.phone}")
    if identity.name_key:
        keys.append(f"n{identity.name_key}")
        for place in (identity.postal_code, identity.city):
            if place is not None:
                keys.extend((f"b{identity.name_key[:4]}|{place}", f"e{identity.name_key[-4:]}|{place}"))
        keys.extend(f"w{word}" for word in dict.fromkeys(identity.name_key.split(" ")))
    return keys


def _accounts(frame: pl.DataFrame) -> pl.DataFrame:
    """What is compared, cleaned, in the order that ties are decided in."""
    absent = pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)

    def column(name: str) -> pl.Series:
        return frame[name].cast(pl.String) if name in frame.columns else absent

    domain = column("domain").str.to_lowercase()
    free = sorted({*FREE, *SHARED_HOSTS})
    digits = column("phone").str.replace_all(r"\D", "")
    families = (
        column("parent_id").drop_nulls().value_counts(name="count").rename({"parent_id": "account_id"})
        if "parent_id" in frame.columns
        else pl.DataFrame(schema={"account_id": pl.String, "count": pl.UInt32})
    )
    table = pl.DataFrame(
        {
            "account_id": column("account_id"),
            "name": column("name"),
            "name_key": name_keys(column("name")),
            "domain": domain.set(domain.is_in(free), None),
            "phone": digits.set(digits.str.len_chars() < 7, None).str.tail(PHONE_DIGITS),
            "street": street_keys(column("street")),
            "postal_code": column("postal_code"),
            "city": column("city").str.to_lowercase(),
            "country": column("country"),
            "is_customer": column("status").str.to_lowercase().is_in(_CUSTOMER).fill_null(False),
            "open_deals": column("open_opportunities").cast(pl.Float64, strict=False).fill_null(0).cast(pl.Int64),
            "active_on": column("updated_on").str.slice(0, 10),
        }
    )
    return (
        table.join(families, on="account_id", how="left", maintain_order="left")
        .with_columns(family_size=pl.col("count").fill_null(0).cast(pl.Int64) + 1)
        .drop("count")
        .sort(
            [pl.col("is_customer"), pl.col("open_deals") > 0, "active_on", "family_size", "account_id"],
            descending=[True, True, True, True, False],
            nulls_last=True,
        )
    )


def _sorted_keys(accounts: pl.DataFrame) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
    """Hashes of all keys in order, and the row each is of."""
    frame = accounts.with_row_index("row")
    short = pl.col("domain").str.extract(_REGISTRABLE)
    name = pl.col("name_key")
    plain = [
        ("d", pl.when(short.is_in(sorted(SHARED_HOSTS))).then(pl.col("domain")).otherwise(short)),
        ("p", pl.col("phone")),
        ("n", name),
        *(
            (letter, pl.concat_str(part, pl.lit("|"), place))
            for letter, part in (("b", name.str.head(4)), ("e", name.str.tail(4)))
            for place in (pl.col("postal_code"), pl.col("city"))
        ),
    ]
    parts = [
        frame.select(pl.concat_str(pl.lit(letter), key).hash(seed=0).alias("hash"), "row", known=key.is_not_null())
        .filter("known")
        .drop("known")
        for letter, key in plain
    ]
    words = (
        frame.select("row", key=pl.col("name_key").str.split(" "))
        .drop_nulls()
        .explode("key", keep_nulls=False, empty_as_null=False)
        .unique(maintain_order=True)
        .select(pl.concat_str(pl.lit("w"), "key").hash(seed=0).alias("hash"), "row")
        .filter(pl.len().over("hash") <= RARE)
    )
    hashed = pl.concat([*parts, words]).sort("hash", "row")
    return hashed["hash"].to_numpy(), hashed["row"].cast(pl.UInt32).to_numpy()


def _identity(row: Mapping[str, str | None], free_mail: Collection[str]) -> Identity:
    return Identity(
        domain=None if row["domain"] in free_mail else row["domain"],
        name=row["name"],
        name_key=row["name_key"],
        phone=row["phone"],
        street=row["street"],
        postal_code=row["postal_code"],
        city=row["city"],
        country=row["country"],
    )
