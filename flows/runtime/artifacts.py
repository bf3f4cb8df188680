"""What a stage leaves for the next on disk: posteriors as netCDF, tables as Parquet, whole or not at all."""

import hashlib
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from flows.runtime.netcdf import read_arrays, read_attributes, read_datatree
from warehouse import layout
from warehouse.atomic import as_it_lies, link_or_copy, set_mark, written_whole
from warehouse.errors import first_line

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from models.inference.posterior import Posterior

# They lie among a run's tables: the chain's draws, and the systems' where there are any.
DRAWS_NAMES = (layout.DRAWS_NAME, layout.SYSTEM_DRAWS_NAME)
# Digits of draws are noise: shuffled by byte and compressed they take 5 % less, whatever the effort.
COMPRESSION = {"compression": "gzip", "compression_opts": 1, "shuffle": True}


def save_posterior(path: Path, posterior: "Posterior", **attributes: str | int) -> Path:
    """Write a posterior as netCDF, an ArviZ data tree with the names of its parameters.

    Parameters
    ----------
    path : Path
        File to write; it appears whole or not at all.
    posterior : Posterior
    **attributes
        What the file says of itself: ``as_of``, ``seed``; of one that was weighted ``reweighted_from``,
        ``n_figures``, ``pareto_k``, ``effective_share``. Version and content hash are added.
    """
    from flows.runtime.fingerprint import code_version
    from models.inference.posterior import to_datatree

    tree = to_datatree(
        posterior, {"hbmcast_version": code_version(), "content_hash": path.stem, **attributes}
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    encoding = {f"/{name}": dict.fromkeys(group.data_vars, COMPRESSION) for name, group in tree.items()}
    # First in memory: on a full disk HDF5 would complain of every data set, and once more at the exit.
    content = tree.to_netcdf(engine="h5netcdf", encoding=encoding)
    with written_whole(path) as unfinished:
        unfinished.write_bytes(content)
    return path


def load_posterior(path: Path) -> "Posterior":
    """Read what `save_posterior` wrote; a file that has not changed since it was read last is not read again.

    Raises
    ------
    OSError, KeyError, ValueError
        The file is missing, cut off or something else.
    """
    return _posterior(path, as_it_lies(path))


# A night needs the posterior that was served and its own, each in several stages.
@lru_cache(maxsize=2)
def _posterior(path: Path, _file: tuple[int, int, int, int]) -> "Posterior":
    from models.inference.posterior import from_datatree

    return from_datatree(read_datatree(path))


def load_draws(path: Path) -> "dict[str, np.ndarray]":
    """Read of what `save_posterior` wrote the draws alone, by block (chain, draw, ...).

    Without xarray, whose loading takes a command longer than all the reading does.

    Raises
    ------
    OSError, KeyError, ValueError
        The file is missing, cut off or something else.
    """
    return read_arrays(path, "posterior")


def about_posterior(path: Path) -> dict[str, Any]:
    """Read what the file of a posterior says of itself; see `save_posterior`."""
    return read_attributes(path)


def kept_posterior(path: Path, say: Callable[[str], object]) -> "Posterior | None":
    """Read a posterior kept from before; none when it is not there, or can't be read, which is said.

    Parameters
    ----------
    path : Path
    say : callable
        Called with one line about a file that can't be read.
    """
    return _kept(path, load_posterior, say)


def kept_draws(path: Path, say: Callable[[str], object]) -> "dict[str, np.ndarray] | None":
    """Read the draws of a posterior kept from before, as `kept_posterior` reads all of it."""
    return _kept(path, load_draws, say)


def _kept[Read](path: Path, load: Callable[[Path], Read], say: Callable[[str], object]) -> Read | None:
    if not path.is_file():
        return None
    try:
        return load(path)
    except (OSError, KeyError, ValueError) as error:
        reason = first_line(error)
        say(f"the kept posterior {path.name} can't be read ({reason}); it is fitted again")
        return None


def posterior_is_kept(state: Path, path: Path, say: Callable[[str], object]) -> bool:
    """Whether a posterior is kept from before that can be read, all of it.

    One that has been read whole, and lies as it lay then, is not read again: most nights need none of it.

    Parameters
    ----------
    state : Path
    path : Path
    say : callable
        As for `kept_posterior`.
    """
    if not path.is_file():
        return False
    name = hashlib.sha256(repr((path.name, *as_it_lies(path))).encode()).hexdigest()
    mark = layout.cache_folder(state, "read") / name
    if mark.is_file():
        return True
    if kept_posterior(path, say) is None:
        return False
    # Where the disk takes no mark, the next night reads it again.
    with suppress(OSError):
        set_mark(mark)
    return True


def save_arrays(path: Path, arrays: "Mapping[str, np.ndarray]") -> Path:
    """Write named arrays to an npz file.

    Parameters
    ----------
    path : Path
        File to write; it appears whole or not at all.
    arrays : mapping of str to ndarray
    """
    import numpy as np

    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as unfinished, unfinished.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    return path


def load_arrays(path: Path) -> "dict[str, np.ndarray]":
    """Read what `save_arrays` wrote."""
    import numpy as np

    with np.load(path, allow_pickle=False) as kept:
        return {name: kept[name] for name in kept.files}


def kept_arrays(path: Path) -> "dict[str, np.ndarray] | None":
    """Read what `save_arrays` wrote; none when it is not there or can't be read."""
    if not path.is_file():
        return None
    try:
        return load_arrays(path)
    except (OSError, EOFError, ValueError, BadZipFile):
        return None


def save_frames(folder: Path, frames: "Mapping[str, pd.DataFrame]") -> Path:
    """Write tables as Parquet files of their names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        with written_whole(folder / f"{name}.parquet") as unfinished:
            frame.to_parquet(unfinished, index=False)
    return folder


def load_frames(folder: Path) -> "dict[str, pd.DataFrame]":
    """Read what `save_frames` wrote; the joint draws in the same folder are none of these tables."""
    import pandas as pd

    tables = (path for path in sorted(folder.glob("*.parquet")) if path.name not in DRAWS_NAMES)
    return {path.stem: pd.read_parquet(path) for path in tables}


def drawn_like(state: Path, posterior: Path, seed: int, draws: int, tables: str = "") -> Path:
    """Return where tables and draws of one posterior, seed and number of draws wait for the next night.

    Parameters
    ----------
    state : Path
    posterior : Path
        Its file, named after its content hash.
    seed, draws : int
    tables : str
        Hash of what the tables rest on besides: `flows.runtime.fingerprint.tables_hash`.

    Returns
    -------
    Path
        A folder, whether it is there or not.
    """
    rests_on = [posterior.stem, str(seed), str(draws), *([tables] if tables else [])]
    return layout.drawn_folder(state, "-".join(rests_on))


def keep_drawn(folder: Path, kept: Path) -> None:
    """Keep a run's tables and draws, by hard links; what was kept before goes."""
    shutil.rmtree(kept.parent, ignore_errors=True)
    kept.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(kept) as unfinished:
        unfinished.mkdir()
        for path in folder.glob("*.parquet"):
            link_or_copy(path, unfinished / path.name)


def reuse_cached_run(kept: Path, folder: Path, run_id: str, as_of: date) -> bool:
    """Copy cached tables and draws into a new run, replacing run_id and as_of.

    Parameters
    ----------
    kept : Path
        Folder of `drawn_like`.
    folder : Path
        Of the new run.
    run_id : str
    as_of : date

    Returns
    -------
    bool
        Whether it did; where a file of what is kept is cut short, all of it goes instead.
    """
    from warehouse.draws import is_whole

    if not all(is_whole(file) for file in kept.glob("*.parquet")):
        shutil.rmtree(kept)
        return False
    frames = load_frames(kept)
    for frame in frames.values():
        if "run_id" in frame.columns:
            frame["run_id"] = run_id
        if "as_of" in frame.columns:
            frame["as_of"] = as_of
    save_frames(folder, frames)
    for name in DRAWS_NAMES:
        if (kept / name).exists():
            link_or_copy(kept / name, folder / name)
    return True
