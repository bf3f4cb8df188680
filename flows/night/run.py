"""One night: ingest, fit, simulate, check, news, publish, report; one run at a time.

Tasks are few and pass paths and ids, never frames or draws. The stages themselves come from outside
(`flows.night.stages`), so that a test can run the same night on small ones.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, TypedDict
from uuid import UUID

from prefect import Task, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext
from prefect.states import Completed, Crashed, State

from flows.night.alerts import tell_failed, tell_published
from flows.night.kept_runs import as_first, settings_after_reading
from flows.night.record import Night, Stage, Stages
from flows.night.share import share_served
from flows.runtime import journal
from flows.runtime.errors import may_pass, one_line
from flows.runtime.fingerprint import code_version
from flows.runtime.journal import AlreadyRunning, Entry, one_run
from flows.runtime.preparation import prepare_environment, prepare_state
from flows.runtime.progress import Progress
from flows.runtime.same_moment import stay_alone
from flows.runtime.settings import Settings, resolve

RETRY_DELAY_SECONDS = 5
ARTIFACT_KEY = "hbmcast-headline"
type Tasks = dict[str, Task[[str], dict[str, Any]]]


class NightResult(TypedDict):
    """What became of a night."""

    status: Literal["published", "skipped"]
    run_id: str
    reason: str
    seconds: dict[str, float]


@dataclass(frozen=True)
class StagePlan:
    """How one stage is run: its words on the progress bar, retries after a passing fault, time limit."""

    name: str
    describes: str
    retries: int
    timeout_seconds: int


READING = StagePlan("ingest", "Reading figures", retries=2, timeout_seconds=600)
PLAN = (
    READING,
    StagePlan("fit", "Fitting the posterior", retries=0, timeout_seconds=3600),
    StagePlan("simulate", "Drawing joint futures", retries=1, timeout_seconds=1800),
    StagePlan("check", "Checking", retries=0, timeout_seconds=600),
    StagePlan("news", "Saying what moved", retries=0, timeout_seconds=900),
    StagePlan("publish", "Publishing", retries=2, timeout_seconds=600),
)
REPORT_PLAN = StagePlan("report", "Drawing the report", retries=0, timeout_seconds=600)


@dataclass
class _Context:
    """What the tasks of one flow run share inside their process; only ids and paths pass through Prefect."""

    asked: Settings
    settings: Settings
    progress: Progress
    entry: Entry
    night: Night = field(default_factory=lambda: Night(run_id=""))


_current: ContextVar[_Context] = ContextVar("night")


def _may_retry(_task: Any, _run: Any, state: State[Any]) -> bool:
    """Retry only what may pass by itself: what we refused ourselves would be refused again."""
    try:
        state.result(raise_on_failure=True)
    except Exception as error:
        return may_pass(error)
    return False


def _as_task(plan: StagePlan, stage: Stage) -> Task[[str], dict[str, Any]]:
    def run(run_id: str) -> dict[str, Any]:
        context = _current.get()
        if plan is not REPORT_PLAN:  # by then the run is published, whatever becomes of its report
            context.entry = journal.at_stage(context.settings.state, context.entry, plan.name)
        notes_before = len(context.night.notes)
        with context.progress.stage(plan.name, plan.describes) as report:
            context.night = stage(context.settings, context.night, report)
        for note in context.night.notes[notes_before:]:
            context.progress.say(note)
        return {"run_id": run_id, "seconds": round(context.progress.seconds[plan.name], 2)}

    return task(
        name=plan.name,
        retries=plan.retries,
        retry_delay_seconds=RETRY_DELAY_SECONDS,
        retry_condition_fn=_may_retry if plan.retries else None,
        timeout_seconds=plan.timeout_seconds,
        cache_policy=NO_CACHE,
        persist_result=False,
    )(run)


def run_night(
    stages: Stages,
    *,
    as_of: str | None = None,
    force: bool = False,
    seed: int | None = None,
    draws: int | None = None,
    state: str | None = None,
    timezone: str | None = None,
    shown: bool = True,
) -> NightResult | State:
    """Run one night inside a Prefect flow.

    Parameters
    ----------
    stages : Stages
        The real ones, or small ones for a test.
    as_of, force, seed, draws, state
        As for `hbmcast nightly`.
    timezone : str, optional
        Zone of the schedule that started it; without one the environment's.
    shown : bool
        Whether progress is written to standard error.

    Returns
    -------
    NightResult or State
        A skipped night comes as a completed state named Skipped with its result inside.
    """
    settings = resolve(state=state, as_of=as_of, force=force, seed=seed, draws=draws, timezone=timezone)
    prepare_environment(settings.state)
    progress = Progress(log=get_run_logger().info, shown=shown)
    with _told_of_failing(settings, progress):
        prepare_state(settings.state)
    try:
        with one_run(settings):
            key = _slot()
            done = journal.slot_taken(settings.state, key) if key else None
            if done:
                return _skipped(progress, f"run {done.run_id} already filled the slot {key}")
            with _told_of_failing(settings, progress):
                context = _begun(settings, stages, progress, key)
            with journal.alive(settings.state, context.night.run_id):
                return _run(stages, context)
    except AlreadyRunning as running:
        return _skipped(progress, str(running))


@contextmanager
def _told_of_failing(settings: Settings, progress: Progress) -> Iterator[None]:
    """Tell of a night that fails before it has begun."""
    try:
        yield
    except AlreadyRunning:
        raise  # it has nothing to do, which is no fault
    except Exception as error:
        tell_failed(settings, "", one_line(error), progress.say)
        raise


def _begun(asked: Settings, stages: Stages, progress: Progress, key: str) -> _Context:
    """Open tonight's journal, and close those of runs that died."""
    settings = as_first(asked)
    run_id = journal.new_run_id(settings)
    here = FlowRunContext.get()
    flow_run_id = str(here.flow_run.id) if here and here.flow_run else ""
    entry = journal.start(settings, run_id, key or run_id, flow_run_id)
    stay_alone(settings.state, entry)
    # Only now: of two machines, one tells of the dead.
    for abandoned in journal.mark_abandoned(settings.state, run_id):
        progress.say(f"run {abandoned.run_id} was abandoned: {abandoned.reason}")
        _note_abandoned(settings, stages, progress, abandoned)
    night = Night(run_id, started_at=datetime.fromisoformat(entry.started_at), code_version=code_version())
    return _Context(asked, settings, progress, entry, night)


def _run(stages: Stages, context: _Context) -> NightResult:
    progress, run_id = context.progress, context.night.run_id
    tasks = {plan.name: _as_task(plan, getattr(stages, plan.name)) for plan in (*PLAN, REPORT_PLAN)}
    token = _current.set(context)
    try:
        for plan in PLAN:
            context.night = replace(context.night, seconds={**context.night.seconds, **progress.seconds})
            tasks[plan.name](run_id)
            if plan is READING:
                context.settings = settings_after_reading(context.settings, context.asked)
    except BaseException as error:
        _record_failure(stages, context, one_line(error))
        raise
    else:
        _close_journal(context, "published")
        _after_publishing(stages, tasks, context)
        return NightResult(status="published", run_id=run_id, reason="", seconds=_rounded(progress.seconds))
    finally:
        _current.reset(token)


def _close_journal(context: _Context, status: str, reason: str = "") -> None:
    """Note how the run ended; where the disk takes no note, that changes nothing of how it did."""
    state, progress = context.settings.state, context.progress
    try:
        journal.finish(state, context.entry, status, reason, progress.seconds)
    except OSError as error:
        progress.say(f"the journal could not be written: {one_line(error)}")


def _note_abandoned(settings: Settings, stages: Stages, progress: Progress, abandoned: Entry) -> None:
    """Tell the warehouse and Prefect of a run that died; neither may keep tonight from running."""
    try:
        stages.failed(settings, _night_of(abandoned), abandoned.reason)
    except Exception as error:
        progress.say(f"that could not be noted in the warehouse: {one_line(error)}")
    tell_failed(settings, abandoned.run_id, abandoned.reason, progress.say)
    if not abandoned.flow_run_id:
        return
    try:
        with get_client(sync_client=True) as client:
            dead: State[Any] = Crashed(message=abandoned.reason)
            client.set_flow_run_state(UUID(abandoned.flow_run_id), dead, force=True)
    except Exception as error:
        # Another server than the one it ran on: there is nothing to correct here.
        progress.say(f"that could not be noted on the Prefect server: {one_line(error)}")


def _record_failure(stages: Stages, context: _Context, reason: str) -> None:
    """Note the failure where readers see it; a second fault on the way must not hide the first."""
    settings = context.settings
    stage = context.entry.stage
    _close_journal(context, "failed", f"{stage}: {reason}")
    try:
        stages.failed(settings, context.night, f"{stage}: {reason}")
    except Exception as second:
        context.progress.say(f"the failure could not be noted in the warehouse either: {one_line(second)}")
    tell_failed(settings, context.night.run_id, f"{stage}: {reason}", context.progress.say)


def _after_publishing(stages: Stages, tasks: Tasks, context: _Context) -> None:
    """Draw the report and the artifact. The forecast is out: a fault here is told and harms nothing."""
    settings = context.settings
    try:
        tasks[REPORT_PLAN.name](context.night.run_id)
    except Exception as error:
        context.progress.say(f"the report could not be drawn: {one_line(error)}; hbmcast report tries again")
    try:
        markdown = stages.headline(settings, context.night)
        create_markdown_artifact(
            markdown, key=ARTIFACT_KEY, description=f"Forecast of {context.night.run_id}"
        )
    except Exception as error:
        context.progress.say(f"the artifact could not be written: {one_line(error)}")
    tell_published(settings, context.night.run_id, context.progress.say)
    if settings.share:
        with context.progress.stage("share", "Sharing"):
            share_served(settings, context.progress.say)


def _skipped(progress: Progress, reason: str) -> State:
    progress.say(f"nothing to do: {reason}")
    result = NightResult(status="skipped", run_id="", reason=reason, seconds={})
    return Completed(name="Skipped", message=f"Nothing to do: {reason}", data=result)


def _slot() -> str:
    """Name the slot of a scheduled run, so that a schedule that fires twice makes one forecast."""
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    if run is None or not run.auto_scheduled or run.expected_start_time is None:
        return ""
    return f"{run.deployment_id}@{run.expected_start_time:%Y-%m-%dT%H:%MZ}"


def _night_of(entry: Entry) -> Night:
    return Night(entry.run_id, started_at=datetime.fromisoformat(entry.started_at), as_of=entry.as_of)


def _rounded(seconds: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 1) for name, value in seconds.items()}
