"""Content hashes: what a posterior rests on, so that an unchanged night can reuse it."""

import hashlib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pandas as pd

from flows.settings import REPOSITORY

# What only the systems read: it changes their tables, never the posterior.
SYSTEM_EVIDENCE = (
    *("process", "materials", "system_evidence", "suppliers", "server_content", "cowos_variants"),
    *("supply_chain", "scenarios", "report_findings"),
)
SYSTEM_CODE = ("systems/", "scenarios", "sensitivity", "validation_systems", "lineage")
# A new version of one of these may give other draws for the same seed.
_NUMERICAL = ("numpy", "scipy", "pymc", "pytensor", "nutpie", "numba")


def frames_hash(frames: Mapping[str, pd.DataFrame]) -> str:
    """Hash tables by what they say, whatever the order of their rows and columns.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        The visible evidence, table by table.

    Returns
    -------
    str
        SHA-256 as hexadecimal digits.
    """
    digest = hashlib.sha256()
    for name in sorted(frames):
        frame = frames[name]
        columns = sorted(map(str, frame.columns))
        text = frame.rename(columns=str)[columns].to_csv(index=False, header=False, lineterminator="\n")
        digest.update(f"{name}:{','.join(columns)}\n".encode())
        for line in sorted(text.splitlines()):
            digest.update(line.encode())
            digest.update(b"\n")
    return digest.hexdigest()


def code_hash(package: Path = REPOSITORY / "models", leave_out: tuple[str, ...] = ()) -> str:
    """Hash the code of the model and the versions of the numerical libraries under it.

    Parameters
    ----------
    package : Path
    leave_out : tuple of str
        Files whose path in the package starts so don't count.
    """
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        if name.startswith(leave_out):
            continue
        digest.update(name.encode())
        digest.update(path.read_bytes())
    for name in _NUMERICAL:
        digest.update(f"{name}={_version(name)}".encode())
    return digest.hexdigest()


def run_hash(frames: Mapping[str, pd.DataFrame], **settings: object) -> str:
    """Hash everything a posterior depends on: evidence, code, and settings such as seed and chains.

    Evidence and code that only the systems use stand in `tables_hash`.
    """
    chain = {name: frame for name, frame in frames.items() if name not in SYSTEM_EVIDENCE}
    digest = hashlib.sha256(f"{frames_hash(chain)}:{code_hash(leave_out=SYSTEM_CODE)}".encode())
    for name in sorted(settings):
        digest.update(f"{name}={settings[name]}".encode())
    return digest.hexdigest()[:32]


def tables_hash(frames: Mapping[str, pd.DataFrame], month: str = "") -> str:
    """Hash what the tables of a run rest on besides its posterior.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        All evidence of the day, the systems' too.
    month : str
        Month of the as-of day: scenarios begin in the quarter after it.
    """
    return hashlib.sha256(f"{frames_hash(frames)}:{code_hash()}:{month}".encode()).hexdigest()[:16]


def code_version() -> str:
    """Return the version of hbmcast with the start of its model's code hash: `0.1.0+1a2b3c4d`."""
    return f"{_version('hbmcast')}+{code_hash()[:8]}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
