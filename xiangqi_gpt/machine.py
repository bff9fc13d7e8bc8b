"""The machine a program runs on: processor, instruction sets, cores, and the one line that stands beside a speed."""

from __future__ import annotations

import functools
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: Instruction sets that matter for speed here, by the name LLVM has for the feature; in the order they are shown.
_INSTRUCTION_SETS: Final = {
    "sse4.2": "SSE4.2",
    "avx2": "AVX2",
    "avx512f": "AVX-512",
    "avx512bf16": "AVX-512 bf16",
    "avx512fp16": "AVX-512 fp16",
    "amx-bf16": "AMX bf16",
    "neon": "NEON",
    "sve": "SVE",
    "bf16": "Arm bf16",
}
#: Those that multiply bf16 numbers in hardware.
BF16_UNITS: Final = frozenset({"AVX-512 bf16", "AMX bf16", "Arm bf16"})

#: A setting in the environment names the highest level that is allowed; everything of a higher rank is hidden.
_RANK: Final = {
    "SSE4.2": 1,
    "AVX2": 2,
    "AVX-512": 3,
    "AVX-512 bf16": 4,
    "AVX-512 fp16": 5,
    "AMX bf16": 6,
}
_VARIABLE: Final = "ONEDNN_MAX_CPU_ISA"  #: of the library that multiplies bf16 numbers for PyTorch
_CAPS: Final = {
    "SSE41": 1,
    "AVX": 1,
    "AVX2": 2,
    "AVX2_VNNI": 2,
    "AVX2_VNNI_2": 2,
    "AVX512_CORE": 3,
    "AVX512_CORE_VNNI": 3,
    "AVX512_CORE_BF16": 4,
    "AVX512_CORE_FP16": 5,
}


@dataclass(frozen=True)
class Machine:
    """What a program has to compute with; ``instruction_sets`` are those that it is allowed to use."""

    processor: str
    instruction_sets: tuple[str, ...]
    cores: int  #: that this process may use
    emulated: str = ""  #: the settings in the environment that hide instruction sets the processor has

    @property
    def has_bf16_units(self) -> bool:
        """Whether products of bf16 numbers have hardware of their own."""
        return not BF16_UNITS.isdisjoint(self.instruction_sets)

    def __str__(self) -> str:
        sets = " ".join(_shown(self.instruction_sets)) or "no vector instructions known"
        hidden = f", emulated by {self.emulated}" if self.emulated else ""
        return f"{self.processor}, {self.cores} core{'s' if self.cores != 1 else ''}, {sets}{hidden}"


def _shown(sets: tuple[str, ...]) -> list[str]:
    """The instruction sets worth a word: a lower one that a higher one includes says nothing."""
    best = [name for name in ("SSE4.2", "AVX2", "AVX-512") if name in sets][-1:]
    return best + [name for name in sets if name not in ("SSE4.2", "AVX2", "AVX-512")]


@functools.cache
def this_machine() -> Machine:
    """The machine of this process."""
    sets = _instruction_sets()
    cap = _CAPS.get(os.environ.get(_VARIABLE, "").upper(), 99)
    allowed = tuple(name for name in sets if _RANK.get(name, 0) <= cap)
    emulated = f"{_VARIABLE}={os.environ[_VARIABLE]}" if allowed != sets else ""
    return Machine(_processor(), allowed, usable_cores(), emulated)


def machine_line(device: str = "cpu") -> str:
    """The machine in one line, for benchmarks, cards and pages; with a GPU's name where ``device`` is ``cuda``."""
    if device.startswith("cuda"):
        import torch

        return f"{torch.cuda.get_device_name(device)} beside {this_machine()}"
    return str(this_machine())


def let_threads_sleep() -> None:
    """Make OpenMP's threads sleep after a short spin while they wait; call it before PyTorch is imported.

    A thread that spins keeps its core from whoever else needs it: beside as many busy processes as cores a training
    step took 2.5 times as long. Sleeping at once costs a quarter of the speed alone; a spin as short as waking up, with
    GNU's OpenMP, costs nothing (``docs/training.md``).
    The user's own setting stays.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
        os.environ.setdefault("GOMP_SPINCOUNT", "3000")


def use_one_blas_thread() -> None:
    """Let numpy multiply matrices on one thread; call it before numpy is imported.

    The products of a model are small, and a second thread spins while it waits for the next one. Who has more cores
    evaluates on more threads itself. The user's own setting stays.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def usable_cores() -> int:
    """Processor cores that this process may use.

    On Linux: the cores of the affinity mask, hardware threads that share one counted once, and no more than the quota
    of the control group. Elsewhere: the hardware threads.
    """
    if hasattr(os, "sched_getaffinity"):
        count = len({_siblings(thread) for thread in os.sched_getaffinity(0)})
    else:
        count = os.cpu_count() or 1
    return max(1, min(count, _quota()))


def _instruction_sets() -> tuple[str, ...]:
    from llvmlite.binding import get_host_cpu_features

    try:
        features = get_host_cpu_features()
    except RuntimeError:  # LLVM does not know this system's processors
        return ()
    return tuple(shown for name, shown in _INSTRUCTION_SETS.items() if features.get(name))


def _processor() -> str:
    """The name that the maker gave the processor."""
    if sys.platform.startswith("linux"):
        try:
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
                key, _, value = line.partition(":")
                if key.strip() in ("model name", "Model", "Hardware") and value.strip():
                    return " ".join(value.split())
        except OSError:
            pass
    if sys.platform == "darwin":
        try:
            asked = ("/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string")
            said = subprocess.run(asked, capture_output=True, text=True, timeout=5, check=False).stdout
        except (OSError, subprocess.SubprocessError):
            said = ""
        if said.strip():
            return said.strip()
    return platform.processor() or platform.machine() or "unknown processor"


def _siblings(thread: int) -> str:
    """The hardware threads that share a core with one; two of them multiply matrices no faster than one."""
    path = Path(f"/sys/devices/system/cpu/cpu{thread}/topology/thread_siblings_list")
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return str(thread)


def _quota() -> int:
    """Whole cores that the control group grants; many where there is no limit."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return max(1, round(int(quota) / int(period)))
    except (OSError, ValueError):
        return 10**6
