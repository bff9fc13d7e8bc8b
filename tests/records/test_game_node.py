"""The tree of a game: walking, changing, copying; and that plain moves become nodes without anybody noticing."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_games import annotated_games, lines_of, plain_games, tree_of

from xiangqi_gpt.records import Game, GameNode, format_pgn, parse_pgn
from xiangqi_gpt.records.formats.dhtmlxq_writer import format_dhtmlxq
from xiangqi_gpt.records.formats.xqf_writer import format_xqf
from xiangqi_gpt.rules import BLACK, RED, Move

TEXT = "{start} 1. h2e2 $1 {good} ({first} 1. b2e2 h9g7 (1... b9c7)) (1. c3c4) 1... h9g7 2. h0g2 {last} i9h9 *"


def only(text: str = TEXT) -> Game:
    (game,) = parse_pgn(text)
    return game


def move(text: str) -> Move:
    return Move.from_uci(text)


def names(nodes: object) -> list[str]:
    return [str(node.move) for node in nodes]  # type: ignore[attr-defined]


def test_a_tree_is_walked_as_python_chess_does() -> None:
    game = only()
    assert (game.parent, game.move, game.comment, game.game()) == (None, None, "start", game)
    first, other, third = game.variations
    assert names(game.variations) == ["h2e2", "b2e2", "c3c4"]
    assert (first.comment, list(first.nags), first.parent is game) == ("good", [1], True)
    assert (other.starting_comment, names(other.variations)) == ("first", ["h9g7", "b9c7"])
    assert (first.starts_variation(), other.starts_variation(), third.is_end()) == (False, True, True)
    assert names(game.mainline()) == ["h2e2", "h9g7", "h0g2", "i9h9"] == list(map(str, game.mainline_moves()))
    last = game.end()
    assert (last.ply(), last.turn(), last.is_mainline(), last.next()) == (4, RED, True, None)
    assert last.parent is not None and last.parent.comment == "last" and last.parent.next() is last
    deep = other.variations[1]
    assert (deep.is_mainline(), deep.ply(), deep.turn(), names(deep.path())) == (False, 2, RED, ["b2e2", "b9c7"])
    board = deep.board()
    assert [str(played) for played in board.move_stack] == ["b2e2", "b9c7"] and game.board().ply == 0
    assert first.board().turn == BLACK
    assert game[0] is first and game[move("c3c4")] is third and third in game and move("a0a1") not in game
    assert names(game.descendants()) == ["h2e2", "h9g7", "h0g2", "i9h9", "b2e2", "h9g7", "b9c7", "c3c4"]


def test_a_node_stays_the_same_node() -> None:
    game = only()
    assert game.variations[0] is game.variations[0]
    middle = game.node(2)
    assert middle is game.variations[0].variations[0] and middle.parent is game.next()
    following = middle.next()
    assert following is game.node(3) and following is not None and following.parent is middle


def test_variations_change_places_and_go() -> None:
    game = only()
    game.promote(move("c3c4"))
    assert names(game.variations) == ["h2e2", "c3c4", "b2e2"]
    game.promote_to_main(2)
    assert names(game.variations) == ["b2e2", "h2e2", "c3c4"] and list(map(str, game.moves)) == ["b2e2", "h9g7"]
    game.demote(0)
    game.promote(0)
    game.demote(2)
    assert names(game.variations) == ["h2e2", "b2e2", "c3c4"], "the first cannot rise, the last cannot sink"
    gone = game.variations[1]
    game.remove_variation(gone)
    assert names(game.variations) == ["h2e2", "c3c4"] and gone.parent is None
    for wrong in (gone, 2, -1, move("a0a1")):
        with pytest.raises(KeyError):
            game.remove_variation(wrong)
    game.node(1).cut()
    assert lines_of(game) == [["h2e2"], ["c3c4"]]
    game.remove_variation(0)
    game.remove_variation(0)
    assert game.is_end() and not game.moves and game.variations == ()


def test_moves_are_added_anywhere() -> None:
    game = Game(map(move, ("h2e2", "h9g7", "h0g2")))
    reply = game.node(1).add_variation(move("b9c7"), comment="slower", nags=[6])
    end = reply.add_line(map(move, ("h0g2", "b7b3")), comment="end", starting_comment="so", nags=[1, 3])
    main = game.add_main_variation(move("c3c4"))
    assert names(game.variations) == ["c3c4", "h2e2"] and game.next() is main and main.parent is game
    assert reply.variations[0].starting_comment == "so" and (end.comment, list(end.nags)) == ("end", [1, 3])
    assert lines_of(game) == [["c3c4"], ["h2e2", "h9g7", "h0g2"], ["b9c7", "h0g2", "b7b3"]]
    end.nags.add(3)
    end.nags.add(5)
    end.nags.discard(1)
    assert list(end.nags) == [3, 5] and end.has_nags and not main.has_nags
    assert only(format_pgn(game)).variations[1].variations[0].next().move == move("h0g2")  # type: ignore[union-attr]


def test_comments_are_written_by_ply() -> None:
    game = Game(map(move, ("h2e2", "h9g7", "h0g2")), comments={3: "end", 0: "start", 1: "one"})
    assert dict(game.comments) == {0: "start", 1: "one", 3: "end"} and len(game.moves) == 3
    game.add_comments({2: "two", 3: "the end"})
    assert dict(game.comments) == {0: "start", 1: "one", 2: "two", 3: "the end"}
    with pytest.raises(TypeError):
        game.comments[1] = "lost"  # type: ignore[index]
    for ply in (4, -1):
        with pytest.raises(IndexError, match="the game has 3 moves"):
            game.node(ply)


def test_variations_that_begin_alike_become_one() -> None:
    game = only("1. h2e2 {a} h9g7 (1... b9c7) (1... h9g7 $2 {b} 2. c3c4 (2. b0c2)) 2. h0g2 *")
    game.merge_repeated()
    assert lines_of(game) == [["h2e2", "h9g7", "h0g2"], ["c3c4"], ["b0c2"], ["b9c7"]]
    merged = game.node(2)
    assert (merged.comment, list(merged.nags)) == ("b", [2])


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, Game.copy, lambda g: pickle.loads(pickle.dumps(g))])
def test_a_copy_holds_the_same_and_is_another(duplicate: Callable[[Game], Game]) -> None:
    game = only('[Red "A"]\n\n' + TEXT)
    again = duplicate(game)
    assert again == game and again is not game and again.tags == {"Red": "A"}
    again.node(4).comment = "mine"
    again.node(2).add_variation(move("b0c2"))
    again.tags["Red"] = "B"
    assert game == only('[Red "A"]\n\n' + TEXT) != again
    with pytest.raises(TypeError, match="without its game"):
        copy.copy(game.node(1))


@given(annotated_games())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_nobody_notices_whether_moves_have_nodes(game: Game) -> None:
    (read,) = parse_pgn(format_pgn(game))
    plain = read.copy()
    nodes = [read, *read.descendants()]  # gives every move its node
    assert read == plain == game and hash(read) == hash(plain)
    assert format_pgn(read) == format_pgn(plain) == format_pgn(game)
    assert format_xqf(read) == format_xqf(plain) and format_dhtmlxq(read) == format_dhtmlxq(plain)
    assert (read.moves, read.comments) == (plain.moves, plain.comments)
    assert [node.ply() for node in nodes] == [len(node.path()) for node in nodes]
    assert [node.moves_before() for node in nodes] == [[each.move for each in node.path()] for node in nodes]
    assert [node.is_mainline() for node in nodes].count(True) == len(read.moves) + 1
    assert tree_of(plain) == tree_of(read)


@given(plain_games())
@settings(max_examples=30)
def test_a_game_without_notes_has_no_nodes(game: Game) -> None:
    (read,) = parse_pgn(format_pgn(game))
    assert list(read.plain_moves) == game.moves and not read.branches
    assert not read.has_comments() and not read.has_variations()


class Naive:
    """The tree as nested lists, to compare with."""

    def __init__(self, move: Move | None = None) -> None:
        self.move = move
        self.below: list[Naive] = []

    def shape(self) -> list[object]:
        return [(str(each.move), each.shape()) for each in self.below]


def shape(node: GameNode) -> list[object]:
    return [(str(each.move), shape(each)) for each in node.variations]


@given(st.data())
@settings(max_examples=60)
def test_any_changes_leave_the_tree_that_nested_lists_would(data: st.DataObject) -> None:
    """Moves are no legal ones: the tree does not ask. ``node`` splits lists of plain moves, ``copy`` keeps them."""
    words = st.sampled_from([move("a0a1"), move("a0a2"), move("b0c2"), move("h2e2")])
    line = data.draw(st.lists(words, max_size=8))
    game, naive = Game(line), Naive()
    last = naive
    for word in line:
        last.below.append(Naive(word))
        last = last.below[0]
    for _ in range(data.draw(st.integers(1, 12))):
        node: GameNode = game.node(data.draw(st.integers(0, len(game.moves))))
        same = naive
        for _ in range(node.ply()):
            same = same.below[0]
        while node.variations and data.draw(st.booleans()):
            place = data.draw(st.integers(0, len(node.variations) - 1))
            node, same = node.variations[place], same.below[place]
        action = data.draw(
            st.sampled_from(["add", "line", "main", "promote", "demote", "first", "remove", "cut", "copy"])
        )
        place = data.draw(st.integers(0, max(len(same.below) - 1, 0)))
        if action == "add" or (action == "main" and not same.below):
            word = data.draw(words)
            node.add_variation(word)
            same.below.append(Naive(word))
        elif action == "line":
            added = data.draw(st.lists(words, max_size=3))
            node.add_line(added)
            for word in added:
                same.below.append(Naive(word))
                same = same.below[-1]
        elif action == "main":
            word = data.draw(words)
            node.add_main_variation(word)
            same.below.insert(0, Naive(word))
        elif action == "copy":
            game = game.copy()
        elif action == "cut":
            node.cut()
            same.below.clear()
        elif same.below:
            target = {"promote": max(place - 1, 0), "demote": place + 1, "first": 0}.get(action)
            change = {"promote": node.promote, "demote": node.demote, "first": node.promote_to_main}
            change.get(action, node.remove_variation)(place)
            taken = same.below.pop(place)
            if target is not None:
                same.below.insert(target, taken)
        if data.draw(st.booleans()):
            (read,) = [pickle.loads(pickle.dumps(game))]
            assert shape(read) == naive.shape()
    assert shape(game) == naive.shape()
    assert all(each.parent is node for node in (game, *game.descendants()) for each in node.variations)


def test_deep_and_broad_trees_need_no_recursion() -> None:
    there, back = list(map(move, ("h0g2", "h9g7"))), list(map(move, ("g2h0", "g7h9")))
    game = Game([(there, back)[ply // 2 % 2][ply % 2] for ply in range(5000)])
    game.node(5000).comment = "deep"
    node: GameNode = game
    for ply in range(5000):  # a variation in a variation in a variation ...
        node.add_variation(move("a0a1" if ply % 2 == 0 else "a9a8"), comment=str(ply))
        node = node.add_variation((there, back)[ply // 2 % 2][ply % 2])
    broad = game.end()
    for index in range(1000):
        broad.add_variation(Move.from_uci("i0i1" if index % 2 else "i0i2"))
    assert (node.ply(), broad.ply(), len(broad.variations)) == (5000, 5000, 1000)
    again = pickle.loads(pickle.dumps(game))
    assert again == game and copy.deepcopy(game) == game
    broad.promote_to_main(999)
    broad.remove_variation(0)
    game.merge_repeated()
    assert len(broad.variations) == 2
    text = format_pgn(again)
    assert text.count("(") == text.count(")") == 2 + 4999 + 999
    assert len(format_xqf(again)) > 8 * 16_000 and format_dhtmlxq(again).count("[DhtmlXQ_move_") == 6000
    assert sum(1 for _ in again.descendants()) == 5000 + 10_000 + 1000
    assert len(node.board().move_stack) == 5000 and len(node.path()) == 5000
