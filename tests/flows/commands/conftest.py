"""A small published warehouse, and the command line in this process."""

import io
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import tests.warehouse.synthetic_warehouse as synthetic
from flows.commands import cli
from flows.runtime.preparation import prepare_state
from tests.shared import made_once


def news_since(run_id: str) -> pd.DataFrame:
    """What moved HBM revenue of 2027 in night-1 since a run: a figure, and noise."""
    head = {"run_id": "night-1", "since": "month ago", "earlier_run_id": run_id}
    head |= {
        "earlier_as_of": date(2024, 12, 31),
        "quantity": "hbm_revenue_usd",
        "period": "2027",
        "unit": "USD",
    }
    head |= {f"earlier_{level}": 130e9 for level in ("p05", "p50", "p95")}
    head |= {f"error_{level}": 2e8 for level in ("p05", "p50", "p95")}
    figure = {"figure_ids": "hbm-0001", "publisher": "Yolo", "about": "hbm_revenue_usd 2027"}
    figure |= {"known_on": date(2025, 9, 29), "pareto_k": 0.2}
    parts = (("whole", 5e9), ("new figure", 4e9), ("noise", 1e9))
    rows = [head | dict.fromkeys(figure) | {"part": p, "p05": x, "p50": x, "p95": x} for p, x in parts]
    rows[1] |= figure
    return pd.DataFrame(rows)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """State with the run served, night-1, and a rerun of history; not to be changed by a test."""
    return made_once(tmp_path_factory, "published", publish_one_night)


def publish_one_night(state: Path) -> None:
    prepare_state(state)
    synthetic.take_in(state)
    synthetic.publish(state, "night-1", synthetic.joint_draws(1), news=news_since("rerun-2024"))
    synthetic.rerun_history(state, "rerun-2024", synthetic.joint_draws(2, shift=0.05, n=40))


@pytest.fixture
def hbmcast(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    """Run a command line in this process; gives exit code, standard output and standard error."""

    def run(*words: object, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["hbmcast", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        code = cli.run()
        said = capsys.readouterr()
        return code, said.out, said.err

    return run
