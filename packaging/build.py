"""Make the program one file that needs no Python: ``python packaging/build.py [--out DIR]``.

PyInstaller collects the program and its libraries in a folder; its kernels are compiled into it; on Linux the folder
becomes one file that unpacks itself, elsewhere a zip archive. Builds in a virtual environment of its own, from pinned
versions. ``docs/packaging.md`` says why it is made like this.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
#: Processors that kernels are compiled for: LLVM's name of one, and the features besides those it stands for.
GENERIC: Final = "generic:"
AVX2: Final = "haswell:"
#: Every file gets this time, so that equal folders make equal files.
TIME: Final = 1_700_000_000
#: Files of a package's metadata that say under which terms it may be used.
LICENCE: Final = re.compile(r"(licen[cs]e|copying|notice|authors|l?gpl)[^.]*(\.(txt|md|rst))?\Z", re.IGNORECASE)


def main() -> None:
    """Build, and print the file's name and size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="DIR", help="where the file goes")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = collect(Path(name))
        for processor in (GENERIC, AVX2) if platform.machine() in ("x86_64", "AMD64") else ("",):
            compile_kernels(folder, processor)
        stem = f"xiangqi-gpt-{version(folder)}-{sys.platform}-{platform.machine()}"
        file = write_runnable(folder, out / f"{stem}.run") if sys.platform == "linux" else write_zip(folder, out / stem)
    print(f"{file}: {file.stat().st_size / 1e6:.0f} MB")


def collect(work: Path) -> Path:
    """Return the folder of the program that PyInstaller makes, in ``work``."""
    venv.create(work / "venv", with_pip=True)
    scripts = work / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    pip = [scripts / "python", "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt"]
    run([*pip, ROOT, "pyinstaller"])
    run(
        [
            *(scripts / "pyinstaller", "--noconfirm", "--log-level", "WARN"),
            *("--distpath", work / "dist", "--workpath", work / "work", ROOT / "packaging" / "xiangqi-gpt.spec"),
        ]
    )
    folder = work / "dist" / "xiangqi-gpt"
    (folder / "_internal" / "xiangqi_gpt" / "commit.txt").write_text(commit(), "utf-8")
    copy_licences(next((work / "venv").rglob("site-packages")), folder / "licences")
    copy_debian_licences(folder / "_internal", folder / "licences")
    for path in folder.rglob("*"):
        if path.name == "__pycache__" and path.is_dir():
            shutil.rmtree(path)
        elif not path.is_symlink():
            os.utime(path, (TIME, TIME))
    return folder


def copy_licences(packages: Path, target: Path) -> None:
    """Copy the licences of installed packages, each to a folder of its name; the metadata of one that brings none."""
    for distribution in importlib.metadata.distributions(path=[str(packages)]):
        files = [Path(str(file)) for file in distribution.files or () if ".." not in file.parts]
        found = [file for file in files if LICENCE.match(file.name) and (packages / file).is_file()]
        for file in found or [file for file in files if file.name == "METADATA"]:
            name = "-".join(file.parts[1:] if ".dist-info" in file.parts[0] else file.parts)
            (target / distribution.name).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(packages / file, target / distribution.name / name)
    python = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    if python.exists():
        shutil.copyfile(python, target / "Python-LICENSE.txt")


def copy_debian_licences(libraries: Path, target: Path) -> None:
    """Copy the licences of the libraries that came from Debian's own packages, where this is a Debian."""
    names = sorted(path.name for path in libraries.glob("lib*.so*"))
    if not shutil.which("dpkg-query") or not names:
        return
    query = ["dpkg-query", "-S", *(f"*/{name}" for name in names)]  # those of wheels are in no package
    answer = subprocess.run(query, check=False, capture_output=True, text=True).stdout
    for package in sorted({line.split(":")[0] for line in answer.splitlines()}):
        text = Path("/usr/share/doc", package, "copyright")
        if text.is_file():
            (target / "Debian").mkdir(parents=True, exist_ok=True)
            shutil.copyfile(text, target / "Debian" / f"{package}.txt")


def compile_kernels(folder: Path, processor: str) -> None:
    """Compile the program's kernels for a processor, into the program's own folder; "" is the processor at hand."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("NUMBA_")}
    if processor:
        environment["XIANGQI_GPT_KERNELS"] = processor
    run([folder / "xiangqi-gpt", "warm"], environment)


def commit() -> str:
    """The commit of this checkout, with ``+`` after it where files were changed."""
    command = ["git", "-C", ROOT, "describe", "--always", "--dirty=+", "--abbrev=9", "--exclude=*"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def version(folder: Path) -> str:
    """The program's own answer to ``--version``, without its name and commit."""
    answer = subprocess.run([folder / "xiangqi-gpt", "--version"], check=True, capture_output=True, text=True).stdout
    return answer.split()[1]


def write_runnable(folder: Path, file: Path) -> Path:
    """Write a shell script with the folder as an archive behind it."""
    archive = file.with_suffix(".tar.gz")
    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", 9, raw, TIME) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar,
    ):
        for path in sorted(folder.rglob("*")):
            tar.add(path, path.relative_to(folder).as_posix(), recursive=False, filter=_anonymous)
    with archive.open("rb") as packed_again:
        name = f"app-{hashlib.file_digest(packed_again, 'sha256').hexdigest()[:16]}"
    text = (ROOT / "packaging" / "header.sh").read_text("utf-8")
    for key, value in {"NAME": name, "GENERIC": GENERIC, "AVX2": AVX2}.items():
        text = text.replace(f"@{key}@", value)
    size = len(text.encode()) - len("@SKIP@") + 6
    header = text.replace("@SKIP@", f"{size + 1:06}").encode()  # tail counts bytes from 1, in decimal
    with file.open("wb") as target, archive.open("rb") as source:
        target.write(header)
        shutil.copyfileobj(source, target)
    archive.unlink()
    file.chmod(0o755)
    return file


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry


def write_zip(folder: Path, stem: Path) -> Path:
    """Write the folder as a zip archive."""
    return Path(shutil.make_archive(str(stem), "zip", folder.parent, folder.name))


def run(command: list[object], environment: dict[str, str] | None = None) -> None:
    """Run a command; its failure ends the build."""
    subprocess.run([str(part) for part in command], check=True, env=environment)


if __name__ == "__main__":
    main()
