"""Pairs scored by Splink: the weight of each agreement is learnt from the data itself (Fellegi and Sunter 1969)."""

from __future__ import annotations

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

    blocks = [
        block_on("domain"),
        block_on("phone"),
        block_on("sorted_name"),
        block_on("place", "substr(name, 1, 4)"),
        block_on("street", "place"),
    ]
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="row",
        comparisons=[
            compare.JaroWinklerAtThresholds("name", [0.98, 0.92, 0.85]),
            compare.ExactMatch("domain"),
            compare.ExactMatch("phone"),
            compare.JaroWinklerAtThresholds("street", [0.95, 0.88]),
            compare.ExactMatch("place").configure(term_frequency_adjustments=True),
        ],
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
    found = linker.inference.predict(threshold_match_probability=at_least).as_pandas_dataframe()
    pairs = pl.from_pandas(found)
    agreements = (("name", "names alike"), ("domain", "same domain"), ("phone", "same telephone"))
    reasons = [
        pl.when(pl.col(f"gamma_{column}") > 0).then(pl.lit(words))
        for column, words in (*agreements, ("street", "same street"), ("place", "same postal code or city"))
    ]
    return pairs.select(
        left=pl.min_horizontal("row_l", "row_r"),
        right=pl.max_horizontal("row_l", "row_r"),
        score=pl.col("match_probability"),
        reasons=pl.concat_str(reasons, separator=", ", ignore_nulls=True),
    )
