"""How the kernels are compiled: each for one signature, on its first call, once, and kept on disk."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from numba import config as _numba_config
from numba import njit, types
from numba.core import event, typeinfer
from numba.core.caching import CompileResultCacheImpl, FunctionCache, NullCache, UserProvidedCacheLocator
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher

from .kernel_cache import cache_folder, locked

_config: Any = _numba_config  # numba adds its settings while it runs
_CPUDispatcher: Any = CPUDispatcher  # not typed
_OPTIONS: Final[dict[str, Any]] = {"nopython": True, "no_cfunc_wrapper": True, "nogil": True, "boundscheck": False}

#: Every kernel that has been imported so far, in the order of the imports.
KERNELS: Final[list[Kernel]] = []

# Types of arguments. A side, a square, a move or a count is always an int64: what a caller has is converted.
INT: Final = types.int64
FLOAT: Final = types.float64
BOOL: Final = types.boolean
# Contiguous arrays, of one dimension where nothing is said.
INT8S: Final = types.int8[::1]  #: the squares of a board, or a small number for each board
INT16S: Final = types.int16[::1]
INT32S: Final = types.int32[::1]
INT64S: Final = types.int64[::1]
UINT16S: Final = types.uint16[::1]
UINT64S: Final = types.uint64[::1]
BOOLS: Final = types.boolean[::1]
BOARDS: Final = types.int8[:, ::1]
MASKS: Final = types.boolean[:, ::1]
INT16_TABLE: Final = types.int16[:, ::1]
INT32_TABLE: Final = types.int32[:, ::1]
INT64_TABLE: Final = types.int64[:, ::1]
FLOATS: Final = types.float32[::1]
FLOAT_TABLE: Final = types.float32[:, ::1]
FLOATS_3D: Final = types.float32[:, :, ::1]
FLOATS_4D: Final = types.float32[:, :, :, ::1]
FLOATS_5D: Final = types.float32[:, :, :, :, ::1]
# Arrays that a kernel only reads: such as may not be written are taken too.
TEXT: Final = types.Array(types.uint8, 1, "C", readonly=True)
LETTERS: Final = types.Array(types.uint32, 1, "C", readonly=True)
FIXED_INT8S: Final = types.Array(types.int8, 1, "C", readonly=True)
FIXED_INT16S: Final = types.Array(types.int16, 1, "C", readonly=True)
FIXED_INT64S: Final = types.Array(types.int64, 1, "C", readonly=True)
FIXED_UINT16S: Final = types.Array(types.uint16, 1, "C", readonly=True)
FIXED_BOARDS: Final = types.Array(types.int8, 2, "C", readonly=True)


def jit(*signature: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a kernel for arguments of these types, on its first call, and cache it on disk.

    There is one compiled function a kernel: a caller's numbers are converted to the declared types, and arrays of
    another type raise ``TypeError``. The cache lies in the package's ``__pycache__``, or in the user's cache folder
    where that is read-only, or where ``NUMBA_CACHE_DIR`` says. Where none can be written, every process compiles for
    itself.
    """
    return lambda function: _declared(function, signature, _OPTIONS)


def jit_sums(*signature: Any) -> Callable[[Callable[..., Any]], Any]:
    """As ``jit``, for sums of floats that may be added up in any order, eight or sixteen at a time."""
    return lambda function: _declared(function, signature, _OPTIONS | {"fastmath": {"reassoc", "contract", "nsz"}})


def jit_part(function: Callable[..., Any]) -> Any:
    """A part of the one kernel that calls it, compiled as if its text stood there.

    What a kernel calls is compiled by itself and optimised again in each of its callers, and in theirs: splitting a
    long function costs seconds that this does not.
    """
    return njit(inline="always", nogil=True, boundscheck=False)(function)


def _declared(function: Callable[..., Any], signature: tuple[Any, ...], options: dict[str, Any]) -> Any:
    if _config.DISABLE_JIT:
        return function
    kernel = Kernel(function, targetoptions=options)
    kernel.declared = signature
    KERNELS.append(kernel)
    return kernel


class _KernelFolder(UserProvidedCacheLocator):
    """The folder itself: its name says all that a kernel depends on, so numba need not add where the source lies.

    A package that is moved or copied with its kernels keeps them.
    """

    @classmethod
    def get_suitable_cache_subpath(cls, py_file: str) -> str:
        return ""


class _KernelCacheFiles(CompileResultCacheImpl):
    _locator_classes = [_KernelFolder]  # noqa: RUF012 (numba's own form)


class _KernelCache(FunctionCache):
    _impl_class = _KernelCacheFiles


_new_cache: Any = _KernelCache  # not typed


class Kernel(_CPUDispatcher):  # type: ignore[misc]
    """A function that numba compiles when it is first called, for its declared types and for no others.

    ``numba.njit`` with a signature compiles at import; without one it compiles again for every combination of types
    and literal numbers that some caller has.
    """

    declared: tuple[Any, ...]  #: the types of its arguments

    @property
    def full_name(self) -> str:
        """Its module in this package and its name, as ``rules.kernels.legal_moves``."""
        return f"{self.py_func.__module__.removeprefix('xiangqi_gpt.')}.{self.py_func.__qualname__}"

    @property
    def was_compiled(self) -> bool:
        """Whether this process had to compile it."""
        return bool(sum(self._cache_misses.values()))

    def ready(self) -> None:
        """Load it from the cache or compile it; returns at once when that has been done.

        Of several processes that want it at the same time one compiles it, and the others wait for that and load it.
        """
        if not self._can_compile:
            return
        with global_compiler_lock:
            if not self._can_compile:
                return  # another thread was first
            with self._locked_cache(), typeinfer.register_dispatcher(self):
                try:
                    self.compile(self.declared)
                except OSError:  # it is compiled, but could not be written: the disk may be full
                    self._cache = NullCache()
                    self.compile(self.declared)
            self.disable_compile()

    @contextlib.contextmanager
    def _locked_cache(self) -> Iterator[None]:
        folder = cache_folder(self.py_func.__module__, Path(self.py_func.__code__.co_filename))
        if folder is None:
            yield
            return
        chosen = _config.CACHE_DIR
        _config.CACHE_DIR = str(folder)
        try:
            self._cache = _new_cache(self.py_func)
        except RuntimeError:  # numba cannot write there
            yield
            return
        finally:
            _config.CACHE_DIR = chosen
        with locked(folder / f"{self.py_func.__qualname__}.lock"):
            yield

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """What numba asks when another kernel calls this one: the arguments are converted to the declared types."""
        self.ready()
        return super().get_call_template(args, kws)

    def _compile_for_args(self, *args: Any, **kws: Any) -> Any:
        """What numba asks at the first call from Python; raises ``TypeError`` for arguments of another type."""
        self._compilation_chain_init_hook()
        self.ready()
        for place, (argument, wanted) in enumerate(zip(args, self.declared, strict=True)):
            given = self.typeof_pyval(argument)
            if self.typingctx.can_convert(given, wanted) is None:
                raise TypeError(f"{self.full_name}: argument {place} is {given}, expected {wanted}")
        return self.overloads[self.declared].entry_point


class _Announcer(event.Listener):
    """Says once a process why the first call of a kernel takes seconds."""

    said = False

    def on_start(self, compiling: event.Event) -> None:
        if not self.said and isinstance(compiling.data["dispatcher"], Kernel):
            self.said = True
            print("xiangqi-gpt: compiling the rules for the first time, this takes some seconds ...", file=sys.stderr)

    def on_end(self, compiling: event.Event) -> None:
        pass


_announcer = _Announcer()
event.register("numba:compile", _announcer)  # type: ignore[no-untyped-call]


def announce_nothing() -> None:
    """Leave it to others to say that kernels are being compiled, from now on in this process."""
    _announcer.said = True
