"""What every test folder may use."""

from pathlib import Path

import pytest
from hypothesis import settings

from xiangqi_gpt.machine import let_threads_sleep

let_threads_sleep()  # before a test imports PyTorch, as the commands do

# A busy machine, or a kernel's first call, is slow now and then: that is no failure.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@pytest.fixture(scope="session")
def nano_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model that chooses at random, in a way; a blank in its name must not matter."""
    from random_models import random_model  # the rules are tested without PyTorch too

    from xiangqi_gpt.model.checkpoint import save_model

    folder = tmp_path_factory.mktemp("nano model")
    save_model(random_model(seed=1), folder)
    return folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real games and cases beside the checkout; tests that ask for it are skipped where it is missing."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("no shared/ folder beside this checkout")
    return folder
