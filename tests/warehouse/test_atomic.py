import os

import pytest

from warehouse.atomic import link_or_copy, remove_unfinished, written_whole


def test_a_file_is_there_only_when_it_is_whole(tmp_path):
    file = tmp_path / "a.json"
    with written_whole(file) as unfinished:
        unfinished.write_text("new")
        assert not file.exists()
    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]


def test_what_was_there_stays_when_writing_fails(tmp_path):
    file = tmp_path / "a.json"
    file.write_text("old")

    def torn():
        with written_whole(file) as unfinished:
            unfinished.write_text("ne")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        torn()
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_too(tmp_path):
    folder = tmp_path / "kept"

    def torn():
        with written_whole(folder) as unfinished:
            unfinished.mkdir()
            (unfinished / "a").write_text("a")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        torn()
    assert list(tmp_path.iterdir()) == []
    with written_whole(folder) as unfinished:
        unfinished.mkdir()
        (unfinished / "a").write_text("a")
    assert (folder / "a").read_text() == "a"
    assert list(tmp_path.iterdir()) == [folder]


def test_a_second_name_of_the_same_file_leaves_nothing_beside_it(tmp_path):
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_text("a")
    for _ in range(2):
        with written_whole(target) as unfinished:
            link_or_copy(source, unfinished)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
    assert os.path.samefile(source, target)


def test_what_was_left_unfinished_goes_once_nobody_can_be_writing_it(tmp_path):
    for name in ("old.json.1-1.part", "deep/folder.2-2.part/x", "young.json.3-3.part"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for name in ("old.json.1-1.part", "deep/folder.2-2.part"):
        os.utime(tmp_path / name, (1, 1))
    remove_unfinished(tmp_path)
    assert {path.name for path in tmp_path.rglob("*")} == {"deep", "young.json.3-3.part"}


def test_a_copy_where_the_disk_knows_no_links(tmp_path, monkeypatch):
    def refused(*_):
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refused)
    (tmp_path / "a").write_text("a")
    link_or_copy(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_text() == "a"


def test_a_name_that_is_taken_is_not_written_over(tmp_path):
    for name in "ab":
        (tmp_path / name).write_text(name)
    with pytest.raises(FileExistsError):
        link_or_copy(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_text() == "b"
