"""The real program, driven by our own player for external engines and by xboard."""

import io
import os
import re
import shutil
import subprocess
import sys

import pytest
from patience import PATIENCE, wait_until

from xiangqi_gpt.players import ExternalPlayer, SearchLimit, load_player
from xiangqi_gpt.rules import Board

GAMES_PATH = f"{os.environ.get('PATH', '')}{os.pathsep}/usr/games"
COMMAND = [sys.executable, "-m", "xiangqi_gpt", "engine"]
FEN = "2b1kab2/4a4/2P1c1n2/p3p1p1p/9/3N2P2/P3P3P/B1CRC1N2/3KA1r2/cr3ABR1 w - - 9 22"


def boards():
    game = Board()
    for move in ("h2e2", "h9g7", "h0g2", "i9h9"):
        game.push_text(move)
    return [Board(), game, Board(FEN)]


@pytest.mark.parametrize("protocol", ["uci", pytest.param("ucci", marks=pytest.mark.slow)])
def test_our_own_player_for_engines_plays_it_and_it_plays_as_in_the_terminal(protocol, nano_model):
    engine = ExternalPlayer(
        protocol,
        sys.executable,
        SearchLimit(nodes=1),
        args=f"-m xiangqi_gpt engine --nodes 0 --model '{nano_model}'",
        processes=1,
        timeout=PATIENCE,
    )
    player = load_player(f"gpt:{nano_model}")
    try:
        for board in boards():
            answered, chosen = engine.choose(board), player.choose(board)
            assert answered.move == chosen.move
            assert answered.score is not None and answered.depth == 1
    finally:
        engine.close()
        player.close()


@pytest.mark.slow
def test_the_conversation_from_a_pipe(nano_model):
    lines = "uci\nisready\nposition startpos moves h2e2\ngo movetime 100\nfoo\n"
    done = subprocess.run(
        [*COMMAND, "--nodes", "0", "--model", nano_model], input=lines, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0
    assert done.stderr == ""
    said = done.stdout.splitlines()
    assert sum(line.startswith("bestmove ") for line in said) == 1  # before or after what follows: it thinks beside
    assert "info string unknown command 'foo'" in said


@pytest.mark.slow
def test_it_ends_when_nobody_hears_it_any_more(nano_model):
    command = [*COMMAND, "--nodes", "0", "--model", nano_model]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, text=True, **pipes) as engine:
        engine.stdout.close()
        engine.stdin.write("go\n")
        engine.stdin.flush()
        assert engine.wait(PATIENCE) == 0
        assert engine.stderr.read() == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "no-such-model"], "no model named 'no-such-model'"),
        (["--level", "21"], "Level is a whole number from 0 to 20, not '21'"),
        (["--seed", "-1"], "--seed must be at least 0, not -1"),
        (["--source", "chess"], "Source is one of any, master"),
    ],
)
def test_wrong_options_are_one_line(arguments, message, refusal, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert message in refusal(["engine", *arguments])


@pytest.mark.slow
@pytest.mark.skipif(
    not all(shutil.which(name, path=GAMES_PATH) for name in ("Xvfb", "xboard", "uci2wb")),
    reason="needs Xvfb, xboard and uci2wb",
)
def test_xboard_plays_a_few_moves_with_it(nano_model, tmp_path):
    said, asked = tmp_path / "said", tmp_path / "asked"
    script = tmp_path / "engine.sh"
    command = f"{sys.executable} -m xiangqi_gpt engine --nodes 0 --model '{nano_model}'"
    script.write_text(f"#!/bin/sh\ntee -a {asked} | {command} | tee -a {said}\n")
    script.chmod(0o755)
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-nolisten", "tcp"], pass_fds=[write], stderr=subprocess.DEVNULL
    )
    os.close(write)
    with os.fdopen(read) as number:
        display = f":{number.readline().strip()}"
    engine = f"uci2wb -c {script}"
    client = subprocess.Popen(
        ["xboard", "-variant", "xiangqi", "-mode", "TwoMachines", "-tc", "5", "-fcp", engine, "-scp", engine],
        cwd=tmp_path,
        env=os.environ | {"DISPLAY": display, "HOME": str(tmp_path), "PATH": GAMES_PATH},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        has_played = lambda: said.exists() and said.read_text().count("bestmove") >= 6  # noqa: E731
        wait_until(lambda: has_played() or client.poll() is not None)
        assert client.poll() is None
    finally:
        client.terminate()
        client.wait()
        server.terminate()
        server.wait()
    moves = re.findall(r"^bestmove (\S+)", said.read_text(), re.MULTILINE)
    conversation = f"{asked.read_text()}\n{said.read_text()}"
    assert len(moves) >= 6, conversation
    board = Board()
    for move in moves:
        assert move in map(str, board.legal_moves), conversation
        board.push_text(move)
