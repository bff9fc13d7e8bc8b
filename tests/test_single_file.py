"""The single file unpacks itself once, whatever stops it; made here with a script in the program's place."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = """#!/bin/sh
echo "kernels $XIANGQI_GPT_KERNELS" >&2
[ "${1:-}" = fail ] && exit 7
echo "$0: $*"
"""

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a file for Linux")


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build", ROOT / "packaging" / "build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def single(build: ModuleType, tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    (folder / "_internal").mkdir(parents=True)
    (folder / "xiangqi-gpt").write_text(PROGRAM)
    (folder / "xiangqi-gpt").chmod(0o755)
    (folder / "_internal" / "data").write_bytes(os.urandom(300_000))
    os.utime(folder / "_internal" / "data", (build.TIME, build.TIME))
    return Path(build.write_runnable(folder, tmp_path / "with blank" / "one.run"))


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path) -> None:
    (tmp_path / "with blank").mkdir()


def _start(file: Path, home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {"PATH": os.environ["PATH"], "HOME": str(home), **environment}
    return subprocess.run([file, *words], env=kept, capture_output=True, text=True, timeout=60)


def _apps(home: Path) -> list[Path]:
    return sorted((home / ".cache" / "xiangqi-gpt").iterdir())


def test_it_unpacks_once_and_hands_over_words_and_status(build: ModuleType, single: Path, tmp_path: Path) -> None:
    first = _start(single, tmp_path / "home", "match", "a b", "*")
    (app,) = _apps(tmp_path / "home")
    assert (first.returncode, first.stdout) == (0, f"{app}/xiangqi-gpt: match a b *\n")
    (app / "_internal" / "mark").touch()
    assert _start(single, tmp_path / "home", "fail").returncode == 7
    assert _apps(tmp_path / "home") == [app] and (app / "_internal" / "mark").exists()
    assert (app / "_internal" / "data").stat().st_mtime == build.TIME


def test_the_kernels_are_those_of_the_processor(single: Path, tmp_path: Path) -> None:
    flags = Path("/proc/cpuinfo").read_text().split()
    wanted = "haswell:" if {"avx2", "fma", "bmi2"} <= set(flags) else "generic:"
    assert _start(single, tmp_path / "home").stderr == f"kernels {wanted}\n"
    assert _start(single, tmp_path / "home", XIANGQI_GPT_KERNELS="x:y").stderr == "kernels x:y\n"


def test_several_first_starts_at_once_leave_one_copy(single: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    kept = {"PATH": os.environ["PATH"], "HOME": str(home)}
    running = [subprocess.Popen([single, str(i)], env=kept, stdout=subprocess.PIPE, text=True) for i in range(6)]
    assert [process.communicate(timeout=60)[0].split()[-1] for process in running] == list("012345")
    assert len(_apps(home)) == 1


def test_a_cut_file_is_told_and_leaves_nothing(single: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.run"
    cut.write_bytes(single.read_bytes()[:-100_000])
    cut.chmod(0o755)
    answer = _start(cut, tmp_path / "home")
    assert answer.returncode == 2 and "cut" in answer.stderr and not answer.stdout
    assert answer.stderr.count("\n") == 1 and _apps(tmp_path / "home") == []


def test_of_many_lines_that_tar_says_the_first_is_shown(single: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tar").write_text(
        "#!/bin/sh\ncat > /dev/null\nseq -f 'tar: file %g: No space' 1200 >&2\nexit 2\n"
    )
    (tmp_path / "bin" / "tar").chmod(0o755)
    answer = _start(single, tmp_path / "home", PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    assert answer.returncode == 2 and answer.stderr.count("\n") == 1
    assert "(tar: file 1: No space)" in answer.stderr and _apps(tmp_path / "home") == []


def test_without_a_home_it_runs_from_a_folder_of_its_own_that_it_removes(single: Path, tmp_path: Path) -> None:
    blocked, temporary = tmp_path / "blocked", tmp_path / "tmp"
    blocked.write_text("a file where the folder should be")
    temporary.mkdir()
    answer = _start(single, blocked, "play", TMPDIR=str(temporary))
    assert answer.returncode == 0 and f"{temporary}/xiangqi-gpt-" in answer.stdout
    assert answer.stderr.startswith(f"xiangqi-gpt: {blocked}/.cache/xiangqi-gpt cannot be written: ")
    assert _start(single, blocked, "fail", TMPDIR=str(temporary)).returncode == 7
    assert list(temporary.iterdir()) == []


def test_old_versions_are_removed_after_a_month(single: Path, tmp_path: Path) -> None:
    cache = tmp_path / "home" / ".cache" / "xiangqi-gpt"
    for name, age in {"app-old": 40 * 86400, "app-recent": 86400, "other": 40 * 86400}.items():
        (cache / name).mkdir(parents=True)
        when = (cache / name).stat().st_mtime - age
        os.utime(cache / name, (when, when))
    _start(single, tmp_path / "home")
    left = {path.name for path in _apps(tmp_path / "home")}
    assert {"app-recent", "other"} < left and "app-old" not in left and len(left) == 3


def test_equal_folders_make_equal_files(build: ModuleType, single: Path, tmp_path: Path) -> None:
    again = Path(build.write_runnable(tmp_path / "app", tmp_path / "again.run"))
    assert again.read_bytes() == single.read_bytes()
    assert stat.S_IMODE(again.stat().st_mode) == 0o755
    assert shutil.which("tar")


@pytest.mark.skipif(not Path("/usr/share/doc/zlib1g/copyright").is_file(), reason="no library of Debian's")
def test_licences_of_the_systems_libraries_go_along(build: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "libraries").mkdir()
    for name in ("libz.so.1", "libofnobody-1a2b3c.so.4"):
        (tmp_path / "libraries" / name).touch()
    build.copy_debian_licences(tmp_path / "libraries", tmp_path / "licences")
    assert "zlib1g.txt" in {path.name for path in (tmp_path / "licences" / "Debian").iterdir()}
    build.copy_debian_licences(tmp_path / "empty", tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_licences_of_what_is_packed_go_along(build: ModuleType, tmp_path: Path) -> None:
    for name, files in {"one": ("METADATA", "licenses/LICENSE.txt"), "two": ("METADATA", "top_level.txt")}.items():
        info = tmp_path / "packages" / f"{name}-1.0.dist-info"
        (info / "licenses").mkdir(parents=True)
        for file in files:
            (info / file).write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "RECORD").write_text("".join(f"{info.name}/{file},,\n" for file in files) + f"{name}/docs/LGPL.txt,,\n")
    (tmp_path / "packages" / "one" / "docs").mkdir(parents=True)
    (tmp_path / "packages" / "one" / "docs" / "LGPL.txt").write_text("of one alone")
    build.copy_licences(tmp_path / "packages", tmp_path / "licences")
    found = {path.relative_to(tmp_path / "licences").as_posix() for path in (tmp_path / "licences").rglob("*.*")}
    assert found - {"Python-LICENSE.txt"} == {"one/licenses-LICENSE.txt", "one/one-docs-LGPL.txt"}
    assert (tmp_path / "licences" / "two" / "METADATA").is_file()
