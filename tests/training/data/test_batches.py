"""What a batch teaches, read back against the games it came from."""

import dataclasses

import numpy as np
import pytest
import torch

from xiangqi_gpt.inference.config import PRESETS
from xiangqi_gpt.inference.tokenizers import ICCS_TOKENS
from xiangqi_gpt.inference.vocabulary import RESULT_UNKNOWN, RESULTS, START_BLACK, START_RED
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.records import Game, Labels, batch_from_games
from xiangqi_gpt.records.store.token_store import TokenStore, build_store
from xiangqi_gpt.rules import MIRROR, ROTATE, Board, Move
from xiangqi_gpt.rules.moves import MOVES
from xiangqi_gpt.training.config import TrainConfig
from xiangqi_gpt.training.data.batches import Batch, BatchLoader, GameSlice, group_by_length, split
from xiangqi_gpt.training.data.score_scale import ScoreScale, fit_scale
from xiangqi_gpt.training.optim.objective import Totals, forward, loss_parts

NANO = PRESETS["nano"]


def _maker(store: TokenStore, features: str = "full", **settings: object) -> BatchLoader:
    shape = dataclasses.replace(NANO, features=features)
    return BatchLoader(store, shape, TrainConfig(**settings), ScoreScale())  # type: ignore[arg-type]


def _moves(store: TokenStore, game: int) -> np.ndarray:
    return np.asarray(store.moves[store.offsets[game] : store.offsets[game + 1]]).astype(np.int64)


def _whole(store: TokenStore, game: int, **changes: object) -> GameSlice:
    length = len(_moves(store, game))
    return dataclasses.replace(GameSlice(game, 0, length, False, False, False), **changes)  # type: ignore[arg-type]


def _taught(batch: object) -> np.ndarray:
    return np.take_along_axis(batch.candidates.numpy(), batch.targets.numpy()[:, None], 1)[:, 0]  # type: ignore[attr-defined]


def test_each_ply_teaches_the_move_that_was_played(store: TokenStore) -> None:
    batch = _maker(store).build([_whole(store, 3), _whole(store, 0)])
    expected = []
    for game in (3, 0):
        moves = _moves(store, game)
        black = np.arange(len(moves)) % 2 == 1
        expected.append(np.where(black, ROTATE[moves], moves))
    assert np.array_equal(_taught(batch), np.concatenate(expected))
    assert batch.tokens[0] == START_RED


def test_a_mirrored_sequence_teaches_the_mirrored_moves(store: TokenStore) -> None:
    plain = _taught(_maker(store).build([_whole(store, 2)]))
    mirrored = _taught(_maker(store).build([_whole(store, 2, mirrored=True)]))
    assert np.array_equal(MIRROR[plain], mirrored)


def test_a_token_is_the_move_before_as_the_mover_sees_it(store: TokenStore) -> None:
    moves = _moves(store, 1)
    tokens = _maker(store).build([_whole(store, 1)]).tokens.numpy()
    assert tokens[1] == ROTATE[moves[0]]  # Red's move, read by Black
    assert tokens[2] == moves[1]


def test_a_sequence_from_a_later_ply_starts_with_the_side_to_move(store: TokenStore) -> None:
    batch = _maker(store).build([_whole(store, 1, start=5, length=4)])
    assert batch.tokens[0] == START_BLACK
    assert batch.plies.tolist() == [5, 6, 7, 8]
    moves = _moves(store, 1)[5:9]
    assert _taught(batch).tolist() == [ROTATE[moves[0]], moves[1], ROTATE[moves[2]], moves[3]]


def test_the_loser_counts_half_and_nobody_when_the_result_is_unknown(store: TokenStore) -> None:
    red_won, unknown = _maker(store).build([_whole(store, 0)]), _maker(store).build([_whole(store, 3)])
    assert set(red_won.weights[0::2].tolist()) == {1.0}
    assert set(red_won.weights[1::2].tolist()) == {0.5}
    assert set(unknown.weights.tolist()) == {1.0}


def test_the_value_is_the_movers_and_is_masked_when_the_result_was_told(store: TokenStore) -> None:
    batch = _maker(store).build([_whole(store, 0)])
    assert batch.values[0].tolist() == [1, 0, 0]
    assert batch.values[1].tolist() == [0, 0, 1]
    assert set(batch.value_weights.tolist()) == {1.0}
    assert batch.control[0, 1] == RESULTS[RESULT_UNKNOWN]
    told = _maker(store).build([_whole(store, 0, has_result=True)])
    assert told.control[0, 1] == RESULTS[0]
    assert set(told.value_weights.tolist()) == {0.0}


def test_an_unbelieved_source_teaches_no_value(store: TokenStore) -> None:
    batch = _maker(store, no_value_from=("test",)).build([_whole(store, 0)])
    assert set(batch.value_weights.tolist()) == {0.0}


def test_labels_replace_what_was_played_and_the_plies_before_them_are_not_imitated(store: TokenStore) -> None:
    batch = _maker(store).build([_whole(store, 60)])
    assert batch.weights[:5].tolist() == [0.0] * 5
    assert set(batch.weights[5:].tolist()) == {1.0}
    board = Board()
    taught = _taught(batch)
    for ply, index in enumerate(_moves(store, 60)):
        if ply >= 5:
            expected = list(board.legal_moves)[-1].index
            assert taught[ply] == (ROTATE[expected] if board.turn else expected)
        board.push(MOVES[index])
    expected_wdl = ScoreScale().win_draw_loss(np.array([-70]))[0]
    assert np.allclose(batch.values[5].numpy(), expected_wdl, atol=1e-6)


def test_a_blind_model_is_taught_in_plain_numbers_and_gets_no_sight(store: TokenStore) -> None:
    batch = _maker(store, "none").build([_whole(store, 1)])
    assert batch.feature_bags is None
    assert batch.candidates is None
    assert batch.targets.tolist() == _moves(store, 1).tolist()


def test_a_blind_model_is_told_which_moves_are_legal(store: TokenStore) -> None:
    batch = _maker(store, "none").build([_whole(store, 1)])
    assert batch.legal is not None
    board = Board()
    for ply, index in enumerate(_moves(store, 1)):
        told = batch.legal[ply][batch.legal[ply] >= 0]
        assert told.tolist() == sorted(move.index for move in board.legal_moves)
        board.push(MOVES[index])


def test_a_spelled_game_is_read_four_characters_a_ply(store: TokenStore) -> None:
    shape = dataclasses.replace(NANO, features="none", vocabulary=ICCS_TOKENS.version)
    batch = BatchLoader(store, shape, TrainConfig(), ScoreScale()).build([_whole(store, 1), _whole(store, 0)])
    moves = _moves(store, 1)
    row = batch.tokens.numpy()
    assert row[0] == ICCS_TOKENS.starts[0]
    assert ICCS_TOKENS.decode(row[1 : 4 * len(moves) - 3]).tolist() == moves[:-1].tolist()
    assert batch.targets.tolist() == [*moves.tolist(), *_moves(store, 0).tolist()]


def test_sequences_are_as_long_as_allowed(store: TokenStore) -> None:
    groups = list(_maker(store, "none").epoch(np.arange(store.games), 0, lambda: 13))
    assert max(s.length for group in groups for s in group) == 13


@pytest.mark.parametrize("pieces", [1, 3, 100])
def test_a_split_group_keeps_every_sequence_in_order(store: TokenStore, pieces: int) -> None:
    group = _maker(store).whole_games(np.arange(store.games))[0]
    parts = split(group, pieces)
    assert len(parts) == pieces
    assert [s for part in parts for s in part] == group


def test_an_epoch_holds_every_game_once_and_is_fixed_by_the_seed(store: TokenStore) -> None:
    loader = _maker(store, batch_plies=256)
    games = np.arange(store.games)
    groups = list(loader.epoch(games, 0))
    assert sorted(s.game for group in groups for s in group) == games.tolist()
    assert groups == list(_maker(store, batch_plies=256).epoch(games, 0))
    assert groups != list(loader.epoch(games, 1))


def test_groups_waste_little_on_padding() -> None:
    random = np.random.default_rng(0)
    sequences = [GameSlice(i, 0, int(n), False, False, False) for i, n in enumerate(random.integers(20, 200, 2048))]
    groups = group_by_length(sequences, 4096)
    padded = sum(len(group) * group[0].length for group in groups)
    assert padded < 1.05 * sum(s.length for s in sequences)
    assert all(len(group) * group[0].length <= 4096 for group in groups)


@pytest.mark.parametrize("spelled", [False, True])
def test_a_batch_of_games_of_any_length_holds_no_padding(store: TokenStore, spelled: bool) -> None:
    vocabulary = {"features": "none", "vocabulary": ICCS_TOKENS.version} if spelled else {}
    shape = dataclasses.replace(NANO, **vocabulary)  # type: ignore[arg-type]
    sequences = [_whole(store, 19), _whole(store, 0), _whole(store, 5, length=1)]
    batch = BatchLoader(store, shape, TrainConfig(), ScoreScale()).build(sequences)
    plies, symbols = sum(s.length for s in sequences), shape.tokenizer.tokens_per_move
    assert len(batch.tokens) == plies * symbols
    assert len(batch.targets) == len(batch.plies) == plies
    assert batch.packing.lengths == [s.length * symbols for s in sequences]
    if not spelled:
        assert batch.feature_bags is not None
        sizes = torch.diff(batch.feature_bags.offsets, append=torch.tensor([len(batch.feature_bags.features)]))
        assert len(sizes) == plies
        assert bool((sizes > 0).all())


@pytest.mark.parametrize(("margin", "scale"), [(100.0, 80.0), (300.0, 150.0)])
def test_the_score_scale_is_found_again(margin: float, scale: float) -> None:
    random = np.random.default_rng(3)
    cp = random.integers(-800, 800, 20_000)
    chances = ScoreScale(margin, scale).win_draw_loss(cp).cumsum(1)
    outcome = (random.random(len(cp))[:, None] > chances).sum(1)
    found = fit_scale(cp, outcome)
    assert found.margin == pytest.approx(margin, rel=0.08)
    assert found.scale == pytest.approx(scale, rel=0.08)


# --- targets of several moves


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> TokenStore:
    """One game of four plies; at its second and third a search had divided its visits."""
    line = [Move.from_iccs(move) for move in ("h2e2", "h9g7", "h0g2", "i9h9")]
    targets = (
        ((line[1], 600), (Move.from_iccs("b9c7"), 300), (Move.from_iccs("a9a8"), 100)),
        ((Move.from_iccs("d0e1"), 3), (line[2], 1)),
        (),
    )
    labels = Labels(1, (line[1], Move.from_iccs("d0e1"), None), (0, 0, None), (), targets)
    return build_store([batch_from_games([Game(line, labels=labels)])], tmp_path_factory.mktemp("several") / "tokens")


@pytest.mark.parametrize("features", ["full", "none"])
@pytest.mark.parametrize("mirrored", [False, True])
def test_targets_of_several_moves_stand_among_the_candidates(
    several: TokenStore, features: str, mirrored: bool
) -> None:
    batch = _maker(several, features).build([_whole(several, 0, mirrored=mirrored)])
    assert batch.policy_places is not None and batch.policy_shares is not None
    places, shares = batch.policy_places.numpy(), batch.policy_shares.numpy()
    seen = [
        {_named(batch, ply, int(place), features, mirrored): round(float(share), 4)}
        for ply in (1, 2)
        for place, share in zip(places[ply], shares[ply], strict=True)
        if share
    ]
    assert seen == [{"h9g7": 0.6}, {"b9c7": 0.3}, {"a9a8": 0.1}, {"d0e1": 0.75}, {"h0g2": 0.25}]
    assert shares.sum(1).tolist() == pytest.approx([0, 1, 1, 0])


def _named(batch: Batch, ply: int, place: int, features: str, mirrored: bool) -> str:
    """The move at a place, as the record has it."""
    move = place
    if features != "none":
        assert batch.candidates is not None
        move = int(batch.candidates[ply, place])
        move = int(ROTATE[move]) if ply % 2 else move
    return str(MOVES[int(MIRROR[move]) if mirrored else move])


@pytest.mark.parametrize("features", ["full", "none"])
def test_their_loss_is_the_cross_entropy_with_the_shares(several: TokenStore, features: str) -> None:
    torch.manual_seed(1)
    maker = _maker(several, features)
    model = Gpt(maker.model).eval()
    batch = maker.build([_whole(several, 0)])
    with torch.no_grad():
        output = forward(model, batch)
        loss = loss_parts(output, batch, Totals.of([batch]))["move"]
    log = output.logits.log_softmax(-1)
    assert batch.policy_places is not None and batch.policy_shares is not None
    expected = [
        -sum(s * log[n, p] for s, p in zip(batch.policy_shares[n], batch.policy_places[n], strict=True))
        if batch.policy_shares[n].any()
        else output.move_nats[n]
        for n in range(4)
    ]
    weighted = sum(float(nats) * float(w) for nats, w in zip(expected, batch.weights, strict=True))
    assert float(loss) == pytest.approx(weighted / float(batch.weights.sum()), rel=1e-5)
    assert float(output.move_nats[1]) == pytest.approx(-float(log[1, batch.targets[1]]), rel=1e-5)  # held-out nats stay
