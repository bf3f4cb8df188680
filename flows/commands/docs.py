"""``make docs``: the site, from docs/, the documents beside the code, and pages that are made."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import Final

from flows.commands.reference_pages import COMMANDS, COOKBOOK, DICTIONARY, reference_pages
from flows.runtime.errors import HbmcastError
from flows.runtime.settings import REPOSITORY

DOCUMENTS: Final = {
    "models/README.md": "model/rooms.md",
    "models/SCORES.md": "model/scores.md",
    "warehouse/README.md": "reference/warehouse.md",
    "dashboards/README.md": "reference/page.md",
    "flows/README.md": "reference/nights.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changes.md",
}
"""Documents that live beside the code they speak of, and their place in the site."""
STANDS_FOR: Final = {
    **DOCUMENTS,
    "warehouse/cookbook": COOKBOOK,
    "warehouse/generated/schema.sql": DICTIONARY["table"][0],
    "warehouse/views.sql": DICTIONARY["view"][0],
    "warehouse/views_evidence.sql": DICTIONARY["view"][0],
    "warehouse/macros.sql": DICTIONARY["macro"][0],
    "flows/commands/cli.py": COMMANDS,
}
"""Where a link to a file of the repository leads in the site: in a checkout it opens the file itself."""
_LINK = re.compile(r"(?<=\]\()([^)#\s]+)((?:#[^)\s]*)?)(?=\))")

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def assemble(folder: Path) -> Path:
    """Put together what the site is built from.

    Parameters
    ----------
    folder : Path
        Folder to write; emptied first.

    Returns
    -------
    Path
        The configuration to build with.

    Raises
    ------
    HbmcastError
        A document links to a file that is no page.
    """
    shutil.rmtree(folder, ignore_errors=True)
    pages = folder / "pages"
    shutil.copytree(REPOSITORY / "docs", pages, ignore=shutil.ignore_patterns("zensical.toml"))
    own = {
        path.relative_to(REPOSITORY).as_posix(): path.relative_to(REPOSITORY / "docs").as_posix()
        for path in sorted((REPOSITORY / "docs").rglob("*.md"))
    }
    for source, target in (own | DOCUMENTS).items():
        written = (REPOSITORY / source).read_text(encoding="utf-8")
        _write(pages / target, linked(written, source, target))
    for target, made in reference_pages().items():
        _write(pages / target, made)
    shutil.copy(REPOSITORY / "docs" / "zensical.toml", folder)
    return folder / "zensical.toml"


def linked(text: str, source: str, target: str) -> str:
    """Turn links between files of the repository into links between pages.

    Parameters
    ----------
    text : str
        Markdown.
    source, target : str
        Its file in the repository, and its page in the site.

    Returns
    -------
    str

    Raises
    ------
    HbmcastError
        A link leads to no page and no file.
    """

    def turned(match: re.Match[str]) -> str:
        link, anchor = match.groups()
        if re.match(r"[a-z]+:", link):
            return match[0]
        file = os.path.normpath(PurePosixPath(source).parent / link)
        page = STANDS_FOR.get(file) or file.removeprefix("docs/")
        if page == file and not (REPOSITORY / file).is_file():
            raise HbmcastError(f"{source}: {link} leads nowhere", "Link to a page, or to what STANDS_FOR has")
        return os.path.relpath(page, PurePosixPath(target).parent) + anchor

    return _LINK.sub(turned, text)


def build(configuration: Path) -> int:
    """Build the site beside its configuration, in `site/`.

    Parameters
    ----------
    configuration : Path
        From `assemble`.

    Returns
    -------
    int
        0, or another number where a link is broken or zensical is missing; standard error says which.
    """
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--config-file", str(configuration)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        # Colours in the middle of words, and below the findings the traceback of what aborted.
        print(_COLOURS.sub("", done.stderr).split("Traceback")[0], file=sys.stderr)
    return done.returncode


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    place = assemble(REPOSITORY / "build" / "docs")
    failed = build(place)
    if not failed:
        print(f"open {place.parent / 'site' / 'index.html'}")
    sys.exit(failed)
