"""The files of a team's set-up: what they set exists, nothing listens to the outside, telemetry is off."""

import configparser
import re

import pytest
import yaml
from prefect.settings import Settings
from prefect.settings.legacy import _get_valid_setting_names
from typer.testing import CliRunner

from flows.commands.cli import app
from flows.runtime import settings
from tests.places import ROOT

TEAM = ROOT / "docs" / "team"
UNITS = sorted(TEAM.glob("*.service"))
QUIET = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
OTHERS = {"DO_NOT_TRACK"}


@pytest.fixture(scope="module")
def services() -> dict:
    return yaml.safe_load((TEAM / "compose.yaml").read_text(encoding="utf-8"))["services"]


def unit(path) -> dict[str, list[str]]:
    """Lines of a unit, by the word before '=': systemd lets a word stand several times."""
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([A-Za-z]+)=(.*)", line):
            found.setdefault(match[1], []).append(match[2])
    return found


def variables(path) -> dict[str, str]:
    pairs = " ".join(unit(path).get("Environment", [])).split()
    return dict(pair.split("=", 1) for pair in pairs)


def is_known(name: str) -> bool:
    """Whether Prefect or hbmcast reads a variable."""
    if name.startswith("HBMCAST_"):
        return name in {value for key, value in vars(settings).items() if key.endswith("_VARIABLE")}
    return name in OTHERS or name in _get_valid_setting_names(Settings)


def test_every_variable_is_read_by_somebody(services):
    named = {name for service in ("server", "worker") for name in services[service]["environment"]}
    named |= {name for path in UNITS for name in variables(path)}
    assert [name for name in sorted(named) if not is_known(name)] == []


def test_telemetry_is_off(services):
    for service in ("server", "worker"):
        assert services[service]["environment"].items() >= QUIET.items()
    worker = variables(TEAM / "hbmcast-worker.service")
    assert worker.items() >= QUIET.items()


def test_the_host_shows_ports_to_itself_only(services):
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_what_is_started_exists_and_waits_for_what_it_needs(services):
    for name, service in services.items():
        for needed in service.get("depends_on", {}):
            assert "healthcheck" in services[needed], (name, needed)
    started = [services["server"]["command"], unit(TEAM / "hbmcast-server.service")["ExecStart"][0].split()]
    for words in started:
        command = words[next(i for i, word in enumerate(words) if word.endswith("hbmcast")) + 1]
        assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0
    pools = {
        name["name"]
        for name in [yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"][0]["work_pool"]]
    }
    for words in (
        services["worker"]["command"],
        unit(TEAM / "hbmcast-worker.service")["ExecStart"][0].split(),
    ):
        assert words[words.index("--pool") + 1] in pools
    for path in UNITS:
        parsed = configparser.ConfigParser(strict=False, interpolation=None)
        parsed.optionxform = str
        parsed.read(path)
        assert parsed.sections() == ["Unit", "Service", "Install"]
