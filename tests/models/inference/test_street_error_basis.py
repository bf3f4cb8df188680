"""The street error's scale is argued from SEMI's forecast vintages: the number must be recomputable."""

from datetime import date

import numpy as np
import pandas as pd

from models.inference.operator import TOPICS
from models.vocabulary.periods import date_precision, effective_date, horizon_years, parse_period
from tests.market import MARKET
from tests.places import DATA

MARKET_MOVES_AS = {
    "server": "server_shipments",
    "ai_server": "hbm_server_penetration",
    "accelerator": "hbm_server_penetration",
    "hbm": "hbm_server_penetration",
    "cowos": "hbm_server_penetration",
    "dram": "dram_revenue_ex_hbm_usd",
}


def semi_revenues() -> pd.DataFrame:
    """SEMI's own revenues of equipment markets, with the day they were known on."""
    figures = pd.read_csv(DATA / "figures" / "equipment.csv", dtype=str, keep_default_na=False)
    sources = pd.read_csv(DATA / "sources.csv", dtype=str, keep_default_na=False)
    table = figures.merge(sources, on="source_id", suffixes=("", "_source"))
    table = table[
        (table["publisher"] == "SEMI")
        & (table["metric"] == "equipment_market_revenue")
        & (table["value"] != "")
    ].astype({"value": float})
    return table.assign(known_on=[effective_date(d, date_precision(d)) for d in table["published_on"]])


def semi_errors_per_year() -> np.ndarray:
    """Log errors of SEMI's own forecasts against its last actual, over their horizon in years (figure,)."""
    table = semi_revenues()
    errors = []
    for (_, period_text), group in table.groupby(["segment", "period"]):
        actual = group[group["kind"] == "actual"].sort_values("known_on")
        forecasts = group[group["kind"] == "forecast"]
        if actual.empty or not period_text.isdigit():
            continue
        truth = actual["value"].iloc[-1]
        for row in forecasts.itertuples():
            horizon = horizon_years(row.known_on, parse_period(period_text))
            if horizon > 0.25:
                errors.append(np.log(row.value / truth) / horizon)
    return np.array(errors)


def test_semi_vintages_err_by_what_the_assumptions_say():
    errors = semi_errors_per_year()
    assert len(errors) >= 12
    root_mean_square = float(np.sqrt((errors**2).mean()))
    assumptions = pd.read_csv(DATA / "assumptions.csv", dtype=str)
    street = assumptions[assumptions["assumption"].isin([f"street.{t}" for t in TOPICS])]["source"]
    leans = street.str.contains("as for the row before")
    assert street[~leans].str.contains(f"root mean square of {root_mean_square:.2f} ").all()
    low, high = growth_varies_by()
    said = f"standard deviation of {low:.2f} (2021 to 2023) or {high:.2f} (2021 to 2025)"
    assert street[~leans].str.contains(said, regex=False).all(), said


def test_street_error_is_to_the_volatility_of_its_market_what_semi_s_is():
    assumptions = pd.read_csv(DATA / "assumptions.csv", dtype={"p05": float, "p95": float})
    for topic in TOPICS:
        street = assumptions[assumptions["assumption"] == f"street.{topic}"]
        moves = assumptions[assumptions["assumption"] == f"driver.{MARKET_MOVES_AS[topic]}.volatility"]
        assert len(street) == len(moves) > 0, topic
        middle = [np.sqrt(rows["p05"].to_numpy() * rows["p95"].to_numpy()) for rows in (street, moves)]
        ratio = middle[0] / middle[1]
        assert ((ratio > 1.1) & (ratio < 1.6)).all(), topic


def test_what_doubles_in_a_year_is_not_misjudged_like_all_servers():
    """AI servers stood in the topic of all servers until November 2026: a quarter of the error they have."""
    doubling = (
        "ai_server_shipments",
        "hbm_server_shipments",
        "hbm_server_penetration",
        "ai_server_penetration",
    )
    assert {MARKET.by_name[name].topic for name in doubling} == {"ai_server"}
    assert MARKET.by_name["server_shipments"].topic == "server"


def growth_varies_by() -> tuple[float, float]:
    """Standard deviation of the log growth of SEMI's market: 2021 to 2023, and to 2025 (last forecast)."""
    figures = pd.read_csv(DATA / "figures" / "equipment.csv", dtype=str, keep_default_na=False)
    total = figures[
        (figures["metric"] == "equipment_market_revenue")
        & (figures["segment"] == "total")
        & (figures["value"] != "")
    ].astype({"value": float})
    actual = total[total["kind"] == "actual"].groupby("period")["value"].median()
    level = np.log([actual[str(year)] for year in (2020, 2021, 2022, 2023)])
    early = np.diff(level)
    # No figure of 2024 alone is in the collection: the two years share their growth.
    two_years = np.log(total.loc[total["period"] == "2025", "value"].max()) - level[-1]
    return float(early.std(ddof=1)), float(np.append(early, [two_years / 2] * 2).std(ddof=1))


def share_foreseen(forecast: np.ndarray, came: np.ndarray) -> tuple[float, float]:
    """Least squares through the origin of forecast on actual log changes: slope and its standard error."""
    slope = float(forecast @ came / (came @ came))
    residual = forecast - slope * came
    return slope, float(np.sqrt(residual @ residual / (len(came) - 1) / (came @ came)))


def memory_changes() -> tuple[np.ndarray, np.ndarray]:
    """Log changes of memory markets, forecast at the turn of the year and as they came (year,)."""
    figures = pd.read_csv(DATA / "figures" / "dram.csv", dtype={"value": float, "period": str})
    growth = figures[figures["metric"] == "memory_market_growth"]
    by_year = np.log1p(growth.pivot_table(index=["segment", "period"], columns="kind", values="value"))
    return by_year["forecast"].to_numpy(), by_year["actual"].to_numpy()


def semi_changes(until: date = date.max) -> tuple[np.ndarray, np.ndarray]:
    """Log changes from the last full year's actual, as SEMI forecast them and as they came (figure,)."""
    table = semi_revenues()
    table = table[table["period"].str.isdigit() & (table["known_on"] <= until)]
    actual = table[table["kind"] == "actual"].sort_values("known_on")
    came = actual.groupby(["segment", "period"])["value"].last()
    changes = []
    for row in table[table["kind"] == "forecast"].itertuples():
        base = (row.segment, str(row.known_on.year - 1))
        horizon = horizon_years(row.known_on, parse_period(row.period))
        if horizon > 0.25 and {base, (row.segment, row.period)} <= set(came.index):
            changes.append(np.log([row.value / came[base], came[row.segment, row.period] / came[base]]))
    return tuple(np.array(changes).T)


def test_what_forecasts_don_t_foresee_is_what_the_assumptions_say():
    assumptions = pd.read_csv(DATA / "assumptions.csv", dtype={"p05": float, "p95": float})
    # SEMI's record runs into the backtest: what was known of it before says the same.
    early, early_error = share_foreseen(*semi_changes(date(2023, 6, 30)))
    known_before = f"; {early:.2f} of it, {early_error:.2f}, in the 3 forecasts resolved by mid-2023"
    records = {"memory": (memory_changes(), ""), "planned": (semi_changes(), known_before)}
    for name, ((forecast, came), besides) in records.items():
        slope, error = share_foreseen(forecast, came)
        newest = assumptions[assumptions["assumption"] == f"unforeseen_share.{name}"].iloc[-1]
        method = (
            f"{len(came)} forecasts, least squares through the origin, standard error {error:.2f}{besides}"
        )
        assert f"had {slope:.2f} of the change that came ({method})" in newest["source"]
        # As wide as the record leaves it open, at least, and not beyond one.
        assert newest["p05"] < max(1 - slope - 1.6 * error, 0.1), name
        assert newest["p95"] > min(1 - slope + 1.6 * error, 0.99), name
