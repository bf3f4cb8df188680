"""What a figure is read to on the working scale comes back as it was printed."""

import numpy as np
import pytest

from models.draws.printed_scale import to_printed_scale
from models.evidence.mapping import LESS_ONE
from models.evidence.readings import read_figure
from tests.models.forecast_world import figure


@pytest.mark.parametrize(
    ("value", "aggregation", "scale"),
    [
        (3.4e10, "sum", "log"),
        (0.36, "mean", "logit"),
        (-0.25, "growth", "log"),
        (1.5, "sequential_growth", "log"),
        (0.0, "excess", "log"),
    ],
)
def test_a_figure_comes_back_as_printed(value: float, aggregation: str, scale: str):
    read = read_figure(figure("a", value, aggregation=aggregation, scale=scale))
    back = to_printed_scale(read.y, read.is_logit, aggregation in LESS_ONE)
    assert back == pytest.approx(value, rel=1e-12, abs=1e-12)


def test_figures_of_all_kinds_go_together_and_none_disturbs_another():
    working = np.array([[np.log(2.0), 0.0, np.log(1.2)], [800.0, -800.0, 0.0]])
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        found = to_printed_scale(working, np.array([False, True, False]), np.array([False, False, True]))
    np.testing.assert_allclose(found, [[2.0, 0.5, 0.2], [np.inf, 0.0, 0.0]], atol=1e-15)
