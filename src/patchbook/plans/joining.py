"""Which territory of a carved layer a record joins that was not there when the layer was carved. Pure.

A carve weighs all accounts against each other; one more record cannot be weighed so. It joins where it disturbs least:
where it is already, where its family is, where its field belongs, and else where the nearest account is, or the book
it is most like.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.spatial import cKDTree

from patchbook.geography.counties import county_of_points
from patchbook.geography.distance import arc_km, to_sphere_km
from patchbook.geography.geocode import PLACE_COLUMNS, SHORE_KM, geocode
from patchbook.geography.locate import VAGUE, Located, locate
from patchbook.people.person import Person
from patchbook.plans.eligibility import has
from patchbook.plans.plan import CarveLayer
from patchbook.plans.resembling import Resembling
from patchbook.words import listed

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

NOWHERE = -1
SHOWN = 5
FIRST_TREES = 200
"""As many values of a layer's field get their trees at once; those of others are made when they are first asked."""


@dataclass(frozen=True, kw_only=True)
class Joined:
    """Where a record goes within a layer."""

    territory: int = NOWHERE
    """The territory's place in the plan, or -1 where several can take it or nobody can."""
    candidates: tuple[int, ...] = ()
    """Those that can take it, in the plan's order."""
    says: str
    distance_km: float | None = None


@dataclass(frozen=True)
class _Asked:
    """All of a record that matters for choosing between territories, but its coordinates."""

    value: str | None
    needs: tuple[frozenset[str], ...]
    county: str | None
    state: str | None
    country: str | None
    has_point: bool


@dataclass(frozen=True)
class _Spots:
    """Places with accounts, and whose most of the accounts are there."""

    tree: cKDTree
    territory: IntArray


@dataclass(frozen=True)
class _Alike:
    """Books of which the one decides that a record is most like."""

    books: Resembling
    candidates: tuple[int, ...]


class Joining:
    """
    A carved layer, ready to be joined.

    Parameters
    ----------
    held
        One row an account of the layer: account_id, place (of its territory), and where known family_id, latitude,
        longitude, geocode_method, county_fips, state, country and the layer's own fields.
    mine
        The layer's territories, in the plan's order.
    people
        Territory → who has it, where that is known.
    """

    def __init__(
        self,
        layer: CarveLayer,
        held: pl.DataFrame,
        *,
        names: Sequence[str],
        mine: Sequence[int],
        people: Mapping[int, Person],
    ) -> None:
        self.layer = layer
        self.names = names
        self.mine = tuple(mine)
        self.people = people
        self.field = layer.together or layer.by
        self.is_geographic = layer.is_on_the_ground
        self._resembling = Resembling.of(layer, held, self.mine) if layer.similar else None
        self._accounts = _Book(held.select("account_id", "place"))
        self._families = _Book(_majority(held, "family_id").select("family_id", "place"))
        self._of_value = _holders(held, self.field)
        self._of_county = _holders(held, "county_fips") if layer.contiguous == "counties" else {}
        self._of_state = _holders(held, "country", "state")
        self._of_country = _holders(held, "country")
        self._spots = self._spotted(held)
        self._choice = lru_cache(maxsize=20_000)(self._chosen)
        self._tree = lru_cache(maxsize=2 * FIRST_TREES)(self._planted)
        if self.is_geographic:
            self._tree(None, self.mine)
            for value in list(self._of_value)[:FIRST_TREES] if layer.by else ():
                self._tree(value, self._of_value[value])

    def join(self, record: Mapping[str, object]) -> Joined:
        """Where one record goes."""
        settled = self._settled(record)
        if settled is not None:
            return settled
        found = locate(record) if self.is_geographic else None
        vague = found is not None and found.is_vague
        asked = _Asked(
            value=self._value(record.get(self.field)) if self.field else None,
            needs=tuple(_needs(record.get(field)) for field in self.layer.require),
            county=self._county(record, found) if found is not None and self._of_county else None,
            state=_text(record.get("state")) if vague else None,
            country=_text(record.get("country")) if vague else None,
            has_point=found is not None and not vague,
        )
        choice = self._choice(asked)
        if isinstance(choice, Joined):
            return choice
        if isinstance(choice, _Alike):
            asked_of = {field: [record.get(field)] for field in choice.books.fields}
            return self._most_alike(choice, pl.DataFrame(asked_of, strict=False))[0]
        assert found is not None
        chord, row = choice.tree.query(to_sphere_km([found.latitude], [found.longitude])[0])
        return self._near(int(choice.territory[row]), float(arc_km(chord)))

    def join_all(self, frame: pl.DataFrame) -> list[Joined]:
        """Where each row of a frame goes; the same as one by one, and much faster."""
        answers: list[Joined | None] = list(self._settled_all(frame))
        rows = np.array([row for row, answer in enumerate(answers) if answer is None], np.int64)
        if len(rows):
            self._join_rest(frame[rows], rows, answers)
        return [answer for answer in answers if answer is not None]

    def _join_rest(self, rest: pl.DataFrame, rows: IntArray, answers: list[Joined | None]) -> None:
        """Fill in the answers of rows that are neither there already nor of a family that is."""
        columns = set(rest.columns)
        where = _located(rest) if self.is_geographic else pl.DataFrame({"method": [None] * rest.height})
        method = where["method"].to_list()
        nothing: list[object] = [None] * rest.height
        given = {name: rest[name].to_list() if name in columns else nothing for name in ("state", "country")}
        values = rest[self.field].to_list() if self.field and self.field in columns else nothing
        required = [rest[field].to_list() if field in columns else nothing for field in self.layer.require]
        counties = where["county_fips"].to_list() if self._of_county and "county_fips" in where.columns else nothing
        waiting: dict[int, tuple[_Spots, list[int]]] = {}
        alike: dict[int, tuple[_Alike, list[int]]] = {}
        for row in range(rest.height):
            vague = method[row] in VAGUE
            asked = _Asked(
                value=self._value(values[row]),
                needs=tuple(_needs(column[row]) for column in required),
                county=_text(counties[row]),
                state=_text(given["state"][row]) if vague else None,
                country=_text(given["country"][row]) if vague else None,
                has_point=method[row] is not None and not vague,
            )
            choice = self._choice(asked)
            if isinstance(choice, Joined):
                answers[rows[row]] = choice
            elif isinstance(choice, _Alike):
                alike.setdefault(id(choice), (choice, []))[1].append(row)
            else:
                waiting.setdefault(id(choice), (choice, []))[1].append(row)
        for choice, some in alike.values():
            for row, joined in zip(some, self._most_alike(choice, rest[some]), strict=True):
                answers[rows[row]] = joined
        for spots, some in waiting.values():
            points = to_sphere_km(where["latitude"].to_numpy()[some], where["longitude"].to_numpy()[some])
            chords, nearest = spots.tree.query(points)
            for row, place, distance in zip(
                some, spots.territory[nearest].tolist(), arc_km(chords).tolist(), strict=True
            ):
                answers[rows[row]] = self._near(place, distance)

    def _county(self, record: Mapping[str, object], found: Located) -> str | None:
        county = _text(record.get("county_fips")) or found.county_fips
        if county is None and found.method == "given":
            county = county_of_points([found.latitude], [found.longitude], nearest_within_km=SHORE_KM)[0]
        return county

    def _settled(self, record: Mapping[str, object]) -> Joined | None:
        """Where it is already, or where its family is."""
        account_id = _text(record.get("account_id"))
        place = self._accounts.get(account_id)
        if place is not None:
            return self._stays(place)
        if self.layer.keep.families:
            family = _text(record.get("family_id"))
            place = self._families.get(family)
            if place is None:
                place = self._accounts.get(_text(record.get("parent_id")) or family)
            if place is not None:
                return self._with_family(place)
        return None

    def _settled_all(self, frame: pl.DataFrame) -> Iterator[Joined | None]:
        keys = [name if name in frame.columns else None for name in ("account_id", "family_id", "parent_id")]
        account, family, parent = (
            frame[name].cast(pl.String).str.strip_chars() if name else pl.Series([None] * frame.height, dtype=pl.String)
            for name in keys
        )
        parent = pl.select(pl.when(parent != "").then(parent).otherwise(family)).to_series()
        stays, with_family, with_parent = (
            book.get_all(series)
            for book, series in ((self._accounts, account), (self._families, family), (self._accounts, parent))
        )
        for place, family_place, parent_place in zip(stays, with_family, with_parent, strict=True):
            kin = family_place if family_place is not None else parent_place
            if place is not None:
                yield self._stays(place)
            elif self.layer.keep.families and kin is not None:
                yield self._with_family(kin)
            else:
                yield None

    def _chosen(self, asked: _Asked) -> Joined | _Spots | _Alike:
        """Where records of this kind go, or the places or books among which the nearest decides."""
        able = self._able(asked.needs)
        if not able:
            needs = sorted(need for some in asked.needs for need in some)
            whom = f"has {listed(needs)}, which it needs" if needs else "is in the layer"
            return Joined(says=f"Nobody in {self.layer.name} {whom}")
        of_value = self._of_value.get(asked.value or "", ())
        fitting = tuple(place for place in able if place in of_value)
        candidates = fitting or able
        if len(candidates) == 1:
            return Joined(
                territory=candidates[0], candidates=candidates, says=self._only(candidates[0], asked, fitting)
            )
        if self._resembling is not None:
            return _Alike(books=self._resembling, candidates=candidates)
        if not self.is_geographic:
            return self._undecided(candidates, "")
        if asked.has_point:
            in_county = [place for place in self._of_county.get(asked.county or "", ()) if place in candidates]
            if len(in_county) == 1:
                says = f"{self.names[in_county[0]]} has its county ({asked.county})"
                return Joined(territory=in_county[0], candidates=candidates, says=says)
            return self._tree(asked.value if fitting else None, candidates)
        return self._vague(asked, candidates)

    def _vague(self, asked: _Asked, candidates: tuple[int, ...]) -> Joined:
        """A record of which at most the state or country is known."""
        key = f"{asked.country}\0{asked.state}" if asked.state else ""
        there = self._of_state.get(key) or self._of_country.get(asked.country or "", ())
        near = tuple(place for place in candidates if place in there)
        region = asked.state if self._of_state.get(key) else asked.country
        if len(near) == 1:
            says = f"{self.names[near[0]]} is the only one with accounts in {region}"
            return Joined(territory=near[0], candidates=near, says=says)
        told = f"only its region is known ({region})" if near else "where it is, is not known"
        return self._undecided(near or candidates, told)

    def _able(self, needs: tuple[frozenset[str], ...]) -> tuple[int, ...]:
        fields = tuple(self.layer.require.values())
        return tuple(
            place
            for place in self.mine
            if place not in self.people
            or all(need <= has(self.people[place], field) for field, need in zip(fields, needs, strict=True))
        )

    def _only(self, place: int, asked: _Asked, fitting: tuple[int, ...]) -> str:
        if len(self.mine) == 1:
            return f"{self.names[place]} is its only territory"
        if fitting and len(self._of_value.get(asked.value or "", ())) == 1:
            return f"{self.names[place]} has the accounts whose {self.field} is {asked.value}"
        needs = sorted(need for some in asked.needs for need in some)
        return f"{self.names[place]} alone has {listed(needs)}, which it needs"

    def _undecided(self, candidates: tuple[int, ...], told: str) -> Joined:
        shown = ", ".join(self.names[place] for place in candidates[:SHOWN])
        more = f" and {len(candidates) - SHOWN:,} more" if len(candidates) > SHOWN else ""
        why = f", since {told}" if told else ""
        return Joined(candidates=candidates, says=f"It could go to any of {shown}{more}{why}")

    def _most_alike(self, choice: _Alike, records: pl.DataFrame) -> list[Joined]:
        """The books these records are most like."""
        found = []
        nearest = choice.books.nearest(records, choice.candidates)
        for place, record in zip(nearest, records.iter_rows(named=True), strict=True):
            told = choice.books.says_of(record)
            if place is None or not told:
                found.append(self._undecided(choice.candidates, f"its {listed(choice.books.fields)} are not known"))
                continue
            says = f"It is most like the accounts of {self.names[place]}: {told}"
            found.append(Joined(territory=place, candidates=(place,), says=says))
        return found

    def _stays(self, place: int) -> Joined:
        return Joined(territory=place, candidates=(place,), says=f"It is in {self.names[place]} already and stays")

    def _with_family(self, place: int) -> Joined:
        return Joined(territory=place, candidates=(place,), says=f"Its family is in {self.names[place]}")

    def _near(self, place: int, distance_km: float) -> Joined:
        far = "at the same place" if distance_km < 0.5 else f"{distance_km:,.0f} km away"
        says = f"The nearest account is {far} and {self.names[place]}'s"
        return Joined(territory=place, candidates=(place,), says=says, distance_km=round(distance_km, 3))

    def _value(self, value: object) -> str | None:
        if isinstance(value, list | tuple):
            value = ";".join(str(part) for part in value)
        return _text(value)

    def _spotted(self, held: pl.DataFrame) -> pl.DataFrame:
        """Distinct places by value of the field and territory, with their accounts counted."""
        if not self.is_geographic or not {"latitude", "longitude"} <= set(held.columns):
            return pl.DataFrame(schema={"latitude": pl.Float64, "longitude": pl.Float64, "place": pl.Int64})
        exact = held.drop_nulls(["latitude", "longitude"])
        if "geocode_method" in held.columns:
            exact = exact.filter(~pl.col("geocode_method").is_in(VAGUE).fill_null(False))
        value = _texts(exact, self.field) if self.layer.by and self.field else pl.lit(None, pl.String)
        return (
            exact.with_columns(value.alias("value"))
            .group_by("latitude", "longitude", "value", "place")
            .len()
            .sort("latitude", "longitude", "value", "place")
        )

    def _planted(self, value: str | None, candidates: tuple[int, ...]) -> Joined | _Spots:
        spots = self._spots.filter(pl.col("place").is_in(candidates))
        if value is not None and self.layer.by:
            of_value = spots.filter(pl.col("value") == value)
            spots = of_value if of_value.height else spots
        if not spots.height:
            return self._undecided(candidates, "no account there has a place")
        mostly = (
            spots.group_by("latitude", "longitude", "place")
            .agg(pl.col("len").sum())
            .sort(["latitude", "longitude", "len", "place"], descending=[False, False, True, False])
            .unique(["latitude", "longitude"], keep="first", maintain_order=True)
        )
        positions = to_sphere_km(mostly["latitude"].to_numpy(), mostly["longitude"].to_numpy())
        tree = cKDTree(positions, balanced_tree=False, compact_nodes=False)
        return _Spots(tree=tree, territory=mostly["place"].to_numpy())


class _Book:
    """Ids → places, found in one sorted column so that building it holds up nobody."""

    def __init__(self, frame: pl.DataFrame) -> None:
        key = frame.columns[0]
        self._frame = frame.drop_nulls(key).with_columns(pl.col(key).cast(pl.String)).unique(key).sort(key)
        self._keys, self._places = self._frame[key], self._frame["place"].to_numpy()

    def get(self, key: str | None) -> int | None:
        """The place of one id."""
        if key is None or not len(self._places):
            return None
        row = int(self._keys.search_sorted(key))
        return int(self._places[row]) if row < len(self._places) and self._keys[row] == key else None

    def get_all(self, keys: pl.Series) -> list[int | None]:
        """The places of many."""
        asked = keys.alias(self._keys.name).to_frame()
        found: list[int | None] = asked.join(
            self._frame, on=self._keys.name, how="left", maintain_order="left"
        )["place"].to_list()  # fmt: skip
        return found


def _majority(held: pl.DataFrame, column: str) -> pl.DataFrame:
    """Each value with the place that holds most of its accounts; the first in the plan of equals."""
    if column not in held.columns:
        return pl.DataFrame(schema={column: pl.String, "place": pl.Int64})
    return (
        held.drop_nulls(column)
        .group_by(column, "place")
        .len()
        .sort([column, "len", "place"], descending=[False, True, False])
        .unique(column, keep="first", maintain_order=True)
    )


def _holders(held: pl.DataFrame, *columns: str | None) -> dict[str, tuple[int, ...]]:
    """Each value, or values joined by a zero character, with the places that hold accounts of it, in order."""
    wanted = [column for column in columns if column is not None]
    if not wanted or not set(wanted) <= set(held.columns) or not held.height:
        return {}
    parts = [_texts(held, column) for column in wanted]
    value = pl.concat_str(*parts, separator="\0") if len(parts) > 1 else parts[0]
    pairs = held.select(value.alias("value"), "place").drop_nulls().unique().sort("value", "place")
    found = pairs.group_by("value", maintain_order=True).agg("place")
    return {value: tuple(places) for value, places in found.iter_rows()}


def _texts(held: pl.DataFrame, column: str) -> pl.Expr:
    text = pl.col(column).list.join(";") if held.schema[column].is_nested() else pl.col(column).cast(pl.String)
    text = text.str.strip_chars()
    return pl.when(text != "").then(text)


def _located(frame: pl.DataFrame) -> pl.DataFrame:
    """Latitude, longitude, method and county of each row, each row asked as if alone."""
    wanted = [name for name in (*PLACE_COLUMNS, "latitude", "longitude") if name in frame.columns]
    asked = frame.select(wanted).with_row_index("_row")
    if not wanted:
        return pl.DataFrame({"method": pl.Series([None] * frame.height, dtype=pl.String)})
    has_country = (
        (pl.col("country").cast(pl.String).str.strip_chars() != "").fill_null(False)
        if "country" in wanted
        else pl.lit(False)
    )
    parts = []
    for some in (asked.filter(has_country), asked.filter(~has_country)):
        if some.height:
            found = geocode(some.drop("_row"), density=False)
            parts.append(
                found.select("latitude", "longitude", "geocode_method", "county_fips").insert_column(0, some["_row"])
            )
    found = pl.concat(parts).sort("_row")
    known = pl.col("latitude").is_not_null() & (pl.col("geocode_method") != "none")
    return found.with_columns(
        pl.when(known).then("geocode_method").alias("method"), _counties(frame, found).alias("county_fips")
    )


def _counties(frame: pl.DataFrame, found: pl.DataFrame) -> pl.Series:
    """The county each row tells, else that of its coordinates, else that of its postal code or city."""
    is_given = (found["geocode_method"] == "given").to_numpy()
    county = found["county_fips"]
    if is_given.any():
        points = found.filter(is_given)
        inside = county_of_points(
            points["latitude"].to_numpy(), points["longitude"].to_numpy(), nearest_within_km=SHORE_KM
        )
        county = county.scatter(np.flatnonzero(is_given), inside)
    if "county_fips" not in frame.columns:
        return county
    return frame.select(pl.coalesce(_texts(frame, "county_fips"), county)).to_series()


def _needs(value: object) -> frozenset[str]:
    parts = value if isinstance(value, list | tuple) else str(value).split(";") if value is not None else ()
    return frozenset(str(part).strip().casefold() for part in parts if part is not None and str(part).strip())


def _text(value: object) -> str | None:
    return str(value).strip() or None if value is not None else None
