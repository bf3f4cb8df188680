"""The site of the documentation: what is made is complete, links lead somewhere, and nothing is fetched."""

import re
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from flows.commands import docs
from flows.commands.reference_pages import COMMANDS, COOKBOOK, DICTIONARY
from flows.runtime.errors import HbmcastError
from tests.places import ROOT
from warehouse.dictionary import cookbook


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("site") / "docs"
    docs.assemble(place)
    return place


def page(folder: Path, name: str) -> str:
    return (folder / "pages" / name).read_text(encoding="utf-8")


def headings(text: str) -> set[str]:
    return set(re.findall(r"^## (.*)$", text, re.MULTILINE))


def test_the_dictionary_has_every_table_view_and_macro(folder: Path):
    sql = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "warehouse").glob("*.sql"))
    sql += "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "warehouse" / "generated").glob("*.sql")
    )
    for kind, word in (("view", "VIEW"), ("macro", "MACRO"), ("table", "TABLE")):
        defined = set(re.findall(rf'^CREATE (?:OR REPLACE )?{word} "?(\w+)"?', sql, re.MULTILINE))
        assert defined
        assert defined <= headings(page(folder, DICTIONARY[kind][0]))


def test_columns_stand_in_the_order_of_their_table_with_type_and_comment(folder: Path):
    text = page(folder, DICTIONARY["table"][0]).split("## runs\n")[1].split("\n## ")[0]
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| `")]
    assert [row[0] for row in rows[:3]] == ["| `run_id`", "| `run_number`", "| `as_of`"]
    assert all(row[2].removesuffix(" |") for row in rows)


def test_the_cookbook_has_every_question_with_its_sql(folder: Path):
    text = page(folder, COOKBOOK)
    for question in cookbook():
        assert f"{question.words}\n" in text
        assert question.sql in text
    assert len(headings(text)) == len(list((ROOT / "warehouse" / "cookbook").glob("*.sql")))


def test_every_command_is_described(folder: Path):
    text = page(folder, COMMANDS)
    assert {"hbmcast nightly", "hbmcast scenario run", "hbmcast leave-out"} <= headings(text)
    assert "| `--as-of` | Day, as 2024-12-31" in text


def test_the_menu_names_every_page_and_no_other(folder: Path):
    menu = tomllib.loads((ROOT / "docs" / "zensical.toml").read_text(encoding="utf-8"))["project"]["nav"]
    named = [name for part in menu for pages in part.values() for one in pages for name in one.values()]
    there = [path.relative_to(folder / "pages").as_posix() for path in (folder / "pages").rglob("*.md")]
    assert sorted(named) == sorted(there)


def test_links_between_files_become_links_between_pages():
    text = "[a](../../models/SCORES.md#x) [b](http://a.org) [d](figure.md) [e](../../warehouse/cookbook)"
    assert docs.linked(text, "docs/howto/score.md", "howto/score.md") == (
        "[a](../model/scores.md#x) [b](http://a.org) [d](figure.md) [e](../reference/cookbook.md)"
    )
    assert docs.linked("[s](SCORES.md)", "models/README.md", "model/rooms.md") == "[s](scores.md)"
    with pytest.raises(HbmcastError, match=r"README\.md: flows/nothing\.py leads nowhere"):
        docs.linked("[x](flows/nothing.py)", "README.md", "index.md")


@pytest.mark.skipif(find_spec("zensical") is None, reason="zensical is of the extra `docs`")
def test_the_site_is_built_without_a_broken_link_and_fetches_nothing(
    folder: Path, capfd: pytest.CaptureFixture
):
    assert docs.build(folder / "zensical.toml") == 0, capfd.readouterr().err
    built = sorted((folder / "site").rglob("*.html"))
    assert len(built) > 20
    for file in built:
        text = file.read_text(encoding="utf-8")
        asked = re.findall(
            r'<(?:script|link|img|iframe|source)[^>]*?(?:src|href)="?(?:https?:)?//[^"> ]*', text
        )
        assert asked == [], file.name
        pictures = re.findall(r'<img[^>]*? src="?([^"> ]+)', text)
        assert [name for name in pictures if not (file.parent / name).is_file()] == [], file.name
    broken = folder / "pages" / "glossary.md"
    whole = broken.read_text(encoding="utf-8")
    broken.write_text(f"{whole}\n[x](nowhere.md)\n", encoding="utf-8")
    assert docs.build(folder / "zensical.toml") != 0
    said = capfd.readouterr().err
    assert "page does not exist" in said
    assert "glossary.md" in said
    assert "Traceback" not in said
    broken.write_text(whole, encoding="utf-8")
