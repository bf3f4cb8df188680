"""The systems around the chain: equipment, suppliers, packaging, scenarios, and what intervals hang on."""

from typing import Final

import pandas as pd

from dashboards import grammar
from dashboards.blocks import ChartBlock, NothingBlock, Section, TableBlock, section_block, table_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames
from dashboards.grammar import Spec
from dashboards.labels import display_unit, number, quantity_title, quantity_unit, system_title
from models.vocabulary.periods import HEADLINE_YEARS, YEARS
from models.vocabulary.systems import TRUST

# The shade says how far to trust an item, as the table system_forecast does.
TRUST_COLOURS: Final = dict(zip(TRUST, ("blue", "orange", "grey"), strict=True))
TARGETS: Final = (
    *("hbm_revenue_usd", "hbm_bits_gb", "hbm_price_usd_per_gb", "accelerator_shipments", "cowos_wafers"),
    *("cowos_capacity_wafers_per_month", "equipment/all_categories/usd", "materials/all_materials/usd"),
    *("packaging/high_end/usd", "supplier/sk_hynix/usd"),
)
# Two of the named risks touch nothing of the chain but this.
DOMESTIC = "substitution/chips/share/total"
MOST_DRIVERS = 9
REST = "rest"
NO_EFFECT = 1e-4
NOTHING = "This run has no forecast of the systems around the chain."


SYSTEM_LOOK: Final = (
    "Look at the colour before the number: grey rests on assumptions, blue on figures about the item."
)
SCENARIO_LOOK: Final = (
    "Look how far each bar lies from zero: what the shock does, draw by draw; no mark, no effect."
)
VARIANCE_LOOK: Final = (
    "Look at the longest part of a bar: a figure about that driver would narrow the interval most."
)
COLOURS: Final = (
    *("blue", "orange", "green", "vermillion", "purple", "sky", "yellow", "black", "brown", "grey", "light"),
)


def systems_section(frames: ReportFrames, _gallery: Gallery) -> Section:
    """Make the section of the page about the systems around the chain.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames

    Returns
    -------
    Section
        Without systems in the run one sentence that says so.
    """
    title, forecast = "Systems: equipment, suppliers, packaging, scenarios", frames.system_forecast
    if forecast.empty:
        return section_block("systems", title, [], NOTHING)
    yearly = forecast[forecast["period_kind"] == "year"].reset_index(drop=True)
    totals = yearly[(yearly["measure"] == "usd") & (yearly["part"] == "total")]
    shares = yearly[(yearly["system"] == "supplier") & yearly["part"].isin(["revenue", "bits"])]
    blocks = [
        panels_chart(frames, totals[totals["system"] == "equipment"], "equipment", "Equipment demand"),
        panels_chart(frames, shares[shares["measure"] == "share"], "supplier", "Supplier shares of HBM"),
        panels_chart(frames, totals[totals["system"] == "packaging"], "packaging", "Packaging market"),
        scenario_chart(frames),
        variance_chart(frames),
        _totals_table(totals),
    ]
    return section_block(
        "systems", title, blocks,
        "Computed from the joint draws of the chain, what is not known drawn afresh from its assumptions. "
        "Intervals are wide where little is known; the colour says how much that is.",
    )  # fmt: skip


def panels_chart(
    frames: ReportFrames, rows: pd.DataFrame, name: str, title: str
) -> ChartBlock | NothingBlock:
    """Make the chart of yearly intervals of a system, a panel per item and part.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
    rows : pandas.DataFrame
        Rows of ``system_forecast`` of one kind: ``item, part, period, unit, p05, p25, p50, p75, p95, trust,
        n_figures``.
    name, title : str

    Returns
    -------
    ChartBlock or NothingBlock
        Largest item first.
    """
    if rows.empty:
        return grammar.nothing_block(title, "none in this run")
    last = rows[rows["period"] == rows["period"].max()].sort_values("p50", ascending=False)
    shown = [
        (part, item) for part in dict.fromkeys(last["part"]) for item in last["item"][last["part"] == part]
    ]
    panels = [
        _panel(rows[(rows["part"] == part) & (rows["item"] == item)].sort_values("period"))
        for part, item in shown
    ]
    legend = [
        grammar.entry(trust, trust, colour, "band", fixed=True) for trust, colour in TRUST_COLOURS.items()
    ]
    note = (
        "n: published figures about the item itself, besides those about the chain under it. Each panel "
        "has its own scale."
    )
    foot = grammar.footline(frames.provenance, "as each panel says", grammar.TWO_BANDS, note=note)
    return grammar.chart_block(
        f"system-{name}",
        title,
        SYSTEM_LOOK,
        panels,
        foot,
        "as each panel says",
        legend=legend,
        columns=4,
        least=230,
    )


def _panel(rows: pd.DataFrame) -> Spec:
    first = rows.iloc[0]
    divisor, unit = display_unit(str(first["unit"]), rows["p50"])
    at = [float(period) for period in rows["period"]]
    shown = rows[["period", "p05", "p25", "p50", "p75", "p95"]]
    colour = TRUST_COLOURS.get(str(first["trust"]), "grey")
    fan = grammar.fan(
        "forecast", str(first["trust"]), at, shown, divisor, shape="slot", width=0.8, colour=colour
    )
    part = "" if first["part"] == "total" else f", share of {first['part']}"
    figures = int(first["n_figures"]) if pd.notna(first["n_figures"]) else 0
    x = {"type": "linear", "min": at[0] - 0.5, "max": at[-1] + 0.5, "slots": [],
         "ticks": [[year, f"{int(year) % 100:02d}"] for year in at]}  # fmt: skip
    y = grammar.value_axis([0.0, *fan["p95"]])
    sub = f"{unit}, n={figures}"
    return grammar.panel(
        f"{quantity_title(first['item'])}{part}", x, y, [fan], height=178, small=True, sub=sub
    )


def scenario_chart(frames: ReportFrames) -> ChartBlock | NothingBlock:
    """Make the chart of what each scenario changes in quantities of the chain, draw by draw against the base.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
        Its scenarios.

    Returns
    -------
    ChartBlock or NothingBlock
        The last two years, a panel per quantity.
    """
    title, unit = "Scenarios: change against the base, paired draw by draw", "% of the base"
    if frames.scenarios.empty:
        return grammar.nothing_block(title, "no scenario in this run")
    years = YEARS[-2:]
    rows = frames.scenarios[frames.scenarios["period"].isin(years)]
    names = sorted(set(rows["scenario"]))
    labels = [quantity_title(name) for name in names]
    panels = []
    for quantity in (q for q in (*TARGETS, DOMESTIC) if q in set(rows["quantity"])):
        marks: list[Spec] = [{"type": "rule", "key": "zero", "name": "no change", "at": 0.0, "dash": ""}]
        for shift, year, colour in ((-0.17, years[0], "sky"), (0.17, years[1], "vermillion")):
            part = rows[(rows["quantity"] == quantity) & (rows["period"] == year)]
            moved = part[part[["relative_p05", "relative_p95"]].abs().max(axis=1) > NO_EFFECT]
            shown = pd.DataFrame({level: 100 * moved[f"relative_{level}"] for level in ("p05", "p50", "p95")})
            at = [names.index(name) for name in moved["scenario"]]
            marks.append(grammar.interval(year, year, at, shown, colour=colour, shift=shift, thin=True))
        values = [v for mark in marks[1:] for level in ("p05", "p95") for v in mark[level]]
        x = grammar.value_axis([0.0, *values], zero=False, signed=True) | {"label": "%"}
        panels.append(grammar.panel(_title(quantity), x, grammar.rows_axis(labels), marks, rowHeight=26))
    legend = [
        grammar.entry(years[0], years[0], "sky", "dot"),
        grammar.entry(years[1], years[1], "vermillion", "dot"),
    ]
    note = (
        "Of the difference within each draw. A scenario is a statement about drivers and has no "
        "probability of its own."
    )
    foot = grammar.footline(frames.provenance, unit, "90 %", "of the difference", note)
    return grammar.chart_block(
        "scenarios", title, SCENARIO_LOOK, panels, foot, unit, legend=legend, columns=2, least=380
    )  # fmt: skip


def variance_chart(frames: ReportFrames) -> ChartBlock | NothingBlock:
    """Make the chart of which driver carries how much of the variance of each target.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
        Its sensitivities: ``target, period, driver, share, log_sd``.

    Returns
    -------
    ChartBlock or NothingBlock
        Stacked bars of the last year.
    """
    year = YEARS[-1]
    title, sensitivities = f"What the intervals of {year} hang on", frames.sensitivities
    rows = sensitivities[sensitivities["period"] == year] if len(sensitivities) else sensitivities
    table = (
        rows.pivot_table(index="target", columns="driver", values="share", aggfunc="first").fillna(0.0)
        if len(rows)
        else pd.DataFrame()
    )
    targets = [target for target in TARGETS if target in table.index]
    if not targets:
        return grammar.nothing_block(title, "no sensitivities in this run")
    table = 100 * table.loc[targets]
    drivers = table.drop(columns=REST, errors="ignore").max().sort_values(ascending=False).index
    largest, others = list(drivers[:MOST_DRIVERS]), list(drivers[MOST_DRIVERS:])
    shown = table[largest].assign(**{"all other drivers": table[others].sum(axis=1)})
    shown["no driver alone"] = table.get(REST, 0.0)
    base, marks, legend = pd.Series(0.0, shown.index), [], []
    for colour, (driver, share) in zip(COLOURS, shown.items(), strict=False):
        key, name, top = str(driver), quantity_title(str(driver)), base + share
        marks.append({
            "type": "bars", "key": key, "name": name, "colour": colour, "at": list(range(len(targets))),
            "from": grammar.numbers(base), "to": grammar.numbers(top), "words": [f"{v:.0f} %" for v in share],
        })  # fmt: skip
        legend.append(grammar.entry(key, name, colour))
        base = top
    spread = rows.drop_duplicates("target").set_index("target")["log_sd"]
    labels = [f"{_title(target)} (log sd {spread[target]:.2f})" for target in targets]
    x = {"type": "linear", "min": 0.0, "max": 100.0, "label": "% of the variance of the log of each target"}
    note = (
        "Shapley shares of R squared over the joint draws. No driver alone: bends, quarters within the "
        "year, what a system draws afresh (as the price of a tool). It says what varies, not what a shock "
        "would change."
    )
    unit = "% of the variance of the log of each target"
    foot = grammar.footline(frames.provenance, unit, "", note=note)
    one = grammar.panel("", x, grammar.rows_axis(labels), marks, rowHeight=28)
    return grammar.chart_block("sensitivity", title, VARIANCE_LOOK, [one], foot, "%", legend=legend)


def _title(target: str) -> str:
    return system_title(target) if "/" in target else quantity_title(target)


def _totals_table(totals: pd.DataFrame) -> TableBlock:
    years = HEADLINE_YEARS
    lines = []
    for (system, item), part in totals.groupby(["system", "item"], sort=False):
        by_year = part.set_index("period")
        divisor, unit = quantity_unit(f"{system}.{item}", "USD", by_year.reindex(years)["p50"])
        cells = {}
        for year in years:
            low, median, high = by_year[["p05", "p50", "p95"]].reindex([year]).iloc[0] / divisor
            cells[year] = f"{number(median)} ({number(low, 2)} to {number(high, 2)})"
        figures = part["n_figures"].iloc[0]
        lines.append({
            "System": quantity_title(str(system)), "Item": quantity_title(str(item)), "Unit": unit, **cells,
            "Figures": "–" if pd.isna(figures) else f"{int(figures)}", "Known": str(part["trust"].iloc[0]),
        })  # fmt: skip
    table = pd.DataFrame(lines)
    summary = f"Medians and 90 % intervals of {len(table)} totals in USD"
    return table_block(table, numeric=(*years, "Figures"), summary=summary)
