"""The posterior by name: every parameter under words a reader knows, and its form as an ArviZ data tree.

The one home of the words for parameters: titles of blocks, what their axes count, the assumption behind each
element, and the kind of assumption. The sampler's diagnostics, the report and the attribution say these.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.chain.drivers import constants
from models.evidence.readings import FORESIGHT
from models.inference.error_terms import OTHER_NOISE
from models.inference.operator import KINDS, TOPICS, Operator
from models.inference.warm_start import WarmStart
from models.vocabulary.drivers import CLASS_ATTRIBUTES, DRIVERS, FINE_DRIVERS
from models.vocabulary.market import Market

if TYPE_CHECKING:
    import xarray as xr

CHAIN_AXES = ("chain", "draw")
NO_ERROR_TERM = "none"
"""The first place of an error block: it stands for the figures without such an error."""
# ArviZ's names for what the sampler calls otherwise.
_STATISTIC_NAMES = {"depth": "tree_depth", "logp": "lp"}
_SHRINK = "shrink"


@dataclass(frozen=True)
class Block:
    """What a block of parameters is called.

    Attributes
    ----------
    title : str
        In words, before the names of an element: 'launch delay'.
    dims : tuple of str
        What its axes count, after chain and draw.
    assumption : str
        Assumption behind an element, its name in place of the braces. Empty for what is no assumption:
        shocks, publisher biases and street errors.
    part : str
        Kind of assumption.
    """

    title: str
    dims: tuple[str, ...]
    assumption: str = ""
    part: str = ""


_CLASS_TITLES = {
    "hbm_gb": "HBM content",
    "hbm_stacks": "HBM stacks",
    "packages_per_wafer": "packages a wafer",
}
_GENERATION_TITLES = {
    "die_gbit": "Gb a die",
    "die_area_mm2": "die area",
    "die_yield": "die yield",
    "stack_yield": "stack yield",
}
BLOCKS: Mapping[str, Block] = {
    "driver_level": Block("level", ("driver",), "driver.{}.level", "levels and drifts"),
    "driver_drift": Block("drift", ("driver",), "driver.{}.drift", "levels and drifts"),
    "driver_log_volatility": Block("volatility", ("driver",), "driver.{}.volatility", "volatilities"),
    "shock_smooth": Block("path shock", ("driver_or_class", "shock")),
    "shock_fine": Block("quarterly shock", ("fine_driver", "fine_shock")),
    "class_size": Block("class size", ("class",), "class.{}.size", "product classes"),
    "class_launch_delay": Block(
        "launch delay", ("class",), "class.launch_delay_quarters[{}]", "product classes"
    ),
    "class_overlap": Block("overlap", ("class",), "class.overlap_quarters[{}]", "product classes"),
    **{
        f"class_{name}": Block(_CLASS_TITLES[name], ("class",), f"class.{name}[{{}}]", "product classes")
        for name in CLASS_ATTRIBUTES
    },
    **{
        f"generation_{name}": Block(title, ("generation",), f"hbm.{name}.{{}}", "wafers of a generation")
        for name, title in _GENERATION_TITLES.items()
    },
    "constant": Block("constant", ("constant_name",), "{}", "constants"),
    "definition_offset": Block("definition offset", ("definition",), "definition_offset.{}", "definitions"),
    "publisher_bias": Block("publisher bias", ("publisher",)),
    "street_target": Block("street error of a target", ("target",)),
    "street_time": Block("street error of a half-year", ("half_year",)),
    "log_forgetting": Block(
        "foresight lost a year", ("foresight",), "foresight_lost_per_year.{}", "errors of figures"
    ),
    "logit_response": Block("response to news", ("foresight",), "street.response.{}", "errors of figures"),
    "logit_trend_carried": Block(
        "trend carried on", ("foresight",), "street.trend_carried.{}", "errors of figures"
    ),
    "logit_shared": Block("shared part of errors", ("shared",), "street.shared_share", "errors of figures"),
    "log_noise_kind": Block("noise of a kind", ("kind",), "noise.{}", "errors of figures"),
    "log_noise_topic": Block(
        "noise factor of a topic", ("topic",), "noise.topic_factor[{}]", "errors of figures"
    ),
    "log_noise_other": Block("noise", ("other_noise",), "{}", "errors of figures"),
}


def flattened(raw: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Put chain and draw of every block in one axis: (chain, draw, ...) to (chain * draw, ...), by chain."""
    return {name: values.reshape((-1, *values.shape[2:])) for name, values in raw.items()}


@dataclass(frozen=True)
class Posterior:
    """Posterior draws with the names of their parameters.

    Attributes
    ----------
    raw : dict of ndarray (chain, draw, ...)
        Parameters on their standard-normal scale.
    statistics : dict of ndarray (chain, draw)
        Sampler statistics, of `models.inference.fit.STATISTICS`.
    names : dict of tuple of str
        What stands along each of the axes of `BLOCKS`.
    left_out : DataFrame, optional
        Each figure left out and placed in what the others predict (`models.inference.left_out`).
    warm_start : WarmStart, optional
        What its run learned, for the next one; in the order of its parameters.
    """

    raw: dict[str, np.ndarray]
    statistics: dict[str, np.ndarray] = field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: pd.DataFrame | None = None
    warm_start: WarmStart | None = None

    @property
    def n_chains(self) -> int:
        """Number of chains."""
        return next(iter(self.raw.values())).shape[0]

    @property
    def n_draws(self) -> int:
        """Number of draws of all chains."""
        n_chains, n_draws = next(iter(self.raw.values())).shape[:2]
        return n_chains * n_draws

    def flat(self) -> dict[str, np.ndarray]:
        """Parameters with chain and draw in one axis, (chain * draw, ...), chain by chain."""
        return flattened(self.raw)

    def label(self, block: str, position: Sequence[np.integer | int]) -> str:
        """Say which parameter stands at a position of a block: 'launch delay, nvidia_rubin'."""
        found = BLOCKS.get(block)
        dims = found.dims if found else ("",) * len(position)
        elements = [
            self.names[dim][i] if dim in self.names else str(i) for dim, i in zip(dims, position, strict=True)
        ]
        return label(found.title if found else block, elements)


def label(title: str, elements: Sequence[str]) -> str:
    """Write a parameter as a block's title and the names of its element: 'launch delay, nvidia_rubin'."""
    return ", ".join([title, *elements])


def axis_names(market: Market, operator: Operator | None = None) -> dict[str, tuple[str, ...]]:
    """Names along the axes of the blocks.

    Parameters
    ----------
    market : Market
    operator : Operator, optional
        Gives the names of definitions, publishers, targets and half-years, which are left out otherwise.

    Returns
    -------
    dict of str to tuple of str
        By dimension, as in `BLOCKS`. Shocks have numbers and no names.
    """
    names: dict[str, Sequence[str]] = {
        "driver": DRIVERS,
        "fine_driver": FINE_DRIVERS,
        "class": market.class_names,
        "driver_or_class": (*DRIVERS, *market.class_names),
        "constant_name": constants(market),
        "generation": market.generation_names,
        "shared": ("shared",),
        "topic": TOPICS,
        "foresight": FORESIGHT,
        "kind": KINDS,
        "other_noise": OTHER_NOISE,
    }
    if operator is not None:
        found = {
            "definition": operator.definitions,
            "publisher": operator.publishers,
            "target": operator.street_targets,
            "half_year": operator.street_times,
        }
        names |= {dim: [name or NO_ERROR_TERM for name in labels] for dim, labels in found.items()}
    return {dim: tuple(labels) for dim, labels in names.items()}


def named(
    raw: Mapping[str, np.ndarray],
    statistics: Mapping[str, np.ndarray],
    market: Market,
    operator: Operator | None = None,
    left_out: pd.DataFrame | None = None,
    start: WarmStart | None = None,
) -> Posterior:
    """Give the parameters of a posterior their names; arguments as in `Posterior` and `axis_names`."""
    return Posterior(dict(raw), dict(statistics), axis_names(market, operator), left_out, start)


def assumption_names(block: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    """Assumption behind each element of a block; none for a block of no assumptions.

    Where one assumption serves several elements (a delay of each class), the element stands in brackets.
    """
    found = BLOCKS[block]
    return [found.assumption.format(name) for name in names[found.dims[0]]] if found.assumption else []


def to_datatree(posterior: Posterior, attributes: Mapping[str, str | int] | None = None) -> "xr.DataTree":
    """Bring a posterior into ArviZ's form.

    Parameters
    ----------
    posterior : Posterior
    attributes : mapping of str to str or int, optional
        What the tree says of itself: version, content hash, as-of day, seed.

    Returns
    -------
    xarray.DataTree
        Groups ``posterior`` (each variable with its title as ``long_name``) and ``sample_stats``, with the
        names as coordinates, and ``left_out`` where figures were.

    Raises
    ------
    ValueError
        A block has another length than there are names.
    """
    import xarray as xr

    blocks, dims_used = {}, set(CHAIN_AXES)
    for name, values in posterior.raw.items():
        of_name, dims = BLOCKS.get(name), _dims(name, values.ndim - len(CHAIN_AXES))
        dims_used |= set(dims)
        blocks[name] = ((*CHAIN_AXES, *dims), values, {"long_name": of_name.title if of_name else name})
    coordinates: dict[str, object] = {
        # As objects: netCDF has no text of a fixed number of letters.
        dim: (dim, np.array(names, dtype=object))
        for dim, names in posterior.names.items()
        if dim in dims_used
    }
    draws = xr.Dataset(blocks, coords=coordinates | _counted(posterior.raw))
    stats = xr.Dataset(
        {_STATISTIC_NAMES.get(name, name): (CHAIN_AXES, v) for name, v in posterior.statistics.items()},
        coords=_counted(posterior.statistics),
    )
    about = xr.Dataset(attrs=dict(attributes or {}))
    groups = {"/": about, "posterior": draws, "sample_stats": stats}
    if posterior.left_out is not None:
        groups["left_out"] = posterior.left_out.astype({"one_sided": int}).to_xarray()
    if posterior.warm_start is not None:
        groups["warm_start"] = xr.Dataset(
            {name: (("row", *_dims(name, v.ndim - 1)), v) for name, v in posterior.warm_start.rows.items()}
            | {_SHRINK: ("direction", posterior.warm_start.shrink)}
        )
    return xr.DataTree.from_dict(groups)


def _dims(block: str, n_axes: int) -> tuple[str, ...]:
    """Names of the axes of a block, after those of chain and draw."""
    found = BLOCKS.get(block)
    return found.dims if found else tuple(f"{block}_dim_{i}" for i in range(n_axes))


def _counted(arrays: Mapping[str, np.ndarray]) -> dict[str, object]:
    """Numbers of chains and draws as coordinates."""
    if not arrays:
        return {}
    lengths = next(iter(arrays.values())).shape
    return {dim: np.arange(n) for dim, n in zip(CHAIN_AXES, lengths, strict=False)}


def from_datatree(tree: "xr.DataTree") -> Posterior:
    """Take a posterior back from what `to_datatree` made.

    Raises
    ------
    KeyError
        A group is missing.
    """
    draws, stats = tree["posterior"], tree["sample_stats"]
    sampler_names = {stored: name for name, stored in _STATISTIC_NAMES.items()}
    names = {
        str(dim): tuple(str(name) for name in draws[dim].to_numpy())
        for dim in draws.coords
        if dim not in CHAIN_AXES
    }
    left_out = tree["left_out"].to_dataset().to_dataframe() if "left_out" in tree.children else None
    start = tree["warm_start"].to_dataset() if "warm_start" in tree.children else None
    return Posterior(
        {str(name): draws[name].to_numpy() for name in draws.data_vars},
        {sampler_names.get(str(name), str(name)): stats[name].to_numpy() for name in stats.data_vars},
        names,
        left_out.astype({"one_sided": bool}) if left_out is not None else None,
        _warm_start(start) if start is not None else None,
    )


def _warm_start(kept: "xr.Dataset") -> WarmStart:
    rows = {str(name): kept[name].to_numpy() for name in kept.data_vars if name != _SHRINK}
    return WarmStart(rows, kept[_SHRINK].to_numpy())
