"""The evidence folder: broken files are named and set aside, the rest goes on."""

import os
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flows.runtime.errors import SourceError
from flows.sources.folder import REQUIRED, read_folder
from flows.sources.raw import RawEvidence, parse_csv


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for table in REQUIRED:
        path = tmp_path / ("figures/hbm.csv" if table == "figures" else f"{table}.csv")
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{table}_id,note\na,1\nb,2\n", encoding="utf-8")
    return tmp_path


def test_reads_every_file_as_text(folder: Path):
    raw = read_folder(folder)
    assert set(raw.files) == {
        "assumptions.csv",
        "figures/hbm.csv",
        "metrics.csv",
        "products.csv",
        "sources.csv",
    }
    assert raw.files["figures/hbm.csv"]["note"].tolist() == ["1", "2"]
    assert raw.origins["figures/hbm.csv"] == [("figures/hbm.csv", 2), ("figures/hbm.csv", 3)]
    assert raw.problems == []


@pytest.mark.parametrize(
    ("content", "row", "said"),
    [
        (b"", 0, "empty"),
        (b"\xef\xbb\xbf \r\n", 0, "empty"),
        (b"figure_id,note\nx,caf\xe9\n", 2, "not UTF-8"),
        ("figure_id,note\nx,1\n".encode("utf-16"), 0, "UTF-16"),
        (b"figure_id,note\nx,a\x00b\n", 2, "zero byte"),
        (b'figure_id,note\nx,"open\ny,2\nz,3\n', 2, "broken CSV"),
        (b"figure_id,figure_id\nx,1\n", 1, "twice"),
        (b"figure_id,\nx,1\n", 1, "no name"),
    ],
)
def test_a_broken_file_is_named_and_the_rest_goes_on(folder: Path, content: bytes, row: int, said: str):
    (folder / "figures" / "bad.csv").write_bytes(content)
    raw = read_folder(folder)
    (problem,) = raw.problems
    assert (problem.file, problem.row) == ("figures/bad.csv", row)
    assert said in problem.problem
    assert problem.remedy
    assert "figures/bad.csv" not in raw.files
    assert len(raw.files["figures/hbm.csv"]) == 2


def test_a_name_that_is_not_utf8_is_shown_by_its_bytes(folder: Path):
    file = Path(os.fsdecode(os.fsencode(folder) + b"/figures/caf\xe9.csv"))
    try:
        file.write_bytes(b"figure_id,note\nx,1\ny\n")
    except OSError:
        pytest.skip("this disk takes names in UTF-8 only")
    raw = read_folder(folder)
    assert raw.files["figures/caf\\xe9.csv"]["note"].tolist() == ["1"]
    (problem,) = raw.problems
    assert (problem.file, problem.row) == ("figures/caf\\xe9.csv", 3)


def test_a_row_of_wrong_length_is_set_aside_whole(folder: Path):
    (folder / "figures" / "hbm.csv").write_text(
        'figure_id,note\na,1\nb,2,3\n\n"c","x\ny"\nd,4\n', encoding="utf-8"
    )
    raw = read_folder(folder)
    (problem,) = raw.problems
    assert (problem.row, problem.raw) == (3, "b,2,3")
    assert raw.files["figures/hbm.csv"]["figure_id"].tolist() == ["a", "c", "d"]
    assert [line for _, line in raw.origins["figures/hbm.csv"]] == [2, 5, 7]


def test_rows_counted_over_records_are_placed_on_their_lines(folder: Path):
    (folder / "figures" / "hbm.csv").write_text("figure_id,note\n\na,1\n\nb,2\n", encoding="utf-8")
    raw = read_folder(folder)
    found = raw.placed(
        pd.DataFrame({"file": ["figures/hbm.csv", "figures/hbm.csv", "other.csv"], "row": [2, 3, 9]})
    )
    assert found["row"].tolist() == [3, 5, 9]


@pytest.mark.parametrize("table", REQUIRED)
def test_no_night_without_a_needed_table(folder: Path, table: str):
    name = "figures/hbm.csv" if table == "figures" else f"{table}.csv"
    (folder / name).write_bytes(b"")
    with pytest.raises(SourceError, match=table) as caught:
        read_folder(folder)
    assert "empty" in caught.value.reason
    (folder / name).unlink()
    with pytest.raises(SourceError, match=table):
        read_folder(folder)


def test_a_missing_folder_says_which(tmp_path: Path):
    with pytest.raises(SourceError, match="nowhere"):
        read_folder(tmp_path / "nowhere")


def test_joining_keeps_every_row_and_where_it_stood():
    one = RawEvidence({"sources.csv": pd.DataFrame({"a": ["1"]})}, {"sources.csv": [("sources.csv", 2)]})
    two = RawEvidence({"sources.csv": pd.DataFrame({"a": ["2"], "b": ["3"]})}, {"sources.csv": [("feed", 2)]})
    both = one.joined_with(two)
    assert both.files["sources.csv"].to_dict("records") == [{"a": "1", "b": ""}, {"a": "2", "b": "3"}]
    assert both.placed(pd.DataFrame({"file": ["sources.csv"], "row": [3]}))["file"].tolist() == ["feed"]


@given(st.binary(max_size=400))
def test_no_bytes_crash_the_reader(content: bytes):
    frame, lines, problems = parse_csv(content, "f.csv")
    assert frame is not None or problems
    assert frame is None or len(frame) == len(lines)


_cells = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00\r"), max_size=12)


@example([("", "\x1b(")])
@given(st.lists(st.tuples(_cells, _cells).filter(lambda row: any(cell.strip() for cell in row)), max_size=8))
def test_what_was_written_is_what_is_read(rows: list[tuple[str, str]]):
    content = pd.DataFrame(rows, columns=["one", "two"]).to_csv(index=False).encode("utf-8")
    frame, _, problems = parse_csv(content, "f.csv")
    if any(shift in cell for row in rows for cell in row for shift in ("\x1b(", "\x1b$")):
        # As another encoding shifts between its alphabets: refused as that, not read as signs.
        assert frame is None
        assert "ISO-2022" in problems[0].problem
        return
    assert problems == []
    assert frame is not None
    assert list(frame.itertuples(index=False, name=None)) == [tuple(c.strip() for c in row) for row in rows]
