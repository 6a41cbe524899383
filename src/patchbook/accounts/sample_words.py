"""Words and rates the sample is made from: names are common words, rates are published figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sector:
    """A NAICS sector with its share of establishments and what a head of staff turns over a year."""

    naics: str
    name: str
    establishments: int
    """In the US (County Business Patterns 2011, US Census Bureau)."""
    revenue_per_head: int
    """US dollars, rounded."""
    stems: tuple[str, ...]
    """What a company of the sector calls itself."""


SECTORS = (
    Sector("11", "Agriculture", 21_340, 120_000, ("Farms", "Orchards", "Ranch", "Growers", "Seed")),
    Sector("21", "Mining & Oil", 28_022, 900_000, ("Drilling", "Resources", "Minerals", "Energy")),
    Sector("22", "Utilities", 17_634, 900_000, ("Power", "Water", "Gas", "Utility")),
    Sector(
        "23",
        "Construction",
        657_738,
        220_000,
        ("Builders", "Construction", "Roofing", "Paving", "Electric", "Plumbing"),
    ),
    Sector(
        "31-33",
        "Manufacturing",
        295_643,
        450_000,
        ("Manufacturing", "Foods", "Plastics", "Machine", "Castings", "Precision", "Packaging"),
    ),
    Sector("42", "Wholesale", 411_930, 1_100_000, ("Supply", "Distributors", "Wholesale", "Imports")),
    Sector(
        "44-45", "Retail", 1_062_942, 290_000, ("Market", "Hardware", "Motors", "Outfitters", "Pharmacy", "Furniture")
    ),
    Sector("48-49", "Transport & Warehousing", 211_854, 180_000, ("Trucking", "Logistics", "Freight", "Transport")),
    Sector("51", "Information", 134_452, 400_000, ("Media", "Software", "Data", "Networks", "Publishing")),
    Sector("52", "Finance & Insurance", 467_537, 600_000, ("Bank", "Insurance", "Capital", "Advisors")),
    Sector("53", "Real Estate", 341_683, 300_000, ("Realty", "Properties", "Leasing")),
    Sector(
        "54",
        "Professional Services",
        850_903,
        190_000,
        ("Law", "Engineering", "Consulting", "Design", "Accounting", "Labs"),
    ),
    Sector("55", "Holding Companies", 49_497, 250_000, ("Holdings", "Partners")),
    Sector("56", "Admin & Waste Services", 380_671, 80_000, ("Staffing", "Security", "Services", "Cleaning")),
    Sector("61", "Education", 91_492, 75_000, ("Academy", "Training", "School")),
    Sector("62", "Health Care", 818_726, 110_000, ("Clinic", "Health", "Dental", "Care", "Therapy")),
    Sector("71", "Arts & Recreation", 123_327, 110_000, ("Golf", "Fitness", "Theatre", "Sports")),
    Sector("72", "Hotels & Restaurants", 649_011, 65_000, ("Grill", "Inn", "Cafe", "Hotel", "Pizza")),
    Sector("81", "Other Services", 722_398, 95_000, ("Auto", "Salon", "Repair", "Association")),
)

STATE_DENSITY = {
    "AL": 0.86, "AZ": 0.84, "CA": 0.95, "CO": 1.18, "CT": 1.06, "DC": 1.9, "FL": 1.06, "GA": 0.91, "IA": 1.08,
    "KY": 0.88, "MA": 1.1, "ME": 1.22, "MN": 1.12, "MS": 0.84, "MT": 1.4, "ND": 1.35, "NE": 1.15, "NH": 1.18,
    "NJ": 1.08, "NM": 0.88, "NY": 1.1, "OR": 1.08, "PR": 0.5, "SC": 0.91, "SD": 1.25, "TX": 0.86, "VT": 1.4,
    "WA": 1.05, "WV": 0.87, "WY": 1.45,
}  # fmt: skip
"""Establishments for each head of population against the country's (the same source); 1 where not named."""

SUFFIXES = {
    "Inc": 0.26, "LLC": 0.30, "Inc.": 0.08, "Corp": 0.07, "Co": 0.06, "": 0.13, "LLP": 0.03, "Ltd": 0.02,
    "& Sons": 0.02, "Group": 0.03,
}  # fmt: skip
"""Legal forms and how often a name ends in them."""

SURNAMES = (
    "Smith", "Johnson", "Williams", "Brown", "Jones", "Garcia", "Miller", "Davis", "Rodriguez", "Martinez",
    "Hernandez", "Lopez", "Gonzalez", "Wilson", "Anderson", "Thomas", "Taylor", "Moore", "Jackson", "Martin", "Lee",
    "Perez", "Thompson", "White", "Harris", "Sanchez", "Clark", "Ramirez", "Lewis", "Robinson", "Walker", "Young",
    "Allen", "King", "Wright", "Scott", "Torres", "Nguyen", "Hill", "Flores", "Green", "Adams", "Nelson", "Baker",
    "Hall", "Rivera", "Campbell", "Mitchell", "Carter", "Roberts", "Gomez", "Phillips", "Evans", "Turner", "Diaz",
    "Parker", "Cruz", "Edwards", "Collins", "Reyes", "Stewart", "Morris", "Morales", "Murphy", "Cook", "Rogers",
    "Gutierrez", "Ortiz", "Morgan", "Cooper", "Peterson", "Bailey", "Reed", "Kelly", "Howard", "Ramos", "Kim", "Cox",
    "Ward", "Richardson", "Watson", "Brooks", "Chavez", "Wood", "James", "Bennett", "Gray", "Mendoza", "Ruiz",
    "Hughes", "Price", "Alvarez", "Castillo", "Sanders", "Patel", "Myers", "Long", "Ross", "Foster", "Jimenez",
)  # fmt: skip

ADJECTIVES = (
    "Summit", "Pioneer", "Heritage", "Liberty", "Patriot", "Evergreen", "Bluebird", "Keystone", "Lakeside",
    "Riverside", "Northern", "Southern", "Eastern", "Western", "Central", "Golden", "Silver", "Granite", "Harbor",
    "Prairie", "Cascade", "Atlas", "Apex", "Beacon", "Cardinal", "Delta", "Eagle", "Falcon", "Gateway", "Horizon",
    "Imperial", "Jubilee", "Legacy", "Mercury", "Noble", "Oak", "Phoenix", "Quality", "Redwood", "Sierra", "Titan",
    "Union", "Valley", "Vista", "Zenith",
)  # fmt: skip

GIVEN_NAMES = (
    "Ada", "Amir", "Ana", "Bao", "Bea", "Caleb", "Carla", "Chidi", "Dana", "Diego", "Elif", "Emil", "Farah", "Felix",
    "Grace", "Hana", "Hugo", "Imani", "Ines", "Ivan", "Jonas", "June", "Kai", "Kofi", "Lars", "Leila", "Lena", "Luis",
    "Maya", "Mateo", "Mina", "Nadia", "Noah", "Nora", "Omar", "Paula", "Priya", "Quinn", "Rafael", "Rosa", "Ruth",
    "Sami", "Sofia", "Tariq", "Tess", "Theo", "Uma", "Vera", "Viktor", "Wei", "Yara", "Yusuf", "Zoe",
)  # fmt: skip
