"""What every test folder may use."""

from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine, or a kernel's first call, is slow now and then: that is no failure.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real games and cases beside the checkout; tests that ask for it are skipped where it is missing."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("no shared/ folder beside this checkout")
    return folder
