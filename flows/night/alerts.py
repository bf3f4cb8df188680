"""Alerts of a night: a headline that moved, a night that failed, a source that is stale.

They go to a webhook and to the Prefect server, each where it is asked for. What fails here is told in one
line and harms nothing.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flows.night.kept_runs import published_runs
from flows.night.news import earlier_runs, forecast_of
from flows.runtime.errors import HbmcastError, one_line
from flows.runtime.journal import now
from flows.runtime.own_loop import in_own_loop
from flows.runtime.settings import Settings
from models.vocabulary.results.news import LAST_RUN

MOVED, FAILED, STALE = "headline-moved", "night-failed", "source-stale"
SECONDS = 20.0
"""All alerts of a night together may take so long."""
type Say = Callable[[str], object]


@dataclass(frozen=True)
class Alert:
    """What is told; its fields are those of the JSON that is posted.

    Parameters
    ----------
    kind : str
        'headline-moved', 'night-failed' or 'source-stale'.
    text : str
        In words.
    run : str
        Id of the run; empty where it had none yet.
    quantity : str or None
        Headline quantity that moved.
    numbers : dict
    """

    kind: str
    text: str
    run: str
    quantity: str | None = None
    numbers: dict[str, Any] = field(default_factory=dict)


def tell_published(settings: Settings, run_id: str, say: Say) -> None:
    """Tell which headlines of a published run moved, and which sources are stale. Raises nothing.

    Parameters
    ----------
    settings : Settings
    run_id : str
    say : callable
        Told in a line of what could not be found out or sent.
    """
    _tell(settings, (_moved, _stale), run_id, say)


def tell_failed(settings: Settings, run_id: str, reason: str, say: Say) -> None:
    """Tell that a night failed, and why. Raises nothing.

    Parameters
    ----------
    settings : Settings
    run_id : str
        Empty where the night could not begin.
    reason : str
        In one line.
    say : callable
        As for `tell_published`.
    """

    def failed(_settings: Settings, run_id: str) -> list[Alert]:
        return [Alert(FAILED, f"hbmcast: the night {run_id or 'could not begin'} failed: {reason}", run_id)]

    _tell(settings, (failed,), run_id, say)


def _tell(
    settings: Settings, found_by: Sequence[Callable[[Settings, str], list[Alert]]], run_id: str, say: Say
) -> None:
    if not settings.alerts.wanted:
        return
    alerts: list[Alert] = []
    for find in found_by:
        try:
            alerts += find(settings, run_id)
        except Exception as error:
            say(f"what to alert to could not be found out: {one_line(error)}")
    for send in (_post, _emit):
        try:
            if alerts:
                send(settings, alerts)
        except Exception as error:
            say(f"alerts could not be sent: {one_line(error)}")


def _moved(settings: Settings, run_id: str) -> list[Alert]:
    # A rerun of history is not tonight's forecast.
    if settings.as_of != settings.today:
        return []
    runs = published_runs(settings.state)
    tonight = next((run for run in runs if run.run_id == run_id), None)
    earlier = earlier_runs([run for run in runs if run.run_id != run_id], settings).get(LAST_RUN)
    if tonight is None or earlier is None:
        return []
    from dashboards.labels import number, quantity_title, quantity_unit
    from models.attribution.headline_moves import headline_moves
    from models.attribution.news import unmoved

    rows = unmoved(forecast_of(settings, earlier), forecast_of(settings, tonight))
    alerts = []
    for move in headline_moves(rows, settings.alerts.move):
        divisor, unit = quantity_unit(move.quantity, move.unit, [move.earlier])
        ends = f"from {number(move.earlier / divisor)} to {number(move.later / divisor)} {unit}"
        what = f"{quantity_title(move.quantity)} {move.period}"
        text = f"hbmcast: the median of {what} went {ends} ({move.share:+.1%}) since {earlier.run_id}"
        numbers = {name: cell for name, cell in asdict(move).items() if name != "quantity"}
        if not math.isfinite(move.share):
            numbers["share"] = None  # JSON has no infinity
        numbers |= {"limit": settings.alerts.move, "earlier_run": earlier.run_id}
        alerts.append(Alert(MOVED, text, run_id, move.quantity, numbers))
    return alerts


def _stale(settings: Settings, run_id: str) -> list[Alert]:
    from flows.sources.ages import source_ages

    limit, at = settings.alerts.stale_days, now()
    alerts = []
    for age in source_ages(settings.state):
        days = age.days_since_good(at)
        if not age.fails or (days is not None and days < limit):
            continue
        since = "never answered well" if days is None else f"gave no good answer for {days:.0f} days"
        text = f"hbmcast: the {age.door} source {age.source} {since}: {age.failure}"
        numbers = {"source": age.source, "door": age.door, "days": days, "limit": limit}
        alerts.append(Alert(STALE, text, run_id, None, numbers))
    return alerts


def _post(settings: Settings, alerts: Sequence[Alert]) -> None:
    """Post each alert.

    Raises
    ------
    HbmcastError
        When not all were taken in time; the first that fails is the last that is tried.
    """
    url = settings.alerts.webhook
    if not url:
        return
    import httpx

    async def posted() -> None:
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            for alert in alerts:
                async with client.stream("POST", url, json=asdict(alert)) as answer:
                    if not answer.is_success:
                        raise HbmcastError(f"it answered {answer.status_code} {answer.reason_phrase}".strip())

    try:
        # One deadline for all of it: httpx's own is for each piece that arrives.
        in_own_loop(posted, SECONDS)
    except (TimeoutError, httpx.TimeoutException):
        why = f"no answer within {SECONDS:g} s"
    except HbmcastError as error:
        why = error.reason
    except httpx.HTTPError as error:
        why = f"{type(error).__name__} {error}"
    else:
        return
    # The rest of the address is a secret as a rule.
    raise HbmcastError(f"the webhook on {urlsplit(url).hostname} did not take them: {why.replace(url, 'it')}")


def _emit(settings: Settings, alerts: Sequence[Alert]) -> None:
    """Put each alert on the Prefect server as an event, for its automations."""
    if not settings.alerts.events:
        return
    from prefect.events import emit_event

    for alert in alerts:
        resource = {
            "prefect.resource.id": f"hbmcast.nightly.{alert.kind}",
            "prefect.resource.name": "hbmcast",
        }
        if emit_event(f"hbmcast.{alert.kind}", resource=resource, payload=asdict(alert)) is None:
            raise HbmcastError("Prefect took no event", "Look at PREFECT_API_URL")
