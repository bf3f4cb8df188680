"""A shared place: a folder or a bucket where the forecast served lies for others to read.

====================  =====================================================================
files/<hash><suffix>  what runs consist of, named by their content: never changed, only added
runs/<moment>.json    what one run consists of; those of the last runs
latest.json           the same of the run served: written last, in one step
====================  =====================================================================

Whoever reads ``latest.json`` finds all of its files there, so a reader sees a whole run or the one before.
"""

import json
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from flows.runtime.alert_settings import HERE
from flows.runtime.errors import HbmcastError
from flows.runtime.own_loop import in_own_loop
from warehouse.errors import first_line

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import LocalStore, S3Store

SHARE_VARIABLE = "HBMCAST_SHARE"
ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL"

LAYOUT = 1
LATEST, FILES, RUNS = "latest.json", "files", "runs"
KEPT_RUNS = 7
"""Runs whose files stay in the shared place."""
# What is on its way there, and what somebody may be reading, is no leftover yet.
UNTOUCHED = timedelta(days=1)
SECONDS = 1800.0
"""Everything that a night sends, or a reader fetches, may take so long."""
_REQUEST = {"connect_timeout": "5s", "timeout": "120s"}
_RETRIES = {"max_retries": 3, "retry_timeout": timedelta(seconds=60)}
_HASH = re.compile(r"[0-9a-f]{64}")
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._=-]*")


class SharedFile(NamedTuple):
    """One file of a run.

    Parameters
    ----------
    file : str
        Path in a state folder.
    sha256 : str
        Hash of its content, hexadecimal.
    bytes : int
    """

    file: str
    sha256: str
    bytes: int

    @property
    def key(self) -> str:
        """Where it lies in the shared place."""
        return f"{FILES}/{self.sha256}{Path(self.file).suffix}"


@dataclass(frozen=True)
class SharedRun:
    """A run as it lies in a shared place.

    Parameters
    ----------
    run_id, as_of, published_at : str
        Days and moments in ISO form, UTC.
    files : tuple of SharedFile
    """

    run_id: str
    as_of: str
    published_at: str
    files: tuple[SharedFile, ...]

    @property
    def order(self) -> tuple[str, str]:
        """What decides which of two runs is served."""
        return self.as_of, self.published_at

    @property
    def key(self) -> str:
        """Where its list of files lies in the shared place."""
        moment = re.sub(r"[^0-9T]", "", self.published_at)
        return f"{RUNS}/{moment}-{self.run_id}.json"

    def text(self) -> str:
        """Write it as JSON."""
        said = {**asdict(self), "files": [file._asdict() for file in self.files]}
        return json.dumps({"layout": LAYOUT, **said}, indent=1) + "\n"


def read_run(text: str | bytes, where: str) -> SharedRun:
    """Read what `SharedRun.text` wrote; whoever may write there may write anything.

    Raises
    ------
    HbmcastError
        It is something else, of a newer version, or names a file outside a state folder.
    """
    try:
        said = json.loads(text)
        if int(said["layout"]) > LAYOUT:
            raise HbmcastError(f"{where} was shared by a newer hbmcast", "Update hbmcast")
        files = tuple(SharedFile(str(f["file"]), str(f["sha256"]), int(f["bytes"])) for f in said["files"])
        run = SharedRun(str(said["run_id"]), str(said["as_of"]), str(said["published_at"]), files)
    except (ValueError, TypeError, KeyError) as error:
        raise HbmcastError(f"{where} is no list of a shared run ({type(error).__name__}: {error})") from error
    for file in files:
        parts = file.file.split("/")
        if not _HASH.fullmatch(file.sha256) or not all(_SAFE.fullmatch(part) for part in parts):
            raise HbmcastError(f"{where} names the file {file.file!r}, which is none of a state folder")
    return run


def check_place(address: str) -> str:
    """Check the address of a shared place without asking it.

    Raises
    ------
    HbmcastError
        It is neither a folder nor a bucket.
    """
    if "://" not in address:
        return str(Path(address).expanduser().resolve()) if address else ""
    parts = urlsplit(address)
    if parts.scheme != "s3" or not parts.hostname:
        raise HbmcastError(f"{address} is no shared place", "Give a folder, or s3://BUCKET/PREFIX")
    endpoint = urlsplit(os.environ.get(ENDPOINT_VARIABLE, ""))
    if endpoint.scheme == "http" and endpoint.hostname not in HERE:
        raise HbmcastError(
            f"{ENDPOINT_VARIABLE} is an address without encryption",
            f"Give one that begins with https://; http:// only on {' or '.join(HERE)}",
        )
    return address


def open_place(address: str, make: bool) -> "LocalStore | S3Store":
    """Open a shared place.

    Parameters
    ----------
    address : str
        From `check_place`. For a bucket AWS's own variables say the rest: AWS_ENDPOINT_URL, AWS_REGION,
        AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
    make : bool
        Whether a folder that is not there is made.
    """
    from obstore.store import LocalStore, S3Store

    if "://" not in address:
        return LocalStore(address, mkdir=make)
    plain = urlsplit(os.environ.get(ENDPOINT_VARIABLE, "")).scheme == "http"
    options: dict[str, Any] = {**_REQUEST, "allow_http": plain}
    return S3Store.from_url(address, client_options=options, retry_config=_RETRIES)  # type: ignore[arg-type]


def within_time[Result](ask: Callable[[], Awaitable[Result]], address: str) -> Result:
    """Wait for what is asked of a shared place, but not longer than `SECONDS`.

    Raises
    ------
    HbmcastError
        The place did not do it, in one line.
    """
    from obstore import exceptions

    try:
        return in_own_loop(ask, SECONDS)
    except TimeoutError:
        raise HbmcastError(f"{address} was not done within {SECONDS:g} s") from None
    except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError) as error:
        raise HbmcastError(
            f"{address} refuses these credentials", "Look at AWS_ACCESS_KEY_ID and what it may do there"
        ) from error
    except (exceptions.BaseError, OSError) as error:
        first = first_line(error)
        raise HbmcastError(f"{address}: {first[:300]}") from error


async def newest_run(store: "LocalStore | S3Store", where: str) -> SharedRun | None:
    """Read which run is served there; none where nothing was shared yet."""
    try:
        found = await (await store.get_async(LATEST)).bytes_async()
    except FileNotFoundError:
        return None
    return read_run(bytes(found), f"{where}/{LATEST}")


async def send(store: "LocalStore | S3Store", run: SharedRun, paths: Mapping[str, Path], where: str) -> int:
    """Put a run into a shared place: what is not there yet, then the list, then the pointer to it.

    Parameters
    ----------
    store : object store
    run : SharedRun
    paths : mapping of str to Path
        Where its files are, by `SharedFile.file`; they must not change meanwhile.
    where : str
        Address, for messages.

    Returns
    -------
    int
        Bytes sent.

    Raises
    ------
    HbmcastError
        A later run is served there.
    """
    before = await newest_run(store, where)
    if before is not None and before.order > run.order:
        raise HbmcastError(f"{where} serves the later run {before.run_id} as of {before.as_of}")
    there = {meta["path"]: meta["size"] for meta in await _listed(store, FILES)}
    sent = 0
    for file in run.files:
        # A whole file or none lies under a hash.
        if there.get(file.key) != file.bytes:
            await store.put_async(file.key, paths[file.file])
            sent += file.bytes
    text = run.text().encode()
    await store.put_async(run.key, text)
    await store.put_async(LATEST, text)
    return sent


async def tidy(store: "LocalStore | S3Store", where: str) -> int:
    """Remove the lists of all but the last `KEPT_RUNS` runs, and files that none of those needs.

    Returns
    -------
    int
        Files removed.
    """
    lists = sorted(meta["path"] for meta in await _listed(store, RUNS))
    serving = await newest_run(store, where)
    kept = [serving] if serving else []
    for path in lists[-KEPT_RUNS:]:
        kept.append(read_run(bytes(await (await store.get_async(path)).bytes_async()), f"{where}/{path}"))
    needed = {file.key for run in kept for file in run.files}
    oldest = datetime.now(UTC) - UNTOUCHED
    files = await _listed(store, FILES)
    old = [m["path"] for m in files if m["path"] not in needed and m["last_modified"] < oldest]
    # The lists go first: one must never name a file that is gone.
    gone = [*lists[:-KEPT_RUNS], *old]
    if gone:
        await store.delete_async(gone)
    return len(old)


async def _listed(store: "LocalStore | S3Store", folder: str) -> "list[ObjectMeta]":
    return [meta async for chunk in store.list(folder) for meta in chunk]
