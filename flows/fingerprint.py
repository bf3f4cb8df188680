"""Content hashes: what a posterior rests on, so that an unchanged night can reuse it."""

import hashlib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pandas as pd

from flows.settings import REPOSITORY

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


def code_hash(package: Path = REPOSITORY / "models") -> str:
    """Hash the code of the model and the versions of the numerical libraries under it."""
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes())
    for name in _NUMERICAL:
        digest.update(f"{name}={_version(name)}".encode())
    return digest.hexdigest()


def run_hash(frames: Mapping[str, pd.DataFrame], **settings: object) -> str:
    """Hash everything a posterior depends on: evidence, code, and settings such as seed and chains."""
    digest = hashlib.sha256(f"{frames_hash(frames)}:{code_hash()}".encode())
    for name in sorted(settings):
        digest.update(f"{name}={settings[name]}".encode())
    return digest.hexdigest()[:32]


def code_version() -> str:
    """Return the version of hbmcast with the start of its model's code hash: `0.1.0+1a2b3c4d`."""
    return f"{_version('hbmcast')}+{code_hash()[:8]}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
