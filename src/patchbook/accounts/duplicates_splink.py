"""Pairs scored by Splink: the weight of each agreement is learnt from the data itself (Fellegi and Sunter 1969)."""

from __future__ import annotations

import logging
from typing import Any

import polars as pl


def scores_by_splink(facts: pl.DataFrame, at_least: float) -> pl.DataFrame:
    """left, right, score, reasons of the pairs Splink holds for one company; the score is its probability."""
    try:
        import splink.comparison_library as compare
        from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    except ImportError as error:
        from patchbook.accounts.duplicates import SplinkMissing

        raise SplinkMissing("Splink is not installed; install patchbook[splink], or use method='rapidfuzz'.") from error
    import duckdb

    # Splink tells the world each step it takes; what matters of it stands in the pairs.
    logging.getLogger("splink").setLevel(logging.ERROR)
    blocks: list[Any] = [
        block_on("domain"),
        block_on("phone"),
        block_on("sorted_name", "city"),
        block_on("sorted_name", "street"),
        block_on("place", "substr(name, 1, 4)"),
        block_on("street", "place"),
    ]
    compared: dict[str, Any] = {
        "name": compare.JaroWinklerAtThresholds("name", [0.98, 0.92, 0.85]),
        "domain": compare.ExactMatch("domain"),
        "phone": compare.ExactMatch("phone"),
        "street": compare.JaroWinklerAtThresholds("street", [0.95, 0.88]),
        "place": compare.ExactMatch("place").configure(term_frequency_adjustments=True),
    }
    # A column nobody filled teaches nothing.
    known = [column for column in compared if facts[column].null_count() < facts.height]
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="row",
        comparisons=[compared[column] for column in known],
        blocking_rules_to_generate_predictions=blocks,
        retain_intermediate_calculation_columns=True,
    )
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    linker = Linker(DuckDBAPI(connection).register(facts.to_arrow()), settings)
    linker.training.estimate_probability_two_random_records_match([block_on("sorted_name", "place")], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("place"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("sorted_name"))
    found = linker.inference.predict(threshold_match_probability=at_least)
    columns = ["row_l", "row_r", "match_probability", *(f"gamma_{column}" for column in known)]
    rows = connection.execute(
        f"SELECT {', '.join(columns)} FROM {found.physical_name} ORDER BY row_l, row_r"
    ).fetchall()
    pairs = pl.DataFrame(rows, schema=columns, orient="row")
    words = {
        "name": "names alike",
        "domain": "same domain",
        "phone": "same telephone",
        "street": "same street",
        "place": "same postal code or city",
    }
    reasons = [pl.when(pl.col(f"gamma_{column}") > 0).then(pl.lit(words[column])) for column in known]
    return pairs.select(
        left=pl.min_horizontal("row_l", "row_r"),
        right=pl.max_horizontal("row_l", "row_r"),
        score=pl.col("match_probability"),
        reasons=pl.concat_str(reasons, separator=", ", ignore_nulls=True),
    )
