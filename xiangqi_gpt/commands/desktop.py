"""``xiangqi-gpt desktop``: an entry in the menu of a Linux desktop, with which records open by double click."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Final

from .output import say
from .parser import Parser

_NAME: Final = "xiangqi-gpt"
#: Types that the shared database of types has, and ours with their endings.
_KNOWN_TYPES: Final = ("application/vnd.chess-pgn", "application/x-chess-pgn")
_OUR_TYPES: Final = {
    "application/x-xiangqi-xqf": ("XQStudio game", "*.xqf"),
    "application/x-xiangqi-cbl": ("Chinese chess library", "*.cbl"),
    "application/x-xiangqi-cbr": ("Chinese chess record", "*.cbr"),
    "application/x-xiangqi-cbf": ("Chinese chess game", "*.cbf"),
    "application/x-xiangqi-wxf": ("WXF game", "*.wxf"),
    "application/x-xiangqi-dhtmlxq": ("DhtmlXQ game", "*.ubb"),
}
_ENTRY: Final = """[Desktop Entry]
Type=Application
Name=Xiangqi GPT
Name[zh]=象棋 GPT
Comment=Play, study and analyse Chinese chess
Comment[zh]=下棋、打谱、拆棋
Exec={command} play %f
Icon={icon}
Terminal=false
Categories=Game;BoardGame;
MimeType={types};
"""


def main(argv: Sequence[str]) -> int:
    """Install or remove the entry; returns the exit status."""
    parser = Parser(
        prog="xiangqi-gpt desktop",
        description="Add Xiangqi GPT to the menu of a Linux desktop, for this user. Records (PGN, XQF, CBL, CBR, CBF, "
        "DhtmlXQ) then open in it by double click.",
    )
    parser.add_argument("--remove", action="store_true", help="take the entry out again")
    options = parser.parse_args(argv)
    if not sys.platform.startswith("linux"):
        parser.error("entries of this kind are for Linux desktops")
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    files = _files(data)
    if options.remove:
        found = [path for path in files if path.is_file()]
        for path in found:
            path.unlink()
    else:
        from xiangqi_gpt.files import atomic_write

        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_write(path) as unfinished:
                unfinished.write_bytes(content)
    _tell_desktop(data)
    if options.remove:
        say(f"removed: {len(found)} file{'s' if len(found) != 1 else ''} in {data}")
    else:
        say("\n".join(map(str, files)))
    return 0


def _files(data: Path) -> dict[Path, bytes]:
    """What lies where in the user's folder of shared data."""
    icon = data / "icons" / "hicolor" / "256x256" / "apps" / f"{_NAME}.png"
    types = ";".join((*_KNOWN_TYPES, *_OUR_TYPES))
    entry = _ENTRY.format(command=_command(), icon=icon, types=types)
    return {
        data / "applications" / f"{_NAME}.desktop": entry.encode(),
        data / "mime" / "packages" / f"{_NAME}.xml": _mime_types().encode(),
        icon: resources.files("xiangqi_gpt.gui").joinpath("assets", "icon.png").read_bytes(),
    }


def _command() -> str:
    """How this program is started from anywhere, quoted as the desktop entry specification says."""
    script = os.environ.get("XIANGQI_GPT_FILE") or shutil.which(sys.argv[0]) or ""
    if Path(script).stem == _NAME or "XIANGQI_GPT_FILE" in os.environ:
        words = [str(Path(script).absolute())]
    else:
        words = [sys.executable, "-m", "xiangqi_gpt"]
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    for character in '\\"`$':
        word = word.replace(character, f"\\{character}")
    # a string value of the file has backslashes of its own
    return '"' + word.replace("\\", "\\\\").replace("%", "%%") + '"'


def _mime_types() -> str:
    types = "".join(
        f'  <mime-type type="{name}"><comment>{comment}</comment><glob pattern="{ending}"/></mime-type>\n'
        for name, (comment, ending) in _OUR_TYPES.items()
    )
    opening = '<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{opening}\n{types}</mime-info>\n'


def _tell_desktop(data: Path) -> None:
    """Let the desktop read its lists anew, where it has the programs for that."""
    for program, folder in (("update-desktop-database", "applications"), ("update-mime-database", "mime")):
        if shutil.which(program) and (data / folder).is_dir():
            subprocess.run([program, str(data / folder)], check=False, capture_output=True)
