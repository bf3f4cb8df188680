"""Everything a run is asked for, resolved once: places, as-of date, seed, draws."""

import os
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from platformdirs import user_state_path

from flows.runtime.alert_settings import AlertSettings, alert_settings
from flows.runtime.door_settings import DoorSettings, door_settings
from flows.runtime.errors import HbmcastError
from flows.runtime.retention_settings import retention_settings
from flows.runtime.shared_place import SHARE_VARIABLE, check_place
from flows.runtime.task_runner_settings import THREADS, task_runner_setting
from flows.runtime.zone import day_in, zone_of
from models.evidence.tables.files import file_of
from warehouse import layout
from warehouse.retention import RETENTION, Retention

STATE_VARIABLE = "HBMCAST_STATE"
DATA_VARIABLE = "HBMCAST_DATA"
INBOX_VARIABLE = "HBMCAST_INBOX"
WITHDRAW_VARIABLE = "HBMCAST_WITHDRAW"
REFIT_VARIABLE = "HBMCAST_REFIT_DAYS"
SURPRISES_VARIABLE = "HBMCAST_SURPRISES"
TIMEZONE_VARIABLE = "HBMCAST_TIMEZONE"
DEFAULT_TIMEZONE = "UTC"
WAIT, INFORM = "wait", "inform"
DEFAULT_SEED = 20210101
DEFAULT_DRAWS = 12_000
DEFAULT_CHAINS = 4
DEFAULT_POSTERIOR_DRAWS = DEFAULT_DRAWS
FIRST_DRAWS = 9_000
"""Of a state's first forecast, for which somebody waits; told with their error, which may be half as large
again (`models.draws.thresholds.FIRST_THRESHOLDS`)."""
SCENARIO_DRAWS = 4_000
"""A difference draw by draw is far narrower than the forecast itself, so fewer draws than its do."""
# When a posterior that was sampled before is weighted for tonight's evidence, and when it is sampled anew:
# with more figures than this, after so many days, or where a smaller share of the draws would count. Besides,
# whenever code, products, assumptions or rules change, or the weights' Pareto k is above its limit
# (`models.inference.left_out.PARETO_LIMIT`).
REWEIGHTED_FIGURES = 10
REFIT_DAYS = 7
EFFECTIVE_SHARE = 0.7
REPOSITORY = Path(__file__).resolve().parents[2]
"""Where code and base evidence lie: a checkout, or the folder that a wheel was installed into."""
IS_CHECKOUT = (REPOSITORY / "pyproject.toml").is_file()
# What a folder needs to be a base of its own; `hbmcast init` writes no classes and no generations.
BASE_TABLES = ("product_classes", "hbm_generations", "sources", "metrics", "products", "assumptions")


@dataclass(frozen=True)
class Settings:
    """What one run was asked for; nothing downstream asks the clock or the environment again.

    Parameters
    ----------
    state : Path
        Folder of everything that is made: database, draws, posteriors, reports, caches.
    data : Path
        Folder of the base evidence.
    overlays : tuple of Path
        Folders of own evidence laid over the base, each over those before it.
    inbox : Path, optional
        Folder where files are dropped; without it the one in the state folder.
    as_of : date
        Only what was published by this day exists for the run.
    seed : int
        Root of every random stream.
    draws : int
        Number of simulated joint draws.
    chains : int
        Number of Markov chains of the fit.
    posterior_draws : int
        Draws of the fit, over all chains.
    first_draws : int
        Of a state's first forecast, both; 0: as many as ever.
    force : bool
        Refit although nothing changed.
    doors : DoorSettings
        What the readers of the outside world are asked for.
    today : date
        The day of the run in its time zone: nothing can have been published after it.
    withdraw_many : bool
        Whether figures and sources that are gone from the evidence are withdrawn however many they are.
    surprises : str
        'wait': new figures that a second look finds surprising inform only once a person accepted them;
        'inform': they inform, flagged.
    refit_days : int
        Days after which changed evidence is fitted from nothing, whatever an earlier posterior is good for;
        0: always.
    reweighted_figures : int
        Figures that may have changed where a sampled posterior is weighted instead.
    effective_share : float
        Least share of its draws that must count then.
    alerts : AlertSettings
        What the night tells of itself unasked, and where to.
    task_runner : str
        Where fits of vintages, refits and scenarios run: 'threads' of this process, 'dask' (processes of this
        machine) or the address of a Dask scheduler.
    share : str
        Folder or bucket where each published forecast is put for others to read; empty: none.
    kept : Retention
        What is kept, and for how long.
    """

    state: Path
    data: Path
    as_of: date
    seed: int = DEFAULT_SEED
    draws: int = DEFAULT_DRAWS
    chains: int = DEFAULT_CHAINS
    posterior_draws: int = DEFAULT_POSTERIOR_DRAWS
    first_draws: int = 0
    force: bool = False
    doors: DoorSettings = field(default_factory=DoorSettings)
    overlays: tuple[Path, ...] = ()
    inbox: Path | None = None
    today: date = field(default_factory=day_in)
    withdraw_many: bool = False
    surprises: str = INFORM
    refit_days: int = REFIT_DAYS
    reweighted_figures: int = REWEIGHTED_FIGURES
    effective_share: float = EFFECTIVE_SHARE
    alerts: AlertSettings = field(default_factory=AlertSettings)
    task_runner: str = THREADS
    share: str = ""
    kept: Retention = RETENTION

    @property
    def is_first(self) -> bool:
        """Whether a first forecast is to be made (`flows.night.kept_runs.as_first`)."""
        return self.draws == self.posterior_draws == self.first_draws

    @property
    def database(self) -> Path:
        """The published warehouse file."""
        return layout.published_file(self.state)

    @property
    def inbox_folder(self) -> Path:
        """Folder where files are dropped."""
        return self.inbox or layout.inbox_folder(self.state)

    @property
    def lock(self) -> Path:
        """The file locked by the run in progress."""
        return layout.lock_file(self.state)


def state_folder(state: str | Path | None = None) -> Path:
    """Return the state folder: the argument, else the environment's, else the usual one.

    That is `state` beside the code in a checkout, and the user's own place on this platform when hbmcast was
    installed from a wheel.
    """
    usual = REPOSITORY / "state" if IS_CHECKOUT else user_state_path("hbmcast", appauthor=False)
    return Path(state or os.environ.get(STATE_VARIABLE) or usual).expanduser().resolve()


def evidence_folders() -> tuple[Path, tuple[Path, ...]]:
    """Return the base of the evidence, and the folders that the environment lays over it.

    The base is `data` beside the code. A first folder that holds every table a forecast needs is a base of
    its own and takes that one's place.
    """
    named = [word.strip() for word in os.environ.get(DATA_VARIABLE, "").split(os.pathsep)]
    folders = tuple(dict.fromkeys(Path(word).expanduser().resolve() for word in named if word))
    if folders and _is_base(folders[0]):
        return folders[0], folders[1:]
    base = REPOSITORY / "data"
    return base, tuple(folder for folder in folders if folder != base)


def _is_base(folder: Path) -> bool:
    return all(_has_rows(folder / file_of(table)) for table in BASE_TABLES)


def _has_rows(table: Path) -> bool:
    """Templates are no base: laid over it, they take nothing away."""
    try:
        with table.open("rb") as lines:
            return sum(1 for line in islice(lines, 100) if line.strip(b", \t\r\n")) > 1
    except OSError:
        return False


def timezone_name(given: str | None = None) -> str:
    """Return the name of the time zone whose day counts: the argument, else the environment's, else UTC.

    Raises
    ------
    HbmcastError
        There is no such zone.
    """
    in_environment = os.environ.get(TIMEZONE_VARIABLE, "").strip()
    name = given or in_environment or DEFAULT_TIMEZONE
    return zone_of(name, "--timezone" if given else f"{TIMEZONE_VARIABLE} is").key


def parse_as_of(text: str | None, today: date, zone: str) -> date:
    """Read an ISO day; without one, today, which is the day in a zone.

    Raises
    ------
    HbmcastError
        When the text is no ISO day, or a day still to come.
    """
    if not text:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise HbmcastError(f"--as-of {text!r} is no day", "Write it as 2024-12-31") from None
    if day > today:
        raise HbmcastError(
            f"--as-of {day} lies in the future (today is {today} in {zone})", "Give today or an earlier day"
        )
    return day


def resolve(
    *,
    state: str | Path | None = None,
    as_of: str | None = None,
    seed: int | None = None,
    draws: int | None = None,
    force: bool = False,
    timezone: str | None = None,
) -> Settings:
    """Resolve all settings of a run, once.

    Parameters
    ----------
    state, as_of, seed, draws, force, timezone
        As the command line gives them; else those of the environment, or the usual ones.

    Raises
    ------
    HbmcastError
        When one of them makes no sense.
    """
    if draws is not None and draws < 100:
        raise HbmcastError(f"--draws {draws} is too few for a 5 % quantile", "Give at least 100")
    if seed is not None and seed < 0:
        raise HbmcastError(f"--seed {seed} is negative", "Give zero or a positive number")
    data, overlays = evidence_folders()
    inbox = os.environ.get(INBOX_VARIABLE, "").strip()
    zone = timezone_name(timezone)
    # The clock is read once: between two readings a day may end.
    today = day_in(ZoneInfo(zone))
    return Settings(
        state=state_folder(state),
        data=data,
        overlays=overlays,
        inbox=Path(inbox).expanduser().resolve() if inbox else None,
        as_of=parse_as_of(as_of, today, zone),
        today=today,
        seed=DEFAULT_SEED if seed is None else seed,
        draws=DEFAULT_DRAWS if draws is None else draws,
        # More joint draws are only more precise when the posterior they carry has more draws too.
        posterior_draws=max(DEFAULT_POSTERIOR_DRAWS, draws or 0),
        # Who asks for a number gets it.
        first_draws=FIRST_DRAWS if draws is None else 0,
        force=force,
        doors=door_settings(),
        withdraw_many=os.environ.get(WITHDRAW_VARIABLE, "").lower() in ("1", "yes", "true"),
        surprises=_surprises(),
        refit_days=_refit_days(os.environ.get(REFIT_VARIABLE, "").strip()),
        alerts=alert_settings(),
        task_runner=task_runner_setting(),
        share=check_place(os.environ.get(SHARE_VARIABLE, "").strip()),
        kept=retention_settings(),
    )


def _surprises() -> str:
    said = os.environ.get(SURPRISES_VARIABLE, "").strip().lower() or INFORM
    if said not in (WAIT, INFORM):
        raise HbmcastError(
            f"{SURPRISES_VARIABLE}={said} is unknown",
            f"{WAIT}: surprising figures wait for hbmcast review; {INFORM}: they inform, flagged",
        )
    return said


def _refit_days(text: str) -> int:
    if not text:
        return REFIT_DAYS
    if not text.isdigit():
        raise HbmcastError(
            f"{REFIT_VARIABLE} is {text!r}, not a number of days",
            "Give a whole number; 0 fits every change anew",
        )
    return int(text)
