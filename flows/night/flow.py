"""The Prefect flow `nightly`, as `hbmcast nightly`, `hbmcast schedule` and prefect.yaml run it."""

from typing import cast

from prefect import flow
from prefect.runtime import flow_run

from flows.night.run import NightResult, run_night
from flows.night.stages import REAL


def flow_run_name() -> str:
    """Name a flow run by its as-of day, for Prefect's page."""
    return f"nightly as of {flow_run.parameters.get('as_of') or 'today'}"


@flow(name="nightly", flow_run_name=flow_run_name, persist_result=False)
def nightly(
    as_of: str | None = None,
    force: bool = False,
    seed: int | None = None,
    draws: int | None = None,
    state: str | None = None,
    timezone: str | None = None,
) -> NightResult:
    """Read all figures, fit, simulate, check and publish tonight's forecast."""
    outcome = run_night(
        REAL, as_of=as_of, force=force, seed=seed, draws=draws, state=state, timezone=timezone
    )
    # Of a state, Prefect hands on the result that it holds.
    return cast(NightResult, outcome)
