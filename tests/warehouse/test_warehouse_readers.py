# ruff: noqa: E501 - rows and queries are easier to read uncut
"""A second process reads on while builds are swapped in: never blocked, never half a run."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import tests.warehouse.synthetic_warehouse as synthetic
from tests.places import ROOT
from warehouse.connect import connect
from warehouse.publish import publish_run
from warehouse.read import latest_run

N_RUNS = 3

# Opens the file again and again, and once for good; every answer must be of one run, with its draws.
READER = """
import json, sys, time
from pathlib import Path
from warehouse.connect import connect
state, stop = Path(sys.argv[1]), Path(sys.argv[1]) / "stop"
SQL = '''
SELECT (SELECT run_id FROM latest_run),
    (SELECT list(DISTINCT run_id) FROM latest_forecast), (SELECT count(*) FROM latest_forecast),
    (SELECT list(DISTINCT run_id) FROM binding_forecast), (SELECT count(*) FROM binding_forecast),
    (SELECT count(*) FROM draws), (SELECT round(p50 / 1e6) FROM hbm_forecast WHERE quantity = 'hbm_revenue_usd' AND period = '2026'),
    round(quantile_of('hbm_revenue_usd', '2026', 0.5) / 1e6)
'''
seen = []
held = connect(state)
first = held.execute(SQL).fetchall()
while True:
    last = stop.exists()
    with connect(state) as connection:
        seen.append(connection.execute(SQL).fetchone())
    if len(seen) == 1:
        print("ready", flush=True)
    assert held.execute(SQL).fetchall() == first
    if last:
        break
    time.sleep(0.1)
print(json.dumps({"seen": sorted(set(map(repr, seen))), "n": len(seen), "held": first[0][0]}))
"""


def test_reader_in_another_process_sees_whole_runs_only(tmp_path):
    synthetic.take_in(tmp_path)
    draws = {f"night-{k}": small_draws(k) for k in range(N_RUNS)}
    publish_small(tmp_path, "night-0", draws["night-0"])
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert reader.stdout.readline() == "ready\n", reader.communicate()
    for name in list(draws)[1:]:
        publish_small(tmp_path, name, draws[name])
    (tmp_path / "stop").touch()
    out, errors = reader.communicate()
    assert reader.returncode == 0, errors
    result = json.loads(out)
    expected = {}
    for name, d in draws.items():
        median = round(
            float(synthetic.np.median(d["hbm_revenue_usd"][:, synthetic.PERIODS.index("2026")].astype(float)))
            / 1e6
        )
        n = len(d) * len(synthetic.PERIODS)
        expected[name] = repr(
            (
                name,
                [name],
                n,
                [name],
                3 * len(synthetic.PERIODS),
                n * len(d["hbm_bits_gb"]),
                float(median),
                float(median),
            )
        )
    assert set(result["seen"]) <= set(expected.values()), result["seen"]
    # The reader did run alongside: it saw the first run and the last, and read on in between.
    assert len(result["seen"]) >= 2
    assert expected[f"night-{N_RUNS - 1}"] in result["seen"]
    assert result["n"] >= 3
    # That no reader waits for a publisher is tested where one stands still (test_warehouse_killed.py).
    assert result["held"] == "night-0"


def small_draws(seed: int) -> dict:
    return synthetic.joint_draws(seed, shift=0.1 * seed, n=40)


def publish_small(state: Path, run_id: str, draws: dict) -> None:
    parquet = state / f"{run_id}.parquet"
    synthetic.write_draws(parquet, synthetic.PERIODS, draws)
    publish_run(
        state,
        {"run_id": run_id, "as_of": date(2026, 1, 2)},
        synthetic.frames(draws, run_id, date(2026, 1, 2)),
        parquet,
    )


def test_same_process_sees_the_new_run_while_it_holds_the_old(state):
    with connect(state) as held:
        synthetic.publish(state, "night-3")
        assert held.execute("SELECT run_id FROM latest_run").fetchone() == ("night-2",)
        assert latest_run(state)["run_id"] == "night-3"
