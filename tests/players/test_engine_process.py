"""An engine ends with the program that started it, however that ends, and whatever the engine ignores."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from patience import wait_until

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="process groups are POSIX's")

#: Ignores the end of its input, and to be asked to end; so does its child.
STUBBORN = """
import os, signal, sys, time
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
child = os.fork()
with open(sys.argv[1], "a") as file:
    file.write(f"{os.getpid()}\\n")
while True:
    time.sleep(0.05)
"""
PARENT = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
from xiangqi_gpt.players.engine_process import EngineProcess
engine = EngineProcess([sys.executable, *sys.argv[1:]])
print("ready", flush=True)
time.sleep(1000)
"""


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        if Path("/proc/self").exists():
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("ending", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_a_stubborn_engine_ends_with_the_program(tmp_path: Path, ending: str) -> None:
    engine, pids = tmp_path / "engine.py", tmp_path / "pids"
    engine.write_text(STUBBORN, encoding="utf-8")
    command = [sys.executable, "-c", PARENT, str(engine), str(pids)]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert parent.stdout is not None and parent.stdout.readline() == b"ready\n"
    wait_until(lambda: pids.exists() and pids.read_text().count("\n") == 2)
    left = [int(pid) for pid in pids.read_text().split()]
    assert all(map(is_alive, left))
    parent.send_signal(getattr(signal, ending))
    assert parent.wait(60) != 0
    parent.stdout.close()
    wait_until(lambda: not any(map(is_alive, left)))


def test_closing_leaves_no_process_behind(tmp_path: Path) -> None:
    from xiangqi_gpt.players.engine_process import EngineProcess

    engine, pids = tmp_path / "engine.py", tmp_path / "pids"
    engine.write_text(STUBBORN, encoding="utf-8")
    process = EngineProcess([sys.executable, str(engine), str(pids)])
    wait_until(lambda: pids.exists() and pids.read_text().count("\n") == 2)
    process.close()
    assert not process.is_running
    wait_until(lambda: not any(is_alive(int(pid)) for pid in pids.read_text().split()))
