"""The made-up sales team of the demo: names are combined by chance, home cities are real."""

from __future__ import annotations

import numpy as np
import polars as pl

from patchbook.geography.geocode import geocode

GIVEN = (
    "Ada", "Amir", "Ana", "Bao", "Bea", "Caleb", "Carla", "Chidi", "Dana", "Diego", "Elif", "Emil", "Farah", "Felix",
    "Grace", "Hana", "Hugo", "Imani", "Ines", "Ivan", "Jonas", "June", "Kai", "Kofi", "Lars", "Leila", "Lena", "Luis",
    "Maya", "Mateo", "Mina", "Nadia", "Noah", "Nora", "Omar", "Paula", "Priya", "Quinn", "Rafael", "Rosa", "Ruth",
    "Sami", "Sofia", "Tariq", "Tess", "Theo", "Uma", "Vera", "Viktor", "Wei", "Yara", "Yusuf", "Zoe",
)  # fmt: skip
FAMILY = (
    "Abbott", "Alvarez", "Bauer", "Becker", "Brandt", "Castillo", "Chen", "Cohen", "Costa", "Dubois", "Duarte", "Egan",
    "Farrell", "Fischer", "Flores", "Garcia", "Gupta", "Haas", "Hansen", "Ibarra", "Iyer", "Jensen", "Kaplan",
    "Keller", "Khan", "Kim", "Lambert", "Larsen", "Lopez", "Mbeki", "Mendez", "Moreau", "Nakamura", "Novak", "Okafor",
    "Ortiz", "Park", "Patel", "Quiroga", "Reyes", "Rossi", "Santos", "Sato", "Schmidt", "Silva", "Sousa", "Tanaka",
    "Torres", "Ueda", "Vargas", "Weber", "Wong", "Yilmaz", "Zhang", "Zimmer",
)  # fmt: skip

FIELD_HOMES = (
    "Boston, MA", "Stamford, CT", "New York, NY", "Jersey City, NJ", "Princeton, NJ", "Philadelphia, PA",
    "Washington, DC", "Columbus, OH", "Cincinnati, OH", "Charlotte, NC", "Atlanta, GA", "Miami, FL", "Nashville, TN",
    "Chicago, IL", "Milwaukee, WI", "Dallas, TX", "Houston, TX", "Austin, TX", "Denver, CO", "Seattle, WA",
    "San Francisco, CA", "San Jose, CA", "Los Angeles, CA", "San Diego, CA",
)  # fmt: skip
"""One field rep lives in each: near where the companies are, as a team that grew with its market would."""

FIELD_LANGUAGES = {"Miami, FL": "English;Spanish", "Houston, TX": "English;Spanish", "New York, NY": "English;French"}

INSIDE_HOMES = (
    "Chicago, IL", "Austin, TX", "Atlanta, GA", "New York, NY", "New York, NY", "Chicago, IL", "San Francisco, CA",
    "Dallas, TX",
)  # fmt: skip
"""Four mid-market reps, then four enterprise reps."""

INSIDE_SECTORS = (
    ("Industrials", "Materials", "Energy"),
    ("Information Technology", "Communication Services", "Utilities"),
    ("Financials", "Real Estate"),
    ("Health Care", "Consumer Discretionary", "Consumer Staples"),
)
"""What the first, second, third and fourth rep of both inside teams knows best."""

MANAGERS = ("M01", "M02", "M03", "M04")
"""Field east and west, the inside teams, strategic accounts."""
DEPARTED = ("P901", "P902", "P903")
"""Reps who left; accounts still carry their ids, the people file does not."""


def people(rng: np.random.Generator) -> pl.DataFrame:
    """Managers, two strategic reps, 24 field reps, four mid-market and four enterprise reps."""
    rows: list[dict[str, object]] = [
        {"person_id": code, "role": "Manager", "segment": None, "home": "Chicago, IL"} for code in MANAGERS
    ]
    rows += [
        {"person_id": f"P0{n}", "role": "Strategic rep", "segment": "Strategic", "manager_id": "M04", "home": home}
        for n, home in ((1, "New York, NY"), (2, "San Francisco, CA"))
    ]
    rows += [
        {
            "person_id": f"P{101 + n}",
            "role": "Field rep",
            "segment": "Field",
            "manager_id": "M01" if n < 15 else "M02",
            "home": home,
            "languages": FIELD_LANGUAGES.get(home),
            # Two people work part time, two are new to the job.
            "capacity": {3: 0.8, 17: 0.5}.get(n),
            "ramp": {8: 0.6, 20: 0.75}.get(n),
        }
        for n, home in enumerate(FIELD_HOMES)
    ]
    for n, home in enumerate(INSIDE_HOMES):
        rows.append(
            {
                "person_id": f"P{201 + n}",
                "role": "Mid-market rep" if n < 4 else "Enterprise rep",
                "segment": "Mid-market" if n < 4 else "Enterprise",
                "manager_id": "M03",
                "home": home,
                "skills": ";".join(INSIDE_SECTORS[n % 4]),
                "languages": ("English;Spanish", "English;German", "English;French", "English;Spanish")[n % 4],
                "products": "Core" if n < 4 else "Core;Platform",
                "ramp": 0.8 if n == 2 else None,
            }
        )  # fmt: skip
    table = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.col("languages").fill_null("English"), pl.col("capacity").fill_null(1.0), pl.col("ramp").fill_null(1.0)
    )
    given = rng.choice(GIVEN, size=len(table), replace=False)
    family = rng.choice(FAMILY, size=len(table), replace=False)
    table = table.with_columns(
        pl.Series("name", [f"{a} {b}" for a, b in zip(given, family, strict=True)]),
        pl.Series("email", [f"{a}.{b}@example.com".lower() for a, b in zip(given, family, strict=True)]),
        pl.col("home").str.split(", ").list.get(0).alias("city"),
        pl.col("home").str.split(", ").list.get(1).alias("state"),
        pl.lit("US").alias("country"),
    )
    places = geocode(table.select("city", "state", "country"), density=False)
    return pl.concat([table, places.select("latitude", "longitude")], how="horizontal").select(
        "person_id", "name", "email", "role", "segment", "manager_id", "skills", "languages", "products", "city",
        "state", "latitude", "longitude", "capacity", "ramp",
    )  # fmt: skip
