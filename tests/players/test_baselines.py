from collections import Counter

import pytest

from xiangqi_gpt.players import PIECE_VALUES, Greedy2Player, GreedyPlayer, PlayerError, RandomPlayer
from xiangqi_gpt.rules import Board

# Red's rook on a4 may take the knight on a9 (protected by the rook b9) or the pawn on e4 (protected by nobody).
KNIGHT_OR_PAWN = "nr1k5/9/9/9/9/R3p4/9/9/9/4K4 w - - 0 1"
CHECKMATE = "3k5/3R5/3R5/9/9/9/9/9/9/4K4 b - - 0 1"


@pytest.mark.parametrize("player_class", [RandomPlayer, GreedyPlayer, Greedy2Player])
def test_plays_legal_moves_and_the_same_ones_with_the_same_seed(player_class):
    def game(seed):
        board, player = Board(), player_class(seed)
        for _ in range(60):
            decision = player.choose(board)
            assert board.is_legal(decision.move)
            board.push(decision.move)
            if board.outcome():
                break
        return board.move_stack

    assert game(7) == game(7)
    assert game(7) != game(8)


def test_random_gives_every_legal_move_its_share():
    board = Board()
    player = RandomPlayer(3)
    counts = Counter(player.choose(board).move for _ in range(4400))
    assert set(counts) == set(board.legal_moves)
    assert min(counts.values()) > 50  # 100 are expected: five standard deviations
    assert max(counts.values()) < 150


def test_greedy_takes_the_most_valuable_piece():
    board = Board(KNIGHT_OR_PAWN)
    assert {str(GreedyPlayer(seed).choose(board).move) for seed in range(20)} == {"a4a9"}


def test_greedy_without_a_capture_plays_anything():
    board = Board("3k5/9/9/9/9/9/9/9/9/R3K4 w - - 0 1")
    assert len({GreedyPlayer(seed).choose(board).move for seed in range(200)}) == len(board.legal_moves)


def test_greedy2_counts_the_recapture():
    board = Board(KNIGHT_OR_PAWN)
    assert {str(Greedy2Player(seed).choose(board).move) for seed in range(20)} == {"a4e4"}


def test_greedy2_does_not_put_a_piece_where_it_is_taken():
    board = Board("3k5/9/9/9/r8/9/9/9/1R7/4K4 w - - 0 1")
    for seed in range(40):
        move = Greedy2Player(seed).choose(board).move
        board.push(move)
        assert not any(reply.to_square == move.to_square for reply in board.legal_moves)
        board.pop()


def test_choose_many_answers_each_board():
    boards = [Board(), Board(KNIGHT_OR_PAWN)]
    decisions = GreedyPlayer(1).choose_many(boards)
    assert [board.is_legal(d.move) for board, d in zip(boards, decisions, strict=True)] == [True, True]


def test_a_finished_game_is_refused():
    assert Board(CHECKMATE).is_checkmate()
    with pytest.raises(PlayerError, match="the game is over"):
        RandomPlayer(1).choose(Board(CHECKMATE))


def test_a_rook_is_worth_more_than_any_other_piece_but_the_king():
    assert sorted(PIECE_VALUES.values())[-2] == PIECE_VALUES[5] == 900
