"""The report in a real browser: keys, clicks and both languages."""

import re
import shutil
import subprocess

import pytest
from patience import PATIENCE
from random_models import random_network

from xiangqi_gpt.analysis.glance import glance
from xiangqi_gpt.analysis.html import format_html
from xiangqi_gpt.analysis.move_analysis import GameAnalysis
from xiangqi_gpt.records import Game
from xiangqi_gpt.rules import Board

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")

ACTIONS = """<script>
const log = [], press = key => document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
const note = what => log.push(`${what} ${byId("place").textContent}`);
press("End"); note("end"); press("ArrowLeft"); note("left");
press("Home"); note("home"); press("ArrowRight"); note("right");
const place = () => byId("board").querySelector("g[transform]").getAttribute("transform"), before = place();
press("f"); log.push(`flipped ${place() !== before}`);
document.querySelector("#moves [data-ply='3']").click(); note("list");
const box = byId("graph").getBoundingClientRect();
byId("graph").dispatchEvent(new MouseEvent("click", { clientX: box.left + box.width / 2, bubbles: true }));
note("graph");
language = "en"; press("l"); log.push(`language ${document.documentElement.lang} ${byId("flip").textContent}`);
press("t"); log.push(`theme ${document.documentElement.dataset.theme}`);
log.push(`pieces ${byId("board").querySelectorAll("g[transform]").length}`);
document.body.innerHTML = `<pre>${log.join("\\n")}</pre>`;
</script></body>"""


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="needs chromium")
def test_walking_through_a_report(tmp_path):
    board = Board()
    for move in ("h2e2", "h9g7", "h0g2", "i9h9"):
        board.push_text(move)
    game = Game.from_board(board, Red="A", Black="B")
    analysis = GameAnalysis(game, tuple(glance(random_network(), game)), model="nano")
    page = tmp_path / "report.html"
    page.write_text(format_html(analysis).replace("</body>", ACTIONS), encoding="utf-8")
    assert BROWSER is not None
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    done = subprocess.run([*command, "--dump-dom", page.as_uri()], capture_output=True, text=True, timeout=PATIENCE)
    found = re.search(r"<body><pre>(.*?)</pre>", done.stdout, re.DOTALL)
    assert found is not None, done.stderr
    assert found[1].splitlines() == [
        *("end 4 / 4", "left 3 / 4", "home 0 / 4", "right 1 / 4", "flipped true", "list 3 / 4", "graph 2 / 4"),
        *("language zh ⇅ 翻转", "theme dark", "pieces 32"),
    ]
