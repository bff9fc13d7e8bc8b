"""Targets of several moves: from records to Parquet, to the store, and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from xiangqi_gpt.records import Game, Labels, batch_from_games, read_corpus, read_corpus_games, write_corpus
from xiangqi_gpt.records.corpus.policy_targets import MOST_MOVES, heaviest, policy_text, read_policy
from xiangqi_gpt.records.errors import RecordError
from xiangqi_gpt.records.store.token_store import StoreError, build_store, open_store
from xiangqi_gpt.rules import Board, Move

LINE = [Move.from_iccs(move) for move in ("h2e2", "h9g7", "h0g2", "i9h9")]
CANNON, ADVISOR = Move.from_iccs("b2e2"), Move.from_iccs("d0e1")


def labelled(targets: tuple[tuple[tuple[Move, int], ...], ...], first: int = 2) -> Game:
    labels = Labels(first, tuple(LINE[first:]), (5,) * (len(LINE) - first), (), targets)
    return Game(LINE, labels=labels)


TARGETS = (((LINE[2], 700), (ADVISOR, 300)), ())


def test_they_survive_a_corpus(tmp_path: Path) -> None:
    plain, game = Game(LINE[:2]), labelled(TARGETS)
    write_corpus([plain, game], tmp_path / "games.parquet")
    read = list(read_corpus_games(tmp_path / "games.parquet", on_illegal="fail"))
    assert [game.labels for game in read] == [None, game.labels]


def test_they_survive_a_store_and_games_without_them_have_none(tmp_path: Path) -> None:
    batches = [
        batch_from_games([Game(LINE)] * 3),
        batch_from_games([labelled(TARGETS)]),
        batch_from_games([Game(LINE)]),
    ]
    store = build_store(batches, tmp_path / "tokens")
    assert store.policy_moves is not None and store.policy_weights is not None
    assert store.policy_weights.shape == (20, MOST_MOVES)
    assert np.flatnonzero(store.policy_weights.any(1)).tolist() == [14]
    assert store.policy_moves[14, :3].tolist() == [LINE[2].index, ADVISOR.index, 65535]
    assert store.policy_weights[14, :3].tolist() == [700, 300, 0]


def test_a_store_without_any_has_no_files_for_them(tmp_path: Path) -> None:
    store = build_store([batch_from_games([Game(LINE)])], tmp_path / "tokens")
    assert store.policy_moves is None and not list((tmp_path / "tokens").glob("policy*"))


def test_a_damaged_store_is_named(tmp_path: Path) -> None:
    build_store([batch_from_games([labelled(TARGETS)])], tmp_path / "tokens")
    file = tmp_path / "tokens" / "policy_moves.bin"
    numbers = np.fromfile(file, "<u2")
    numbers[2 * MOST_MOVES] = 4000
    numbers.tofile(file)
    with pytest.raises(StoreError, match=r"policy_moves\.bin is damaged"):
        open_store(tmp_path / "tokens")


@pytest.mark.parametrize(
    ("text", "ply", "why"),
    [
        ("h0g2=700", 4, "policy has 1 entries, expected 2"),
        ("h0g2=700 i9h9", 4, "'i9h9' is not like"),
        ("h0g2=0 -", 3, "'h0g2=0' is not like"),
        ("h0g2=70000 -", 3, "is not like"),
        ("h0g2=1,h0g2=2 -", 3, "is not like"),
        ("h0g2=1,H0G2=2 -", 3, "is not like"),
        ("h0g2=000065535999 -", 3, "is not like"),
        ("h0g2=7,a0a5=3 -", 3, "a0a5"),
    ],
)
def test_what_does_not_fit_its_game_is_named(tmp_path: Path, text: str, ply: int, why: str) -> None:
    import duckdb

    path, broken = tmp_path / "games.parquet", tmp_path / "broken.parquet"
    write_corpus([labelled(TARGETS)], path)
    duckdb.sql(f"COPY (SELECT * REPLACE ('{text}' AS policy) FROM '{path}') TO '{broken}'")
    with pytest.raises(RecordError, match=why) as raised:
        list(read_corpus(broken, on_illegal="fail"))
    assert raised.value.ply == ply


def test_more_than_eight_moves_lose_the_lightest() -> None:
    moves = list(Board().legal_moves)[:12]
    targets = [(move, weight) for weight, move in enumerate(moves, 1)]
    kept = heaviest(targets)
    assert [weight for _, weight in kept] == [12, 11, 10, 9, 8, 7, 6, 5]
    found, weights, read = read_policy(policy_text([targets]).split())
    assert read == 1 and weights[0].tolist() == [12, 11, 10, 9, 8, 7, 6, 5]
    assert found[0].tolist() == [move.index for move, _ in kept]
