"""Whatever is written, a rule means something or is refused in a sentence; `tools/fuzz_rules.py` goes on for hours."""

from __future__ import annotations

import os
import random

import pytest

from patchbook.rules.functions import FUNCTIONS
from tools.fuzz_rules import check, some_text, spoilt_rule

TORTURE = bool(os.environ.get("PATCHBOOK_TORTURE"))
TEXTS = 40_000 if TORTURE else 2_000

GOOD = (
    "state = 'GA' AND (employees >= 500 OR NOT is_customer) AND domain LIKE '%.gov'",
    "created_on BETWEEN today - 90 AND today + 30 OR created_on IS NULL",
    "state NOT IN ('GA', 'FL') AND employees NOT BETWEEN -1.5 AND 1e3",
    "in_list(domain, 'targets') AND has(products, 'CRM', 'ERP') AND lookup(postal_code, 'zips') = 'East'",
    "postal_between('US', '30000', '39999') OR postal_prefix('GB', 'SW1') OR within_km(33.7, -84.4, 50)",
    "within_area('metro') AND within_family('A1') IS NOT TRUE AND within_area('POLYGON((0 0, 4 0, 4 4))')",
)


def test_texts_at_random_are_refused_in_a_sentence_or_mean_something():
    chance = random.Random(11)

    rules = sum(check(some_text(chance)) for _ in range(TEXTS))

    assert rules < TEXTS


@pytest.mark.parametrize("good", GOOD)
def test_good_rules_with_slips_in_them_are_refused_in_a_sentence_or_mean_something(good):
    chance = random.Random(len(good))

    assert check(good)
    for _ in range(TEXTS // 8):
        check(spoilt_rule(good, chance))


def test_the_good_rules_have_every_function():
    assert all(any(f"{name}(" in good for good in GOOD) for name in FUNCTIONS)
