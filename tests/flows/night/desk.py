"""A desk of one's own, for tests of the review: a small base, an own folder, a state with a first night."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import copy, copytree

import numpy as np
import pandas as pd
import pytest

import warehouse.read
from flows.night.record import Night
from flows.night.taking_in import ingest
from flows.runtime.evidence import evidence_of
from flows.runtime.preparation import prepare_state
from flows.runtime.settings import INFORM, Settings
from models.evidence.tables.described import BY_NAME
from tests.places import DATA
from tests.world.design import TODAY
from tests.world.files import DATA as WORLD
from warehouse.layout import posterior_file
from warehouse.query import query

SOURCE = {
    **{"source_id": "own-s1", "publisher": "Northwind", "title": "A note", "url": "https://own.example/1"},
    **{"published_on": "2025-06-20", "published_precision": "day", "accessed_on": "2025-06-21"},
}
FIGURE = {
    **{"figure_id": "own-1", "source_id": "own-s1", "origin_id": "own-1", "metric": "hbm_revenue"},
    **{"entity": "industry", "period": "2025", "value": "20e9", "unit": "USD", "kind": "forecast"},
}


@dataclass(frozen=True)
class Desk:
    """Folders of one desk."""

    place: Path

    @property
    def own(self) -> Path:
        """Folder of own evidence."""
        return self.place / "own"

    @property
    def state(self) -> Path:
        """State folder."""
        return self.place / "state"

    def settings(self, surprises: str = INFORM) -> Settings:
        """Settings of a night."""
        return Settings(
            self.state, self.place / "base", TODAY, overlays=(self.own,), today=TODAY, surprises=surprises
        )

    def night(self, surprises: str = INFORM) -> tuple[str, ...]:
        """Take the evidence in as a night does; what it says."""
        return ingest(self.settings(surprises), Night("r1"), lambda *_: None).notes

    def write(self, name: str, *rows: Mapping[str, str]) -> None:
        """Write rows into a file of the own folder."""
        columns = list(BY_NAME[name.split("/")[0].removesuffix(".csv")].column_names)
        (self.own / name).parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(rows, columns=columns).to_csv(self.own / name, index=False)

    def figures(self, *changes: Mapping[str, str]) -> None:
        """Write own figures, and their publication."""
        self.write("sources.csv", SOURCE)
        self.write("figures/desk.csv", *(FIGURE | dict(cells) for cells in changes))

    def in_force(self, figure_id: str) -> float | None:
        """Value in force of a figure; None where none is."""
        found = query(self.state, f"select value from figures_current where figure_id = '{figure_id}'")
        return found.to_pylist()[0]["value"] if found.num_rows else None

    def put_aside(self, figure_id: str) -> str:
        """Why a figure is put aside, with the remedy; '' where it is not."""
        sql = (
            f"select reason || ' -> ' || remedy as said from rejected_current where figure_id = '{figure_id}'"
        )
        return "; ".join(row["said"] for row in query(self.state, sql).to_pylist())


def first_desk(place: Path) -> Desk:
    """Make a desk whose first night is over."""
    copytree(WORLD, place / "base")
    for name in ("press_words", "press_metrics"):
        copy(DATA / f"{name}.csv", place / "base" / f"{name}.csv")
    desk = Desk(place)
    desk.own.mkdir()
    prepare_state(desk.state)
    desk.night()
    return desk


def with_posterior(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the desk's state a forecast: the prior, as if a night had found it."""
    from flows.runtime.artifacts import save_posterior
    from models.inference.from_evidence import problem_from_evidence
    from models.inference.posterior import named
    from models.inference.problem import parameter_shapes

    known = evidence_of(desk.state, TODAY)
    problem = problem_from_evidence(known, TODAY)
    rng = np.random.default_rng(3)
    shapes = parameter_shapes(problem.operator, problem.market)
    raw = {name: rng.standard_normal((2, 300, *shape)) for name, shape in shapes.items()}
    save_posterior(posterior_file(desk.state, "prior"), named(raw, {}, problem.market, problem.operator))
    run = {"seed": 1, "as_of": TODAY.isoformat(), "content_hash": "prior"}
    monkeypatch.setattr(warehouse.read, "latest_run", lambda _state: run)
