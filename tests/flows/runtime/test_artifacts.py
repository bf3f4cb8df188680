"""Tables and draws handed from one night to the next."""

from datetime import date

import numpy as np
import pandas as pd
import xarray as xr

from flows.runtime.artifacts import (
    about_posterior,
    drawn_like,
    keep_drawn,
    kept_draws,
    kept_posterior,
    load_draws,
    load_frames,
    load_posterior,
    reuse_cached_run,
    save_frames,
    save_posterior,
)
from flows.runtime.netcdf import read_datatree
from models.inference.posterior import named
from tests.market import MARKET


def test_the_draws_alone_are_those_of_the_whole_posterior(tmp_path):
    rng = np.random.default_rng(1)
    raw = {name: rng.standard_normal((2, 3, *shape)) for name, shape in (("one", ()), ("two", (4, 5)))}
    path = save_posterior(tmp_path / "abc.nc", named(raw, {"depth": np.ones((2, 3))}, MARKET))
    found = load_draws(path)
    assert list(found) == list(load_posterior(path).raw) == list(raw)
    for name, values in raw.items():
        np.testing.assert_array_equal(found[name], values)
    told: list[str] = []
    assert kept_draws(tmp_path / "absent.nc", told.append) is None
    path.write_bytes(path.read_bytes()[:-2000])
    assert kept_draws(path, told.append) is None
    assert len(told) == 1
    assert "abc.nc can't be read" in told[0]


def test_a_posterior_is_read_as_xarray_reads_it(tmp_path):
    rng = np.random.default_rng(1)
    raw = {name: rng.standard_normal((2, 3, *shape)) for name, shape in (("two", (4, 5)), ("one", ()))}
    raw["class_launch_delay"] = rng.standard_normal((2, 3, len(MARKET.class_names)))
    raw["one"][0, 1] = np.nan
    left_out = pd.DataFrame({"figure_id": ["a", "b"], "pit": [0.5, np.nan], "one_sided": [True, False]})
    statistics = {"diverging": np.array([[True, False, False]] * 2), "depth": np.ones((2, 3))}
    made = named(raw, statistics, MARKET, left_out=left_out)
    path = save_posterior(tmp_path / "abc.nc", made, as_of="2026-01-02", seed=7, pareto_k=0.5)
    with xr.open_datatree(path, engine="h5netcdf") as tree:
        plain = tree.load()
    assert read_datatree(path).identical(plain)
    assert [list(group) for group in read_datatree(path).values()] == [
        list(group) for group in plain.values()
    ]
    assert about_posterior(path) == plain.attrs
    assert plain["posterior"]["class_launch_delay"].dims == ("chain", "draw", "class")
    again = load_posterior(path)
    pd.testing.assert_frame_equal(again.left_out, left_out.rename_axis("index"), check_dtype=False)
    # A file without groups is none.
    xr.Dataset({"x": ("i", [1.0])}).to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
    told: list[str] = []
    assert kept_posterior(tmp_path / "other.nc", told.append) is None
    assert "other.nc can't be read" in told[0]


def test_kept_tables_come_back_under_the_new_run(tmp_path):
    frame = pd.DataFrame({"run_id": ["old"], "as_of": [date(2025, 1, 1)], "p50": [1.5]})
    vocabulary = pd.DataFrame({"quantity": ["q"]})
    draws = pd.DataFrame({"draw": [0], "value": [1.5]})
    work = save_frames(tmp_path / "work", {"forecast": frame, "quantities": vocabulary, "draws": draws})
    kept = drawn_like(tmp_path, tmp_path / "posterior" / "abc.npz", seed=1, draws=500)
    keep_drawn(work, kept)
    assert reuse_cached_run(kept, tmp_path / "next", "new", date(2025, 1, 2))

    again = load_frames(tmp_path / "next")
    assert again["forecast"].to_dict("records") == [{"run_id": "new", "as_of": date(2025, 1, 2), "p50": 1.5}]
    assert (tmp_path / "next" / "draws.parquet").read_bytes() == (work / "draws.parquet").read_bytes()
    # What was kept is untouched, and only one night is kept.
    assert load_frames(kept)["forecast"]["run_id"].tolist() == ["old"]
    keep_drawn(work, drawn_like(tmp_path, tmp_path / "abc.npz", seed=2, draws=500))
    assert not kept.exists()


def test_kept_tables_that_are_cut_short_go(tmp_path):
    frames = {name: pd.DataFrame({"run_id": ["old"]}) for name in ("forecast", "draws")}
    kept = save_frames(drawn_like(tmp_path, tmp_path / "abc.nc", seed=1, draws=500), frames)
    (kept / "draws.parquet").write_bytes((kept / "draws.parquet").read_bytes()[:-9])
    assert not reuse_cached_run(kept, tmp_path / "next", "new", date(2025, 1, 2))
    assert not kept.exists()


def test_tables_of_other_evidence_have_another_place(tmp_path):
    places = {
        drawn_like(tmp_path, tmp_path / "abc.npz", seed=1, draws=500, tables=tables)
        for tables in ("", "one", "two")
    }
    assert len(places) == 3
    assert len({place.parent for place in places}) == 1
