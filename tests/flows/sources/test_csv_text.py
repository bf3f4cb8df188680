"""Bytes of a CSV: what isn't UTF-8 with commas is refused once, by its name, with how to save it again."""

import pytest

from flows.sources import raw
from flows.sources.csv_text import decoded
from flows.sources.raw import parse_csv

HEADER = "metric,entity,note\n"


def only_problem(content):
    frame, lines, (problem,) = parse_csv(content, "x.csv")
    assert frame is None
    assert lines == []
    assert problem.remedy
    return problem


@pytest.mark.parametrize(
    ("encoding", "note", "named", "reads"),
    [
        ("cp1252", "Öl für Größere", "windows-1252", "Öl für Größere"),
        ("iso8859_2", "złoty, pełny", "ISO-8859-2", "złoty, pełny"),
        ("big5", "記憶體產值將擴張至", "Big5", ""),
        ("cp932", "メモリの生産額は", "Shift-JIS", ""),
        ("cp949", "메모리 매출 증가", "EUC-KR", ""),
        ("gb18030", "存储器产值将扩张至", "GB18030", ""),
        ("cp932", "9兆,円", "Shift-JIS", ""),
        ("cp949", "85조,원", "EUC-KR", ""),
        ("cp1252", "Größe,5", "windows-1252", "Größe"),
    ],
)
def test_an_encoding_is_named_with_its_line_and_what_that_reads(encoding, note, named, reads):
    problem = only_problem(f"{HEADER}hbm_revenue,industry,x\nhbm_revenue,industry,{note}\n".encode(encoding))
    assert "not UTF-8" in problem.problem
    assert named in problem.problem
    assert problem.row == 3
    assert reads in problem.value


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (HEADER.encode("utf-16"), "UTF-16"),
        (HEADER.encode("utf-16-be"), "UTF-16 without a mark"),
        (HEADER.encode("utf-32"), "UTF-32"),
        (b"PK\x03\x04 and more", "workbook (.xlsx)"),
        (b"PAR1 and more", "Parquet"),
        (b"\n<!DOCTYPE html><html>figure_id,source_id</html>", "web page"),
        (b'{"facts": {}}', "JSON"),
        (b"metric;entity;value\nhbm_revenue;industry;14,35\n", "separated by semicolons"),
        (b"metric\tentity\tvalue\nhbm_revenue\tindustry\t1\n", "separated by tabs"),
        (b"metric|entity|value\nhbm_revenue|industry|1\n", "separated by bars"),
        ((",".join(f"c{i}" for i in range(600)) + "\n").encode(), "600 columns"),
    ],
)
def test_another_format_is_named(content, named):
    assert named in only_problem(content).problem


def test_semicolons_are_told_what_becomes_of_their_commas():
    assert "14.35, not 14,35" in only_problem(b"metric;entity;value\n").remedy


def test_bytes_that_are_plain_and_shift_between_alphabets_are_no_utf8():
    problem = only_problem(f"{HEADER}hbm_revenue,industry,メモリ\n".encode("iso2022_jp"))
    assert (problem.row, "ISO-2022" in problem.problem) == (2, True)


def test_letters_that_utf7_writes_are_no_utf8():
    problem = only_problem(f"{HEADER}hbm_revenue,industry,Größe der Märkte\n".encode("utf-7"))
    assert (problem.row, "as UTF-7 writes 'öß'" in problem.problem) == (2, True)
    problem = only_problem(f"{HEADER}hbm_revenue,industry,記憶體 市場\n".encode("utf-7"))
    assert "UTF-7" in problem.problem


def test_words_behind_a_plus_are_no_utf7():
    for word in ("Amkor+ASE", "https://example.org/?q=HBM+Kingston+SanDisk", "A100+H100", "+886-2-2345"):
        assert isinstance(decoded(f"{HEADER}hbm_revenue,industry,{word}\n".encode()), str)


SECOND = {
    "its header again": ("metric,entity,note", 3, ["the header stands here again"]),
    "another order": ("metric,note,entity", 1, ["another header", "below another header", "below another"]),
    "other columns": ("metric,entity,value", 1, ["another header", "below another header", "below another"]),
    "more columns": ("metric,entity,note,url", 1, ["another header", "below another", "below another"]),
    "a row like a header in one cell": ("metric,x,y", 4, []),
}


@pytest.mark.parametrize("case", SECOND)
def test_rows_below_another_header_are_put_aside(case: str):
    second, n_read, told = SECOND[case]
    content = f"{HEADER}hbm_revenue,industry,x\n{second}\nhbm_revenue,a,b\nhbm_revenue,c,d\n"
    frame, lines, problems = parse_csv(content.encode(), "x.csv")
    assert frame is not None
    assert (len(frame), len(lines)) == (n_read, n_read)
    assert len(problems) == len(told)
    assert all(sign in problem.problem for sign, problem in zip(told, problems, strict=True))
    assert all(problem.remedy for problem in problems)


def test_a_semicolon_inside_a_cell_is_no_separator():
    frame, _, problems = parse_csv(b"metric,entity,note\nhbm_revenue,industry,a;b;c;d\n", "x.csv")
    assert frame["note"].tolist() == ["a;b;c;d"]
    assert problems == []


def test_a_file_of_too_many_rows_is_refused_whole(monkeypatch):
    monkeypatch.setattr(raw, "LARGEST_ROWS", 3)
    assert "more than 3 rows" in only_problem(b"a,b\n" + b"1,2\n" * 4).problem
    assert parse_csv(b"a,b\n" + b"1,2\n" * 3, "x.csv")[2] == []


@pytest.mark.parametrize("first", ["sep=,\n", "sep=,\r\n", "\ufeff\ufeff"])
def test_what_a_spreadsheet_puts_before_the_header_is_passed_over(first):
    frame, lines, problems = parse_csv(f"{first}{HEADER}hbm_revenue,industry,x\n".encode(), "x.csv")
    assert problems == []
    assert frame is not None
    assert list(frame.columns) == HEADER.strip().split(",")
    assert lines == [2 + ("sep" in first)]
