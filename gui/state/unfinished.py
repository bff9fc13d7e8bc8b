"""What is not finished, as plain data: the game being played, and a study with variations that were not saved."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any, Final

from xiangqi_gpt.players.levels import LEVELS, from_version_0_1
from xiangqi_gpt.records.game import Game
from xiangqi_gpt.records.game_node import GameNode
from xiangqi_gpt.rules import Move, XiangqiError

from .clock import GameClock
from .session import GameSession
from .study import Study

#: What says in a file how many levels there were when it was written; without it the players are of version 0.1.
LEVEL_COUNT: Final = "level_count"
#: What JSON of other types than it should have raises where it is read.
_DAMAGE: Final = (AttributeError, LookupError, OverflowError, TypeError, ValueError)


class UnfinishedError(XiangqiError):
    """A saved game or study that cannot be taken up again."""


def game_data(session: GameSession) -> dict[str, Any]:
    """Return a game that goes on."""
    return {
        "fen": session.start_fen,
        "moves": [ply.move.iccs() for ply in session.line],
        "seats": list(session.players),
        LEVEL_COUNT: len(LEVELS),
        "names": list(session.names),
        "rated": session.is_rated,
        "game_id": session.game_id,
        "clock": None if session.clock is None else session.clock.to_dict(),
    }


def read_game(data: Any) -> GameSession:
    """Return a game from ``game_data``. Raises ``UnfinishedError`` when the data is none."""
    try:
        red, black = renumbered(data, [str(player) for player in data["seats"]])
        first, second = (str(name) for name in data.get("names", ("", "")))
        session = GameSession((red, black), str(data["fen"]), names=(first, second), is_rated=data.get("rated") is True)
        session.game_id = _game_id(data)
        for text in data["moves"]:
            session.play(Move.from_iccs(text))
        if data.get("clock") is not None:
            session.take_clock(GameClock.from_dict(data["clock"], session.ply_count, session.turn))
    except _DAMAGE as error:
        raise UnfinishedError(f"the saved game is damaged: {_reason(error)}") from error
    return session


def _game_id(data: dict[str, Any]) -> str:
    """The number that tells a game from every other; of a file that has none, the same one at each reading.

    It names a file, so it is checked. Raises ``ValueError``.
    """
    if "game_id" in data:
        return uuid.UUID(str(data["game_id"])).hex
    return uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(data, sort_keys=True)).hex


def renumbered(data: dict[str, Any], players: Sequence[str]) -> tuple[str, ...]:
    """Return players that a file names, with the levels of a file of version 0.1 as they are numbered now."""
    return tuple(players) if LEVEL_COUNT in data else tuple(map(from_version_0_1, players))


def study_data(study: Study) -> dict[str, Any]:
    """Return a study with everything that was tried in it, each move after the one that it follows."""
    nodes = [study.root, *study.nodes()]
    places = {node: place for place, node in enumerate(nodes)}
    return {
        "fen": study.start_fen,
        "tags": dict(study.tags),
        "result": study.result,
        "follows_game": study.follows_game,
        "comment": study.root.comment,
        "moves": [_move_data(node, places) for node in nodes[1:]],
        "shown": places[study.current],
    }


def _move_data(node: GameNode, places: dict[GameNode, int]) -> dict[str, Any]:
    assert node.move is not None and node.parent is not None
    data: dict[str, Any] = {"after": places[node.parent], "move": node.move.iccs()}
    written = {"comment": node.comment, "lead": node.starting_comment, "nags": list(node.nags)}
    return data | {name: value for name, value in written.items() if value}


def read_study(data: Any) -> Study:
    """Return a study from ``study_data``. Raises ``UnfinishedError`` when the data is none."""
    try:
        game = Game(root=str(data["fen"]), result=str(data["result"]))
        game.tags = {str(name): str(value) for name, value in data["tags"].items()}
        game.comment = str(data["comment"])
        nodes: list[GameNode] = [game]
        for row in data["moves"]:
            nodes.append(_read_move(nodes, row))
        _check_legal(game)
        study = Study(game, follows_game=bool(data["follows_game"]))
        study.edited = True
        nodes = [study.root, *study.nodes()]
        study.go(nodes[_place(data["shown"], nodes)])
    except _DAMAGE as error:
        raise UnfinishedError(f"the saved study is damaged: {_reason(error)}") from error
    return study


def _read_move(nodes: list[GameNode], row: Any) -> GameNode:
    return nodes[_place(row["after"], nodes)].add_variation(
        Move.from_iccs(row["move"]),
        comment=str(row.get("comment", "")),
        starting_comment=str(row.get("lead", "")),
        nags=[int(nag) for nag in row.get("nags", ())],
    )


def _place(value: Any, nodes: list[GameNode]) -> int:
    place = int(value)
    if not 0 <= place < len(nodes):
        raise ValueError(f"there is no move {place}")
    return place


def _check_legal(game: Game) -> None:
    """Raise ``IllegalMoveError`` for a move of the tree that the rules forbid."""
    board = game.board()
    here: GameNode = game
    for node in game.descendants():
        assert node.move is not None
        while here is not node.parent:
            board.pop()
            assert here.parent is not None
            here = here.parent
        board.check_legal(node.move)
        board.push(node.move)
        here = node


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, XiangqiError) else f"{type(error).__name__}: {error}"
