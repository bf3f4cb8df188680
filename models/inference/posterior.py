"""The posterior: its draws under the names of their parameters, and its form as an ArviZ data tree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.inference.operator import Operator
from models.inference.parameter_names import BLOCKS, axis_names, label
from models.inference.warm_start import WarmStart
from models.vocabulary.market import Market

if TYPE_CHECKING:
    import xarray as xr

CHAIN_AXES = ("chain", "draw")
# ArviZ's names for what the sampler calls otherwise.
_STATISTIC_NAMES = {"depth": "tree_depth", "logp": "lp"}
_SHRINK, _STEP = "shrink", "step"


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


def named(
    raw: Mapping[str, np.ndarray],
    statistics: Mapping[str, np.ndarray],
    market: Market,
    operator: Operator | None = None,
    left_out: pd.DataFrame | None = None,
    start: WarmStart | None = None,
) -> Posterior:
    """Give the parameters of a posterior their names.

    Parameters
    ----------
    raw : mapping of str to ndarray (chain, draw, ...)
        Parameters on their standard-normal scale.
    statistics : mapping of str to ndarray (chain, draw)
    market : Market
    operator : Operator, optional
        Names definitions, publishers, targets and half-years, which have numbers otherwise.
    left_out, start
        `Posterior.left_out` and `Posterior.warm_start`.
    """
    return Posterior(dict(raw), dict(statistics), axis_names(market, operator), left_out, start)


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
        start = posterior.warm_start
        groups["warm_start"] = xr.Dataset(
            {name: (("row", *_dims(name, v.ndim - 1)), v) for name, v in start.rows.items()}
            | {_SHRINK: ("direction", start.shrink), _STEP: ("one", [start.step])}
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
    rows = {str(name): kept[name].to_numpy() for name in kept.data_vars if name not in (_SHRINK, _STEP)}
    return WarmStart(rows, kept[_SHRINK].to_numpy(), float(kept[_STEP].to_numpy()[0]))
