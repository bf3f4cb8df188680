"""What people with this job bring, rebuilt small: each cell read as what it says, or put aside by its sign.

Numbers of the cases are those of the collection that the product is judged by; files and wording are our own.
"""

from datetime import date

import pandas as pd
import pytest

from flows.sources.csv_text import Fault, decoded
from flows.sources.drop_rows import DropRefused
from flows.sources.drops import read_drop
from flows.sources.raw import parse_csv
from models.evidence.checks.reference import definition_keys
from models.evidence.mapping import resolve
from models.evidence.second_look import second_look
from models.evidence.shared_header import SHARED_COLUMNS, from_shared_header
from models.evidence.validation import checked_figures, validate
from models.vocabulary.periods import parse_period
from models.vocabulary.units import to_metric_units
from tests.models.evidence.test_validation import METRIC, RATE, SOURCE, evidence

TODAY = date(2026, 11, 29)
GROWTH = {"unit": "fraction", "aggregation": "growth", "lower": "-0.95", "upper": "10"}
METRICS = [
    METRIC | {"entity": "industry"},
    METRIC | {"metric": "dram_revenue", "entity": "industry", "quantity": "dram_revenue_usd"},
    METRIC | {"metric": "vendor_revenue", "quantity": "", "upper": "1e12"},
    METRIC | {"metric": "servers", "unit": "units", "quantity": "server_shipments", "lower": "1e5"},
    METRIC
    | {"metric": "cowos", "unit": "wafers_per_month", "aggregation": "end", "lower": "1000"}
    | {"quantity": "cowos_capacity_wafers_per_month", "upper": "1e6"},
    METRIC | {"metric": "price", "unit": "USD_per_GB", "quantity": "", "lower": "1", "upper": "100"},
    METRIC | {"metric": "bits", "unit": "GB", "quantity": "", "lower": "1e8", "upper": "1e11"},
    METRIC | {"metric": "hbm_revenue_growth"} | GROWTH,
    METRIC | {"metric": "servers_growth", "quantity": "server_shipments"} | GROWTH,
    METRIC
    | {"metric": "share", "unit": "fraction", "quantity": "hbm_share_of_dram_revenue", "scale": "logit"}
    | {"aggregation": "mean", "lower": "0", "upper": "1"},
]
BASE = validate(evidence(metrics=METRICS, exchange_rates=[RATE | {"year": "2025"}]), TODAY).accepted
FLAT = dict.fromkeys(SHARED_COLUMNS, "") | {
    **{"metric": "hbm_revenue", "entity": "industry", "period": "2026", "unit": "USD", "kind": "forecast"},
    **{"source_org": "Own desk", "published_on": "2026-11-01"},
}


def taken(*rows: dict) -> tuple[pd.DataFrame, dict[int, str]]:
    """Figures taken in, in the unit of their metric, and what is said of the others by row (from 0)."""
    figures, _ = from_shared_header(pd.DataFrame([FLAT | row for row in rows], dtype=str))
    accepted, rejected, _ = checked_figures(
        figures.assign(source_id="s1"),
        {"s1"},
        BASE["metrics"],
        definition_keys(BASE["assumptions"].to_dict("records")),
        BASE["exchange_rates"],
        TODAY,
    )
    said: dict[int, str] = {}
    for row in rejected.to_dict("records"):
        said[row["row"] - 2] = (
            said.get(row["row"] - 2, "") + f"{row['field']}: {row['problem']}; {row['remedy']}. "
        )
    assert len(accepted) + len(said) == len(rows)
    resolved = resolve(accepted, BASE["metrics"])
    return to_metric_units(resolved, BASE["exchange_rates"]).set_index("row"), said


def one(**cells: str) -> tuple[float, float, float] | str:
    """Value, low and high of a row, or what is said of it."""
    figures, said = taken(cells)
    return said[0] if said else tuple(figures.iloc[0][["value", "low", "high"]])  # type: ignore[return-value]


CHINESE = {"metric": "cowos", "entity": "TSMC", "value": "11.5萬", "unit": "片/月"}
RANGE = {"metric": "share", "unit": "percent"}
READ = {
    "01 億 USD": ({"value": "620億", "unit": "美元"}, 6.2e10),
    "01 萬 units": ({"metric": "servers", "value": "235萬", "unit": "台"}, 2.35e6),
    "01 commas and 万": ({"metric": "servers", "value": "1,420万", "unit": "台"}, 1.42e7),
    "01 wafers a month": (CHINESE, 115_000),
    "02 full width": ({"metric": "servers", "value": "１４２０００００", "unit": "units"}, 1.42e7),
    "02 minus": ({"metric": "servers_growth", "value": "−4.5", "unit": "percent"}, -0.045),
    "02 stop": ({"metric": "servers_growth", "value": "６．５", "unit": "percent"}, 0.065),
    "02 commas": ({"metric": "servers", "value": "２，３５０，０００", "unit": "units"}, 2.35e6),
    "02 percent": ({"metric": "hbm_revenue_growth", "value": "45％", "unit": "percent"}, 0.45),
    "04 조 억": ({"value": "85조 2,500억", "unit": "원"}, 8.525e13 * 0.00073),
    "04 백만원": ({"value": "85,250,000", "unit": "백만원"}, 8.525e13 * 0.00073),
    "04 plain": ({"value": "85250000000000", "unit": "KRW"}, 8.525e13 * 0.00073),
    **{
        f"10 {cell!r}": ({"metric": "servers", "value": cell, "unit": "units"}, 2.35e6)
        for cell in ("2,350,000", "2 350 000", "2\u00a0350\u00a0000", "2'350'000", "2_350_000", "23,50,000")
    },
    "07 a point is a point": ({"metric": "price", "value": "14.350", "unit": "USD_per_GB"}, 14.35),
    "18 percent": (RANGE | {"value": "35"}, 0.35),
    "18 fraction": ({"metric": "share", "value": "0.35", "unit": "fraction"}, 0.35),
    "23 0.4 is percent": (RANGE | {"value": "0.4"}, 0.004),
}


@pytest.mark.parametrize("case", READ)
def test_a_cell_is_read_as_what_it_says(case: str):
    cells, number = READ[case]
    found = one(**cells)
    assert not isinstance(found, str), found
    assert found[0] == pytest.approx(number)
    assert pd.isna(found[1])
    assert pd.isna(found[2])


BOUNDS = {
    "05 tilde": (RANGE | {"value": "5~10"}, 0.05, 0.10),
    "05 hyphen": (RANGE | {"value": "5-10%"}, 0.05, 0.10),
    "05 dash": (RANGE | {"value": "5–10"}, 0.05, 0.10),
    "05 over": ({"value": ">55000000000"}, 5.5e10, None),
    "05 to": ({"value": "5.8e10 to 6.3e10"}, 5.8e10, 6.3e10),
    "05 low alone": ({"low": "55000000000"}, 5.5e10, None),
    "20 Gb is no GB": ({"metric": "bits", "low": "30000000000", "unit": "Gb"}, 3.75e9, None),
    "22 a share's ends": ({"metric": "share", "unit": "fraction", "low": "0.15", "high": "0.25"}, 0.15, 0.25),
}


@pytest.mark.parametrize("case", BOUNDS)
def test_a_range_in_a_cell_is_low_and_high(case: str):
    cells, low, high = BOUNDS[case]
    found = one(**cells)
    assert not isinstance(found, str), found
    assert pd.isna(found[0])
    assert found[1] == pytest.approx(low)
    assert found[2] == pytest.approx(high) if high else pd.isna(found[2])


REFUSED = {
    "05 a remark": ({"value": "≈$58-63B (A 31-33 + B ≈17)"}, "has a remark in brackets"),
    "05 low above high": (RANGE | {"low": "60", "high": "55"}, "low 60 lies above high 55"),
    "07 millions": ({"value": "61.400"}, "'billion USD'"),
    "07 decimal comma": ({"metric": "price", "value": "14,35", "unit": "USD_per_GB"}, "write 14.35"),
    "07 points": ({"metric": "servers", "value": "14.200.000", "unit": "units"}, "write 14200000"),
    "13 a quarter of which year": ({"period": "2Q24"}, "write 2024Q2 or FY2024Q2"),
    "13 with an E": ({"period": "2Q24(E)"}, "write 2024Q2 or FY2024Q2"),
    "13 nine months": ({"period": "9M25"}, "is months of a year that is not over"),
    "13 TTM": ({"period": "TTM 2Q26"}, "twelve months that roll on"),
    "13 LTM": ({"period": "LTM"}, "twelve months that roll on"),
    "13 no year": ({"period": "3Q"}, "names no year"),
    "13 two years": ({"period": "2025/26"}, "names two years"),
    "18 outside": ({"metric": "share", "value": "35", "unit": "fraction"}, "write percent in unit"),
    "27 million_USD": ({"metric": "dram_revenue", "value": "45000", "unit": "million_USD"}, "'million USD'"),
    "39 shifted": ({"low": "61400000000", "high": "56000000000"}, "cells stand one column too far"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_put_aside_by_its_sign(case: str):
    cells, sign = REFUSED[case]
    found = one(**cells)
    assert isinstance(found, str), found
    assert sign in found


PERIODS = {"4QFY25": "FY2025Q4", "Q1_FY23": "FY2023Q1", "FY26 Q1": "FY2026Q1", "Q3 FY2026": "FY2026Q3"}
PERIODS |= {"CY2Q24": "2024Q2", "2024H2E": "2024H2", "2025E": "2025", "CY2026": "2026", "FY25": "FY2025"}
PERIODS |= {"2026F": "2026", "Q4 CY25": "2025Q4", "2026年": "2026", "2026年第3季": "2026Q3"}


def test_labels_of_periods():
    """Case 13."""
    rows = [{"metric": "vendor_revenue", "entity": "NVIDIA", "period": p, "value": "5e10"} for p in PERIODS]
    figures, said = taken(*rows)
    assert said == {}
    assert figures["period"].tolist() == [*PERIODS.values()]


def test_one_sale_under_four_names_is_told():
    """Case 14: by the maker's own calendar February to April; other names of it contradict."""
    sale = {
        "metric": "dram_revenue",
        "value": "39e9",
        "kind": "actual",
        "note": "fiscal year ends in January",
    }
    rows = [sale | {"period": p} for p in ("FY2026Q1", "2025Q2", "FY2025Q1")]
    figures, said = taken(*rows)
    assert said == {}
    period = parse_period(figures["period"].iloc[0], figures["fiscal_year_end_month"].iloc[0])
    assert (period.start, period.end) == (4 * 12 + 1, 4 * 12 + 3)
    sources = pd.DataFrame([SOURCE | {"source_id": "s1", "published_on": "2026-11-01"}])
    told = second_look(
        resolve(figures.reset_index().drop(columns="unit_factor"), BASE["metrics"]),
        BASE["exchange_rates"],
        sources,
    )
    assert told["row"].tolist() == [3, 4]
    assert told["finding"].str.contains("the same number is given for another period").all()


def test_which_counts_of_a_value_and_its_range():
    """Case 05: the value is the middle, its range the doubt; one end alone is refused."""
    assert one(**RANGE, value="57", low="55", high="60") == pytest.approx((0.57, 0.55, 0.60))
    assert "low alone" in str(one(**RANGE, value="57", low="55"))


def flat_file(separator: str = ",") -> str:
    row = FLAT | {"value": "61400000000", "note": "Größe"}
    return f"{separator.join(SHARED_COLUMNS)}\n{separator.join(row.values())}\n"


@pytest.mark.parametrize(
    "content",
    [
        flat_file().encode(),
        flat_file().encode("utf-8-sig"),
        f"\r\n{flat_file()}\r\n{',' * 13}\r\n".replace("\n", "\r\n").encode(),
    ],
)
def test_a_mark_line_ends_and_blank_lines_change_nothing(content: bytes):
    """Case 09."""
    frame, _, problems = parse_csv(content, "own.csv")
    assert frame is not None
    assert problems == []
    assert frame.to_dict("records") == [FLAT | {"value": "61400000000", "note": "Größe"}]


BANK = "data;1USD;100JPY;pełny numer\n;dolar;jen;\n20260105;3,5812;2,3014;002/A\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (flat_file().encode("cp1252"), "windows-1252"),
        (flat_file("\t").encode("utf-16"), "UTF-16, little endian"),
        (BANK.encode("iso8859-2"), "ISO-8859-2"),
    ],
)
def test_other_encodings_are_named(content: bytes, said: str):
    """Cases 08 and 09."""
    fault = decoded(content)
    assert isinstance(fault, Fault)
    assert said in fault.problem
    assert "CSV UTF-8" in fault.remedy


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (flat_file(";").encode(), "separated by semicolons"),  # 07, once and not as sixteen columns
        (BANK.encode(), "separated by semicolons"),  # 08, saved again as UTF-8
        (b"<!DOCTYPE html><body>figure_id,source_id,metric</body>", "web page"),  # 39
        (b"quarter,gpu_model,share_low,share_high\nQ1 2026,A,0.7,0.9\n", "that of no table"),  # 22
        (b"provider_name,share_provided,year\nExample,62.5,2025\n", "that of no table"),  # 23
        (b"reference_date,target,output_type,value\n2026-11-28,hbm,sample,1\n", "that of no table"),  # 38
    ],
)
def test_a_file_of_another_kind_is_refused_once(content: bytes, said: str):
    with pytest.raises(DropRefused, match=said):
        read_drop("own.csv", content, [], TODAY)


def test_a_rate_per_hundred_units_is_no_rate():
    """Case 08: whoever converts by hand and forgets the hundred is told."""
    rates = [RATE | {"year": str(y), "usd_per_unit": x} for y, x in ((2024, "0.0066"), (2025, "0.0067"))]
    out = validate(evidence(exchange_rates=[*rates, RATE | {"year": "2026", "usd_per_unit": "0.643"}]), TODAY)
    assert out.accepted["exchange_rates"]["year"].tolist() == [2024, 2025]
    assert "a rate per 100 units? write 0.00643" in out.rejected["remedy"].item()


def test_a_share_a_hundred_times_too_small_is_told_inside_the_bounds():
    """Case 18: 0.35 percent, 0.45 percent growth, an index as growth."""
    others = [RANGE | {"value": v, "segment": ""} for v in ("34", "36", "33", "35", "0.35")]
    growths = [
        {"metric": "hbm_revenue_growth", "unit": "percent", "value": v} for v in ("40", "50", "45", "55")
    ]
    growths += [growths[0] | {"value": "0.45"}, growths[0] | {"value": "145"}]
    figures, said = taken(*others, *growths)
    assert said == {}
    sources = pd.DataFrame([SOURCE | {"source_id": "s1", "published_on": "2026-11-01"}])
    told = second_look(
        resolve(figures.reset_index().drop(columns="unit_factor"), BASE["metrics"]),
        BASE["exchange_rates"],
        sources,
    )
    found = dict(zip(told["row"], told["finding"], strict=True))
    assert sorted(found) == [6, 11, 12]
    assert "percent for fraction?" in found[6]
    assert "percent for fraction?" in found[11]
    assert "an index" in found[12]
