"""Random nested rules and rows full of missing values, on which every engine has to agree."""

from __future__ import annotations

import random

import polars as pl

SCHEMA = {
    "state": "text",
    "postal_code": "text",
    "industry": "text",
    "employees": "count",
    "revenue_usd": "money",
    "is_customer": "boolean",
}
VALUES = {
    "state": ["GA", "FL", "TX", "ga", "", None, None],
    "postal_code": ["30301", "30302", "3030", "90210", "30%01", None],
    "industry": ["Retail", "retail", "Real_Estate", "O'Hara", None],
    "employees": [0, 1, 4, 5, 7, 10, 11, -3, None, None],
    "revenue_usd": [1.0, 1.5, 1.75, 2.0, -0.0, 0.0, 3e9, None],
    "is_customer": [True, False, None],
}


def a_frame(chance: random.Random, *, rows: int) -> pl.DataFrame:
    columns = {name: [chance.choice(values) for _ in range(rows)] for name, values in VALUES.items()}
    types = {"employees": pl.Int64, "revenue_usd": pl.Float64, "is_customer": pl.Boolean}
    return pl.DataFrame(
        {"row": list(range(rows)), **columns},
        schema={"row": pl.Int64, **{name: types.get(name, pl.String) for name in VALUES}},
    )


def a_rule(chance: random.Random, *, depth: int) -> str:
    if depth == 0 or chance.random() < 0.25:
        return an_atom(chance)
    if chance.random() < 0.3:
        return f"NOT ({a_rule(chance, depth=depth - 1)})"
    word = chance.choice(["AND", "OR"])
    return f"({a_rule(chance, depth=depth - 1)} {word} {a_rule(chance, depth=depth - 1)})"


def an_atom(chance: random.Random) -> str:
    text = chance.choice(["state", "postal_code", "industry"])
    number = chance.choice(["employees", "revenue_usd"])
    texts = [f"'{value}'".replace("O'H", "O''H") for value in VALUES[text] if value is not None]
    numbers = ["0", "1", "5", "10", "1.5", "-3", "2.0", "1.75", "7"]
    operator = chance.choice(["=", "<>", "!=", "<", "<=", ">", ">="])
    no = chance.choice(["", "NOT "])
    return chance.choice(
        [
            f"{text} {operator} {chance.choice(texts)}",
            f"{number} {operator} {chance.choice(numbers)}",
            f"{chance.choice(numbers)} {operator} {number}",
            f"{text} {no}IN ({', '.join(chance.sample(texts, 2))})",
            f"{number} {no}IN ({', '.join(chance.sample(numbers, 3))})",
            f"{number} {no}BETWEEN {chance.choice(numbers)} AND {chance.choice(numbers)}",
            f"{text} {no}BETWEEN {chance.choice(texts)} AND {chance.choice(texts)}",
            f"{text} {no}LIKE {chance.choice(['%', '_', '', 'G%', '303%', '303_1', '%01', 'R%l%', '%_%', '30%01'])!r}",
            f"{chance.choice(list(VALUES))} IS {no}NULL",
            f"is_customer {chance.choice(['= TRUE', '<> TRUE', 'IS TRUE', 'IS NOT FALSE', ''])}",
            chance.choice(["TRUE", "FALSE"]),
        ]
    )
