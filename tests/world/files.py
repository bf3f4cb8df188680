"""The committed world on disk: CSVs in the format of data/, its truth, and its forecast."""

import functools
from pathlib import Path

import pandas as pd

from tests.world.design import METRICS
from tests.world.generate import DATA, World, is_plain, make_world, truth_table

SEED = 5
"""As `first_plain_seed` counts it; tests/slow counts again."""
HERE = Path(__file__).resolve().parent
TRUTH = HERE / "truth.csv"
SUMMARY, APPROXIMATE_SUMMARY = HERE / "forecast_summary.csv", HERE / "approximate_summary.csv"
FIGURE_COLUMNS = [
    *(
        "figure_id",
        "source_id",
        "origin_id",
        "metric",
        "entity",
        "segment",
        "period",
        "fiscal_year_end_month",
    ),
    *("value", "low", "high", "unit", "kind", "definition", "not_used_reason", "note"),
]
# Published after the world's date, and absurd: a night of that date must not see it.
PLANTED = ("w-900", "hbm_revenue", "2025", "Northwind", "2025-07-01", 9e12)


@functools.cache
def committed_world() -> World:
    """Make the committed world: the first, counted by seed, that looks like a market (`is_plain`)."""
    return make_world(SEED)


def first_plain_seed() -> int:
    """Count to the seed of the first world that looks like a market."""
    return next(seed for seed in range(1, 100) if is_plain(make_world(seed)))


def tables(world: World) -> dict[str, pd.DataFrame]:
    """Tables of data/ that follow from the world, by file name (assumptions and products are its inputs)."""
    figures = world.figures.copy()
    figure_id, metric, period, publisher, published_on, value = PLANTED
    template = figures[figures["metric"] == metric].iloc[[0]]
    planted = template.assign(
        figure_id=figure_id,
        origin_id=figure_id,
        period=period,
        publisher=publisher,
        published_on=published_on,
        published_precision="day",
        value=value,
        low=None,
        high=None,
        kind="estimate",
    )
    figures = pd.concat([figures, planted], ignore_index=True)
    figures["source_id"] = [
        f"{p.lower().replace(' ', '-')}-{d}"
        for p, d in zip(figures["publisher"], figures["published_on"], strict=True)
    ]
    figures = figures.assign(entity="industry", segment="", not_used_reason="", note="")
    figures["fiscal_year_end_month"] = figures["fiscal_year_end_month"].map(
        "{:.0f}".format, na_action="ignore"
    )
    return {
        "figures/world.csv": figures[FIGURE_COLUMNS],
        "sources.csv": _sources(figures),
        "metrics.csv": _metrics(),
        "exchange_rates.csv": pd.DataFrame(
            [{"currency": "EUR", "year": 2024, "usd_per_unit": 1.1, "source": "synthetic world", "note": ""}]
        ),
    }


def _sources(figures: pd.DataFrame) -> pd.DataFrame:
    columns = ["source_id", "publisher", "published_on", "published_precision"]
    made = figures[columns].drop_duplicates("source_id")
    catalogue = {
        "source_id": "catalogue",
        "publisher": "Makers",
        "published_on": "2020-01-01",
        "published_precision": "day",
    }
    made = pd.concat([made, pd.DataFrame([catalogue])], ignore_index=True)
    made = made.assign(relayed_by="", url="https://world.example", accessed_on="", licence_note="made up")
    made["title"] = made["publisher"] + ", " + made["published_on"]
    return made[
        [
            "source_id",
            "publisher",
            "relayed_by",
            "title",
            "url",
            "published_on",
            "published_precision",
            "accessed_on",
            "licence_note",
        ]
    ]


def _metrics() -> pd.DataFrame:
    columns = ["unit", "quantity", "aggregation", "scale", "lower", "upper"]
    rows = [
        {"metric": m, "entity": "*", "segment": "*"} | dict(zip(columns, v, strict=True))
        for m, v in METRICS.items()
    ]
    made = pd.DataFrame(rows).assign(per_quantity="", definition="")
    made["description"] = "synthetic world: " + made["quantity"]
    return made[
        [
            "metric",
            "entity",
            "segment",
            "unit",
            "quantity",
            "per_quantity",
            *columns[2:],
            "definition",
            "description",
        ]
    ]


def write_world() -> None:
    """Write the world's evidence and truth.

    Raises
    ------
    ValueError
        Another seed's world is the first plain one now.
    """
    if (first := first_plain_seed()) != SEED:
        raise ValueError(f"tests/world/files.py: SEED is {SEED}, and the first plain world that of {first}")
    world = committed_world()
    for name, table in tables(world).items():
        path = DATA / name
        path.parent.mkdir(parents=True, exist_ok=True)
        table.to_csv(path, index=False, float_format="%.6g", lineterminator="\n")
    truth_table(world).to_csv(TRUTH, index=False, float_format="%.7g", lineterminator="\n")


def summary_of(forecast: pd.DataFrame) -> pd.DataFrame:
    """What is committed of a forecast: the years of all sums, ends and ratios that an analyst reads."""
    kept = forecast[(forecast["period_kind"] == "year") & ~forecast["quantity"].str.contains("_class_|_mix_")]
    columns = ["quantity", "period", "unit", "p05", "p50", "p95", "mcse_p05", "mcse_p50", "mcse_p95", "ess"]
    return kept[columns].sort_values(["quantity", "period"]).reset_index(drop=True)
