"""Mutated rows through both doors: each is read as what it says or put aside; never a third thing.

Two oracles. Of a mutation whose right value is known (a number written in another way) the figure that comes
out must be that number, or the row is put aside. Of any other (a sign put in, taken out, swapped) nothing is
known but this: no traceback, and rows read and rows put aside are all rows.
"""

import math
import os
from datetime import date
from decimal import Decimal

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from models.evidence.checks.reference import definition_keys
from models.evidence.shared_header import FIGURE_COLUMNS
from models.evidence.validation import checked_figures, validate
from models.vocabulary.units import factor, rate_table
from tests.models.evidence.test_validation import FIGURE, METRIC, evidence, table

TODAY = date(2026, 7, 1)
SHORT_RUN = int(os.environ.get("HBMCAST_FUZZED_ROWS", "100"))
"""Rows a test; `make fuzz` tries ten thousand and more."""
METRICS = [
    METRIC,
    METRIC
    | {"metric": "share", "unit": "fraction", "quantity": "hbm_share_of_dram_revenue", "scale": "logit"}
    | {"aggregation": "mean", "lower": "0", "upper": "1"},
    METRIC
    | {"metric": "servers", "unit": "units", "quantity": "server_shipments", "lower": "1e5", "upper": "1e8"},
    METRIC
    | {"metric": "wafers", "unit": "wafers_per_month", "quantity": "", "lower": "1000", "upper": "1e6"},
    METRIC | {"metric": "price", "unit": "USD_per_GB", "quantity": "", "lower": "1", "upper": "100"},
]
ACCEPTED = validate(evidence(metrics=METRICS), TODAY).accepted
RATES = rate_table(ACCEPTED["exchange_rates"])
DEFINITIONS = definition_keys(ACCEPTED["assumptions"].to_dict("records"))
FULL_WIDTH = str.maketrans("0123456789.,-%", "０１２３４５６７８９．，－％")


def through_the_door(row):
    """Figures read (numbers in the unit of the metric) and rows put aside, of one row."""
    accepted, rejected, _ = checked_figures(
        table(FIGURE_COLUMNS, row),
        {"s1"},
        ACCEPTED["metrics"],
        DEFINITIONS,
        ACCEPTED["exchange_rates"],
        TODAY,
    )
    assert len(accepted) + rejected["row"].nunique() == 1
    assert rejected["problem"].str.len().gt(0).all()
    assert rejected["remedy"].str.len().gt(0).all()
    return accepted, rejected


def in_unit(figure, unit):
    by = factor(figure["unit"], unit, 2024, RATES)
    return [figure[column] * by for column in ("value", "low", "high")]


# A number that a metric may have, how many digits it is printed with, and the metric.
NUMBERS = st.one_of(
    st.tuples(st.integers(110, 9900), st.just(Decimal(10) ** 7), st.just(("hbm_revenue", "USD"))),
    st.tuples(st.integers(101, 9900), st.just(Decimal(10) ** 3), st.just(("servers", "units"))),
    st.tuples(st.integers(1001, 9900), st.just(Decimal(10)), st.just(("wafers", "wafers_per_month"))),
    st.tuples(st.integers(101, 9899), st.just(Decimal("0.01")), st.just(("price", "USD_per_GB"))),
    st.tuples(st.integers(101, 9899), st.just(Decimal("0.0001")), st.just(("share", "fraction"))),
)


def plain(value):
    return f"{value.normalize():f}"


def grouped(value, separator):
    return f"{value.normalize():,f}".replace(",", separator)


def german(value):
    return f"{value.normalize():,f}".translate(str.maketrans(",.", ".,"))


def scaled(power, sign):
    return lambda value, unit: (f"{plain(value / Decimal(10) ** power)}{sign}", unit)


WAYS = {
    "plain": lambda value, unit: (plain(value), unit),
    "full width": lambda value, unit: (plain(value).translate(FULL_WIDTH), unit),
    "full width, grouped": lambda value, unit: (grouped(value, ",").translate(FULL_WIDTH), unit),
    "exponent": lambda value, unit: (f"{value:e}", unit),
    "spreadsheet's exponent": lambda value, unit: (f"{value:.2E}", unit),
    **{
        f"grouped by {s!r}": lambda value, unit, s=s: (grouped(value, s), unit)
        for s in (",", " ", "\u00a0", "'", "_")
    },
    "german": lambda value, unit: (german(value), unit),
    "decimal comma": lambda value, unit: (plain(value).replace(".", ","), unit),
    "億": scaled(8, "億"),
    "亿": scaled(8, " 亿"),
    "억": scaled(8, "억"),
    "萬": scaled(4, "萬"),
    "百万": scaled(6, "百万"),
    "bn": scaled(9, "bn"),
    "million": scaled(6, " million"),
    "K": scaled(3, "K"),
    "億 in the unit": lambda value, unit: (plain(value / Decimal(10) ** 8), f"億 {unit}"),
    "million in the unit": lambda value, unit: (plain(value / Decimal(10) ** 6), f"million {unit}"),
    "100 million in the unit": lambda value, unit: (plain(value / Decimal(10) ** 8), f"100 million {unit}"),
    "hundred thousand behind the unit": lambda value, unit: (
        plain(value / 10**5),
        f"{unit} hundred thousand",
    ),
    "thousand_ in the unit": lambda value, unit: (plain(value / 1000), f"thousand_{unit}"),
    "unit behind": lambda value, unit: (f"{plain(value)} {unit}", unit),
    "unit behind only": lambda value, unit: (f"{plain(value)} {unit}", ""),
    "dollar before": lambda value, unit: (f"US${plain(value)}", unit),
    "percent sign": lambda value, unit: (f"{plain(value * 100)}%", unit),
    "percent unit": lambda value, unit: (plain(value * 100), "percent"),
    "about": lambda value, unit: (f"約{plain(value)}", unit),
    "tilde": lambda value, unit: (f"~{plain(value)}", unit),
}


@settings(max_examples=SHORT_RUN)
@given(NUMBERS, st.sampled_from(sorted(WAYS)))
def test_a_number_written_in_another_way_is_that_number_or_put_aside(number, way):
    digits, step, (metric, unit) = number
    value = digits * step
    cell, printed_unit = WAYS[way](value, unit)
    accepted, rejected = through_the_door(FIGURE | {"metric": metric, "value": cell, "unit": printed_unit})
    assert (
        len(accepted) or "write" in rejected["remedy"].str.cat() or rejected["remedy"].str.len().gt(10).all()
    )
    for figure in accepted.to_dict("records"):
        read, low, high = in_unit(figure, unit)
        assert math.isclose(read, value, rel_tol=1e-9), (way, cell, printed_unit, read)
        assert math.isnan(low)
        assert math.isnan(high)


ENDS = {
    "-": "{}-{}",
    "–": "{}–{}",
    "~": "{}~{}",
    "～": "{}～{}",
    "to": "{} to {}",
    "at the end, B": "${}-{}",
}


@settings(max_examples=SHORT_RUN // 3)
@given(st.integers(11, 500), st.integers(1, 400), st.sampled_from(sorted(ENDS)))
def test_a_range_in_one_cell_has_both_its_ends_or_is_put_aside(low, more, way):
    ends = (low * 10**8, (low + more) * 10**8)
    accepted, _ = through_the_door(FIGURE | {"value": ENDS[way].format(*ends)})
    for figure in accepted.to_dict("records"):
        assert math.isnan(figure["value"])
        assert (figure["low"], figure["high"]) == ends


QUARTERS = {
    "2024Q3": ("2024 Q3", "CY3Q24", "Q3 CY24", "2024年第3季", "２０２４Ｑ３", "3Q24", "Q3 2024", "2024Q3E"),
    "2024": ("CY2024", "2024年", "2024E", "２０２４", "2024.0", "2,024", "24"),
    "2024H2": ("2024 H2", "2H CY24", "CY2H24", "2024下半年", "2H24"),
    "2024-12": ("2024年12月", "Dec-24", "2024/12", "2024-12-31"),
}


@given(st.sampled_from([(accepted, label) for accepted, labels in QUARTERS.items() for label in labels]))
def test_a_period_written_in_another_way_is_that_period_or_put_aside(labelled):
    wanted, label = labelled
    accepted, _ = through_the_door(FIGURE | {"period": label})
    assert accepted["period"].isin([wanted]).all()


ODD = (
    st.sampled_from("０٤९①²½,.;:-–~%$€億兆억원片\u200b\u202e\u00a0\u2028\x00\x1b\"'=+@#eE_ 9m\n")
    | st.characters()
)


@st.composite
def mutated(draw):
    column = draw(st.sampled_from(FIGURE_COLUMNS))
    cell = FIGURE.get(column, "") or draw(st.sampled_from(["", "1.7e10", "2024Q3", "1"]))
    at = draw(st.integers(0, len(cell)))
    change = draw(st.sampled_from(("put in", "take out", "swap", "replace", "double")))
    if change == "put in":
        cell = cell[:at] + draw(ODD) + cell[at:]
    elif change == "take out":
        cell = cell[:at] + cell[at + 1 :]
    elif change == "swap":
        cell = cell[at:] + cell[:at]
    elif change == "replace":
        cell = draw(st.text(ODD, max_size=12))
    else:
        cell += cell
    return column, cell


@settings(max_examples=SHORT_RUN)
@given(mutated())
def test_whatever_is_typed_ends_in_a_figure_or_in_a_remedy(change):
    column, cell = change
    accepted, _ = through_the_door(FIGURE | {column: cell})
    numbers = accepted[["value", "low", "high"]].to_numpy(float)
    assert not pd.isna(numbers).all(axis=1).any()
    assert (numbers[~pd.isna(numbers)] >= float(METRIC["lower"])).all()
