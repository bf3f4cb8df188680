"""Posterior and sampler statistics as an ArviZ data tree with readable parameter names."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from models.chain.drivers import CLASS_ATTRIBUTES, CONSTANTS, DRIVERS, FINE_DRIVERS
from models.inference.observation import OTHER_NOISE
from models.inference.operator import FORESIGHT, KINDS, TOPICS, Operator
from models.vocabulary.quantities import CLASS_NAMES

# ArviZ's names for what the sampler calls otherwise.
_STATISTIC_NAMES = {"depth": "tree_depth", "logp": "lp"}


def parameter_dims() -> dict[str, list[str]]:
    """Dimension names of every parameter block."""
    return {
        **{f"driver_{part}": ["driver"] for part in ("level", "drift", "log_volatility")},
        "shock_smooth": ["driver_or_class", "shock"],
        "shock_fine": ["fine_driver", "fine_shock"],
        **{f"class_{part}": ["class"] for part in ("size", "launch_delay", *CLASS_ATTRIBUTES)},
        "constant": ["constant_name"],
        "definition_offset": ["definition"],
        "publisher_bias": ["publisher"],
        "street_target": ["target"],
        "street_time": ["half_year"],
        "logit_unforeseen": ["foresight"],
        "log_street_scale": ["topic"],
        "log_noise_kind": ["kind"],
        "log_noise_topic": ["topic"],
        "log_noise_other": ["other_noise"],
    }


def to_datatree(
    raw: Mapping[str, np.ndarray], statistics: Mapping[str, np.ndarray], operator: Operator | None = None
) -> Any:
    """Bring a posterior into ArviZ's form.

    Parameters
    ----------
    raw : mapping of str to ndarray (chain, draw, ...)
        Parameters on their standard-normal scale.
    statistics : mapping of str to ndarray (chain, draw)
    operator : Operator, optional
        Gives the names of definitions, publishers, targets and half-years; numbers otherwise.

    Returns
    -------
    xarray.DataTree
        Groups ``posterior`` and ``sample_stats``.
    """
    import arviz_base

    coords: dict[str, list[str]] = {
        "driver": list(DRIVERS),
        "fine_driver": list(FINE_DRIVERS),
        "class": list(CLASS_NAMES),
        "driver_or_class": [*DRIVERS, *CLASS_NAMES],
        "constant_name": list(CONSTANTS),
        "topic": list(TOPICS),
        "foresight": list(FORESIGHT),
        "kind": list(KINDS),
        "other_noise": list(OTHER_NOISE),
    }
    if operator is not None:
        labels = {
            "definition": operator.definitions,
            "publisher": operator.publishers,
            "target": operator.street_targets,
            "half_year": operator.street_times,
        }
        # The first place means none: it holds the figures without such an error.
        coords |= {name: [label or "none" for label in found] for name, found in labels.items()}
    dims = {name: found for name, found in parameter_dims().items() if name in raw}
    named = {_STATISTIC_NAMES.get(name, name): np.asarray(values) for name, values in statistics.items()}
    groups = {"posterior": {name: np.asarray(values) for name, values in raw.items()}, "sample_stats": named}
    return arviz_base.from_dict(groups, coords=coords, dims=dims)
