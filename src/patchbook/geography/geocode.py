"""Where accounts are, offline: places looked up in the shipped gazetteer, with the method and its precision."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl

from patchbook.errors import BadInput
from patchbook.geography import gazetteer
from patchbook.geography.counties import county_of_points
from patchbook.geography.countries import country_codes
from patchbook.geography.density import accounts_per_1000_km2
from patchbook.geography.distance import great_circle_km
from patchbook.geography.names import place_key
from patchbook.geography.postal import postal_key, zip_key
from patchbook.geography.states import CANADIAN_PROVINCES, US_STATES, US_TERRITORIES, state_codes

METHODS = ("given", "zip", "postal", "city+state", "city", "state", "country", "none")
"""How a place was found, most exact first; `docs/reference/geography.md` says what each is worth."""

PLACE_COLUMNS = ("postal_code", "city", "state", "country")

SHORE_KM = 15.0
"""A point in the US in no county is off a coarsely drawn shore; it gets the nearest county within this."""

ZIP_AGREES_KM = 50.0
"""A ZIP gives the county and time zone of coordinates no farther from it than this; beyond, one of the two is wrong."""

LARGE = 100_000
"""People a city must have to be found in the world by its name alone."""

DOMINANT = 3.0
"""A city without a state or country is taken only when it has this many times the people of the next of its name."""


def geocode(frame: pl.DataFrame, *, density: bool = True) -> pl.DataFrame:
    """
    A frame of the same length and order saying where each account is and how well that is known.

    Parameters
    ----------
    frame
        Any of the columns latitude, longitude (numbers), postal_code, city, state, country (text, clean or not); others
        are ignored. A ZIP that lost its zeros and a country or state in any usual spelling are understood. Rows without
        a country get it from the state; a file without any country is taken to be American where its postal codes are
        ZIPs.
    density
        False leaves the density column null and saves its time.

    Returns
    -------
    polars.DataFrame
        latitude, longitude; geocode_method, one of METHODS; geocode_precision_km, half the accounts found this way are
        nearer than that; county_fips (US); time_zone (IANA); density, accounts of the frame within 25 km for 1,000 km²
        (null where only the state or country is known).
    """
    rows = _given(frame)
    distinct = rows.select(PLACE_COLUMNS).unique(maintain_order=True)
    found = _look_up(distinct)
    rows = rows.join(found, on=list(PLACE_COLUMNS), how="left", nulls_equal=True, maintain_order="left")
    is_given = pl.col("given_latitude").is_not_null()
    placed = rows.select(
        pl.coalesce("given_latitude", "latitude").alias("latitude"),
        pl.coalesce("given_longitude", "longitude").alias("longitude"),
        pl.when(is_given).then(pl.lit("given")).otherwise(pl.col("method").fill_null("none")).alias("geocode_method"),
        pl.when(is_given).then(0.0).otherwise(pl.col("radius_km")).alias("geocode_precision_km"),
        "county_fips",
        "time_zone",
        (is_given & pl.col("latitude").is_not_null() & ~_agrees(rows)).alias("contradicted"),
        (is_given | ~pl.col("method").is_in(["state", "country"]).fill_null(False)).alias("local"),
        ((pl.col("country_code") == "US") | pl.col("country_code").is_null()).alias("maybe_us"),
    )
    # Accounts known only to lie in a state would pile up on its centre and make it look crowded.
    local = placed.select(pl.when("local").then("latitude").alias("latitude"), "longitude")
    with ThreadPoolExecutor(1) as beside:  # both are NumPy on one core
        counted = beside.submit(accounts_per_1000_km2, local["latitude"], local["longitude"]) if density else None
        placed = _local_facts(placed)
        nearby = None if counted is None else counted.result().round(2)
    return placed.select(
        "latitude",
        "longitude",
        "geocode_method",
        "geocode_precision_km",
        "county_fips",
        "time_zone",
        pl.Series("density", nearby).fill_nan(None)
        if nearby is not None
        else pl.lit(None, pl.Float64).alias("density"),
    )


def load_tables() -> None:
    """Read the gazetteer and the counties' outlines now, so that the first geocoding does not wait for them."""
    for table in (gazetteer.us_zips, gazetteer.us_cities, gazetteer.cities, gazetteer.postal_codes):
        table()
    county_of_points([39.0], [-98.0])


def _given(frame: pl.DataFrame) -> pl.DataFrame:
    """The four text columns, null where absent, and coordinates on the globe that are not the empty (0, 0)."""
    for name in ("latitude", "longitude"):
        if name in frame.columns and not (frame[name].dtype.is_numeric() or frame[name].dtype == pl.Null):
            raise BadInput(f"Column {name} holds {frame[name].dtype}; geocoding wants degrees as numbers.")
    text = [
        pl.col(name).cast(pl.String) if name in frame.columns else pl.lit(None, pl.String).alias(name)
        for name in PLACE_COLUMNS
    ]
    latitude, longitude = (
        pl.col(name).cast(pl.Float64) if name in frame.columns else pl.lit(None, pl.Float64)
        for name in ("latitude", "longitude")
    )
    usable = latitude.is_between(-90, 90) & longitude.is_between(-180, 180) & ~((latitude == 0) & (longitude == 0))
    return frame.with_columns(
        *text,
        pl.when(usable).then(latitude).alias("given_latitude"),
        pl.when(usable).then(longitude).alias("given_longitude"),
    ).select(*PLACE_COLUMNS, "given_latitude", "given_longitude")


def _look_up(distinct: pl.DataFrame) -> pl.DataFrame:
    """Each distinct spelling of a place with its point: the most exact table that knows it wins."""
    keyed = _keyed(distinct)
    candidates = [
        _by_zip(keyed),
        _by_postal(keyed),
        _by_city_and_state(keyed),
        _by_city(keyed),
        _by_state(keyed),
        _by_country(keyed),
    ]
    best = (
        pl.concat(candidates)
        .with_columns(
            pl.col("method").replace_strict({m: i for i, m in enumerate(METHODS)}, return_dtype=pl.Int8).alias("rank")
        )
        .sort("row", "rank")
    )
    # A ZIP of another state than the one written is a slip in one of the two; the city decides when it is known there.
    city = best.filter(pl.col("method") == "city+state").select("row", pl.lit(True).alias("has_city"))
    best = (
        best.join(city, on="row", how="left", maintain_order="left")
        .filter(~(pl.col("elsewhere") & pl.col("has_city").fill_null(False)))
        .unique("row", keep="first", maintain_order=True)
        .select("row", "latitude", "longitude", "method", "radius_km", "county_fips", "time_zone")
    )
    return keyed.select("row", *PLACE_COLUMNS, "country_code").join(best, on="row", how="left").drop("row")


def _keyed(distinct: pl.DataFrame) -> pl.DataFrame:
    """Spellings turned into the keys of the tables."""
    split = pl.col("city").str.extract_groups(r"^\s*(.+?)\s*,\s*([^,]+?)\s*$")
    has_state = pl.col("state").is_not_null() & (pl.col("state").str.strip_chars() != "")
    rows = distinct.with_row_index("row").with_columns(
        state_codes(distinct["state"]).alias("state_code"),
        country_codes(distinct["country"]).alias("country_code"),
        zip_key(pl.col("postal_code")).alias("zip"),
        pl.when(~has_state).then(split.struct.field("2")).alias("state_in_city"),
        pl.when(~has_state).then(split.struct.field("1")).alias("city_before_state"),
    )
    from_city = state_codes(rows["state_in_city"])
    rows = rows.with_columns(
        pl.coalesce("state_code", from_city).alias("state_code"),
        place_key(pl.when(from_city.is_not_null()).then(pl.col("city_before_state")).otherwise(pl.col("city")))
        .str.replace(r"^(?:city|town|village) of ", "")
        .replace({"nyc": "new york", "new york city": "new york", "washington dc": "washington", "la": "los angeles"})
        .alias("city_key"),
    )
    no_country = bool((rows["country"].fill_null("").str.strip_chars() == "").all())
    is_zip = pl.col("zip").is_in(gazetteer.us_zips()["zip"].implode())
    us_or_canada = (
        pl.when(pl.col("state_code").is_in(list(US_STATES))).then(pl.lit("US"))
        .when(pl.col("state_code").is_in(list(CANADIAN_PROVINCES))).then(pl.lit("CA"))
        .when(pl.lit(no_country) & is_zip & ~has_state).then(pl.lit("US"))
    )  # fmt: skip
    is_territory = pl.col("country_code").is_in(US_TERRITORIES)
    country_code = pl.coalesce("country_code", us_or_canada)
    return rows.with_columns(
        pl.when(is_territory).then(pl.lit("US")).otherwise(country_code).alias("country_code"),
        pl.when(is_territory).then(pl.col("country_code")).otherwise(pl.col("state_code")).alias("state_code"),
    ).with_columns(
        # A German "BE" (Berlin) is no state of America; provinces count only in their own country.
        pl.when(
            ((pl.col("country_code") == "US") & pl.col("state_code").is_in(list(US_STATES)))
            | ((pl.col("country_code") == "CA") & pl.col("state_code").is_in(list(CANADIAN_PROVINCES)))
        ).then(pl.col("state_code")).alias("state_code"),
        postal_key(pl.col("postal_code"), pl.col("country_code")).alias("postal_key"),
    )  # fmt: skip


def _found(table: pl.DataFrame, method: str) -> pl.DataFrame:
    """A joined table in the columns all candidates share."""
    optional = {"county_fips": pl.String, "time_zone": pl.String, "elsewhere": pl.Boolean}
    return table.select(
        "row",
        "latitude",
        "longitude",
        pl.lit(method).alias("method"),
        "radius_km",
        *(
            pl.col(name) if name in table.columns else pl.lit(None, dtype).alias(name)
            for name, dtype in optional.items()
        ),
    ).with_columns(pl.col("elsewhere").fill_null(False))


def _by_zip(rows: pl.DataFrame) -> pl.DataFrame:
    zips = gazetteer.us_zips().rename({"state": "zip_state"})
    american = rows.filter(pl.col("country_code") == "US", pl.col("zip").is_not_null())
    return _found(
        american.join(zips, on="zip").with_columns((pl.col("zip_state") != pl.col("state_code")).alias("elsewhere")),
        "zip",
    )


def _by_postal(rows: pl.DataFrame) -> pl.DataFrame:
    keys = {"left_on": ["country_code", "postal_key"], "right_on": ["country", "postal_key"]}
    wanted = rows.filter(pl.col("postal_key").is_not_null()).drop("country")
    return _found(wanted.join(gazetteer.postal_codes(), **keys), "postal")  # type: ignore[arg-type]


def _by_city_and_state(rows: pl.DataFrame) -> pl.DataFrame:
    wanted = rows.filter(pl.col("city_key").is_not_null(), pl.col("state_code").is_not_null())
    american = wanted.filter(pl.col("country_code") == "US").join(
        gazetteer.us_cities(), left_on=["city_key", "state_code"], right_on=["city_key", "state"]
    )
    canadian = gazetteer.cities().filter(pl.col("country") == "CA", pl.col("state").is_not_null()).drop("country")
    other = wanted.filter(pl.col("country_code") == "CA").join(
        canadian, left_on=["city_key", "state_code"], right_on=["city_key", "state"]
    )
    return pl.concat([_found(american, "city+state"), _found(other, "city+state")])


def _by_city(rows: pl.DataFrame) -> pl.DataFrame:
    """A city in its country, or, without a country, in the world, when it stands out among its namesakes."""
    wanted = rows.filter(pl.col("city_key").is_not_null(), pl.col("state_code").is_null())
    in_country = wanted.filter(pl.col("country_code").is_not_null()).drop("country")
    anywhere = wanted.filter(pl.col("country_code").is_null(), pl.col("country").is_null()).drop("country")
    named = _outstanding(["country", "city_key"], in_country)
    known = _outstanding(["city_key"], anywhere).filter(pl.col("population") >= LARGE)
    here = in_country.join(named, left_on=["country_code", "city_key"], right_on=["country", "city_key"])
    return pl.concat([_found(here, "city"), _found(anywhere.join(known, on="city_key"), "city")])


def _outstanding(by: list[str], rows: pl.DataFrame) -> pl.DataFrame:
    """The largest city of each name the rows ask for, where no other comes near."""
    columns = ["country", "city_key", "state", "latitude", "longitude", "population", "time_zone", "radius_km"]
    american = gazetteer.us_cities().with_columns(pl.lit("US").alias("country")).select(columns)
    others = gazetteer.cities().filter(pl.col("country") != "US").select(columns)
    people = pl.col("population")
    next_largest = people.sort(descending=True).get(1, null_on_oob=True).fill_null(0)
    return (
        pl.concat([others, american])
        .join(rows.select("city_key").unique(), on="city_key", how="semi", maintain_order="left")
        .sort("population", "country", descending=[True, False], maintain_order=True)
        .with_columns((people.max().over(by) >= DOMINANT * next_largest.over(by)).alias("outstanding"))
        .unique(by, keep="first", maintain_order=True)
        .filter("outstanding")
        .drop("outstanding")
    )


def _by_state(rows: pl.DataFrame) -> pl.DataFrame:
    keys = {"left_on": ["country_code", "state_code"], "right_on": ["country", "state"]}
    wanted = rows.filter(pl.col("state_code").is_not_null()).drop("country")
    return _found(wanted.join(gazetteer.state_centres(), **keys), "state")  # type: ignore[arg-type]


def _by_country(rows: pl.DataFrame) -> pl.DataFrame:
    wanted = rows.filter(pl.col("country_code").is_not_null()).drop("country")
    return _found(wanted.join(gazetteer.country_centres(), left_on="country_code", right_on="country"), "country")


def _agrees(rows: pl.DataFrame) -> pl.Series:
    """Where given coordinates lie near the point their postal code or city was looked up at."""
    apart_km = great_circle_km(
        rows["given_latitude"].to_numpy(), rows["given_longitude"].to_numpy(),
        rows["latitude"].to_numpy(), rows["longitude"].to_numpy(),
    )  # fmt: skip
    close_method = rows["method"].is_in(["zip", "postal", "city+state", "city"]).fill_null(False)
    return close_method & pl.Series(apart_km <= ZIP_AGREES_KM)


def _local_facts(placed: pl.DataFrame) -> pl.DataFrame:
    """County and time zone from the point wherever the table that placed it does not say."""
    known = ~pl.col("contradicted")
    placed = placed.with_columns(
        pl.when(known & pl.col("local")).then(pl.col("county_fips")).alias("county_fips"),
        pl.when(known).then(pl.col("time_zone")).alias("time_zone"),
    )
    latitude, longitude = placed["latitude"].to_numpy(), placed["longitude"].to_numpy()
    asking = pl.col("county_fips").is_null() & pl.col("latitude").is_not_null() & pl.col("local") & pl.col("maybe_us")
    ask = placed.select(asking).to_series().to_numpy()
    if ask.any():
        found = county_of_points(latitude[ask], longitude[ask], nearest_within_km=SHORE_KM)
        placed = placed.with_columns(placed["county_fips"].scatter(np.flatnonzero(ask), found))
    return placed.with_columns(_time_zones(placed))


def _time_zones(placed: pl.DataFrame) -> pl.Series:
    """The zone of the county where it has only one, else of the point itself (to 0.01°, about a kilometre).

    An account known only to be in a country of several zones has none: its mean point would be a guess.
    """
    zone = placed["time_zone"]
    if not (zone.is_null() & placed["latitude"].is_not_null() & placed["local"]).any():
        return zone
    counties = gazetteer.us_counties().select("county_fips", pl.col("time_zone").alias("county_zone"))
    by_county = placed.select("county_fips").join(counties, on="county_fips", how="left", maintain_order="left")
    zone = zone.fill_null(by_county["county_zone"])
    unknown = pl.col("time_zone").is_null() & pl.col("latitude").is_not_null() & pl.col("local")
    missing = (
        placed.select("latitude", "longitude", "local")
        .with_columns(zone.alias("time_zone"))
        .with_row_index("row")
        .filter(unknown)
        .with_columns(pl.col("latitude", "longitude").round(2))
    )
    if missing.is_empty():
        return zone
    import tzfpy

    points = missing.select("latitude", "longitude").unique()
    names = [tzfpy.get_tz(longitude, latitude) or None for latitude, longitude in points.iter_rows()]
    asked = missing.join(
        points.with_columns(pl.Series("zone", names, dtype=pl.String)),
        on=["latitude", "longitude"],
        maintain_order="left",
    )
    return zone.scatter(asked["row"], asked["zone"]).alias("time_zone")
