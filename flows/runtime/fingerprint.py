"""Content hashes: what a posterior rests on, so that an unchanged night can reuse it.

Code counts by following imports, wherever in a module they stand: what a module never imports can't change
what it computes. What is imported by a name put together at run time must be given as a root of its own.
"""

import ast
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from flows.runtime.settings import REPOSITORY, Settings
from models.systems.registry import SYSTEM_ASSUMPTIONS, system_modules
from models.vocabulary.results.described import CALLED

if TYPE_CHECKING:
    from models.evidence.chain_evidence import ChainEvidence
    from models.evidence.evidence import Evidence

POSTERIOR_CODE = ("models.inference.fit",)
_PACKAGES = ("models", "flows")
# A line, or several between brackets.
_IMPORT = re.compile(
    r"^[ \t]*(from[ \t]+[\w.]+[ \t]+import[ \t]+(?:\([^)]*\)|.*)|import[ \t]+.*)$", re.MULTILINE
)
# Behind something else on its line, or gone on with behind a backslash.
_ODD_IMPORT = re.compile(
    r"[:;][ \t]*(from[ \t]+[\w.]+[ \t]+)?import[ \t]|^[ \t]*(from|import)\b.*\\$", re.MULTILINE
)
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


@cache
def code_hash(*roots: str, folder: Path = REPOSITORY) -> str:
    """Hash modules with all they import of `models` and `flows`, and the numerical libraries' versions.

    Parameters
    ----------
    *roots : str
        Dotted names of modules: 'models.inference.fit'.
    folder : Path
        Where the packages lie.

    Raises
    ------
    FileNotFoundError
        There is no such module.
    """
    digest = hashlib.sha256()
    for name, text in sorted(imported_texts(roots, folder).items()):
        digest.update(f"{name}\n{text}".encode())
    for name in _NUMERICAL:
        digest.update(f"{name}={_version(name)}".encode())
    return digest.hexdigest()


def imported_texts(roots: tuple[str, ...], folder: Path) -> dict[str, str]:
    """Texts of modules and of all that they import, by name."""
    found: dict[str, str] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        path = folder / f"{name.replace('.', '/')}.py"
        # `from models import fit` names a module, `from models.inference.fit import sample` does not.
        if name in found or (name not in roots and not path.is_file()):
            continue
        found[name] = path.read_text(encoding="utf-8")
        waiting += imported_names(found[name])
        waiting = [name for name in waiting if name.startswith(tuple(f"{p}." for p in _PACKAGES))]
    return found


def imported_names(text: str) -> list[str]:
    """Names that a module's text imports, wherever in it: modules, and what is taken from them.

    To parse all of the code of a night takes a second of it, so only what looks like an import is parsed, and
    the whole text where that can't be told apart.
    """
    if not _ODD_IMPORT.search(text):
        try:
            return _imported("\n".join(found[1] for found in _IMPORT.finditer(text)))
        except SyntaxError:
            pass
    return _imported(text)


def _imported(text: str) -> list[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


def run_code(folder: Path = REPOSITORY) -> str:
    """Hash the code behind everything that a night makes, what it imports by name included."""
    called = sorted({table.made_by for table in CALLED})
    return code_hash("flows.night.stages", *system_modules(), *called, folder=folder)


def run_hash(evidence: "ChainEvidence", **settings: object) -> str:
    """Hash everything a posterior depends on: evidence, code, and settings such as seed and chains.

    Evidence and code that only what comes after the posterior uses stand in `tables_hash`.
    """
    chain = evidence.chain_tables()
    if len(assumed := evidence.assumptions):
        of_systems = assumed["assumption"].astype(str).str.startswith(SYSTEM_ASSUMPTIONS)
        chain["assumptions"] = assumed[~of_systems]
    digest = hashlib.sha256(f"{frames_hash(chain)}:{code_hash(*POSTERIOR_CODE)}".encode())
    for name in sorted(settings):
        digest.update(f"{name}={settings[name]}".encode())
    return digest.hexdigest()[:32]


def posterior_hash(evidence: "ChainEvidence", settings: Settings, **more: object) -> str:
    """Hash what the posterior of a run rests on: evidence, code, and what its settings ask of the sampler.

    Parameters
    ----------
    evidence : ChainEvidence
    settings : Settings
    **more
        What else it rests on: the posterior that it was weighted from.
    """
    asked = {"seed": settings.seed, "chains": settings.chains, "posterior_draws": settings.posterior_draws}
    return run_hash(evidence, **asked, **more)


def tables_hash(evidence: "Evidence", month: str = "") -> str:
    """Hash what the tables of a run rest on besides its posterior.

    Parameters
    ----------
    evidence : Evidence
        All evidence of the day, the systems' too.
    month : str
        Month of the as-of day: scenarios are counted from it.
    """
    return hashlib.sha256(f"{frames_hash(evidence.tables())}:{run_code()}:{month}".encode()).hexdigest()[:16]


def code_version() -> str:
    """Return the version of hbmcast with the start of the hash of its code: `0.1.0+1a2b3c4d`."""
    return f"{_version('hbmcast')}+{run_code()[:8]}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
