import pytest

from models.inference.compiling import compile_model
from tests.world.generate import make_world


@pytest.fixture(scope="session")
def compiled():
    """The model of all synthetic worlds without echoes: they differ in their data only."""
    return compile_model(make_world(10_000, echoes=False).problem)
