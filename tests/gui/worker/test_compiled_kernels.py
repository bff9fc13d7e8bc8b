"""Kernels are used for the bar once they lie on the disk, and not compiled for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from xiangqi_gpt.gui.worker import compiled_kernels


class FakeKernel:
    """A kernel that this process has not needed yet."""

    def __init__(self, name: str) -> None:
        def py_func() -> None: ...

        py_func.__qualname__ = name
        self.py_func, self.overloads = py_func, dict[str, object]()

    def ready(self) -> None:
        self.overloads["()"] = object()


def test_kernels_are_loaded_only_if_none_has_to_be_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kernels = [FakeKernel("search"), FakeKernel("search_more")]
    monkeypatch.setattr(compiled_kernels, "KERNELS", kernels)
    monkeypatch.setattr(compiled_kernels, "cache_folder", lambda module, file: tmp_path)
    (tmp_path / "kernels.search_more-12.py311.nbi").touch()
    assert not compiled_kernels.load_kernels(lambda: False) and not any(kernel.overloads for kernel in kernels)
    (tmp_path / "kernels.search-3.py311.nbi").touch()
    assert not compiled_kernels.load_kernels(lambda: True), "the person has moved meanwhile"
    assert compiled_kernels.load_kernels(lambda: False) and all(kernel.overloads for kernel in kernels)


def test_where_no_kernel_can_be_kept_none_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_kernels, "KERNELS", [FakeKernel("search")])
    monkeypatch.setattr(compiled_kernels, "cache_folder", lambda module, file: None)
    assert not compiled_kernels.load_kernels(lambda: False)
