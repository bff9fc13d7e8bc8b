"""The shared record files, where the checkout has them."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def samples(shared: Path) -> Path:
    """The folder of real record files."""
    return shared / "samples"


@pytest.fixture(scope="session")
def shared_data(shared: Path) -> Path:
    """The folder of the real corpus."""
    return shared / "data"
