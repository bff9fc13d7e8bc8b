"""A small training store of random legal games."""

from pathlib import Path

import numpy as np
import pytest
from random_games import random_game

from xiangqi_gpt.records.corpus.batch import GameBatch, batch_from_games
from xiangqi_gpt.records.game import Game, Labels
from xiangqi_gpt.records.store.token_store import TokenStore, build_store


def _game(random: np.random.Generator, plies: int, result: str = "*") -> Game:
    return Game.from_board(random_game(random, plies), result=result, Kind="master", Source="test")


@pytest.fixture(scope="session")
def batch() -> GameBatch:
    """60 plain games and 4 with an engine's labels from ply 5 on, ply 8 played at random."""
    random = np.random.default_rng(1)
    games = [_game(random, 12 + i % 20, ("1-0", "1/2-1/2", "0-1", "*")[i % 4]) for i in range(60)]
    for _ in range(4):
        game = _game(random, 20)
        board, best = game.board(5), []
        for move in game.moves[5:]:
            best.append(list(board.legal_moves)[-1])
            board.push(move)
        game.labels = Labels(5, tuple(best), tuple(range(-70, 80, 10)), (8,))
        games.append(game)
    return batch_from_games(games)


@pytest.fixture
def store(batch: GameBatch, tmp_path: Path) -> TokenStore:
    return build_store([batch], tmp_path / "tokens")
