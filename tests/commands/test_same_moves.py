"""One model, one seed: the terminal, the board's process and the engine play the same game as the player itself."""

import io
import queue
import re
import sys
import time
from contextlib import closing

import pytest
from patience import PATIENCE
from xiangqi_gpt.gui.state.session import PositionRequest
from xiangqi_gpt.gui.worker.messages import Decided, Think
from xiangqi_gpt.gui.worker.player_process import PlayerProcess

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.players import load_player
from xiangqi_gpt.players.engine_process import EngineProcess
from xiangqi_gpt.rules import START_FEN, Board

SEED = 5
REPLIES = 6

#: A player's options in a spec, and the same as options of the engine.
PLAYERS = [
    ("gpt:{},level=4", {"Level": 4}),
    ("gpt:{},level=14", {"Level": 14}),
    ("gpt:{},temperature=1.5,source=online", {"Nodes": 0, "Temperature": 1.5, "Source": "online"}),
    ("search:{},nodes=24", {"Nodes": 24}),
    ("search:{},nodes=24,temperature=0.8", {"Nodes": 24, "Temperature": 0.8}),
]
USUAL = {"Level": 0, "Nodes": 400, "Temperature": 0, "Source": "master"}


@pytest.fixture(scope="module")
def games(nano_model):
    """By spec: a game of a person, who plays some moves or other as Red, against the player."""
    played = {}
    for spec, _ in PLAYERS:
        board = Board()
        with closing(load_player(spec.format(nano_model), seed=SEED)) as player:
            for turn in range(REPLIES):
                moves = list(board.legal_moves)
                board.push(moves[11 * turn % len(moves)])
                board.push(player.choose(board).move)
        played[spec] = board.move_stack
    return played


def replies(game):
    return [str(move) for move in game[1::2]]


@pytest.mark.parametrize("spec", [spec for spec, _ in PLAYERS])
def test_in_the_terminal(nano_model, games, spec, monkeypatch, capsys):
    typed = [str(move) for move in games[spec][::2]]
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join([*typed, "quit"])))
    assert main(["play", "--terminal", "--player", spec.format(nano_model), "--seed", str(SEED)]) == 0
    assert re.findall(r"Black plays .*?\((\w{4})\)", capsys.readouterr().out) == replies(games[spec])


@pytest.mark.slow
def test_at_the_board(nano_model, games):
    answers = queue.Queue()
    board = PlayerProcess(answers.put, seed=SEED)
    board.start()
    try:
        for spec, game in games.items():
            chosen = []
            for ply in range(1, len(game), 2):
                position = PositionRequest(START_FEN, tuple(game[:ply]))
                board.ask(Think(ply, spec.format(nano_model), position))
                answer = answers.get(timeout=PATIENCE)
                assert isinstance(answer, Decided), answer
                chosen.append(str(answer.decision.move))
            assert (spec, chosen) == (spec, replies(game))
    finally:
        board.close()


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["uci", "ucci"])
def test_as_an_engine(nano_model, games, protocol):
    command = [sys.executable, "-m", "xiangqi_gpt", "engine", "--seed", str(SEED), "--model", str(nano_model)]
    engine = EngineProcess(command)

    def until(start):
        while not (line := engine.receive(time.monotonic() + PATIENCE)).startswith(start):
            pass
        return line

    try:
        engine.send(protocol)
        until(f"{protocol}ok")
        for spec, options in PLAYERS:
            for name, value in (USUAL | options).items():
                engine.send(
                    f"setoption name {name} value {value}" if protocol == "uci" else f"setoption {name} {value}"
                )
            chosen = []
            for ply in range(1, len(games[spec]), 2):
                engine.send("position startpos moves " + " ".join(map(str, games[spec][:ply])), "go")
                chosen.append(until("bestmove").split()[1])
            assert (spec, chosen) == (spec, replies(games[spec]))
    finally:
        engine.close()
