"""A small whole file of each format, and real ones where the checkout has them."""

from __future__ import annotations

from pathlib import Path

from ccbridge_files import LINES, OLD_LINES, cbf, cbl, cbr, old_library, old_record

from xiangqi_gpt.records import Game, format_pgn, parse_pgn
from xiangqi_gpt.records.formats.dhtmlxq_writer import format_dhtmlxq
from xiangqi_gpt.records.formats.xqf_writer import format_xqf

_SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"


def annotated() -> Game:
    (game,) = parse_pgn('[Red "甲"]\n\n{始} 1. h2e2 {中炮} h9g7 (b9c7 h0g2 (b0c2)) (h7e7 {顺炮}) 2. h0g2 i9h9 1-0')
    return game


FILES = {
    ".pgn": format_pgn(annotated(), notation="chinese").encode("gb18030"),
    ".txt": b"h2e2 h9g7 h0g2 i9h9\nfen 3k5/8r/9/9/9/9/9/9/R8/4K4 b - - 0 1 moves i8i0\n",
    ".wxf": b"FORMAT WXF\nRED a ; 1200 ;;\nBLACK b\nRESULT 1-0\nSTART{\n 1. C2.5 h8+7\n 2. H2+3 r9.8 }END\n",
    ".ubb": ("a forum " + format_dhtmlxq(annotated()) * 2).encode(),
    ".xqf": format_xqf(annotated()),
    ".cbl": cbl(cbr(LINES), cbr(LINES), slots=2),
    ".cbr": cbr(LINES),
    ".cbf": cbf('<Move value="00-00"/><Move value="77-47">x</Move><Move value="70-62" end="1"/>').encode(),
    ".old": old_library(old_record(OLD_LINES), old_record(OLD_LINES)),
    ".raw": old_library(old_record(OLD_LINES), compression=0),
}


def real_files(ending: str) -> list[bytes]:
    """Real files of a format, small ones; of a large library its last two records, behind the start of its header."""
    files = [path.read_bytes() for path in sorted(_SAMPLES.glob(f"*{ending}"))]
    return [
        raw if len(raw) < 10_000 else raw[:576] + raw[-8192:] for raw in files if len(raw) < 10_000 or ending == ".cbl"
    ]
