"""``xiangqi-gpt drill``: own mistakes, kept and tried again until they stay away."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .output import can_write_chinese, report_stream, say, text_output, warn
from .parser import Parser, check_folders

if TYPE_CHECKING:
    from xiangqi_gpt.analysis.judges import Judge
    from xiangqi_gpt.players import Player
    from xiangqi_gpt.records import Game
    from xiangqi_gpt.rules import Board
    from xiangqi_gpt.user_store import DrillCard, DrillDeck

_NODES: Final = 20
_MOST_THREADS: Final = 4
_MEGABYTES: Final = 256

_EPILOG = """
examples:
  xiangqi-gpt drill game.pgn my-games/ --player Wang     review games, keep the mistakes of Wang
  xiangqi-gpt drill                                      try those that are due
  xiangqi-gpt drill --export mistakes.json               all that is kept, as JSON

A move is typed in any notation (h2e2, C2.5, 炮二平五); ? shows the answer, q ends. A first try that is right sends a
position away for two days, then weeks; a wrong one is refuted, and the position comes back within minutes, then after
a day. The window has the same positions in Analyse.
"""


def _parser() -> Parser:
    parser = Parser(
        prog="xiangqi-gpt drill",
        description="Keep the mistakes of games, and try them again by spaced repetition.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("games", metavar="GAME", nargs="*", help="record files, or folders of them: keep the mistakes of their games")
    add("--player", default="", metavar="NAME", help="the mistakes of players whose name contains NAME alone")
    add("--model", default="default", metavar="MODEL", help="a model's folder or a shipped model's name")
    add("--nodes", type=int, default=_NODES, metavar="N", help=f"search N nodes at a position (default: {_NODES})")
    does = parser.add_mutually_exclusive_group()
    does.add_argument("--list", action="store_true", help="list the positions, and when each is due")
    does.add_argument("--export", type=text_output, metavar="FILE", help="write all own data, rated games too, as JSON")
    does.add_argument("--delete", action="store_true", help="delete the positions; --export first keeps a copy")
    add("--force", action="store_true", help="replace the file of --export")
    return parser


def _record_files(names: Sequence[str]) -> Iterator[Path]:
    """Yield the files that are named, and those of the folders that have an ending of records."""
    from xiangqi_gpt.records.formats.detection import FORMATS

    endings = {f".{name.lstrip('.')}" for name in FORMATS}
    for name in names:
        path = Path(name)
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.is_file() and file.suffix.lower() in endings)
        else:
            yield path


def _all_games(files: Sequence[Path]) -> Iterator[Game]:
    from xiangqi_gpt.records import CorpusError, RecordError, read_games

    for path in files:
        problems: list[RecordError] = []
        try:
            yield from read_games(path, on_illegal="cut", problems=problems)
        except CorpusError:
            if len(files) == 1:
                raise
            warn(f"{path} holds no games")
        for problem in problems:
            warn(str(problem))


def _keep(options: argparse.Namespace, deck: DrillDeck) -> None:
    """Review games and keep the mistakes, game by game, so that nothing is lost when it is stopped."""
    from xiangqi_gpt.analysis.drill import mistakes_to_drill
    from xiangqi_gpt.analysis.judges import make_judge
    from xiangqi_gpt.analysis.move_analysis import GameAnalysis
    from xiangqi_gpt.analysis.review import review_game
    from xiangqi_gpt.players.networks import load_network

    wanted, model = options.player.casefold(), load_network(options.model)
    games = added = 0
    with closing(_player(options)) as player:
        judge = make_judge(player)
        for game in _all_games(list(_record_files(options.games))):
            if not game.moves or not any(wanted in game.tags.get(side, "").casefold() for side in ("Red", "Black")):
                continue
            review = review_game(model, game, judge, nodes=options.nodes)
            analysis = GameAnalysis(game, tuple(review.moves), model=options.model)
            new = deck.add(mistakes_to_drill(analysis, options.player))
            games, added = games + 1, added + new
            warn(f"{games}: {game.tags.get('Red') or '?'} - {game.tags.get('Black') or '?'}: {new} new")
    say(f"{games} games reviewed, {added} new positions, {len(deck)} in all")


def _player(options: argparse.Namespace) -> Player:
    from xiangqi_gpt.players import load_player

    threads = min(os.cpu_count() or 1, _MOST_THREADS)
    spec = f"search:{options.model},nodes={options.nodes},threads={threads},megabytes={_MEGABYTES}"
    return load_player(spec, seed=0)


def _practise(options: argparse.Namespace, deck: DrillDeck) -> None:
    """Put the positions that are due, one after another."""
    from xiangqi_gpt.analysis.judges import make_judge

    due = deck.due()
    if not due:
        following = deck.next_due()
        say("nothing is due" + (f"; the next one is at {following:%Y-%m-%d %H:%M} UTC" if following else ""))
        return
    right = tried = 0
    with closing(_player(options)) as player:
        judge = make_judge(player)
        for number, card in enumerate(due, 1):
            say(f"\n{number} of {len(due)}")
            found, goes_on = _put(options, card, judge)
            if found is not None:
                deck.answer(card.id, right=found)
                tried, right = tried + 1, right + found
            if not goes_on:
                break
    say(f"{right} of {tried} right at the first try")


def _put(options: argparse.Namespace, card: DrillCard, judge: Judge) -> tuple[bool | None, bool]:
    """Put one position until it is solved, shown or left.

    Return whether the first try was right, None where there was none, and whether the person goes on.
    """
    from xiangqi_gpt.analysis.drill import check_try
    from xiangqi_gpt.rules import RED, Board, Move, XiangqiError
    from xiangqi_gpt.rules.notation import parse_move

    from .terminal_board import draw_board

    position, chinese = card.position, can_write_chinese(sys.stdout)
    board, best = Board(position.fen), Move.from_iccs(position.best)
    style = "traditional" if chinese else "letters"
    say(draw_board(board, style=style, flipped=board.turn != RED))
    say(f"{'Red' if board.turn == RED else 'Black'} to move" + (f" ({position.game})" if position.game else ""))
    first: bool | None = None
    while True:
        try:
            text = input("your move: ")
        except (EOFError, UnicodeDecodeError):
            text = "q"
        if text.strip().lower() in ("q", "quit"):
            return first, False
        if text.strip() == "?":
            say(f"best: {_names(board, position.variation or (position.best,), chinese)}")
            return False, True
        try:
            move = parse_move(board, text.strip())
        except XiangqiError as error:
            say(str(error))
            continue
        checked = check_try(judge, board, best, move, options.nodes)
        first = checked.is_right if first is None else first
        if checked.is_right:
            say(f"right: {_names(board, position.variation or (position.best,), chinese)}")
            return first, True
        after = board.copy()
        after.push(move)
        refutation = _names(after, tuple(map(str, checked.line)), chinese)
        say((f"refuted by {refutation}" if refutation else "wrong") + "; try again, or ? for the answer")


def _names(board: Board, moves: Sequence[str], chinese: bool) -> str:
    from xiangqi_gpt.rules import Move
    from xiangqi_gpt.rules.notation import to_chinese, to_wxf

    board, names = board.copy(), []
    for text in moves[:6]:
        move = Move.from_iccs(text)
        if not board.is_legal(move):
            break
        names.append(to_chinese(board, move) if chinese else to_wxf(board, move))
        board.push(move)
    return " ".join(names)


def main(argv: Sequence[str]) -> int:
    """Keep mistakes, practise, list, export or delete."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.nodes < 1:
        parser.error(f"--nodes must be at least 1, not {options.nodes}")
    if options.games and (options.list or options.export or options.delete):
        parser.error("games are kept by a call without --list, --export and --delete")
    if options.player and not options.games:
        parser.error("--player needs games")
    for name in options.games:
        if not Path(name).exists():
            parser.error(f"there is no file or folder {name}")
    check_folders(parser, options.export)
    stream = report_stream(parser, options.export)

    from xiangqi_gpt.analysis.files import refuse_to_replace
    from xiangqi_gpt.files import atomic_write
    from xiangqi_gpt.inference.model_folder import check_model
    from xiangqi_gpt.user_store import DrillDeck, UserStore

    if options.export and not options.force:
        refuse_to_replace(options.export)
    check_model(options.model)
    with UserStore() as store:
        deck = DrillDeck(store)
        if options.export:
            with atomic_write(options.export, private=True) as unfinished:
                unfinished.write_text(json.dumps(store.export(), ensure_ascii=False, indent=1) + "\n", "utf-8")
        elif options.delete:
            count = deck.delete()
            say(f"{count} positions are deleted" if count else "no positions are kept", file=stream)
        elif options.list:
            for card in deck.all():
                position = card.position
                when = f"{card.due:%Y-%m-%d %H:%M}"
                say(f"{when}  {card.solved}/{card.tries}  {position.fen}  {position.game}", file=stream)
        elif options.games:
            _keep(options, deck)
        else:
            _practise(options, deck)
    return 0
