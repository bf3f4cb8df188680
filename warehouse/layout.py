"""The one map of the state folder: where everything lies, who fills it, and the number of this layout.

=====================  ========================================================================
VERSION                number of the layout
lock                   held by the run in progress
warehouse.duckdb       the published warehouse, a second name of the newest build
builds/                the last builds of it, and the lock of who publishes
archive/<table>/       rows of earlier runs, a file for some runs; the builds say which they read
draws/run_id=<run>/    joint draws of the last runs, the chain's and the systems'
frozen/                what of each published run is kept for good: nothing here is ever deleted
posterior/             posteriors by content hash
backtest/              posteriors of vintages; in systems/ the draws of their systems' targets
drawn/                 tables and draws of the last night, for a night that would draw the same
work/<run>/            tables and draws that wait to be published
reports/               one HTML file a run
runs/                  the journal, one file a run
raw/<door>/            raw answers of the network: feeds, filings, lists of press pages and the pages
raw/own_rows.json      rows that the folders of own evidence last gave
private/               evidence that may not leave, and what of a run speaks of single ones of it
inbox/                 files dropped by hand, unless HBMCAST_INBOX names another folder
review/                figures that wait for a person, and what was decided: nothing here is ever deleted
fetched.json           in a folder brought from a shared place: which warehouses were
notes/                 reviewers' notes on runs, a file a note: nothing here is ever deleted
prefect/               Prefect's database and logs
cache/                 compiled code, fonts, charts, the empty warehouse, what was checked and taken in
=====================  ========================================================================
"""

from pathlib import Path

from warehouse.atomic import written_whole
from warehouse.errors import WarehouseTooNew

LAYOUT_VERSION = 1
DRAWS_FOLDER = "draws"
ARCHIVE_FOLDER = "archive"
FROZEN_FOLDER = "frozen"
REPORTS_FOLDER = "reports"
# The folders that a new state folder starts with.
FOLDERS = ("builds", DRAWS_FOLDER, "posterior", REPORTS_FOLDER, "prefect", "cache", "runs", "raw", "work")
# All there are: a file in the place of one stops a night before it has cost anything.
ALL_FOLDERS = (*FOLDERS, ARCHIVE_FOLDER, FROZEN_FOLDER, "backtest", "drawn", "inbox", "review", "notes")
# Start of the name of the folder of a run's draws; the macro `draws_of_run` puts its path together in SQL.
RUN_FOLDER = "run_id="
# Files of draws, in the folder of a run's draws and among the tables that wait to be published.
DRAWS_NAME, SYSTEM_DRAWS_NAME = "draws.parquet", "system_draws.parquet"
POSTERIOR_SUFFIX = ".nc"


def version_file(state: Path) -> Path:
    """Path of the file that holds the layout number of the state folder."""
    return Path(state) / "VERSION"


def lock_file(state: Path) -> Path:
    """Path of the file locked by the run in progress."""
    return Path(state) / "lock"


def published_file(state: Path) -> Path:
    """Path of the published DuckDB file."""
    return Path(state) / "warehouse.duckdb"


def builds_folder(state: Path) -> Path:
    """Folder of the last builds of the published file."""
    return Path(state) / "builds"


def build_files(state: Path) -> list[Path]:
    """List the builds of the published file, the newest first."""
    return sorted(builds_folder(state).glob("warehouse-*.duckdb"), key=build_number, reverse=True)


def build_number(build: Path) -> int:
    """Return the number of a build; 0 of a file that has none."""
    digits = build.stem.removeprefix("warehouse-")
    return int(digits) if digits.isdigit() else 0


def publish_lock(state: Path) -> Path:
    """Path of the file locked by who builds and publishes."""
    return builds_folder(state) / "publish.lock"


def archive_folder(state: Path) -> Path:
    """Folder of the rows of earlier runs, a folder in it for each table."""
    return Path(state) / ARCHIVE_FOLDER


def archive_file(table: str, build: str) -> str:
    """Path of the rows of a table that a build took to the archive, relative to the state folder."""
    return f"{ARCHIVE_FOLDER}/{table}/{build}.parquet"


def draws_folder(state: Path) -> Path:
    """Folder of the joint draws, a folder in it for each run."""
    return Path(state) / DRAWS_FOLDER


def frozen_file(run_id: str) -> str:
    """Path of what is kept for good of a run's forecast, relative to the state folder."""
    return f"{FROZEN_FOLDER}/{run_id}.parquet"


def frozen_folder(state: Path) -> Path:
    """Folder of what of each published run is kept for good."""
    return Path(state) / FROZEN_FOLDER


def draws_file(run_id: str) -> str:
    """Path of a run's joint draws, relative to the state folder."""
    return f"{DRAWS_FOLDER}/{RUN_FOLDER}{run_id}/{DRAWS_NAME}"


def system_draws_file(run_id: str) -> str:
    """Path of the systems' draws of a run, beside the chain's, relative to the state folder."""
    return f"{DRAWS_FOLDER}/{RUN_FOLDER}{run_id}/{SYSTEM_DRAWS_NAME}"


def posterior_folder(state: Path) -> Path:
    """Folder of the posteriors."""
    return Path(state) / "posterior"


def posterior_file(state: Path, content_hash: str) -> Path:
    """Path of the posterior with a content hash."""
    return posterior_folder(state) / f"{content_hash}{POSTERIOR_SUFFIX}"


def vintages_folder(state: Path) -> Path:
    """Folder of the posteriors of a backtest's vintages."""
    return Path(state) / "backtest"


def vintage_file(state: Path, content_hash: str) -> Path:
    """Path of the posterior of a vintage with a content hash."""
    return vintages_folder(state) / f"{content_hash}{POSTERIOR_SUFFIX}"


def vintage_systems_folder(state: Path) -> Path:
    """Folder of the draws of the vintages' systems."""
    return vintages_folder(state) / "systems"


def drawn_folder(state: Path, name: str) -> Path:
    """Folder of tables and draws kept for a night that would make the same; `name` says what they rest on."""
    return Path(state) / "drawn" / name


def work_folder(state: Path, run_id: str | None = None) -> Path:
    """Folder where a run's tables and draws wait to be published; without a run the folder of all those."""
    return Path(state) / "work" / (run_id or "")


def journal_folder(state: Path) -> Path:
    """Folder of the journal."""
    return Path(state) / "runs"


def journal_file(state: Path, run_id: str) -> Path:
    """Path of a run's page of the journal."""
    return journal_folder(state) / f"{run_id}.json"


def report_file(state: Path, run_id: str) -> Path:
    """Path of a run's HTML report."""
    return Path(state) / REPORTS_FOLDER / f"{run_id}.html"


def raw_folder(state: Path, of_door: str) -> Path:
    """Folder of the raw answers that came in through a door (`models.vocabulary.results.doors`)."""
    return Path(state) / "raw" / of_door


def private_file(state: Path) -> Path:
    """Path of the database of evidence that may not leave."""
    return Path(state) / "private" / "evidence.duckdb"


def own_rows_file(state: Path) -> Path:
    """Path of the file that keeps what the folders of own evidence last gave."""
    return Path(state) / "raw" / "own_rows.json"


def inbox_folder(state: Path) -> Path:
    """Folder where files are dropped by hand, unless the settings name another."""
    return Path(state) / "inbox"


def review_folder(state: Path) -> Path:
    """Folder of the review queue, a file a proposal."""
    return Path(state) / "review"


def notes_folder(state: Path) -> Path:
    """Folder of the reviewers' notes, a file a note."""
    return Path(state) / "notes"


def fetched_file(state: Path) -> Path:
    """Path of the file that says which warehouses were brought from a shared place."""
    return Path(state) / "fetched.json"


def prefect_folder(state: Path) -> Path:
    """Folder that Prefect calls its home."""
    return Path(state) / "prefect"


def cache_folder(state: Path, part: str = "") -> Path:
    """Folder of what can be made again at any time; `part` is one of ``charts``, ``numba``, ..."""
    return Path(state) / "cache" / part


def charts_folder(state: Path) -> Path:
    """Folder of the charts kept for the next report."""
    return cache_folder(state, "charts")


def version_text(state: Path) -> str | None:
    """Return what the state folder says its layout is; None where it says nothing."""
    path = version_file(state)
    return path.read_text(encoding="utf-8", errors="replace").strip() if path.exists() else None


def check_version(state: Path) -> None:
    """Refuse a state folder laid out by a newer version.

    Raises
    ------
    WarehouseTooNew
        When ``VERSION`` holds another number than this version understands.
    """
    found = version_text(state)
    if found is not None and (not found.isdigit() or int(found) > LAYOUT_VERSION):
        raise WarehouseTooNew(
            f"{version_file(state)}: state layout {found!r} is not known to this version (it knows up to "
            f"{LAYOUT_VERSION}); update hbmcast, or use another state folder"
        )


def write_version(state: Path) -> None:
    """Write the layout number into a state folder that has none."""
    path = version_file(state)
    if not path.exists():
        with written_whole(path) as unfinished:
            unfinished.write_text(f"{LAYOUT_VERSION}\n", encoding="utf-8")
