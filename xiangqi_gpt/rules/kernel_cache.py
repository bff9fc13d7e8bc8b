"""Where compiled kernels are kept, and what they are named after.

A module's kernels lie in a folder named after its source and that of every module of this package it imports: what
they call and the tables they read are compiled into them. So an edit compiles anew what depends on it, and no more.
Above these folders stands one for the processor and the versions of what compiles, so that several can share a cache.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import llvmlite
import numba
import numpy as np
import platformdirs
from numba import config as _numba_config
from numba.core.registry import cpu_target

_config: Any = _numba_config  # numba adds its settings while it runs
_PACKAGE: Final = __name__.partition(".")[0]
_ROOT: Final = Path(__file__).parent.parent

#: Of one module so many sources stay in a package's own cache: enough to go back and forth between two branches.
_SOURCES_KEPT: Final = 3
#: Seconds after which a folder that no process used is removed.
_UNUSED: Final = 30 * 24 * 3600.0


def source_key(module: str, file: Path) -> str:
    """Hexadecimal digest of the source of a module and of all modules of this package that it imports."""
    sources = {module: file}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        for found, path in _imported(name, sources[name]):
            if found not in sources:
                sources[found] = path
                waiting.append(found)
    digest = hashlib.sha256()
    for name in sorted(sources):
        digest.update(f"{name}\0".encode() + hashlib.sha256(sources[name].read_bytes()).digest())
    return digest.hexdigest()


@functools.cache
def _imported(module: str, file: Path) -> list[tuple[str, Path]]:
    """The modules of this package that a module imports at its top level, and their files."""
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    found: list[tuple[str, Path]] = []
    for node in _top_level(ast.parse(file.read_bytes()).body):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")
            base = ".".join([*above[: len(above) - node.level + 1], *filter(None, [node.module])])
            origin = _file(base if node.level else node.module or "")
            names = _origins(base if node.level else node.module or "", origin, [alias.name for alias in node.names])
        else:
            continue
        found += [(name, path) for name in names if (path := _file(name)) is not None]
    return found


def _origins(base: str, file: Path | None, names: list[str]) -> list[str]:
    """The modules that ``from base import names`` takes its values from.

    A name that is a module stands for that module alone, unless the package gives it another meaning; a package's
    ``__init__`` counts, with all it imports, where a value comes from there.
    """
    if file is None or file.name != "__init__.py":
        return [base]
    own = _bound_names(file)
    modules = [name for name in names if name not in own and _file(f"{base}.{name}") is not None]
    return [f"{base}.{name}" for name in modules] + ([base] if len(modules) < len(names) else [])


@functools.cache
def _bound_names(file: Path) -> frozenset[str]:
    """Names that a package's ``__init__`` imports or defines."""
    names = set[str]()
    for node in _top_level(ast.parse(file.read_bytes()).body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
    return frozenset(names)


def _top_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported, those in ``if`` and ``try`` included, but no type imports."""
    for node in body:
        yield node
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            yield from _top_level(node.orelse)
        elif isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.While | ast.ClassDef):
            for part in ("body", "orelse", "finalbody"):
                yield from _top_level(getattr(node, part, []))
            for handler in getattr(node, "handlers", []):
                yield from _top_level(handler.body)


@functools.cache
def _file(module: str) -> Path | None:
    """The file of a module of this package, None for any other name."""
    package, *parts = module.split(".")
    if package != _PACKAGE:
        return None
    place = _ROOT.joinpath(*parts)
    return next((path for path in (place / "__init__.py", place.parent / f"{place.name}.py") if path.is_file()), None)


@functools.cache
def _compiler_key() -> str:
    """Digest of all but the source that a compiled kernel depends on: versions, processor, settings of numba."""
    settings = [getattr(_config, name, None) for name in ("OPT", "LOOP_VECTORIZE", "SLP_VECTORIZE", "ENABLE_AVX")]
    versions = (sys.implementation.cache_tag, numba.__version__, llvmlite.__version__, np.__version__)
    processor = cpu_target.target_context.codegen().magic_tuple()
    return hashlib.sha256(repr((versions, processor, settings)).encode()).hexdigest()[:16]


@functools.cache
def cache_folder(module: str, file: Path) -> Path | None:
    """A folder for the compiled kernels of a module, made if need be; None where none can be written.

    It lies in the package's ``__pycache__``, or in the user's cache folder where that is read-only, or where
    ``NUMBA_CACHE_DIR`` says.
    """
    if not file.is_file():
        return None  # typed in, or run from a text
    name = module.removeprefix(f"{_PACKAGE}.")
    own = Path(__file__).parent / "__pycache__"
    shared = platformdirs.user_cache_path("xiangqi-gpt", appauthor=False)
    for base in (Path(_config.CACHE_DIR),) if _config.CACHE_DIR else (own, shared):
        folder = base / f"kernels-{_compiler_key()}" / f"{name}-{source_key(module, file)[:16]}"
        try:
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
                _clean(base, folder, name, is_shared=base != own)
            for used in (folder, folder.parent):
                os.utime(used)
            (folder / ".writable").touch()
        except OSError:
            continue
        return folder
    return None


def _clean(base: Path, new: Path, name: str, *, is_shared: bool) -> None:
    """Remove what no process used for a month and, in a package's own cache, the older sources of a module.

    A folder that several installations share may hold sources that are current elsewhere.
    """
    unused = [path for path in base.glob("kernels-*") if path != new.parent and _age(path) > _UNUSED]
    others = sorted((path for path in new.parent.glob(f"{name}-*") if path != new), key=_age)
    kept = len(others) if is_shared else _SOURCES_KEPT - 1
    unused += [*others[kept:], *(path for path in others[:kept] if _age(path) > _UNUSED)]
    for path in unused:
        shutil.rmtree(path, ignore_errors=True)


def _age(path: Path) -> float:
    """Seconds since a folder was last used; 0 for one that has just been removed."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file, for which other processes wait; where the system has no such locks, nobody waits."""
    with path.open("a") as file:
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # gives up after ten seconds
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX)
        yield
