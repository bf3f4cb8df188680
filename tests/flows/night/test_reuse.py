"""What an unchanged night takes from the one before, and what makes it do the work again."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import models.inference.fit
from flows.night import stages
from flows.night.record import Night
from flows.runtime.artifacts import drawn_like, save_frames
from flows.runtime.errors import HbmcastError
from flows.runtime.settings import Settings
from models.inference.fit import Fit
from tests.flows import small_state
from tests.market import MARKET
from warehouse.ingest import ingest

LATE = ("hbm_revenue", "2026", 60e9, "forecast", "2026-03-10", "Yolo")


def quiet(_share: float, _words: str = "") -> None:
    pass


@pytest.fixture
def fitted(monkeypatch) -> list[date]:
    """As-of days of the posteriors that were fitted."""
    days: list[date] = []

    def fake(known, as_of, seed, draws, chains, progress=None, earlier=None, thin=0) -> Fit:
        days.append(as_of)
        ones, seconds = np.ones((chains, 2)), {"import": 1.0, "compile": 2.0, "sample": 3.0}
        return Fit(SimpleNamespace(operator=None, market=MARKET), {"level": ones}, {"energy": ones}, seconds)

    monkeypatch.setattr(models.inference.fit, "fit", fake)
    return days


@pytest.fixture(scope="module")
def taken(tmp_path_factory) -> Path:
    """State that took the evidence in; not to be changed by a test."""
    state = tmp_path_factory.mktemp("taken") / "state"
    small_state.take_in(state, LATE)
    return state


@pytest.fixture
def settings(tmp_path, taken) -> Settings:
    state = Path(shutil.copytree(taken, tmp_path / "state"))
    return Settings(state, small_state.DATA, date(2026, 4, 4))


def take_in(settings: Settings, **changed) -> None:
    ingest(settings.state, small_state.evidence(LATE) | changed, None, "again", datetime.now(UTC))


def fit(settings: Settings) -> Night:
    return stages.fit(settings, Night("run"), quiet)


def test_an_unchanged_night_takes_the_posterior_and_its_tables(settings, fitted, monkeypatch):
    first = fit(settings)
    assert first.seconds == {"import": 1.0, "compile": 2.0, "sample": 3.0}
    again = fit(replace(settings, as_of=date(2026, 4, 5)))
    assert (again.reused_posterior, fitted) == (True, [date(2026, 4, 4)])
    assert (again.content_hash, again.tables_hash) == (first.content_hash, first.tables_hash)

    kept = drawn_like(settings.state, again.posterior, settings.seed, settings.draws, again.tables_hash)
    frame = small_state.pd.DataFrame({"run_id": ["old"], "p50": [1.0]})
    save_frames(kept, {"forecast": frame, "draws": frame})
    monkeypatch.setattr(stages, "evidence_of", lambda *_: pytest.fail("the evidence was read again"))
    done = stages.simulate(settings, again, quiet)
    assert small_state.pd.read_parquet(done.tables / "forecast.parquet")["run_id"].tolist() == ["run"]


def test_force_fits_again(settings, fitted):
    fit(settings)
    assert not fit(replace(settings, force=True)).reused_posterior
    assert len(fitted) == 2


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def from_elsewhere(file: Path) -> None:
    file.write_bytes(b"PK\x03\x04 cut off")


def test_what_is_in_the_way_of_a_posterior_costs_no_fit(settings, fitted):
    file = fit(settings).posterior
    file.unlink()
    (file / "inside").mkdir(parents=True)
    with pytest.raises(HbmcastError, match="is a folder where a posterior belongs"):
        fit(settings)
    assert len(fitted) == 1


def test_a_link_without_end_in_its_place_is_replaced(settings, fitted):
    file = fit(settings).posterior
    file.unlink()
    file.symlink_to("/dev/zero")
    assert not fit(settings).reused_posterior
    assert fit(settings).reused_posterior


@pytest.mark.parametrize("damage", [cut_off, from_elsewhere])
def test_a_damaged_posterior_is_fitted_again_and_one_line_says_so(settings, fitted, damage):
    first = fit(settings)
    # Also one that was read whole before, and is not read again while it lies as it lay.
    assert fit(settings).reused_posterior
    damage(first.posterior)
    again = fit(settings)
    assert (again.posterior, again.reused_posterior, len(fitted)) == (first.posterior, False, 2)
    (line,) = again.notes
    assert first.posterior.name in line
    assert line.endswith("it is fitted again")
    assert "\n" not in line
    assert fit(settings).reused_posterior


@pytest.mark.parametrize(
    "change",
    [{"seed": 7}, {"posterior_draws": 500}, {"chains": 2}, {"as_of": date(2026, 3, 9)}],
    ids=["seed", "draws", "chains", "a day that hides a figure"],
)
def test_other_settings_fit_again(settings, fitted, change):
    fit(settings)
    assert not fit(replace(settings, **change)).reused_posterior


def test_a_changed_figure_or_assumption_fits_again(settings, fitted):
    seen = {fit(settings).content_hash}
    tables = small_state.evidence(LATE)
    tables["figures"].loc[3, "value"] *= 1.01
    take_in(settings, figures=tables["figures"])
    seen.add(fit(settings).content_hash)
    tables["assumptions"].loc[0, "p95"] = "4.2e+06"
    take_in(settings, assumptions=tables["assumptions"], figures=tables["figures"])
    seen.add(fit(settings).content_hash)
    assert len(seen) == len(fitted) == 3


def test_another_month_or_another_scenario_makes_the_tables_again_from_the_same_posterior(settings, fitted):
    settings = replace(settings, as_of=date(2026, 10, 15))
    nights = [fit(settings), fit(replace(settings, as_of=date(2026, 11, 1)))]
    scenarios = small_state.pd.read_csv(small_state.DATA / "scenarios.csv", dtype=str, keep_default_na=False)
    take_in(settings, scenarios=scenarios.head(3))
    nights.append(fit(settings))
    take_in(settings, scenarios=scenarios.head(4))
    nights.append(fit(settings))
    assert len(fitted) == 1
    assert len({night.tables_hash for night in nights}) == 4


def test_tables_are_never_made_without_knowing_what_they_rest_on(settings, fitted):
    with pytest.raises(ValueError, match="what its tables rest on"):
        stages.simulate(settings, replace(fit(settings), tables_hash=""), quiet)
