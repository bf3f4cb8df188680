"""What one stage leaves for the next on disk: posteriors as npz, tables as Parquet, whole or not at all."""

import os
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

KEPT_POSTERIORS = 40
# Files of draws that lie among a run's tables: the chain's, and the systems' where there are any.
DRAWS, SYSTEM_DRAWS = "draws.parquet", "system_draws.parquet"


def posterior_file(state: Path, content_hash: str) -> Path:
    """Return where the posterior with a content hash is kept."""
    return state / "posterior" / f"{content_hash}.npz"


def work_folder(state: Path, run_id: str) -> Path:
    """Return the folder where a run's tables and draws wait to be published."""
    return state / "work" / run_id


def save_arrays(path: Path, arrays: Mapping[str, Any]) -> Path:
    """Write named arrays to an npz file.

    Parameters
    ----------
    path : Path
        File to write; it appears whole or not at all.
    arrays : mapping of str to array
        Names such as ``posterior__level`` and ``sample_stats__energy``, shapes (chain, draw, ...).
    """
    import numpy as np

    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        np.savez(file, **arrays)
    partial.replace(path)
    return path


def load_arrays(path: Path) -> dict[str, Any]:
    """Read what `save_arrays` wrote."""
    import numpy as np

    with np.load(path, allow_pickle=False) as kept:
        return {name: kept[name] for name in kept.files}


def group_of(arrays: Mapping[str, Any], group: str) -> dict[str, Any]:
    """Return the arrays of one group by bare name: ``posterior__level`` of 'posterior' is ``level``."""
    start = f"{group}__"
    return {name.removeprefix(start): values for name, values in arrays.items() if name.startswith(start)}


def save_frames(folder: Path, frames: "Mapping[str, pd.DataFrame]") -> Path:
    """Write tables as Parquet files of their names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        partial = folder / f"{name}.part"
        frame.to_parquet(partial, index=False)
        partial.replace(folder / f"{name}.parquet")
    return folder


def load_frames(folder: Path) -> "dict[str, pd.DataFrame]":
    """Read what `save_frames` wrote; the joint draws in the same folder are none of these tables."""
    import pandas as pd

    tables = (path for path in sorted(folder.glob("*.parquet")) if path.name not in (DRAWS, SYSTEM_DRAWS))
    return {path.stem: pd.read_parquet(path) for path in tables}


def drawn_folder(state: Path, posterior: Path, seed: int, draws: int, tables: str = "") -> Path:
    """Return where tables and draws of one posterior, seed and number of draws wait for the next night.

    `tables` is the hash of what the tables rest on besides: `flows.runtime.fingerprint.tables_hash`.
    """
    return state / "drawn" / "-".join([posterior.stem, str(seed), str(draws), *([tables] if tables else [])])


def keep_drawn(folder: Path, kept: Path) -> None:
    """Keep a run's tables and draws, by hard links; what was kept before goes."""
    shutil.rmtree(kept.parent, ignore_errors=True)
    partial = kept.with_name(f"{kept.name}.part")
    partial.mkdir(parents=True)
    for path in folder.glob("*.parquet"):
        _link(path, partial / path.name)
    partial.replace(kept)


def take_drawn(kept: Path, folder: Path, run_id: str, as_of: date) -> None:
    """Hand kept tables and draws to another run: only the id and the as-of day differ."""
    frames = load_frames(kept)
    for frame in frames.values():
        if "run_id" in frame.columns:
            frame["run_id"] = run_id
        if "as_of" in frame.columns:
            frame["as_of"] = as_of
    save_frames(folder, frames)
    for name in (DRAWS, SYSTEM_DRAWS):
        if (kept / name).exists():
            _link(kept / name, folder / name)


def _link(source: Path, target: Path) -> None:
    """Give a file a second name; a copy where the disk knows no links."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        shutil.copy2(source, target)


def tidy(state: Path, run_id: str) -> None:
    """Remove the work of other runs, and old posteriors. Call only while holding the lock."""
    for folder in (state / "work").glob("*"):
        if folder.name != run_id:
            shutil.rmtree(folder, ignore_errors=True)
    newest_first = sorted(
        (state / "posterior").glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True
    )
    for path in newest_first[KEPT_POSTERIORS:]:
        path.unlink(missing_ok=True)
