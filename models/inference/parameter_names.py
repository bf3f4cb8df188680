"""The one home of the words for parameters: titles of blocks, names along axes, assumptions behind them.

The sampler's diagnostics, the report and the attribution say these.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.chain.drivers import constants
from models.evidence.readings import FORESIGHT
from models.inference.error_terms import OTHER_NOISE
from models.inference.operator import KINDS, TOPICS, Operator
from models.vocabulary.drivers import CLASS_ATTRIBUTES, DRIVERS, FINE_DRIVERS
from models.vocabulary.market import Market

NO_ERROR_TERM = "none"
"""The first place of an error block: it stands for the figures without such an error."""


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


def assumption_names(block: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    """Assumption behind each element of a block; none for a block of no assumptions.

    Where one assumption serves several elements (a delay of each class), the element stands in brackets.
    """
    found = BLOCKS[block]
    return [found.assumption.format(name) for name in names[found.dims[0]]] if found.assumption else []
