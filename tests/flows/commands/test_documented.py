"""Every command, query and script of the documents runs, or is listed with the reason."""

import re
import shutil
from pathlib import Path

import pytest
import typer.main

from flows.commands.cli import app
from flows.commands.output import is_quiet
from tests.documented import NOT_RUN, TEXTS, blocks, documented, pages, runs, words_of
from tests.places import ROOT
from warehouse.connect import connect


@pytest.fixture(scope="module")
def folder(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stands for a clone in which a night was made: `state/` is published."""
    place = tmp_path_factory.mktemp("clone")
    shutil.copytree(published, place / "state")
    (place / "warehouse").symlink_to(ROOT / "warehouse")
    return place


@pytest.fixture(autouse=True)
def in_the_clone(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HBMCAST_STATE", str(folder / "state"))


def test_every_block_says_what_it_is():
    unknown = {
        (page.name, language)
        for page in pages()
        for language, _ in blocks(page)
        if language not in ("sh", "sql", "python", "r", *TEXTS)
    }
    assert unknown == set()


def test_a_reason_is_given_for_something():
    everything = [one.text for one in documented()]
    assert [start for start in NOT_RUN if not any(text.startswith(start) for text in everything)] == []
    left = [one for one in documented() if one.why_not_run]
    assert len(left) < len(everything)


@pytest.mark.parametrize("one", runs("sh", systems=False), ids=lambda one: one.text)
def test_commands(one, hbmcast):
    assert one.text.startswith("hbmcast "), f"{one.page}: neither run nor listed in NOT_RUN: {one.text}"
    words, file = words_of(one.text)
    code, out, err = hbmcast(*words, stdin=Path(file).read_text(encoding="utf-8") if file else "")
    assert code == 0, f"{one.page}: {one.text}\n{err}"
    assert (out + err).strip()


@pytest.mark.parametrize("one", runs("sql", systems=False), ids=lambda one: one.text.splitlines()[0])
def test_queries(one, folder):
    with connect(folder / "state") as connection:
        connection.execute(one.text)


@pytest.mark.parametrize("one", runs("python", systems=False), ids=lambda one: one.text.splitlines()[0])
def test_scripts(one):
    exec(compile(one.text, one.page, "exec"), {})


def test_commands_that_are_not_run_are_at_least_understood():
    """Their options exist and have values of the right kind."""
    command = typer.main.get_command(app)
    for one in documented():
        if one.why_not_run and one.text.startswith("hbmcast "):
            words, _ = words_of(one.text)
            understood(command, words)
    assert not is_quiet()


def understood(command, words):
    while hasattr(command, "commands"):
        assert words, "no command is named"
        assert words[0] in command.commands, words[0]
        command, words = command.commands[words[0]], words[1:]
    command.make_context(command.name, list(words))


def test_commands_within_sentences_exist():
    command = typer.main.get_command(app)
    for page in pages():
        for line in re.findall(r"`hbmcast ([a-z][^`]*)`", page.read_text(encoding="utf-8")):
            words = line.split()
            assert words[0] in command.commands, f"{page.name}: hbmcast {line}"
