"""The command line as an analyst uses it, on a small published warehouse."""

import io
import json
import shlex
import shutil
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import tests.warehouse.synthetic_warehouse as synthetic
from flows.commands.findings import findings
from flows.runtime.preparation import prepare_state
from flows.runtime.settings import REPOSITORY, resolve

QUERY = "select quantity, p05, p50 from hbm_forecast where period = '2026' order by quantity"


def test_help_is_quick_and_names_every_command():
    """Quick because nothing slow is imported: unlike a time limit, that is so on a busy machine too."""
    code = (
        "import atexit, os, sys\n"
        # The command line sends away what is said on standard error while the interpreter is taken down.
        "told = os.fdopen(os.dup(2), 'w')\n"
        "heavy = {'prefect', 'pymc', 'pytensor', 'nutpie', 'duckdb', 'pandas', 'scipy', 'numba', 'altair'}\n"
        "atexit.register(lambda: print(sorted(heavy & set(sys.modules)), file=told, flush=True))\n"
        "sys.argv = ['hbmcast', '--help']\n"
        "from flows.commands import cli\n"
        "cli.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    for command_name in ("nightly", "schedule", "server", "show", "sql", "figures", "report", "doctor"):
        assert command_name in done.stdout
    assert done.stderr.strip() == "[]"


def told_by(code: str) -> list[str]:
    """Run Python code in a process of its own; the lines that it says on standard error."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY)
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()


def test_reading_loads_no_model_and_no_flow_engine(published: Path):
    """Seconds of imports that who asks a question need not wait for; `sql` and `show` not even for pandas."""
    code = (
        "import sys\n"
        "from flows.commands import cli\n"
        "heavy = {'prefect', 'pymc', 'pytensor', 'nutpie', 'arviz', 'matplotlib', 'numba', 'scipy'}\n"
        "loaded = lambda more=(): print(sorted((heavy | set(more)) & set(sys.modules)), file=sys.stderr)\n"
        "def run(*words):\n"
        f"    sys.argv = ['hbmcast', *words, '--state', {str(published)!r}]\n"
        "    assert cli.run() == 0, words\n"
        "run('sql', 'from freshness', '--format', 'json'); run('show'); loaded(['pandas'])\n"
        "run('doctor'); run('compare', 'previous', '--quiet'); loaded()\n"
    )
    assert told_by(code) == ["[]", "[]"]


def test_the_audit_of_the_evidence_loads_neither_scipy_nor_a_model(published: Path):
    code = (
        "import sys\n"
        "from flows.commands import cli\n"
        f"sys.argv = ['hbmcast', 'figures', '--state', {str(published)!r}]\n"
        "assert cli.run() == 0\n"
        "heavy = {'prefect', 'pymc', 'arviz', 'matplotlib', 'numba', 'scipy', 'xarray'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    assert told_by(code)[-1] == "[]"


def test_version_help_and_completion(hbmcast):
    code, out, _ = hbmcast("--version")
    assert (code, out.split()[0]) == (0, "hbmcast")
    for words in (["-h"], ["sql", "-h"], ["scenario", "run", "-h"]):
        code, out, _ = hbmcast(*words)
        assert (code, "Usage: hbmcast" in out) == (0, True)
    assert "completion" in hbmcast("--help")[1]


def test_show_fits_80_columns_and_speaks_json(hbmcast, published: Path, tmp_path: Path):
    table = hbmcast("show", "--state", published)[1].split("Intervals are")[0]
    assert max(map(len, table.splitlines())) <= 80
    assert "…" not in table
    code, out, err = hbmcast("show", "--format", "json", "--state", published)
    assert code == 0, err
    answer = json.loads(out, parse_constant=pytest.fail)
    assert (answer["run_id"], answer["as_of"], answer["stale"]) == ("night-1", "2026-01-02", False)
    row = next(r for r in answer["forecast"] if (r["quantity"], r["period"]) == ("hbm_revenue_usd", "2026"))
    wanted = synthetic.np.median(
        synthetic.joint_draws(1)["hbm_revenue_usd"][:, synthetic.PERIODS.index("2026")].astype(float)
    )
    assert row["p50"] == pytest.approx(wanted)
    assert {"period": "2026", "stage": "hbm", "probability": 0.3} in answer["binding"]
    path = tmp_path / "headline.parquet"
    assert hbmcast("show", "-o", path, "--state", published)[0] == 0
    assert pd.read_parquet(path)["quantity"].nunique() > 3


def test_quiet_leaves_the_answer_alone(hbmcast, published: Path, tmp_path: Path):
    query = ("sql", "select 1 as x", "-o", tmp_path / "x.csv", "--state", published)
    assert "1 rows in" in hbmcast(*query)[2]
    assert hbmcast(*query, "--quiet")[2] == hbmcast("--quiet", *query)[2] == ""
    assert "Intervals are" not in hbmcast("show", "-q", "--state", published)[1]
    assert "Intervals are" in hbmcast("show", "--state", published)[1]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from scoreboard", "backtests, skill is filled by hbmcast backtest"),
        ("from left_out", "left_out is filled by hbmcast leave-out"),
        ("from forecast_as_of('2020-01-01')", "hbmcast nightly --as-of DAY"),
        ("from hbm_forecast where period = '1999'", "nothing meets the conditions"),
    ],
)
def test_an_empty_answer_says_which_command_fills_it(hbmcast, published: Path, query: str, said: str):
    code, _, err = hbmcast("sql", query, "--state", published)
    assert (code, said in err) == (0, True), err


def test_stale_by_the_clock_is_said_by_show_and_doctor_alike(hbmcast, published: Path, tmp_path: Path):
    from warehouse.builds import swap_in

    state = shutil.copytree(published, tmp_path / "state")
    aged = "UPDATE runs SET finished_at = finished_at - INTERVAL 4 DAY"
    swap_in(state, lambda connection: connection.execute(aged), scopes=())
    assert "STALE: published 4 days ago" in hbmcast("show", "--state", state)[1]
    found = {finding.what: finding for finding in findings(state)}
    (finding,) = [finding for what, finding in found.items() if "STALE: published 4 days ago" in what]
    assert finding.level == "warning"


# Says when the query has been handed to DuckDB, and is otherwise the command itself.
ASKED = """
import sys
from warehouse import query
answer = query._answer
def told(*given):
    print("asked", flush=True)
    return answer(*given)
query._answer = told
from flows.commands.start import main
main()
"""


def test_ctrl_c_ends_in_one_line(published: Path):
    """Also where DuckDB itself would go on for minutes."""
    query = "select count(*) from range(100000000000) t(i) where i % 7 = 3"
    words = [sys.executable, "-c", ASKED, "sql", query, "--state", str(published)]
    asked = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY)
    try:
        assert asked.stdout is not None
        assert asked.stdout.readline() == "asked\n"
        asked.send_signal(signal.SIGINT)
        assert asked.communicate() == ("", "hbmcast: interrupted\n")
    finally:
        asked.kill()
    assert asked.returncode in (130, -signal.SIGINT)


def test_show_prints_the_headline_table(hbmcast, published: Path):
    code, out, _ = hbmcast("show", "--state", published)
    assert code == 0
    assert "run night-1" in out
    for words in (
        "HBM revenue",
        "CoWoS capacity",
        "50 % interval",
        "90 % interval",
        "2027",
        "P(CoWoS supply limits)",
    ):
        assert words in out
    assert hbmcast("show", "--state", published, "--run", "night-1")[1] == out


def test_show_says_when_the_forecast_is_stale(hbmcast, published: Path, tmp_path: Path):
    from warehouse.publish import record_failure

    state = shutil.copytree(published, tmp_path / "state")
    failed = {"run_id": "night-2", "as_of": date(2026, 1, 2), "reason": "check: R-hat is 1.2"}
    record_failure(state, failed)
    _, out, _ = hbmcast("show", "--state", state)
    assert "run night-1" in out
    assert "STALE" in out
    assert "R-hat is 1.2" in out


def test_a_rerun_of_history_is_said_to_be_one(hbmcast, tmp_path: Path):
    from flows.server.run_now import what_is_served, where_to_look

    prepare_state(tmp_path)
    synthetic.take_in(tmp_path)
    synthetic.publish(tmp_path, "night-1", synthetic.joint_draws(1))
    settings = resolve(state=tmp_path, as_of="2024-12-31")
    assert "night-1 as of 2026-01-02" in what_is_served(settings)
    assert where_to_look(settings, "night-1") == [
        'look      hbmcast show    or    hbmcast sql "from hbm_forecast"'
    ]
    synthetic.rerun_history(tmp_path, "rerun", as_of=settings.as_of)
    lines = where_to_look(settings, "rerun")
    assert "still night-1" in lines[0]
    for line in lines[1:]:  # each is a command line that works
        words = shlex.split(line.replace("look", "").strip())
        code, out, err = hbmcast(*words[1:], "--state", tmp_path)
        assert code == 0, err
        assert out
    _, out, _ = hbmcast("show", "--run", "rerun", "--state", tmp_path)
    assert "Not the forecast served, which is night-1" in out
    assert "STALE" not in out


def test_sql_gives_the_same_rows_in_every_format(hbmcast, published: Path, tmp_path: Path):
    def ask(*more: object) -> str:
        code, out, err = hbmcast("sql", QUERY, "--state", published, *more)
        assert code == 0, err
        return out

    rows = pd.read_csv(io.StringIO(ask("--format", "csv")))
    assert len(rows) > 3
    assert list(rows.columns) == ["quantity", "p05", "p50"]
    assert pd.DataFrame(json.loads(ask("--format", "json"))).equals(rows)
    assert all(quantity in ask() for quantity in rows["quantity"])
    for name in ("csv", "json", "parquet"):
        file = tmp_path / f"rows.{name}"
        assert ask("--format", name, "--output", file) == ""
        read = {"csv": pd.read_csv, "json": pd.read_json, "parquet": pd.read_parquet}[name]
        pd.testing.assert_frame_equal(read(file), rows, check_dtype=False)
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("query", ["-- why\nselect 42 as answer", "--why\nselect 42 as answer"])
def test_a_query_may_begin_with_a_comment(hbmcast, published: Path, query: str):
    code, out, err = hbmcast("sql", query, "--state", published, "--format", "csv")
    assert (code, out.split()) == (0, ["answer", "42"]), err


def test_sql_reads_standard_input(hbmcast, published: Path):
    code, out, _ = hbmcast(
        "sql", "-", "--state", published, "--format", "csv", stdin="select 40 + 2 as answer"
    )
    assert (code, out) == (0, "answer\n42\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sql", "selct 1"], "syntax error"),
        (["sql", "create table x (a int)"], "read-only"),
        (["sql", "copy (select 1) to 'x.csv'"], "--files"),
        (["sql", "from read_text('/etc/passwd')"], "Permission"),
        (["sql", "attach 'x.duckdb'"], "--files"),
        (["sql", "set temp_directory = '/tmp'"], "--files"),
        (["sql", "select 1", "--format", "xml"], "csv, json, ndjson"),
        (["sql", "select 1", "--output", "/nowhere/rows.csv", "--format", "csv"], "can't be written"),
        (["show", "--run", "none-such"], "none-such"),
        (["report", "--run", "none-such"], "none-such"),
        (["nightly", "--as-of", "2024-13-01"], "2024-12-31"),
        (["nightly", "--draws", "3"], "too few"),
        (["schedule", "--cron", "at noon"], "0 2 * * *"),
        (["schedule", "--timezone", "Mars/Base"], "Europe/Berlin"),
    ],
)
def test_errors_are_one_line_with_a_remedy(hbmcast, published: Path, words: list[str], said: str):
    code, _, err = hbmcast(*words, "--state", published)
    assert code == 1
    assert err.startswith("hbmcast: ")
    assert said in err
    assert "Traceback" not in err


def test_schedule_without_a_server_says_how_to_start_one(hbmcast, published: Path, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    code, _, err = hbmcast("schedule", "--state", published)
    assert code == 1
    assert "hbmcast server" in err


@pytest.mark.parametrize("words", [["show"], ["sql", "select 1"], ["report"]])
def test_nothing_published_and_newer_state(hbmcast, tmp_path: Path, words: list[str]):
    code, _, err = hbmcast(*words, "--state", tmp_path / "empty")
    assert code == 1
    assert "hbmcast nightly" in err
    assert not (tmp_path / "empty").exists()
    (tmp_path / "VERSION").write_text("7\n")
    code, _, err = hbmcast(*words, "--state", tmp_path)
    assert (code, "layout 7" in err) == (1, True)


def test_figures_audit_counts(hbmcast, tmp_path: Path):
    code, out, err = hbmcast("figures", "--audit", "--format", "json", "--state", tmp_path)
    assert code == 0, err
    counts = {row["item"]: row["n"] for row in json.loads(out)["counts"]}
    assert counts["figures read"] == counts["figures rejected"] + counts["figures accepted"]
    assert counts["figures accepted"] == counts["figures used"] + counts["figures accepted but not used"]
    assert counts["figures used"] > 100
    assert "What is in" in hbmcast("figures", "--state", tmp_path)[1]
