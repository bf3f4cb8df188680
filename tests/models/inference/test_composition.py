"""Where a definition's share moves, what is read of it follows the model's own composition."""

from datetime import date

import numpy as np

from models.evidence.assumptions import read_priors
from models.evidence.readings import statements
from tests.market import MARKET
from tests.models.forecast_world import assumptions, figure, figures
from tests.models.small_problem import Laplace, problem, yearly


def ramp_read(rows: list[dict]) -> float:
    """Blackwell's and Blackwell Ultra's shipments of 2026 as read, log, less those of the truth below."""
    blackwell, ultra = (
        MARKET.row_names.index(f"accelerator_shipments_class_nvidia_{name}")
        for name in ("blackwell", "blackwell_ultra")
    )
    found, _ = Laplace(problem(rows, date(2027, 1, 31))).log_target(
        lambda r: np.log(yearly(r[:, blackwell] + r[:, ultra], "2026"))
    )
    return found - np.log(8e6)


def test_a_part_that_grows_is_followed_by_a_sum_and_not_by_a_constant():
    # A world in which the family's part of NVIDIA's accelerators goes from a tenth to four fifths.
    family = (
        "accelerator_shipments_class_nvidia_blackwell + accelerator_shipments_class_nvidia_blackwell_ultra"
    )
    truth = {"2024": (3e5, 3e6), "2025": (4e6, 6e6), "2026": (8e6, 1e7)}

    def told(quantity: str, definition: str) -> list[dict]:
        of_part = {"quantity": quantity, "definition": definition}
        known = {"kind": "estimate", "published_on": "2027-01-15"}
        return [
            figure(f"{name}-{house}-{year}", value, period=year, publisher=house, **of, **known)
            for year, (part, total) in truth.items()
            for house in ("A", "B", "C")
            for name, value, of in (
                ("part", part, of_part),
                ("total", total, {"quantity": "accelerator_shipments_nvidia"}),
            )
        ]

    composed = ramp_read(told(family, ""))
    constant = ramp_read(told("accelerator_shipments_nvidia", "blackwell_count_basis"))
    assert abs(composed) < 0.02
    assert abs(constant) > 0.2


def test_wafers_made_in_a_year_are_no_statement_of_a_capacity():
    name = "cowos_capacity_tsmc_wafers_per_month"
    rows = figures(
        figure("level", 8e4, quantity=name, aggregation="end", period="2025-12"),
        figure("made", 6e5, quantity=name, period="2025"),
        figure("servers", 1.3e7, quantity="server_shipments", period="2025"),
    )
    found = statements(rows, read_priors(assumptions(), date(2026, 1, 1)), MARKET, (name, "server_shipments"))
    assert list(found["figure_id"]) == ["level", "servers"]
