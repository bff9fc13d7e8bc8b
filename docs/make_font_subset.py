"""Makes the window's two font files: Noto Sans SC, cut down to the characters that game records use.

    pip install fonttools
    python docs/make_font_subset.py FOLDER     (which holds NotoSansSC-Regular.otf and NotoSansSC-Bold.otf)

Kept are GB2312, the 5,401 common characters of Big5, Latin letters, and whatever the program itself says. The fonts
are under the SIL Open Font License (gui/assets/OFL.txt).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
_BLOCKS = ((0x20, 0x7F), (0xA0, 0x180), (0x2010, 0x2040), (0x2190, 0x219A), (0x3000, 0x3020), (0xFF01, 0xFF5F))


def two_bytes(encoding: str, first: Iterable[int], second: Iterable[int]) -> set[str]:
    """Return the characters of an encoding whose bytes lie in two ranges."""
    pairs = [bytes((a, b)).decode(encoding, "ignore") for a in first for b in second]
    return {text for text in pairs if len(text) == 1}


def wanted() -> set[str]:
    """Return every character that is kept."""
    found = two_bytes("gb2312", range(0xA1, 0xF8), range(0xA1, 0xFF))
    found |= two_bytes("big5", range(0xA1, 0xC7), [*range(0x40, 0x7F), *range(0xA1, 0xFF)])
    found |= {chr(code) for start, end in _BLOCKS for code in range(start, end)} | set("€−×✓")
    for pattern in ("gui/**/*.py", "xiangqi_gpt/**/*.py", "data/**/*.pgn"):
        for path in ROOT.glob(pattern):
            found |= {character for character in path.read_text("utf-8") if character.isprintable()}
    return found


def main() -> None:
    """Write both files and say how large they are."""
    from fontTools import subset  # type: ignore[import-not-found]

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    for weight in ("Regular", "Bold"):
        options = subset.Options(notdef_outline=True, name_IDs=["*"])
        font = subset.load_font(str(folder / f"NotoSansSC-{weight}.otf"), options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=[ord(character) for character in wanted()])
        subsetter.subset(font)
        target = ROOT / "gui" / "assets" / f"NotoSansSC-{weight}-subset.otf"
        subset.save_font(font, str(target), options)
        print(f"{target.name}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
