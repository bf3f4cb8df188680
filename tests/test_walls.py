"""The walls between the packages, kept by looking at the files."""

import ast
import graphlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from tests.places import ROOT

PACKAGES = ("models", "warehouse", "flows", "dashboards")
LONGEST_FILE, LONGEST_TEST_FILE = 300, 400
LONGEST_BODY = 50
# Written in pieces, so that this file does not find itself.
HOSTS = (
    "pypi" + ".org",
    "python" + "hosted",
    "registry." + "npmjs",
    "deb." + "debian",
    "conda." + "anaconda",
)
MACHINE_PATHS = ("/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/")
SQL_START = re.compile(
    r"^\s*(SELECT\s.+\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|"
    r"CREATE\s+(OR\s+REPLACE\s+)?(TABLE|VIEW|MACRO)\s|COPY\s+.+\sTO\s|ATTACH\s|PRAGMA\s|WITH\s+\w+\s+AS\s*\(|FROM\s+\w+\s*$)",
    re.IGNORECASE | re.DOTALL,
)


def sources(package: str) -> list[Path]:
    """Return the Python files of a package; a package without any would make every wall pass."""
    found = sorted((ROOT / package).rglob("*.py"))
    assert found, f"no Python files in {package}"
    return found


def tracked() -> list[Path]:
    """Return the files under version control, or those that would be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("no git here: what is tracked can't be told")
    return [ROOT / name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


@cache
def tree(path: Path) -> ast.Module:
    """Return a file parsed: every wall looks at all files."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> set[str]:
    """Return the full names of the modules a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def imports_when_loaded(path: Path) -> set[str]:
    """Return the full names of the modules that are loaded with a file: not those its functions import."""
    found: set[str] = set()
    waiting: list[ast.stmt] = list(tree(path).body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += [inside for inside in ast.iter_child_nodes(node) if isinstance(inside, ast.stmt)]
    return found


def roots(path: Path) -> set[str]:
    """Return the top-level packages a file imports."""
    return {name.split(".")[0] for name in imports(path)}


@cache
def calls(path: Path) -> set[str]:
    """Return the dotted names a file calls."""
    return {ast.unparse(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)}


def texts(path: Path) -> list[str]:
    """Return the string constants of a file except docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree(path))
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    constants = (
        node for node in ast.walk(tree(path)) if isinstance(node, ast.Constant) and id(node) not in docstrings
    )
    return [node.value for node in constants if isinstance(node.value, str)]


# Contract -> a file, and the import in it that breaks the contract.
PLANTED = {
    "rooms of models": ("models/evidence/known.py", "models.inference.terms"),
    "rooms of flows": ("flows/runtime/journal.py", "flows.night.record"),
    "models alone": ("models/vocabulary/units.py", "warehouse.layout"),
    "warehouse below": ("warehouse/layout.py", "models.vocabulary.units"),
    "dashboards read": ("dashboards/blocks.py", "flows.runtime.settings"),
    "only the warehouse opens DuckDB": ("dashboards/frames.py", "duckdb"),
    "only the review app imports marimo": ("flows/commands/report.py", "marimo"),
    "only what fans out imports Dask": ("flows/commands/report.py", "distributed"),
    "the page without the app": ("dashboards/report.py", "dashboards.app.doors"),
}


def lint_imports(folder: Path) -> subprocess.CompletedProcess:
    """Run import-linter on the packages of a folder, as `make lint` does."""
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache", "--config", ROOT / "pyproject.toml"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_run_only_downwards_between_packages_and_rooms():
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout
    assert f"Contracts: {len(PLANTED)} kept, 0 broken" in done.stdout


def test_every_contract_bites(tmp_path):
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name, module in PLANTED.values():
        with (tmp_path / name).open("a", encoding="utf-8") as file:
            file.write(f"\n\ndef planted() -> None:\n    import {module}\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    assert f"Contracts: 0 kept, {len(PLANTED)} broken" in done.stdout


# Importer and imported: the command line run as a module begins where `hbmcast` does; a type's name alone.
GO_BACK = {("flows.commands.cli", "flows.commands.start"), ("dashboards.evidence", "dashboards.frames")}


def test_no_module_is_imported_in_a_circle():
    named = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path
        for package in PACKAGES
        for path in sources(package)
    }
    graph = {
        name: {other for other in imports(path) & named.keys() if (name, other) not in GO_BACK}
        for name, path in named.items()
    }
    graphlib.TopologicalSorter(graph).prepare()
    name, other = min(GO_BACK)
    graph[name].add(other)
    with pytest.raises(graphlib.CycleError):
        graphlib.TopologicalSorter(graph).prepare()


def test_models_are_pure():
    forbidden = {
        "duckdb",
        "prefect",
        "httpx",
        "requests",
        "urllib",
        "socket",
        "os",
        "pathlib",
        "io",
        "shutil",
    }
    forbidden |= {"tempfile", "subprocess", "warehouse", "flows", "dashboards"}
    # How long something took may be measured (perf_counter); what time it is may not be asked.
    clocks = re.compile(r"(^|\.)(now|today|utcnow|fromtimestamp|time|time_ns)$")
    files = re.compile(
        r"^open$|^(pd\.|pandas\.)?read_(csv|parquet|json|excel)$|\.(to_csv|to_parquet|to_netcdf)$|^np\.(load|save)"
    )
    for path in sources("models"):
        assert not roots(path) & forbidden, f"{path} imports {roots(path) & forbidden}"
        impure = {call for call in calls(path) if clocks.search(call) or files.search(call)}
        assert not impure, f"{path} reads the clock or a file: {impure}"


def test_only_warehouse_opens_duckdb():
    for package in ("models", "flows", "dashboards"):
        for path in sources(package):
            assert "duckdb" not in roots(path), f"{path} imports duckdb"


def test_warehouse_and_dashboards_know_nothing_of_flows():
    for package in ("warehouse", "dashboards"):
        for path in sources(package):
            assert not roots(path) & {"flows", "prefect"}, f"{path} imports flows or prefect"
    for path in sources("warehouse"):
        assert "dashboards" not in roots(path), f"{path} imports dashboards"


# SciPy, so that its BLAS can be limited to one thread; the type of a compiled model.
LOADED_NOT_USED = {"fan_out.py": {"scipy"}, "once.py": {"nutpie"}}


# What a night loads in any case, its stages among it, up to the report.
OF_EVERY_NIGHT = (
    *("flows.server.run_now", "flows.night.flow", "flows.night.second_look", "flows.sources.readers"),
    *("models.evidence.validation", "models.evidence.in_force", "models.draws.gate"),
    *("models.attribution.news", "models.scoring.prospective", "warehouse.publish", "warehouse.private"),
    *("dashboards.report", "dashboards.news_words"),
)
# Each of these takes a second or more to load, or compiles for five.
LOADED_WHERE_USED = {
    *("pymc", "pytensor", "nutpie", "numba", "arviz_base", "arviz_plots", "matplotlib"),
    *("scoringrules", "scipy.stats", "xarray", "h5netcdf", "netCDF4", "marimo"),
}


def test_an_unchanged_night_loads_nothing_that_samples_scores_or_draws_images():
    loaded: set[str] = set()
    waiting = set(OF_EVERY_NIGHT)
    while waiting:
        name = waiting.pop()
        path = ROOT / f"{name.replace('.', '/')}.py"
        if name in loaded or not path.is_file():
            continue
        loaded.add(name)
        found = imports_when_loaded(path)
        named = {part for module in found for part in (module.split(".")[0], module)}
        slow = named & LOADED_WHERE_USED
        assert not slow, f"{path} loads {slow} wherever it is imported: import it where it is used"
        waiting |= found
    assert set(OF_EVERY_NIGHT) <= loaded


def test_flows_compute_nothing():
    for path in sources("flows"):
        computing = {"scipy", "pymc", "pytensor", "nutpie", "numba", "scoringrules"}
        computing -= LOADED_NOT_USED.get(path.name, set())
        assert not roots(path) & computing, path
        # Arrays are put on disk and taken back, and random streams are handed on; no more.
        used = {call for call in calls(path) if call.startswith(("np.", "numpy."))}
        assert used <= {"np.load", "np.savez", "np.random.default_rng"}, f"{path} computes with numpy: {used}"


@pytest.mark.parametrize("package", ["models", "flows", "dashboards"])
def test_no_sql_outside_warehouse(package):
    for path in sources(package):
        found = [text for text in texts(path) if SQL_START.match(text)]
        assert not found, f"{path} holds SQL: {found[:2]}"
    assert not list((ROOT / package).rglob("*.sql")), f"{package} holds .sql files"


def test_sql_pattern_sees_sql():
    seen = (
        "SELECT a FROM b",
        "insert into t values (1)",
        "FROM runs",
        "CREATE OR REPLACE VIEW v AS SELECT 1",
    )
    assert all(SQL_START.match(text) for text in seen)
    passed = (
        "Select a format",
        "from the evidence folder",
        "with a remedy",
        "Update hbmcast, or name another folder",
    )
    assert not any(SQL_START.match(text) for text in passed)


def test_files_take_the_place_of_others_in_one_module_only():
    moving = {"os.replace", "os.rename", "shutil.move"}
    found = [path for package in PACKAGES for path in sources(package) if calls(path) & moving]
    assert [str(path.relative_to(ROOT)) for path in found] == ["warehouse/atomic.py"]


def test_data_holds_only_csv():
    other = [path for path in (ROOT / "data").rglob("*") if path.is_file() and path.suffix != ".csv"]
    assert not other
    assert (ROOT / "data" / "metrics.csv").exists()


def test_files_stay_short():
    long = {}
    for package in (*PACKAGES, "tests"):
        longest = LONGEST_TEST_FILE if package == "tests" else LONGEST_FILE
        for path in sources(package):
            lines = path.read_text(encoding="utf-8").count("\n")
            if lines > longest:
                long[str(path.relative_to(ROOT))] = lines
    assert not long


def body_lines(function: ast.FunctionDef) -> int:
    """Return how many lines stand below the docstring of a function."""
    body = function.body[ast.get_docstring(function) is not None :]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_functions_stay_short():
    # The equations of the chain are one computation, read from top to bottom.
    long = {
        node.name: body_lines(node)
        for package in PACKAGES
        for path in sources(package)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and body_lines(node) > LONGEST_BODY
    }
    assert set(long) <= {"chain"}, long


def test_no_package_host_and_no_path_of_a_machine():
    found = []
    for path in tracked():
        if path.suffix in {".png", ".parquet", ".npz", ".woff2"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {word}" for word in (*HOSTS, *MACHINE_PATHS) if word in text]
    assert not found


def test_every_dependency_is_locked_with_hashes():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = set(re.findall(r"^([a-z0-9._-]+)==", lock, re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    wanted = {re.split(r"[<>=!~ ;]", line)[0].lower() for line in asked}
    assert {"prefect", "pytest"} <= wanted
    assert wanted <= pinned
    blocks = re.split(r"^(?=[a-z0-9._-]+==)", lock, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)
