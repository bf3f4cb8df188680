"""Parameters of how published figures err, and their priors: see `models.inference.observation`."""

import numpy as np

from models.evidence.assumptions import Prior, locs_and_scales, prior_named
from models.evidence.readings import FORESIGHT
from models.inference.operator import KINDS, TOPICS, Operator

OTHER_NOISE = (
    "noise.single_quarter",
    "noise.undated_level",
    "publisher.bias_sd",
    "noise.other_definition",
    "noise.horizon_per_year",
)
BY_FORESIGHT = {
    "log_forgetting": "foresight_lost_per_year",
    "logit_response": "street.response",
    "logit_trend_carried": "street.trend_carried",
}
"""Blocks with an element for each group of forecasts that foresee alike, and the assumptions behind them."""


def error_shapes(operator: Operator) -> dict[str, tuple[int, ...]]:
    """Shapes of the parameter blocks of the observation model."""
    return {
        "definition_offset": (len(operator.definitions),),
        "publisher_bias": (len(operator.publishers),),
        "street_target": (len(operator.street_targets),),
        "street_time": (len(operator.street_times),),
        **dict.fromkeys(BY_FORESIGHT, (len(FORESIGHT),)),
        "logit_shared": (1,),
        "log_noise_kind": (len(KINDS),),
        "log_noise_topic": (len(TOPICS),),
        "log_noise_other": (len(OTHER_NOISE),),
    }


def error_priors(
    priors: dict[str, Prior], operator: Operator
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Location and scale of every block of `error_shapes`.

    Raises
    ------
    KeyError
        An assumption is missing, named.
    """
    loc = {name: np.zeros(shape) for name, shape in error_shapes(operator).items()}
    scale = {name: np.ones(shape) for name, shape in error_shapes(operator).items()}
    offset_loc, offset_scale = locs_and_scales(
        priors, [f"definition_offset.{d}" for d in operator.definitions[1:]]
    )
    # Index 0 of definitions means no offset: pinned at zero.
    loc["definition_offset"] = np.concatenate([[0.0], offset_loc])
    scale["definition_offset"] = np.concatenate([[0.0], offset_scale])
    for block in ("publisher_bias", "street_target", "street_time"):
        scale[block][0] = 0.0
    for block, name in BY_FORESIGHT.items():
        loc[block], scale[block] = locs_and_scales(priors, [f"{name}.{f}" for f in FORESIGHT])
    loc["logit_shared"], scale["logit_shared"] = locs_and_scales(priors, ["street.shared_share"])
    loc["log_noise_kind"], scale["log_noise_kind"] = locs_and_scales(priors, [f"noise.{k}" for k in KINDS])
    factor = prior_named(priors, "noise.topic_factor")
    loc["log_noise_topic"] += factor.loc
    scale["log_noise_topic"] *= factor.scale
    loc["log_noise_other"], scale["log_noise_other"] = locs_and_scales(priors, list(OTHER_NOISE))
    return loc, scale
