"""How fast and how rightly leads find their account: known accounts written otherwise, and companies nobody knows.

    python -m benchmarks.matching [--rows 1000000] [--leads 5000] [--seed 1] [--json]

Accounts are made up (`accounts.sample`) and given domains, four in five of them. A lead of a known account has what a
form asks, with faults: a mail address at the company, at a department of it or at a free mailbox; the name with another
legal form, a typing error or words left out; a telephone number or none; the place or none. As many leads again are of
companies that are in no account, half of them with the name of one in another town. An account with the same name,
street and place as the right one counts as right: the sample plants such duplicates.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from datetime import UTC, datetime

import numpy as np
import polars as pl

from patchbook.accounts.sample import sample_accounts
from patchbook.accounts.values.names import name_keys
from patchbook.routing.lead import Lead, Value
from patchbook.routing.match import TIE_BREAKS, best_of, identity_of
from patchbook.routing.match_index import AccountIndex

AT_LEAST = 0.7
NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
FORMS = ("Inc", "LLC", "Corp.", "Co", "Ltd", "")


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--leads", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    figures = measure(options.rows, options.leads, options.seed)
    if options.json:
        print(json.dumps(figures))
        return
    print(f"{options.rows:,} accounts, {options.leads:,} leads of known ones and {options.leads:,} of others")
    print(f"  build             {figures['build_seconds']:8.2f} s, {figures['build_cpu_seconds']:.2f} of the processor")
    print(f"  index in memory   {figures['index_megabytes']:8.0f} MB, {figures['growth_megabytes']:.0f} MB at the peak")
    print(f"  one lead, p50     {figures['p50_microseconds']:8.0f} µs, {figures['cpu_p50_microseconds']:.0f} CPU")
    print(f"  one lead, p99     {figures['p99_microseconds']:8.0f} µs, {figures['cpu_p99_microseconds']:.0f} CPU")
    print(f"  precision         {figures['precision']:8.2%}")
    print(f"  recall            {figures['recall']:8.2%}")
    for kind in ("domain", "name and place", "name and phone"):
        print(f"    by {kind:<15}{figures[f'recall by {kind}']:8.2%}")


def measure(rows: int, leads: int, seed: int) -> dict[str, float]:
    """All figures of one run."""
    accounts = with_domains(sample_accounts(rows, seed=seed).accounts, seed)
    before = peak_megabytes()
    start, work = time.perf_counter(), time.process_time()
    index = AccountIndex(accounts)
    built, built_by = time.perf_counter() - start, time.process_time() - work
    grown = peak_megabytes() - before
    known = known_leads(accounts, leads, seed)
    strangers = unknown_leads(accounts, leads, seed)
    took: list[float] = []
    worked: list[float] = []
    right = found = 0
    by_kind: dict[str, list[bool]] = {}
    for lead, wanted, kind in known + strangers:
        start, work = time.perf_counter(), time.thread_time()
        candidates = index.candidates(identity_of(lead), AT_LEAST)
        took.append(time.perf_counter() - start)
        worked.append(time.thread_time() - work)
        answer = best_of(candidates, 1.0, tuple(TIE_BREAKS))[0].account_id if candidates else None
        is_right = answer is not None and answer in wanted
        found += answer is not None
        right += is_right
        by_kind.setdefault(kind, []).append(is_right)
    return {
        "build_seconds": built,
        "build_cpu_seconds": built_by,
        "index_megabytes": index.bytes / 1e6,
        "growth_megabytes": grown,
        "p50_microseconds": float(np.percentile(took, 50)) * 1e6,
        "p99_microseconds": float(np.percentile(took, 99)) * 1e6,
        "cpu_p50_microseconds": float(np.percentile(worked, 50)) * 1e6,
        "cpu_p99_microseconds": float(np.percentile(worked, 99)) * 1e6,
        "precision": right / max(1, found),
        "recall": right / max(1, len(known)),
        **{f"recall by {kind}": sum(of) / len(of) for kind, of in sorted(by_kind.items()) if kind},
    }


def with_domains(accounts: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The accounts with a domain each, but for one in five; a family shares its head's."""
    head = pl.coalesce("parent_id", "account_id")
    keys = name_keys(accounts["name"]).str.replace_all(r"[^a-z0-9]", "")
    number = pl.col("account_id").str.extract(r"(\d+)$")
    return (
        accounts.with_columns(key=keys)
        .with_columns(
            domain=pl.when(head.hash(seed) % 5 > 0).then(
                pl.concat_str(pl.col("key").str.head(24), number, pl.lit(".com")).first().over(head)
            )
        )
        .drop("key")
    )


def known_leads(accounts: pl.DataFrame, count: int, seed: int) -> list[tuple[Lead, frozenset[str], str]]:
    """Leads of accounts, with the accounts that are right and what they can be found by."""
    chance = random.Random(seed)
    rows = accounts.sample(count, seed=seed)
    keyed = accounts.select("account_id", key=name_keys(accounts["name"]), place=pl.col("city").str.to_lowercase())
    wanted = keyed.filter(pl.col("account_id").is_in(rows["account_id"].implode())).rename({"account_id": "wanted"})
    same = keyed.join(wanted, on=["key", "place"])
    alike: dict[str, set[str]] = {}
    for account_id, of in same.select("account_id", "wanted").iter_rows():
        alike.setdefault(of, set()).add(account_id)
    found: list[tuple[Lead, frozenset[str], str]] = []
    for number, row in enumerate(rows.iter_rows(named=True)):
        fields: dict[str, Value | None] = {"name": misspelled(row["name"], chance), "country": "US"}
        kind = chance.choice(("domain", "name and place", "name and phone"))
        if kind == "domain" and row["domain"] is None:
            kind = "name and place"
        if kind == "domain":
            part = chance.choice(("", "", "", "sales.", "eu."))
            fields["email"] = f"ann@{part}{row['domain']}"
            fields["city"] = row["city"]
        else:
            fields["email"] = f"ann{number}@gmail.com"
        if kind == "name and place":
            fields |= {"postal_code": row["postal_code"], "city": row["city"]}
        if kind == "name and phone":
            if row["phone"] is None:
                fields |= {"postal_code": row["postal_code"], "city": row["city"]}
            fields["phone"] = row["phone"]
        found.append((a_lead(number, fields), frozenset(alike[row["account_id"]]), kind))
    return found


def unknown_leads(accounts: pl.DataFrame, count: int, seed: int) -> list[tuple[Lead, frozenset[str], str]]:
    """Leads of companies that are no account: half have the name of one, in another town."""
    chance = random.Random(seed + 1)
    rows = accounts.sample(count, seed=seed + 1)
    places = accounts.sample(count, seed=seed + 2)
    found: list[tuple[Lead, frozenset[str], str]] = []
    for number, (row, place) in enumerate(zip(rows.iter_rows(named=True), places.iter_rows(named=True), strict=True)):
        name = row["name"] if number % 2 else f"Quoll Xylophone {number} {chance.choice(FORMS)}"
        fields: dict[str, Value | None] = {
            "name": name,
            "email": f"bob@stranger{number}.org",
            "city": place["city"],
            "postal_code": place["postal_code"],
            "country": "US",
        }
        found.append((a_lead(count + number, fields), frozenset(), ""))
    return found


def a_lead(number: int, fields: dict[str, Value | None]) -> Lead:
    return Lead(lead_id=f"l{number}", source="bench", source_id=str(number), received_at=NOW, fields=fields)


def misspelled(name: str, chance: random.Random) -> str:
    """The name as somebody in a hurry writes it."""
    words = [word for word in name.split() if word.rstrip(".,") not in FORMS] or name.split()
    if chance.random() < 0.3:
        place = chance.randrange(len(words))
        word = words[place]
        if len(word) > 4:
            at = chance.randrange(1, len(word) - 1)
            words[place] = word[:at] + word[at + 1 :]
    return " ".join([*words, chance.choice(FORMS)]).strip()


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
