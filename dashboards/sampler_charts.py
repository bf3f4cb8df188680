"""Sampler checks drawn by ArviZ: rank, trace, energy and ESS of the parameters that mix slowest."""

import math
from typing import Final

import arviz_base as azb
import arviz_plots as azp
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dashboards import drawing
from dashboards.blocks import Block, table_block
from dashboards.labels import parameter_words, plain
from dashboards.style import N_SLOWEST, Provenance
from models.draws.convergence import FIELDS, convergence
from models.draws.thresholds import THRESHOLDS
from models.inference.parameter_names import label

MOST_SLOW_ROWS: Final = 25
RANK_DRAWS = 500
RASTERISED = ("rank", "trace")


def sampler_blocks(posterior: xr.DataTree | None, provenance: Provenance) -> list[Block]:
    """Make the blocks of the section: the plots, and a table of the slowest parameters.

    Parameters
    ----------
    posterior : xarray.DataTree or None
        None when it is not stored: then the one block says so.
    provenance : dashboards.style.Provenance

    Returns
    -------
    list of Block
    """
    mixing = None if posterior is None else mixing_table(posterior)
    charts = sampler_charts(posterior, mixing, provenance).values()
    blocks: list[Block] = [drawing.figure_block(chart) for chart in charts]
    if mixing is None:
        return blocks[:1]  # once is enough to say that there is no posterior
    table = mixing.head(MOST_SLOW_ROWS)
    slow = pd.DataFrame({
        "Parameter": table["parameter"],
        "Bulk ESS": [plain(round(v)) for v in table["ess_bulk"]],
        "Tail ESS (5 and 95 %)": [plain(round(v)) for v in table["ess_tail"]],
        "R-hat": [f"{v:.4f}" for v in table["r_hat"]],
    })  # fmt: skip
    summary = f"The {len(slow)} slowest-mixing parameters"
    return [*blocks, table_block(slow, numeric=slow.columns[1:], summary=summary)]


def mixing_table(posterior: xr.DataTree) -> pd.DataFrame:
    """R-hat and ESS of every scalar parameter, slowest mixing first.

    Parameters
    ----------
    posterior : xarray.DataTree
        With a group ``posterior`` whose variables have dimensions (chain, draw, ...).

    Returns
    -------
    pandas.DataFrame
        ``parameter, variable, position (tuple), ess_bulk, ess_tail, r_hat``; constant elements are left out.
    """
    draws = posterior["posterior"]
    names, series = [], []
    for variable in draws.data_vars:
        array = draws[variable].transpose("chain", "draw", ...)
        values = array.to_numpy()
        for position in np.ndindex(values.shape[2:]):
            chains = values[(slice(None), slice(None), *position)]
            # Corners of correlation matrices and the like are constant: they have no ESS.
            if np.ptp(chains) > 0:
                names.append((_label(array, position), str(variable), position))
                series.append(chains)
    table = pd.DataFrame(names, columns=["parameter", "variable", "position"])
    # ArviZ takes one series at a time: five seconds for 700 of them.
    found = convergence(np.stack(series)) if series else dict.fromkeys(FIELDS, np.empty(0))
    table = table.assign(ess_bulk=found["ess_bulk"], ess_tail=found["ess_tail"], r_hat=found["rhat"])
    return table.sort_values("ess_bulk", ignore_index=True)


def _label(array: xr.DataArray, position: tuple[int, ...]) -> str:
    dims = [d for d in array.dims if d not in ("chain", "draw")]
    elements = [
        str(array[d].to_numpy()[i]) if d in array.coords else str(i)
        for d, i in zip(dims, position, strict=True)
    ]
    # A number stays one: there are no words for it.
    return label(array.attrs.get("long_name", str(array.name)), [parameter_words(one) for one in elements])


def slowest(posterior: xr.DataTree, table: pd.DataFrame, n: int = N_SLOWEST) -> xr.DataTree:
    """Keep the ``n`` slowest-mixing scalars, each a variable of its own, with the sample statistics.

    Parameters
    ----------
    posterior : xarray.DataTree
    table : pandas.DataFrame
        From `mixing_table`.
    n : int

    Returns
    -------
    xarray.DataTree
    """
    chosen = {}
    for row in table.head(n).to_dict("records"):
        array = posterior["posterior"][row["variable"]].transpose("chain", "draw", ...)
        chosen[row["parameter"]] = array.to_numpy()[(slice(None), slice(None), *row["position"])]
    groups = {"posterior": chosen}
    if "sample_stats" in posterior.children:
        stats = posterior["sample_stats"]
        groups["sample_stats"] = {
            str(k): stats[k].to_numpy() for k in stats.data_vars if set(stats[k].dims) == {"chain", "draw"}
        }
    return azb.from_dict(groups)


def sampler_charts(
    posterior: xr.DataTree | None, table: pd.DataFrame | None, provenance: Provenance
) -> dict[str, Figure]:
    """Draw rank, trace, energy and ESS plots.

    Parameters
    ----------
    posterior : xarray.DataTree or None
        Groups ``posterior`` and ``sample_stats`` (``energy``, ``diverging``); None when it is not stored.
    table : pandas.DataFrame or None
        From `mixing_table`; computed here when None.
    provenance : dashboards.style.Provenance

    Returns
    -------
    dict of str to matplotlib.figure.Figure
        Keys 'rank', 'trace', 'energy', 'ess_local', 'ess_evolution'. A plot that can't be drawn says why.
    """
    titles = {
        "rank": ("Rank plots", "ECDF of ranks minus uniform"),
        "trace": ("Traces", "parameter on its unconstrained or natural scale"),
        "energy": ("Energy", "energy of the Hamiltonian, centred; BFMI has no unit"),
        "ess_local": ("ESS of small intervals", "effective draws"),
        "ess_evolution": ("ESS as draws grow", "effective draws"),
    }
    if posterior is None:
        why = (
            "no posterior of this run in the state folder (removed, or the run failed before sampling ended)"
        )
        return {
            key: drawing.empty_figure(title, provenance, unit, why) for key, (title, unit) in titles.items()
        }
    table = mixing_table(posterior) if table is None else table
    chosen = slowest(posterior, table)
    n_chains, n_draws = (posterior["posterior"].sizes[d] for d in ("chain", "draw"))
    which = (
        f"the {min(N_SLOWEST, len(table))} slowest-mixing (lowest bulk ESS) of {len(table)} parameters; "
        f"{n_chains} chains x {n_draws} draws"
    )
    notes = {
        "rank": f"Shown: {which}. Chains that sample alike stay near zero; "
        f"thick black: outside the 99 % envelope. Thinned to at most {RANK_DRAWS} draws a chain.",
        "trace": f"Shown: {which}. One colour a chain; black ticks below: divergences.",
        "energy": "The two curves should have about the same width; BFMI below "
        f"{THRESHOLDS.bfmi:g} (dashed) means that the sampler explores the tails badly.",
        "ess_local": f"Shown: {which}. Dashed: the gate, {THRESHOLDS.ess:g}.",
        "ess_evolution": f"Shown: {which}. Blue: bulk, orange: tail. Dashed: the gate, {THRESHOLDS.ess:g}; "
        "should grow in proportion to the draws.",
    }
    figures = {}
    with drawing.plot_style():
        for key, (title, unit) in titles.items():
            if key == "energy" and "energy" not in getattr(chosen.get("sample_stats"), "data_vars", ()):
                figures[key] = drawing.empty_figure(
                    title, provenance, unit, "no energy in the sample statistics"
                )
                continue
            figure = _arviz(key, chosen)
            figures[key] = drawing.finish(_tidy(figure, key), title, provenance, unit, "", notes[key])
    return figures


def _arviz(key: str, chosen: xr.DataTree) -> Figure:
    rows = math.ceil(len(chosen["posterior"].data_vars) / 4)
    size = {"figsize": (12.0, 0.9 + 1.9 * rows)}
    match key:
        case "rank":
            # The envelope is for independent draws, and takes six seconds for 3000 a chain.
            step = -(-chosen["posterior"].sizes["draw"] // RANK_DRAWS)
            thinned = azb.from_dict(
                {"posterior": dict(chosen["posterior"].isel(draw=slice(None, None, step)).items())}
            )
            drawn = azp.plot_rank(
                thinned, envelope_prob=0.99, backend="matplotlib", col_wrap=4, figure_kwargs=size
            )
        case "trace":
            drawn = azp.plot_trace(chosen, backend="matplotlib", col_wrap=4, figure_kwargs=size)
        case "energy":
            drawn = azp.plot_energy(chosen, threshold=THRESHOLDS.bfmi, backend="matplotlib")
        case "ess_local":
            drawn = azp.plot_ess(
                chosen,
                kind="local",
                min_ess=THRESHOLDS.ess,
                backend="matplotlib",
                col_wrap=4,
                figure_kwargs=size,
            )
        case _:
            drawn = azp.plot_ess_evolution(
                chosen, min_ess=THRESHOLDS.ess, backend="matplotlib", col_wrap=4, figure_kwargs=size
            )
    return drawn.viz["figure"].item()


def _tidy(figure: Figure, key: str) -> Figure:
    """Make ArviZ's small multiples readable in one row of the page, and hand the figure over from pyplot."""
    # ArviZ registers its figures with pyplot; a nightly that draws a hundred would keep them all.
    import matplotlib.pyplot as plt

    plt.close(figure)
    if key == "energy":
        figure.set_size_inches(12.0, 3.2)
        bfmi = figure.axes[0]
        bfmi.yaxis.set_major_locator(MaxNLocator(integer=True))
    for axes in figure.axes:
        for place in ("left", "center"):
            if text := axes.get_title(place):
                axes.set_title(text[:42], loc=place, fontsize=8)
        if key == "ess_evolution":
            axes.xaxis.set_major_locator(MaxNLocator(4))
        for line in axes.lines if key in RASTERISED else ():
            # Thousands of points are a picture inside the SVG; text and axes stay sharp.
            line.set_rasterized(True)
        for line in axes.lines if key == "trace" else ():
            line.set(linewidth=0.4, alpha=0.8)
        axes.tick_params(labelsize=7)
        axes.xaxis.label.set_fontsize(7.5)
        axes.yaxis.label.set_fontsize(7.5)
    return figure
