"""The shared record files, where the checkout has them."""

from pathlib import Path

import pytest

_SHARED = Path(__file__).resolve().parents[3] / "shared"


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real record files."""
    folder = _SHARED / "samples"
    if not folder.is_dir():
        pytest.skip("no shared sample records beside this checkout")
    return folder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of the real corpus."""
    folder = _SHARED / "data"
    if not folder.is_dir():
        pytest.skip("no shared corpus beside this checkout")
    return folder
