"""The GPT as a player."""

from pathlib import Path

import numpy as np
import pytest
from random_games import random_game
from random_models import random_model, random_network, save_random_model

import xiangqi_gpt
from xiangqi_gpt.inference.config import PRESETS, GptConfig
from xiangqi_gpt.inference.errors import UnsupportedGameError
from xiangqi_gpt.inference.evaluation import Evaluation
from xiangqi_gpt.inference.evaluator import Evaluator
from xiangqi_gpt.inference.network import Plies
from xiangqi_gpt.inference.numpy_network import NumpyNetwork
from xiangqi_gpt.players.gpt import Evaluators, GptPlayer, avoid_losing_repetition
from xiangqi_gpt.players.opening_bias import bias_to_opening
from xiangqi_gpt.players.player import PlayerError
from xiangqi_gpt.players.search import SearchPlayer
from xiangqi_gpt.rules import BLACK, START_FEN, Board, Move, Wdl


def _close(a: Evaluation, b: Evaluation) -> bool:
    return (
        set(a.policy) == set(b.policy)
        and all(abs(a.policy[move] - b.policy[move]) < 1e-5 for move in a.policy)
        and np.allclose(a.wdl, b.wdl, atol=1e-5)
    )


def _count_plies(network: NumpyNetwork, read: list[int]) -> None:
    """Append to ``read`` how many plies each forward pass has."""
    forward = network.forward

    def counted(plies: Plies, *others: object) -> np.ndarray:
        read.append(len(plies.tokens))
        return forward(plies, *others)

    network.forward = counted


@pytest.mark.parametrize("features", ["none", "full"])
def test_the_cache_changes_nothing_while_a_game_goes_on_and_back(features: str) -> None:
    model = random_network(features=features)
    reader, board = Evaluator(model), Board()
    random = np.random.default_rng(1)
    for _ in range(30):
        if random.random() < 0.3 and board.ply > 3:
            board.pop()
            board.pop()
        moves = list(board.legal_moves)
        board.push(moves[int(random.integers(len(moves)))])
        assert _close(reader.evaluate(board), Evaluator(model).evaluate(board))


def test_boards_read_together_say_what_each_says_alone() -> None:
    model = random_network()
    boards = [random_game(plies, plies) for plies in (0, 1, 17, 40, 3)]
    boards.append(random_game(0, 4, Board("4k4/9/9/9/9/4P4/9/9/9/R3K3R w - - 0 1")))
    for board, reading in zip(boards, Evaluator(model).evaluate_many(boards), strict=True):
        assert _close(reading, Evaluator(model).evaluate(board))
        assert set(reading.policy) == set(board.legal_moves)
        assert sum(reading.policy.values()) == pytest.approx(1, abs=1e-5)
        assert list(reading.policy.values()) == sorted(reading.policy.values(), reverse=True)


def test_games_that_part_from_one_are_read_on_from_it_and_equal_ones_once() -> None:
    model = random_network()
    reader, parent, read = Evaluator(model), random_game(0, 20), []
    reader.evaluate(parent)
    boards = [parent.copy(), parent.copy()]
    for move in list(parent.legal_moves)[:3]:
        boards += [parent.copy(), parent.copy()]
        for board in boards[-2:]:
            board.push(move)
    boards[-1].push(next(iter(boards[-1].legal_moves)))
    _count_plies(model, read)
    found = reader.evaluate_many(boards)
    assert sum(read) == 1 + 3 + 2  # the parent's last ply, a ply of each child, two of the one that went further
    for board, reading in zip(boards, found, strict=True):
        assert _close(reading, Evaluator(model).evaluate(board))
    for board in boards:
        board.push(list(board.legal_moves)[1])
    for board, reading in zip(boards, reader.evaluate_many(boards), strict=True):
        assert _close(reading, Evaluator(model).evaluate(board))


def test_a_game_that_parts_from_a_kept_one_needs_a_page_of_its_own() -> None:
    model = random_network()
    reader, boards = Evaluator(model), [random_game(seed, 6) for seed in range(3)]
    for number in range(3):
        reader.evaluate_many(boards[: number + 1])
    children = [boards[2].copy() for _ in range(2)]
    for board, move in zip(children, boards[2].legal_moves, strict=False):
        board.push(move)
    used = reader._cache.pages_used
    for board, reading in zip(children, reader.evaluate_many(children), strict=True):
        assert _close(reading, Evaluator(model).evaluate(board))
    assert reader._cache.pages_used == used + 1  # one child goes on in its parent's


def test_a_blind_model_must_be_surer_only_where_nobody_keeps_its_moves_legal() -> None:
    bold, careful = (
        Evaluator(random_network(features="none", legal_head=True, legal_margin=margin)) for margin in (0.0, 30.0)
    )
    boards = [random_game(seed, 12) for seed in range(6)]
    choices = []
    for board in boards:
        found = [reader.evaluate(board) for reader in (bold, careful)]
        assert _close(*found)
        choices.append([reading.unmasked for reading in found])
    assert any(one != other for one, other in choices)


def test_a_game_longer_than_the_context_is_read_on_from_a_later_board() -> None:
    model = random_network(context=16)
    reader = Evaluator(model)
    board = random_game(0, 15)
    for move_seed in range(40):
        board = random_game(0, 15 + move_seed)
        reading = reader.evaluate(board)
        assert set(reading.policy) == set(board.legal_moves)
        assert _close(reading, Evaluator(model).evaluate_many([board])[0])


def test_a_blind_model_names_why_it_cannot_follow() -> None:
    reader = Evaluator(random_network(features="none", context=16))
    with pytest.raises(UnsupportedGameError, match="blind model can only follow a game from the usual start"):
        reader.evaluate(Board("3k5/9/9/9/9/9/9/9/9/R3K4 w - - 0 1"))
    with pytest.raises(UnsupportedGameError, match="for 15 plies, this one has 16"):
        reader.evaluate(random_game(0, 16))
    assert reader.evaluate(random_game(0, 15)).policy


def test_temperature_zero_plays_the_likeliest_move_and_seeds_fix_the_rest() -> None:
    model, board = random_network(), random_game(0, 6)
    player = GptPlayer(model)
    assert player.choose(board).move == next(iter(player.policy(board)))
    drawn = [GptPlayer(model, temperature=2.0, seed=seed).choose(board).move for seed in range(20)]
    assert drawn == [GptPlayer(model, temperature=2.0, seed=seed).choose(board).move for seed in range(20)]
    assert len(set(drawn)) > 3


def test_a_temperature_near_zero_plays_the_likeliest_move() -> None:
    model, board = random_network(), random_game(0, 6)
    likeliest = GptPlayer(model).choose(board).move
    assert GptPlayer(model, temperature=1e-320, seed=1).choose(board).move == likeliest


def test_top_p_keeps_only_the_likeliest() -> None:
    model, board = random_network(), random_game(0, 6)
    policy = GptPlayer(model).policy(board)
    best_two = list(policy)[:2]
    cut = sum(policy[move] for move in best_two) - 1e-6
    drawn = {GptPlayer(model, temperature=1.0, top_p=cut, seed=s).choose(board).move for s in range(40)}
    assert drawn == set(best_two)


def test_choosing_many_equals_choosing_each() -> None:
    model = random_network()
    boards = [random_game(plies, plies) for plies in (2, 9, 30)]
    together = GptPlayer(model).choose_many(boards)
    assert [d.move for d in together] == [GptPlayer(model).choose(board).move for board in boards]


def test_a_finished_game_is_an_error() -> None:
    board = Board("3k5/R8/9/9/9/9/9/9/9/1R3K3 w - - 0 1")
    board.push(Move.from_iccs("b0b9"))
    with pytest.raises(PlayerError, match="the game is over"):
        GptPlayer(random_network()).choose(board)


def _shuffle(fen: str, moves: str) -> Board:
    board = Board(fen)
    for move in moves.split():
        board.push_text(move)
    return board


#: Red checks with the rook on e1 and d1, Black's king steps aside: the third time would lose for Red.
_CHECKING = ("3k5/9/9/9/9/9/9/9/4R4/5K3 w - - 0 1", "e1d1 d9e9 d1e1 e9d9 e1d1 d9e9 d1e1 e9d9")


def test_checking_for_ever_is_left_off_in_time() -> None:
    fen, moves = _CHECKING
    board = _shuffle(fen, " ".join(moves.split()[:6]))
    reading = Evaluation(dict.fromkeys(board.legal_moves, 1 / len(board.legal_moves)), Wdl(0.8, 0.1, 0.1))
    sound = avoid_losing_repetition(board, reading)
    assert Move.from_iccs("d1e1") not in sound  # Black's king goes back, and the position stands for the third time
    assert len(sound) > 5


def test_a_draw_by_repetition_is_refused_only_by_who_expects_more() -> None:
    moves = "a0a1 a9a8 a1a0 a8a9 a0a1 a9a8 a1a0"
    board = _shuffle("r3k4/9/9/9/9/9/9/9/9/R4K3 w - - 0 1", moves)
    assert board.turn == BLACK
    repeating = Move.from_iccs("a8a9")
    policy = dict.fromkeys(board.legal_moves, 1 / len(board.legal_moves))
    assert repeating not in avoid_losing_repetition(board, Evaluation(policy, Wdl(0.6, 0.2, 0.2)))
    assert repeating in avoid_losing_repetition(board, Evaluation(policy, Wdl(0.1, 0.2, 0.7)))


def test_when_every_move_ends_badly_one_is_still_played() -> None:
    board = _shuffle("r3k4/9/9/9/9/9/9/9/9/R4K3 w - - 0 1", "a0a1 a9a8 a1a0 a8a9 a0a1 a9a8 a1a0")
    only = {Move.from_iccs("a8a9"): 1.0}
    assert avoid_losing_repetition(board, Evaluation(only, Wdl(0.9, 0.1, 0.0))) == set(only)


def test_load_takes_a_folder_and_the_shipped_name(tmp_path: Path) -> None:
    save_random_model(tmp_path)
    assert len(xiangqi_gpt.load(str(tmp_path)).policy(Board())) == 44
    shipped = xiangqi_gpt.load("default").policy(Board())
    assert max(shipped.values()) > 0.15  # it has learned how people open


def test_reply_values_equal_a_reading_of_each_reply() -> None:
    model, board = random_network(), random_game(3, 21)
    player = GptPlayer(model)
    values = player.reply_values(board)
    assert set(values) == set(board.legal_moves)
    for move in list(values)[::7]:
        board.push(move)
        win, draw, loss = Evaluator(model, source="master").evaluate(board).wdl
        board.pop()
        assert np.allclose(values[move], (loss, draw, win), atol=1e-5)
    player.close()


@pytest.mark.torch
def test_a_model_that_spells_values_no_replies() -> None:
    from xiangqi_gpt.model.torch_network import TorchNetwork

    player = GptPlayer(TorchNetwork(random_model(features="none", vocabulary="iccs-1")))
    with pytest.raises(PlayerError, match="one token"):
        player.reply_values(Board())


def test_reply_values_know_the_end_of_the_game() -> None:
    board = Board("3k5/R8/9/9/9/9/9/9/9/1R3K3 w - - 0 1")
    assert GptPlayer(random_network()).reply_values(board)[Move.from_iccs("b0b9")] == (1.0, 0.0, 0.0)


@pytest.mark.parametrize("features", ["none", "full"])
def test_unmasked_it_plays_what_it_says_legal_or_not(features: str) -> None:
    model = random_network(features=features)
    boards = [random_game(plies, plies) for plies in range(1, 9)]
    chosen = [decision.move for decision in GptPlayer(model, masked=False).choose_many(boards)]
    assert not all(board.is_legal(move) for board, move in zip(boards, chosen, strict=True))
    for board, move in zip(boards, chosen, strict=True):
        if board.is_legal(move):
            assert move == next(iter(GptPlayer(model).policy(board)))


@pytest.mark.torch
def test_a_model_that_spells_its_moves_can_be_played() -> None:
    import torch

    from xiangqi_gpt.model.gpt import Gpt
    from xiangqi_gpt.model.torch_network import TorchNetwork

    torch.manual_seed(0)
    config = GptConfig(
        layers=1,
        width=32,
        heads=2,
        context=32,
        features="none",
        body="gpt2",
        vocabulary=PRESETS["characters"].vocabulary,
    )
    player, board = GptPlayer(TorchNetwork(Gpt(config))), random_game(0, 5)
    policy = player.policy(board)
    assert set(policy) == set(board.legal_moves)
    assert sum(policy.values()) == pytest.approx(1, abs=1e-5)
    with pytest.raises(PlayerError, match="reads a move as one token"):
        SearchPlayer(player.model)


def test_an_opening_is_steered_towards_while_it_lasts() -> None:
    board = Board()
    policy = dict.fromkeys(board.legal_moves, 1 / 44)
    steered = bias_to_opening(board, policy, "飞相局")
    assert {str(move) for move in list(steered)[:2]} == {"g0e2", "c0e2"}
    assert sum(steered.values()) == pytest.approx(1)
    board.push_text("h2e2")
    black = bias_to_opening(board, dict.fromkeys(board.legal_moves, 1 / len(board.legal_moves)), "屏风马")
    assert {str(move) for move in list(black)[:2]} == {"h9g7", "b9c7"}
    board.push_text("h9g7")
    board.push_text("h0g2")
    left = bias_to_opening(board, dict.fromkeys(board.legal_moves, 1 / len(board.legal_moves)), "屏风马")
    assert str(next(iter(left))) == "b9c7"
    absurd = {move: 0.001 if str(move) == "b9c7" else 1.0 for move in board.legal_moves}
    assert bias_to_opening(board, absurd, "屏风马") == absurd


def test_the_opening_asked_for_is_played() -> None:
    player = GptPlayer(xiangqi_gpt.load("default").model, opening="飞相局")
    assert str(player.choose(Board()).move) in ("g0e2", "c0e2")


@pytest.mark.parametrize("fen", [START_FEN, "3k5/9/4b4/9/9/9/9/4B4/4A4/4K1R2 w - - 100 60"])
def test_the_quick_look_hides_no_unsound_move(fen, monkeypatch):
    """Games that shuffle to and fro: what the quick look lets through is what the slow one finds sound."""
    generator = np.random.default_rng(1)
    quick = 0
    for _ in range(6):
        board = Board(fen)
        while not board.outcome() and len(board.move_stack) < 60:
            moves = list(board.legal_moves)
            stack = board.move_stack
            back = [m for m in moves if stack[1:] and (m.from_square, m.to_square) == _reverse(stack[-2])]
            move = back[0] if back and generator.random() < 0.8 else moves[generator.integers(len(moves))]
            reading = Evaluation({m: 1 / len(moves) for m in moves}, Wdl(0.5, 0.3, 0.2))
            found = avoid_losing_repetition(board, reading)
            quick += found == set(moves)
            with monkeypatch.context() as context:
                context.setattr("xiangqi_gpt.players.gpt._may_end_badly", lambda _: True)
                assert avoid_losing_repetition(board, reading) == found
            board.push(move)
    assert quick


def _reverse(move):
    return move.to_square, move.from_square


def test_two_players_of_one_model_read_a_game_once_and_play_as_two_that_do_not(tmp_path: Path) -> None:
    save_random_model(tmp_path)
    readers: Evaluators = {}
    together = [GptPlayer.load(tmp_path, evaluators=readers) for _ in range(2)]
    plies_read = []
    _count_plies(together[0].model, plies_read)
    alone = [GptPlayer.load(tmp_path) for _ in range(2)]
    other = GptPlayer.load(tmp_path, source="engine", evaluators=readers)
    assert other._evaluator is not together[0]._evaluator  # another source is told to the model: other thoughts
    board = Board()
    for ply in range(12):
        move = together[ply % 2].choose(board).move
        assert move == alone[ply % 2].choose(board).move
        board.push(move)
    assert plies_read == [1] * 12
