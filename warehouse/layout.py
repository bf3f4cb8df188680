"""Where things lie in the state folder, and its version."""

from pathlib import Path

from warehouse.errors import WarehouseTooNew

LAYOUT_VERSION = 1
DRAWS_FOLDER = "draws"


def published_file(state: Path) -> Path:
    """Path of the published DuckDB file."""
    return Path(state) / "warehouse.duckdb"


def builds_folder(state: Path) -> Path:
    """Folder of the last builds of the published file."""
    return Path(state) / "builds"


def draws_file(run_id: str) -> str:
    """Path of a run's joint draws, relative to the state folder."""
    return f"{DRAWS_FOLDER}/run_id={run_id}/draws.parquet"


def system_draws_file(run_id: str) -> str:
    """Path of the systems' draws of a run, beside the chain's, relative to the state folder."""
    return f"{DRAWS_FOLDER}/run_id={run_id}/system_draws.parquet"


def version_file(state: Path) -> Path:
    """Path of the file that holds the layout number of the state folder."""
    return Path(state) / "VERSION"


def check_version(state: Path) -> None:
    """Refuse a state folder laid out by a newer version.

    Raises
    ------
    WarehouseTooNew
        When ``VERSION`` holds another number than this version understands.
    """
    path = version_file(state)
    if not path.exists():
        return
    found = path.read_text(encoding="utf-8").strip()
    if not found.isdigit() or int(found) > LAYOUT_VERSION:
        raise WarehouseTooNew(
            f"{path}: state layout {found!r} is not known to this version (it knows up to {LAYOUT_VERSION}); "
            "update hbmcast, or use another state folder"
        )


def write_version(state: Path) -> None:
    """Write the layout number into a state folder that has none."""
    path = version_file(state)
    if not path.exists():
        path.write_text(f"{LAYOUT_VERSION}\n", encoding="utf-8")
