"""A state folder brought from a shared place: for reading, and never over a forecast of one's own."""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from flows.runtime.errors import HbmcastError, StateError
from flows.runtime.shared_place import SharedFile, SharedRun, newest_run
from warehouse import layout
from warehouse.atomic import written_whole
from warehouse.frozen import sha256_of

if TYPE_CHECKING:
    from obstore.store import LocalStore, S3Store


async def bring(store: "LocalStore | S3Store", where: str, state: Path, draws: bool) -> tuple[SharedRun, int]:
    """Bring the run served in a shared place; what was brought before is served until all of it is there.

    Parameters
    ----------
    store : object store
    where : str
        Its address.
    state : Path
    draws : bool
        Whether the joint draws are wanted.

    Returns
    -------
    run : SharedRun
    brought : int
        Bytes that were not there.

    Raises
    ------
    HbmcastError
        Nothing is shared there, something is missing or damaged.
    StateError
        The folder holds a forecast of its own.
    """
    _refuse_own(state)
    missed: SharedRun | None = None
    while True:
        run = await newest_run(store, where)
        if run is None:
            raise HbmcastError(f"nothing is shared at {where} yet", "Nights share there with HBMCAST_SHARE")
        try:
            return run, await _brought(store, where, run, state, draws)
        except FileNotFoundError:
            # A reader so slow that its run was removed meanwhile reads the pointer again.
            if run == missed:
                raise HbmcastError(
                    f"{where} lacks a file of {run.run_id}", "The next night there sends what is missing"
                ) from None
            missed = run


async def _brought(
    store: "LocalStore | S3Store", where: str, run: SharedRun, state: Path, draws: bool
) -> int:
    published = layout.published_file(state)
    folder = f"{layout.DRAWS_FOLDER}/"
    wanted = [file for file in run.files if draws or not file.file.startswith(folder)]
    # The warehouse last: it is what points to the others.
    wanted.sort(key=lambda file: state / file.file == published)
    state.mkdir(parents=True, exist_ok=True)
    layout.write_version(state)
    brought = 0
    for file in wanted:
        target = state / file.file
        if target.is_file() and sha256_of(target) == file.sha256:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(target) as unfinished:
            await _copied(store, where, file, unfinished)
            unfinished.chmod(0o444)
            if target == published:
                _note(state, file.sha256, [one.file for one in wanted])
        brought += file.bytes
    return brought


async def _copied(store: "LocalStore | S3Store", where: str, file: SharedFile, target: Path) -> None:
    digest = hashlib.sha256()
    answer = await store.get_async(file.key)
    with target.open("wb") as out:
        async for part in answer.stream():
            digest.update(part)
            out.write(part)
    if digest.hexdigest() != file.sha256:
        raise HbmcastError(
            f"{where}/{file.key} is damaged: its content is not what was shared",
            "Remove it there; the next night sends it again",
        )


def _refuse_own(state: Path) -> None:
    """Refuse a folder whose forecast was not brought: its figures may be nowhere else."""
    published = layout.published_file(state)
    if published.exists() and sha256_of(published) not in _brought_before(state):
        raise StateError(
            f"{state} holds a forecast of its own, which fetch would replace",
            "Name another folder with --state",
        )


def _brought_before(state: Path) -> dict[str, list[str]]:
    """Files that came with each warehouse brought, by its hash, the last one last."""
    try:
        said = json.loads(layout.fetched_file(state).read_text(encoding="utf-8"))
        return {str(sha256): [str(name) for name in names] for sha256, names in said.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _note(state: Path, sha256: str, files: list[str]) -> None:
    """Note a warehouse about to be put in place, beside the one served: whenever this is stopped, one is.

    What came with earlier ones goes; what is kept for good stays.
    """
    published, before = layout.published_file(state), _brought_before(state)
    served = sha256_of(published) if published.exists() else ""
    kept = {name: names for name, names in before.items() if name == served} | {sha256: files}
    needed = {name for names in kept.values() for name in names}
    for name in {name for names in before.values() for name in names} - needed:
        if not name.startswith(f"{layout.FROZEN_FOLDER}/"):
            (state / name).unlink(missing_ok=True)
    with written_whole(layout.fetched_file(state)) as unfinished:
        unfinished.write_text(json.dumps(kept), encoding="utf-8")
