"""The systems around the chain: equipment, suppliers, packaging, scenarios, and what intervals hang on."""

from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from dashboards import style
from dashboards.blocks import section_block, table_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames
from dashboards.labels import display_unit, number, quantity_title, quantity_unit, system_title
from models.vocabulary.periods import YEARS

COLUMNS = 4
# The shade says how far to trust an item, as the table system_forecast does.
TRUST: Final = {"measured": style.BLUE, "few figures": style.ORANGE, "assumed": style.GREY}
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


def systems_section(frames: ReportFrames, gallery: Gallery) -> dict[str, Any]:
    """Make the section of the page about the systems around the chain.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
    gallery : dashboards.chart_cache.Gallery

    Returns
    -------
    dict
        Without systems in the run one sentence that says so.
    """
    title, forecast = "Systems: equipment, suppliers, packaging, scenarios", frames.system_forecast
    if forecast.empty:
        return section_block("systems", title, [], NOTHING)
    yearly = forecast[forecast["period_kind"] == "year"].reset_index(drop=True)
    totals = yearly[(yearly["measure"] == "usd") & (yearly["part"] == "total")]
    shares = yearly[(yearly["system"] == "supplier") & yearly["part"].isin(["revenue", "bits"])]
    blocks = [
        gallery.chart(panels_chart, totals[totals["system"] == "equipment"], "Equipment demand"),
        gallery.chart(panels_chart, shares[shares["measure"] == "share"], "Supplier shares of HBM"),
        gallery.chart(panels_chart, totals[totals["system"] == "packaging"], "Packaging market"),
        gallery.chart(scenario_chart, frames.scenarios),
        gallery.chart(variance_chart, frames.sensitivities),
        _totals_table(totals),
    ]
    return section_block(
        "systems", title, blocks,
        "Computed from the joint draws of the chain, what is not known drawn afresh from its assumptions. "
        "Intervals are wide where little is known; the colour says how much that is.",
    )  # fmt: skip


def panels_chart(rows: pd.DataFrame, title: str, provenance: style.Provenance) -> Figure:
    """Draw yearly intervals of a system, a panel per item and part.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of ``system_forecast`` of one kind: ``item, part, period, unit, p05, p25, p50, p75, p95, trust,
        n_figures``.
    title : str
    provenance : style.Provenance

    Returns
    -------
    matplotlib.figure.Figure
        Largest item first.
    """
    if rows.empty:
        return style.empty_figure(title, provenance, "as each panel says", "none in this run")
    last = rows[rows["period"] == rows["period"].max()].sort_values("p50", ascending=False)
    shown = [
        (part, item) for part in dict.fromkeys(last["part"]) for item in last["item"][last["part"] == part]
    ]
    with style.plot_style():
        figure, panels = style.panel_grid(len(shown), COLUMNS, 1.75, 0.95)
        for axes, (part, item) in zip(panels, shown, strict=True):
            _panel(axes, rows[(rows["part"] == part) & (rows["item"] == item)].sort_values("period"))
        handles = [Patch(facecolor=colour, alpha=0.6, label=trust) for trust, colour in TRUST.items()]
        figure.legend(handles=handles, loc="outside upper right", ncols=3)
        return style.finish(
            figure, title, provenance, "as each panel says", "50 and 90 %",
            "Line: median. n: published figures about the item itself, besides those about the chain under "
            "it. Each panel has its own scale.",
        )  # fmt: skip


def _panel(axes: Axes, rows: pd.DataFrame) -> None:
    first = rows.iloc[0]
    divisor, unit = display_unit(str(first["unit"]), rows["p50"])
    colour = TRUST.get(str(first["trust"]), style.GREY)
    x = rows["period"].astype(int).to_numpy()
    at = {name: rows[name].to_numpy(dtype=float) / divisor for name in ("p05", "p25", "p50", "p75", "p95")}
    axes.bar(x, at["p95"] - at["p05"], bottom=at["p05"], width=0.8, color=colour, alpha=0.22, linewidth=0)
    axes.bar(x, at["p75"] - at["p25"], bottom=at["p25"], width=0.8, color=colour, alpha=0.42, linewidth=0)
    axes.hlines(at["p50"], x - 0.4, x + 0.4, color=colour, linewidth=1.6)
    part = "" if first["part"] == "total" else f", share of {first['part']}"
    figures = int(first["n_figures"]) if pd.notna(first["n_figures"]) else 0
    axes.set_title(f"{quantity_title(first['item'])}{part} (n={figures})", fontsize=8.5)
    axes.set_ylabel(unit, fontsize=7.5)
    axes.set_ylim(bottom=0)
    axes.set_xticks(x, labels=[f"{year % 100:02d}" for year in x])
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(style.tick_text))
    axes.tick_params(labelsize=7)
    axes.grid(visible=False, axis="x")


def scenario_chart(scenarios: pd.DataFrame, provenance: style.Provenance) -> Figure:
    """Draw what each scenario changes in the quantities of the chain, draw by draw against the base.

    Parameters
    ----------
    scenarios : pandas.DataFrame
        Table ``scenarios`` of one run.
    provenance : style.Provenance

    Returns
    -------
    matplotlib.figure.Figure
        The last two years, a panel per quantity.
    """
    title, unit = "Scenarios: change against the base, paired draw by draw", "% of the base"
    if scenarios.empty:
        return style.empty_figure(title, provenance, unit, "no scenario in this run")
    years = YEARS[-2:]
    rows = scenarios[scenarios["period"].isin(years)]
    quantities = [q for q in (*TARGETS, DOMESTIC) if q in set(rows["quantity"])]
    names = sorted(set(rows["scenario"]))
    with style.plot_style():
        figure = style.new_figure(12.0, 1.25 + 0.30 * len(names))
        grid = figure.subplots(1, len(quantities), sharey=True, squeeze=False)[0]
        for axes, quantity in zip(grid, quantities, strict=True):
            axes.axvline(0, color=style.BLACK, linewidth=0.9)
            for step, year, colour in ((-0.15, years[0], style.SKY), (0.15, years[1], style.BLUE)):
                part = rows[(rows["quantity"] == quantity) & (rows["period"] == year)]
                moved = part[part[["relative_p05", "relative_p95"]].abs().max(axis=1) > NO_EFFECT]
                place = [names.index(name) + step for name in moved["scenario"]]
                axes.hlines(
                    place, 100 * moved["relative_p05"], 100 * moved["relative_p95"], color=colour,
                    linewidth=2.2, alpha=0.75,
                )  # fmt: skip
                axes.scatter(100 * moved["relative_p50"], place, color=colour, s=16, zorder=3, label=year)
            axes.set_title(_title(quantity).replace(": ", ":\n"), fontsize=8.5)
            axes.set_xlabel("%", fontsize=8)
            axes.set_ylim(len(names) - 0.5, -0.5)
            axes.xaxis.set_major_locator(MaxNLocator(4))
            axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:+.0f}" if v else "0"))
        grid[0].set_yticks(range(len(names)), labels=[quantity_title(name) for name in names])
        figure.legend(*grid[0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
        return style.finish(
            figure, title, provenance, unit, "90 %, of the difference within each draw",
            "No mark: the scenario leaves the quantity as it is. A scenario is a statement about drivers and "
            "has no probability of its own.",
        )  # fmt: skip


def variance_chart(sensitivities: pd.DataFrame, provenance: style.Provenance) -> Figure:
    """Draw which driver carries how much of the variance of each target.

    Parameters
    ----------
    sensitivities : pandas.DataFrame
        Table of one run: ``target, period, driver, share, log_sd``.
    provenance : style.Provenance

    Returns
    -------
    matplotlib.figure.Figure
        Stacked bars of the last year.
    """
    year = YEARS[-1]
    title, unit = f"What the intervals of {year} hang on", "% of the variance of the log of each target"
    rows = sensitivities[sensitivities["period"] == year] if len(sensitivities) else sensitivities
    table = (
        rows.pivot_table(index="target", columns="driver", values="share", aggfunc="first").fillna(0.0)
        if len(rows)
        else pd.DataFrame()
    )
    targets = [target for target in TARGETS if target in table.index]
    if not targets:
        return style.empty_figure(title, provenance, unit, "no sensitivities in this run")
    table = table.loc[targets]
    drivers = table.drop(columns=REST, errors="ignore").max().sort_values(ascending=False).index
    largest, others = list(drivers[:MOST_DRIVERS]), list(drivers[MOST_DRIVERS:])
    shown = table[largest].assign(**{"all other drivers": table[others].sum(axis=1)})
    shown["no driver alone"] = table.get(REST, 0.0)
    colours = [*style.CHAIN_COLOURS[:6], style.YELLOW, "#8c6d31", "#393b79", style.GREY, style.LIGHT_GREY]
    spread = rows.drop_duplicates("target").set_index("target")["log_sd"]
    with style.plot_style():
        figure = style.new_figure(12.0, 1.7 + 0.33 * len(targets))
        axes = figure.subplots()
        left, place = np.zeros(len(targets)), np.arange(len(targets))
        for colour, (driver, share) in zip(colours, shown.items(), strict=False):
            width = share.to_numpy(dtype=float)
            axes.barh(
                place, width, left=left, color=colour, edgecolor="white", linewidth=0.6, height=0.74,
                label=quantity_title(str(driver)),
            )  # fmt: skip
            left = left + width
        axes.set_yticks(
            place,
            labels=[f"{_title(target)} (log sd {spread[target]:.2f})" for target in targets],
        )
        axes.set_ylim(len(targets) - 0.5, -0.5)
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
        axes.grid(visible=False, axis="y")
        figure.legend(loc="outside right upper", title="carried by", alignment="left")
        return style.finish(
            figure, title, provenance, unit, "",
            "Shapley shares of R squared over the joint draws. No driver alone: bends, quarters within the "
            "year, what a system draws afresh (as the price of a tool).\n"
            "It says what varies, not what a shock would change.",
        )  # fmt: skip


def _title(target: str) -> str:
    return system_title(target) if "/" in target else quantity_title(target)


def _totals_table(totals: pd.DataFrame) -> dict[str, Any]:
    years = YEARS[3:]
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
