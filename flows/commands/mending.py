"""What `hbmcast doctor` finds damaged in a state folder, and how `doctor --mend` mends it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from warehouse import layout
from warehouse.errors import first_line

MEND = "hbmcast doctor --mend"
MEND_DRAWS = "hbmcast doctor --draws --mend"


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `level` is 'ok', 'note', 'warning' or 'error'.

    `mend` mends it where that can be done here, and says what it did.
    """

    level: str
    what: str
    remedy: str = ""
    mend: Callable[[], str] | None = field(default=None, compare=False)


def database_faults(folder: Path) -> Iterator[Finding]:
    """Look whether what is served can be read whole."""
    from warehouse.restore import damage, last_good, served_by

    file = layout.published_file(folder)
    beside = file.with_name(file.name + ".wal")
    if beside.exists():
        yield Finding(
            "error",
            f"{beside} lies beside the published file: somebody opened it for writing",
            "Close that program; if none is open, delete the .wal file and run hbmcast nightly",
        )
    fault = damage(file) if file.exists() else "it is gone"
    if not fault:
        return
    good = last_good(folder)
    if good is not None:
        run = served_by(good)
        offered = f"{good.name}, which serves {run.run_id or 'evidence only'}" + f" as of {run.as_of}" * bool(
            run.as_of
        )
        yield Finding(
            "error",
            f"{file} is damaged: {fault}",
            f"{MEND} puts {offered} in its place",
            lambda: _put_back(folder),
        )
    elif file.exists():
        remedy = (
            f"No build is whole. {MEND} sets it aside; then hbmcast nightly begins anew from the evidence"
        )
        yield Finding("error", f"{file} is damaged: {fault}", remedy, lambda: _put_back(folder))
    else:
        yield Finding("note", "nothing is published yet", "hbmcast nightly")


def _put_back(folder: Path) -> str:
    from warehouse.restore import serve_last_good, served_by

    good = serve_last_good(folder)
    if good is None:
        return "the damaged file is set aside; run hbmcast nightly"
    run = served_by(good)
    return f"{good.name} is served, run {run.run_id or '(none)'}; the damaged file is kept in builds/"


def draws_faults(folder: Path, served: str, every_page: bool) -> Iterator[Finding]:
    """Look whether the kept draws are whole; those of the run served that are not are an error."""
    from warehouse.restore import damaged_draws, drop_draws

    if not (folder / layout.draws_file(served)).exists():
        yield Finding(
            "error",
            "the joint draws of the served run are missing",
            "hbmcast nightly makes a new run",
        )
    files = damaged_draws(folder, every_page)
    if files:

        def mend() -> str:
            drop_draws(folder, files)
            return "they are gone, and views of draws show nothing until hbmcast nightly draws anew"

        command = MEND_DRAWS if every_page else MEND
        is_served = any(served in file.parent.name for file in files)
        yield Finding(
            "error" if is_served else "warning",
            f"{len(files)} files of draws are cut short or damaged, first {files[0]}",
            f"{command} takes them away; the forecast stays, and the next night draws anew",
            mend,
        )


def private_faults(folder: Path) -> Iterator[Finding]:
    """Look whether the evidence that may not leave can be read whole; why not is not said.

    Raises
    ------
    PermissionError
        It may be whole, but is not ours to read: no reason to set it aside.
    """
    from warehouse.restore import damage, set_aside_private

    file = layout.private_file(folder)
    if not file.exists():
        return
    with file.open("rb"):
        pass
    # What the database says of a damaged file may quote a private row.
    if damage(file):
        after = (
            "the next night takes today's private rows from the evidence folders again; "
            "their earlier versions are lost with it"
        )
        yield Finding(
            "error",
            f"{file} is damaged: private evidence can't be read, and no night can work",
            f"{MEND} sets it aside; {after}",
            lambda: f"it is now {set_aside_private(folder)}; {after}",
        )


def posterior_faults(folder: Path, served: str) -> Iterator[Finding]:
    """Look whether every posterior opens, and that of the run served can be read whole."""
    import h5py

    for file in sorted(layout.posterior_folder(folder).glob(f"*{layout.POSTERIOR_SUFFIX}")):
        try:
            with h5py.File(file) as opened:
                if file.stem == served:
                    opened.visititems(
                        lambda _name, part: part[()] if isinstance(part, h5py.Dataset) else None
                    )
        except (OSError, RuntimeError) as error:
            reason = first_line(error)
            yield Finding(
                "warning",
                f"posterior {file.name} can't be read: {reason}",
                f"The next night that needs it fits it again; {MEND} takes it away",
                partial(_unlink, file),
            )


def _unlink(file: Path) -> str:
    file.unlink()
    return f"{file} is gone; the next night that needs it fits it again"


def prefect_faults(home: Path) -> Iterator[Finding]:
    """Look whether Prefect's database is whole."""
    from warehouse.prefect_database import damage, set_aside_damaged

    fault = damage(home)
    if fault:
        yield Finding(
            "error",
            f"Prefect's database in {home} is damaged: {fault}",
            f"Stop hbmcast server if it runs; {MEND} sets it aside, and the next night begins a new one",
            lambda: f"it is now {set_aside_damaged(home)}",
        )
