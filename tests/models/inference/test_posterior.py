"""The posterior by name: names stand where they belong, files give back every digit, ArviZ reads them."""

import arviz_base as azb
import arviz_stats as azs
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from flows.runtime.artifacts import kept_posterior, load_posterior, save_posterior
from models.inference.fit import STATISTICS
from models.inference.left_out import BY_MIXTURE, BY_WEIGHTS, LOO_COLUMNS
from models.inference.parameter_names import BLOCKS, NO_ERROR_TERM, axis_names
from models.inference.posterior import from_datatree, named, to_datatree
from models.inference.problem import parameter_shapes
from models.vocabulary.drivers import CLASS_ATTRIBUTES, DRIVERS
from tests.benchmarks.world import world
from tests.market import MARKET

SHAPE = (2, 50)


@pytest.fixture(scope="module")
def problem():
    return world()


@pytest.fixture(scope="module")
def posterior(problem):
    generator = np.random.default_rng(1)
    shapes = parameter_shapes(problem.operator, MARKET)
    raw = {k: generator.standard_normal((*SHAPE, *shape)) for k, shape in shapes.items()}
    statistics = {name: generator.standard_normal(SHAPE) for name in STATISTICS}
    statistics |= {"diverging": np.arange(100).reshape(SHAPE) == 7, "depth": np.full(SHAPE, 5, np.uint64)}
    rows = [("a", "hbm", "forecast", "hbm_bits", 0.1, 0.4, False, BY_WEIGHTS)]
    rows += [("b", "cowos", "actual", "cowos_wafers", np.nan, 1.0, True, BY_MIXTURE)]
    left_out = pd.DataFrame(rows, columns=list(LOO_COLUMNS))
    return named(raw, statistics, MARKET, problem.operator, left_out)


@pytest.fixture(scope="module")
def file(posterior, tmp_path_factory):
    return save_posterior(tmp_path_factory.mktemp("state") / "abc.nc", posterior, as_of="2025-06-30", seed=7)


def test_every_element_of_every_block_has_a_name_of_its_own(problem, posterior):
    assert set(BLOCKS) == set(parameter_shapes(problem.operator, MARKET))
    labels = [
        posterior.label(name, position)
        for name, values in posterior.raw.items()
        for position in np.ndindex(values.shape[2:])
    ]
    assert len(set(labels)) == len(labels)
    assert "[" not in "".join(labels)
    assert {f"launch delay, {name}" for name in MARKET.class_names} <= set(labels)
    assert {f"definition offset, {name}" for name in problem.operator.definitions[1:]} <= set(labels)


def test_labels_say_what_stands_at_a_position(posterior):
    rubin = MARKET.class_names.index("nvidia_rubin")
    assert posterior.label("class_launch_delay", (rubin,)) == "launch delay, nvidia_rubin"
    assert posterior.label("shock_smooth", (len(DRIVERS) + rubin, 3)) == "path shock, nvidia_rubin, 3"
    assert posterior.label("publisher_bias", (0,)) == f"publisher bias, {NO_ERROR_TERM}"
    assert posterior.label("unheard_of", (2, 1)) == "unheard_of, 2, 1"
    assert named({}, {}, MARKET).label("definition_offset", (2,)) == "definition offset, 2"


def test_every_attribute_of_a_class_has_a_title():
    titles = [BLOCKS[f"class_{name}"].title for name in CLASS_ATTRIBUTES]
    assert len(set(titles)) == len(CLASS_ATTRIBUTES)
    assert not any("_" in title for title in titles)


def test_a_file_gives_back_every_digit_and_every_name(posterior, file):
    again = load_posterior(file)
    assert list(again.raw) == list(posterior.raw)
    assert list(again.statistics) == list(posterior.statistics)
    for kept, found in ((posterior.raw, again.raw), (posterior.statistics, again.statistics)):
        for name, values in kept.items():
            assert found[name].dtype == values.dtype
            np.testing.assert_array_equal(found[name], values, strict=True)
    assert again.names == posterior.names
    pd.testing.assert_frame_equal(again.left_out, posterior.left_out, check_names=False)
    single = named({"class_size": posterior.raw["class_size"].astype(np.float32)}, {}, MARKET)
    assert from_datatree(to_datatree(single)).raw["class_size"].dtype == np.float32


def test_the_same_posterior_makes_the_same_file(posterior, file, tmp_path):
    again = save_posterior(tmp_path / "abc.nc", posterior, as_of="2025-06-30", seed=7)
    assert again.read_bytes() == file.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["abc.nc"]


def test_xarray_and_arviz_read_the_file_by_name(problem, posterior, file):
    tree = azb.convert_to_datatree(str(file))
    with xr.open_datatree(file, engine="h5netcdf") as plain:
        assert plain.identical(tree)
    assert {"hbmcast_version", "content_hash", "as_of", "seed"} == set(tree.attrs)
    assert (tree.attrs["content_hash"], tree.attrs["as_of"], tree.attrs["seed"]) == ("abc", "2025-06-30", 7)
    draws = tree["posterior"]
    for dim, names in axis_names(MARKET, problem.operator).items():
        assert tuple(draws[dim].to_numpy()) == names
    level = draws["driver_level"].sel(driver="hbm_other_use")
    np.testing.assert_array_equal(level, posterior.raw["driver_level"][:, :, DRIVERS.index("hbm_other_use")])
    assert problem.operator.publishers[1] in draws["publisher_bias"].get_index("publisher")
    assert draws["shock_smooth"].dims[2:] == ("driver_or_class", "shock")
    assert draws["class_launch_delay"].attrs["long_name"] == "launch delay"
    assert {"diverging", "tree_depth", "lp", "energy"} <= set(tree["sample_stats"].data_vars)
    summary = azs.summary(tree, var_names=["class_launch_delay"])
    assert "class_launch_delay[nvidia_rubin]" in summary.index


def test_a_block_as_long_as_its_names_or_not_at_all(posterior):
    short = named({"class_size": posterior.raw["class_size"][..., :3]}, {}, MARKET)
    with pytest.raises(ValueError, match="class"):
        to_datatree(short)


def test_a_file_that_can_t_be_read_is_told_in_one_line(file, tmp_path):
    lines: list[str] = []
    assert kept_posterior(tmp_path / "absent.nc", lines.append) is None
    assert lines == []
    cut = tmp_path / "cut.nc"
    cut.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    other = tmp_path / "other.nc"
    xr.Dataset({"a": 1}).to_netcdf(other, engine="h5netcdf")
    for number, path in enumerate((cut, other), start=1):
        assert kept_posterior(path, lines.append) is None
        assert len(lines) == number
        assert path.name in lines[-1]
        assert "\n" not in lines[-1]
    assert kept_posterior(file, lines.append) is not None
    assert len(lines) == 2
