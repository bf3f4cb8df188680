"""How much forecasters foresee: the assumptions against the record, recomputed from the figures."""

import numpy as np
import pandas as pd

from models.vocabulary.periods import parse_period
from models.vocabulary.publication_dates import date_precision, effective_date, horizon_years
from tests.market import MARKET
from tests.places import DATA


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


def semi_changes() -> tuple[np.ndarray, np.ndarray]:
    """Log changes from the last full year's actual, as SEMI forecast them and as they came (figure,)."""
    table = semi_revenues()
    table = table[table["period"].str.isdigit()]
    actual = table[table["kind"] == "actual"].sort_values("known_on")
    came = actual.groupby(["segment", "period"])["value"].last()
    changes = []
    for row in table[table["kind"] == "forecast"].itertuples():
        base = (row.segment, str(row.known_on.year - 1))
        horizon = horizon_years(row.known_on, parse_period(row.period))
        if horizon > 0.25 and {base, (row.segment, row.period)} <= set(came.index):
            changes.append(np.log([row.value / came[base], came[row.segment, row.period] / came[base]]))
    return tuple(np.array(changes).T)


def foreseen_by_assumption(group: str) -> tuple[float, float]:
    """Share of a year's news foreseen at the 95 % and 5 % quantile of the newest assumption."""
    assumptions = pd.read_csv(DATA / "assumptions.csv", dtype={"p05": float, "p95": float})
    newest = assumptions[assumptions["assumption"] == f"foresight_lost_per_year.{group}"].iloc[-1]
    return float(np.exp(-newest["p95"])), float(np.exp(-newest["p05"]))


def test_what_the_record_shows_lies_inside_what_is_assumed_of_foresight():
    """SEMI's forecasts of equipment, as capacity is planned, and those of memory markets at their turns.

    Both records are changes from the last year, momentum included: they bound the share of news foreseen, and
    are not what it was set to.
    """
    for group, record in (("planned", semi_changes()), ("hbm", memory_changes()), ("dram", memory_changes())):
        slope, _ = share_foreseen(*record)
        low, high = foreseen_by_assumption(group)
        assert len(record[0]) >= 6, group
        assert low < slope < high, group
    planned, memory = (share_foreseen(*r)[0] for r in (semi_changes(), memory_changes()))
    assert planned > memory, "what is ordered ahead is foreseen better than a market"
