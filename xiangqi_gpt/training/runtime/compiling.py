"""``torch.compile`` for the steps of training, and for those alone: held-out games are too few to compile for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ..errors import TrainingError


@contextmanager
def summarised_warnings() -> Iterator[None]:
    """Within the block, what the compiler reports, hundreds of lines, becomes a ``TrainingError`` of one."""
    from torch._dynamo.exc import TorchDynamoException

    try:
        yield
    except TorchDynamoException as error:
        first = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise TrainingError(f"the model could not be compiled ({first}); train without --compile") from error


@contextmanager
def uncompiled() -> Iterator[None]:
    """Within the block a compiled model runs as written."""
    with torch.compiler.set_stance("force_eager"):
        yield
