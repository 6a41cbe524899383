"""The standard fields of an account and of a person, and the types a field of your own can have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

from patchbook.errors import BadInput

FieldType = Literal[
    "id",
    "text",
    "name",
    "number",
    "count",
    "money",
    "percentage",
    "date",
    "boolean",
    "list",
    "domain",
    "phone",
    "postal code",
    "country",
    "state",
    "latitude",
    "longitude",
]

CUSTOM_TYPES: tuple[FieldType, ...] = ("text", "number", "count", "money", "percentage", "date", "boolean", "list")
"""Types a field of your own can be given in a plan's `types`."""

STORED_AS: Mapping[FieldType, pl.DataType] = {
    **dict.fromkeys(get_args(FieldType), pl.String()),
    **dict.fromkeys(("number", "money", "percentage", "latitude", "longitude"), pl.Float64()),
    "count": pl.Int64(),
    "date": pl.Date(),
    "boolean": pl.Boolean(),
    "list": pl.List(pl.String()),
}
"""How a column of each type is kept in a snapshot."""


class UnknownField(BadInput):
    """A column mapping or a type names a field or type that does not exist."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing known of an account (or a person), whatever the file calls it."""

    name: str
    type: FieldType
    title: str
    synonyms: tuple[str, ...] = ()
    """Other names of the column, in lower case with single blanks: English first, then German, French, Spanish,
    and the column names of widespread CRMs."""
    required: bool = False
    at_least: float | None = None
    at_most: float | None = None


def _field(
    name: str,
    type_: FieldType,
    title: str,
    synonyms: str = "",
    *,
    required: bool = False,
    at_least: float | None = None,
    at_most: float | None = None,
) -> Field:
    words = tuple(word.strip() for word in synonyms.split(",") if word.strip())
    return Field(
        name=name, type=type_, title=title, synonyms=words, required=required, at_least=at_least, at_most=at_most
    )


FIELDS: tuple[Field, ...] = (
    _field(
        "account_id",
        "id",
        "The account's id in the system it comes from",
        "id, account number, account no, account key, accountid, acct id, crm id, customer id, customerid, company id, "
        "customer number, record id, hs object id, object id, objectid, symbol, ticker, kundennummer, kunden nr, "
        "konto id, numero client, id client, code client, id cliente, codigo cliente, uuid, guid",
        required=True,
    ),
    _field(
        "name",
        "name",
        "The company's name",
        "account name, company, company name, companyname, account, customer, customer name, organization, "
        "organisation, organization name, business name, legal name, firma, firmenname, unternehmen, kunde, "
        "name der firma, entreprise, societe, nom, nom entreprise, raison sociale, empresa, nombre, nombre empresa, "
        "razon social",
    ),
    _field(
        "domain",
        "domain",
        "The company's domain on the web",
        "website, web site, web, url, homepage, web address, company domain, company domain name, website url, "
        "email domain, webseite, internetseite, site web, site internet, sitio web, pagina web",
    ),
    _field(
        "phone",
        "phone",
        "The company's telephone number",
        "telephone, phone number, company phone, main phone, tel, telefon, telefonnummer, rufnummer, telephone number, "
        "numero de telephone, telefono, telefono principal",
    ),
    _field(
        "street",
        "text",
        "Street and number",
        "address, street address, address line 1, address 1, billing street, shipping street, hq address, "
        "billingstreet, strasse, straße, anschrift, adresse, rue, calle, direccion",
    ),
    _field(
        "city",
        "text",
        "Town or city",
        "town, billing city, billingcity, shipping city, hq city, municipality, stadt, ort, ville, commune, ciudad, "
        "municipio, localidad",
    ),
    _field(
        "state",
        "state",
        "State, province or region",
        "province, region, state province, state/province, billing state, billing state province, billingstate, "
        "shipping state, state region, hq state, bundesland, kanton, departement, provincia, estado, comunidad",
    ),
    _field(
        "postal_code",
        "postal code",
        "ZIP or postal code",
        "zip, zip code, zipcode, postcode, postal, postalcode, billing zip, billing postal code, billingpostalcode, "
        "billing zip postal code, shipping zip, hq zip, plz, postleitzahl, code postal, codigo postal, cp",
    ),
    _field(
        "country",
        "country",
        "Country, kept as its two-letter code",
        "country code, nation, billing country, billingcountry, shipping country, hq country, country region, "
        "country/region, land, pays, pais",
    ),
    _field(
        "county_fips",
        "text",
        "US county, by its five-digit FIPS code",
        "countyfips, fips, fips code, county code, county fips code, geoid",
    ),
    _field(
        "latitude",
        "latitude",
        "Degrees north",
        "lat, geo lat, billing latitude, billinglatitude, breitengrad, latitud, hq latitude",
        at_least=-90,
        at_most=90,
    ),
    _field(
        "longitude",
        "longitude",
        "Degrees east",
        "lon, lng, long, geo lon, geo lng, billing longitude, billinglongitude, laengengrad, längengrad, longitud, "
        "hq longitude",
        at_least=-180,
        at_most=180,
    ),
    _field(
        "employees",
        "count",
        "How many people work there",
        "employee count, number of employees, numberofemployees, no of employees, num employees, headcount, staff, "
        "company size, size, mitarbeiter, mitarbeiterzahl, anzahl mitarbeiter, beschaeftigte, effectif, effectifs, "
        "nombre de salaries, salaries, empleados, numero de empleados, plantilla",
        at_least=0,
    ),
    _field(
        "revenue_usd",
        "money",
        "Yearly revenue in US dollars",
        "revenue, revenues, annual revenue, annualrevenue, turnover, annual sales, sales volume, umsatz, jahresumsatz, "
        "chiffre d affaires, ca annuel, revenu, ingresos, facturacion, ventas anuales, revenue in usd, revenue usd",
        at_least=0,
    ),
    _field(
        "industry",
        "text",
        "What business it is in",
        "sector, vertical, industry sector, business sector, industries, branche, wirtschaftszweig, industrie, "
        "secteur, secteur d activite, industria, industry name, sector de actividad",
    ),
    _field(
        "parent_id",
        "id",
        "The account_id of the company it belongs to",
        "parent, parent account, parent account id, parentid, parent company, parent company id, parent name, "
        "hs parent company id, subsidiary of, ultimate parent, mutterkonzern, muttergesellschaft, konzern, "
        "maison mere, societe mere, matriz, empresa matriz",
    ),
    _field(
        "owner",
        "text",
        "Who looks after it today",
        "account owner, owner id, ownerid, owner name, hubspot owner id, company owner, rep, sales rep, salesperson, "
        "sales person, account manager, account executive, person id, betreuer, verantwortlicher, kundenbetreuer, "
        "vertriebsmitarbeiter, commercial, proprietaire, responsable, propietario, vendedor",
    ),
    _field(
        "territory",
        "text",
        "The territory it is in today",
        "sales territory, territory name, territory id, current territory, patch, gebiet, vertriebsgebiet, "
        "territoire, secteur commercial, territorio, zona",
    ),
    _field(
        "segment",
        "text",
        "The market segment",
        "market segment, customer segment, tier, account tier, size segment, kundensegment, segmento",
    ),
    _field(
        "status",
        "text",
        "Customer, prospect, former customer…",
        "account status, customer status, lifecycle stage, lifecyclestage, account type, type, stage, customer type, "
        "kundenstatus, statut, estado cliente",
    ),
    _field(
        "open_opportunities",
        "count",
        "How many opportunities are open",
        "open opps, open deals, number of open deals, num open opportunities, opportunities, open opportunity count, "
        "hs num open deals, offene chancen, opportunites ouvertes, oportunidades abiertas",
        at_least=0,
    ),
    _field(
        "open_pipeline_usd",
        "money",
        "The value of its open opportunities in US dollars",
        "open pipeline, pipeline, open pipeline value, pipeline usd, pipeline value, total open deal value, "
        "offene pipeline, pipeline ouvert",
        at_least=0,
    ),
    _field(
        "language",
        "text",
        "The language it is best spoken to in",
        "preferred language, sprache, langue, idioma, hs language",
    ),
    _field(
        "ownership",
        "text",
        "Public, private, subsidiary, government…",
        "ownership status, ownership type, company type, rechtsform, eigentum",
    ),
    _field(
        "created_on",
        "date",
        "When the record was made",
        "created, created date, createddate, create date, createdate, date created, created at, angelegt am, "
        "erstellt am, date de creation, fecha de creacion",
    ),
    _field(
        "updated_on",
        "date",
        "When the record was last looked at",
        "updated, last modified, last modified date, lastmodifieddate, modified, modified date, updated at, "
        "date updated, last verified, last updated, hs lastmodifieddate, geaendert am, date de modification, "
        "fecha de modificacion",
    ),
)
"""Every standard field of an account, in the order a snapshot keeps them."""

PERSON_FIELDS: tuple[Field, ...] = (
    _field(
        "person_id",
        "id",
        "The person's id",
        "id, rep id, user id, userid, employee id, employeeid, owner id, rep, username, person, personalnummer, "
        "mitarbeiter id",
        required=True,
    ),
    _field(
        "name",
        "text",
        "The person's name",
        "full name, rep name, sales agent, employee name, lastname, last name, mitarbeiter, nom, nombre",
    ),
    _field("email", "text", "E-mail address", "e mail, mail, email address, correo"),
    _field("role", "text", "What they do", "title, job title, position, seat, rolle, funktion, poste, puesto, cargo"),
    _field("segment", "text", "The segment or layer they sell in", "team, market segment, layer, segmento"),
    _field(
        "manager_id",
        "id",
        "The person_id of their manager",
        "manager, reports to, reportsto, boss, vorgesetzter, managerid, responsable, jefe",
    ),
    _field("skills", "list", "What they know, as a list", "skill, expertise, industries, verticals, kenntnisse"),
    _field("languages", "list", "What they speak, as a list", "language, sprachen, langues, idiomas"),
    _field("products", "list", "What they sell, as a list", "product, product lines, produkte, produits, productos"),
    _field(
        "latitude", "latitude", "Home, degrees north", "lat, home latitude, home lat, geo lat", at_least=-90, at_most=90
    ),
    _field(
        "longitude",
        "longitude",
        "Home, degrees east",
        "lon, lng, long, home longitude, home lon, geo lon",
        at_least=-180,
        at_most=180,
    ),
    _field("city", "text", "Home town", "home city, town, location, stadt, ort, wohnort, ville, ciudad"),
    _field("state", "state", "Home state", "home state, province, region, bundesland, estado"),
    _field(
        "postal_code",
        "postal code",
        "Home postal code",
        "zip, zip code, postcode, home zip, postalcode, plz, code postal, codigo postal",
    ),
    _field("country", "country", "Home country", "home country, land, pays, pais"),
    _field("capacity", "percentage", "Share of a full-time seat", "fte, full time equivalent, kapazitaet", at_least=0),
    _field(
        "ramp", "percentage", "Share of the capacity carried while new", "ramp share, ramped", at_least=0, at_most=1
    ),
)
"""Every standard field of a person."""


def custom_type(name: str) -> FieldType:
    """The type of that name, or UnknownField naming those there are."""
    for type_ in CUSTOM_TYPES:
        if type_ == name:
            return type_
    raise UnknownField(f"No field type is called {name!r}; the types are {', '.join(CUSTOM_TYPES)}.")
