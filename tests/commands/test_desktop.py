"""The desktop's menu: an entry that starts this program, types for records, and nothing left after removing it."""

from __future__ import annotations

import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from configparser import ConfigParser
from pathlib import Path

import pytest

from xiangqi_gpt.commands.main import main

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="for Linux desktops")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("PATH", str(tmp_path))  # the desktop's own programs are not there
    return tmp_path / "share"


def _entry(data: Path) -> dict[str, str]:
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(data / "applications" / "xiangqi-gpt.desktop", encoding="utf-8")
    return dict(parser["Desktop Entry"])


def test_the_entry_starts_this_program(data: Path) -> None:
    assert main(["desktop"]) == 0
    entry = _entry(data)
    words = shlex.split(entry["Exec"])
    assert words[-2:] == ["play", "%f"]
    answer = subprocess.run([*words[:-2], "--version"], capture_output=True, text=True, timeout=120)
    assert answer.stdout.startswith("xiangqi-gpt ")
    assert Path(entry["Icon"]).read_bytes().startswith(b"\x89PNG")


def test_a_single_file_is_started_by_its_own_name(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = tmp_path / 'my "games" 100% $x' / "one.run"
    monkeypatch.setenv("XIANGQI_GPT_FILE", str(name))
    assert main(["desktop"]) == 0
    # a string's own escapes are undone first, then those of a quoted word as in a shell, then the codes of the command
    command = _entry(data)["Exec"].replace("\\\\", "\\")
    words = subprocess.run(["/bin/sh", "-c", f"printf '%s\\n' {command}"], capture_output=True, text=True).stdout
    assert words.replace("%%", "%").splitlines() == [str(name), "play", "%f"]


def test_every_type_of_the_entry_has_its_ending(data: Path) -> None:
    assert main(["desktop"]) == 0
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    types = ET.parse(data / "mime" / "packages" / "xiangqi-gpt.xml").getroot()
    endings = {mime.get("type"): [glob.get("pattern") for glob in mime.iter(f"{space}glob")] for mime in types}
    named = _entry(data)["MimeType"].rstrip(";").split(";")
    assert set(endings) == {name for name in named if "xiangqi" in name}
    assert ["*.xqf"] in endings.values()


def test_removing_leaves_nothing(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["desktop"])
    assert main(["desktop", "--remove"]) == 0
    assert not [path for path in data.rglob("*") if path.is_file()]
    assert "removed: 3 files" in capsys.readouterr().out
    assert main(["desktop", "--remove"]) == 0
