"""A match as one HTML file that needs nothing else, and as a table with a line a game."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment

from xiangqi_gpt.files import atomic_write
from xiangqi_gpt.pages import as_json_script, board_script, font_face, palette
from xiangqi_gpt.records import Game
from xiangqi_gpt.rules import RED, Board, to_chinese

from ..elo.signed import signed
from ..match.result import GameResult
from ..tournament.standings import Standings
from .charts import columns, curve, rating_plot

#: Games that can be looked at in a report; more would make the file too large for a browser.
MOST_GAMES: Final = 2000
_MOST_OPENINGS: Final = 40
_COLUMNS: Final = (
    *("game", "round", "red", "black", "result", "termination", "failure", "red_moves", "black_moves"),
    *("red_seconds", "black_seconds", "opening_fen", "opening_moves"),
)
_PAIRS: Final = ("0", "½", "1", "1½", "2")


def write_report(
    standings: Standings,
    records: Iterable[Game],
    path: str | Path,
    *,
    settings: Mapping[str, Any] | None = None,
    piece_font: bytes | None = None,
) -> None:
    """Write the report; ``records`` are the games in any order, ``settings`` are listed at its end.

    Raises ``OSError`` for a file that cannot be written.
    """
    text = format_report(standings, records, settings=settings or {}, piece_font=piece_font)
    with atomic_write(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", newline="\n")


def format_report(
    standings: Standings, records: Iterable[Game], *, settings: Mapping[str, Any], piece_font: bytes | None = None
) -> str:
    """The report as HTML."""
    page = resources.files(__package__) / "page"

    def part(name: str) -> str:
        return (page / name).read_text(encoding="utf-8")

    many = len(standings.names) > 2
    by_round = {game.fixture.round: game for game in standings.results.values()}
    shown = [
        _viewed(record, by_round[round_]) for record in records if (round_ := record.tags.get("Round", "")) in by_round
    ]
    shown.sort(key=lambda game: game["number"])
    total = standings.total
    steps = settings.get("steps")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.globals["signed"] = signed
    return environment.from_string(part("report.html")).render(
        title=" – ".join(standings.names) if len(standings.names) < 4 else f"{len(standings.names)} players",
        names=standings.names,
        many=many,
        total=total,
        estimate=total.estimate() if total.games else None,
        standings=standings,
        table=_table(standings),
        cross=_cross_table(standings) if many else [],
        plot=rating_plot(_rows(standings)) if standings.games else "",
        curve=curve(_curve(standings, steps)) if steps else "",
        pentanomial=columns(list(zip(_PAIRS, total.pairs, strict=True)), "Pairs by score"),
        endings=_endings(standings),
        openings=_openings(standings)[:_MOST_OPENINGS],
        opening_count=len({game.fixture.opening for game in standings.results.values()}),
        red=_by_color(standings),
        failures=[f"game {game.fixture.number}: {game.failure}" for game in standings.ordered() if game.failure],
        settings={key: value for key, value in settings.items() if value is not None and key != "steps"},
        hidden=max(0, len(shown) - MOST_GAMES),
        style=(font_face(piece_font) if piece_font else "") + palette() + part("report.css"),
        data=as_json_script({"names": standings.names, "games": shown[:MOST_GAMES]}),
        script=board_script() + part("report.js"),
    )


def write_csv(standings: Standings, path: str | Path) -> None:
    """Write a table with a line a game. Raises ``OSError`` for a file that cannot be written."""
    with atomic_write(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(_COLUMNS)
        for game in standings.ordered():
            sides = (0, 1) if game.fixture.first_color == RED else (1, 0)
            table.writerow(
                (
                    game.fixture.number,
                    game.fixture.round,
                    *(standings.names[game.fixture.players[side]] for side in sides),
                    _result(game),
                    game.termination,
                    game.failure,
                    *(game.moves[side] for side in sides),
                    *(round(game.seconds[side], 4) for side in sides),
                    game.fixture.opening.fen,
                    " ".join(move.iccs() for move in game.fixture.opening.moves),
                )
            )


def _result(game: GameResult) -> str:
    return {1.0: "1-0", 0.5: "1/2-1/2", 0.0: "0-1"}[game.red_score]


def _viewed(record: Game, result: GameResult) -> dict[str, Any]:
    """A game as the page's script draws it; ``moves`` are written without spaces, four letters each."""
    board = Board(record.root, lenient=True)
    chinese = []
    for move in record.moves:
        chinese.append(to_chinese(board, move))
        board.push(move)
    first, second = result.fixture.players
    red, black = (first, second) if result.fixture.first_color == RED else (second, first)
    return {
        "number": result.fixture.number,
        "round": result.fixture.round,
        "red": red,
        "black": black,
        "result": record.result,
        "why": result.termination,
        "failure": result.failure,
        "opening": len(result.fixture.opening.moves),
        "fen": record.root,
        "moves": "".join(f"{move.iccs()}" for move in record.moves),
        "chinese": chinese,
        "notes": {str(ply): text for ply, text in record.comments.items()},
    }


def _rows(standings: Standings) -> list[tuple[str, float, float, float]]:
    """The rating plot: all players, or for two the first one's difference."""
    if len(standings.names) == 2:
        estimate = standings.total.estimate()
        return [("difference in Elo", estimate.elo, estimate.elo_low, estimate.elo_high)]
    ratings = standings.ratings
    return [(standings.names[p], float(ratings.elo[p]), *ratings.interval(p)) for p in standings.order()]


def _curve(standings: Standings, steps: list[int]) -> list[tuple[int, float, float, float]]:
    ratings = standings.ratings
    return [(step, float(ratings.elo[p]), *ratings.interval(p)) for p, step in enumerate(steps)]


def _table(standings: Standings) -> list[dict[str, Any]]:
    rows = []
    for player in standings.order() if len(standings.names) > 2 else range(2):
        games = [game for game in standings.results.values() if player in game.fixture.players]
        own = [(game, game.fixture.players.index(player)) for game in games]
        scores = [game.score if side == 0 else 1 - game.score for game, side in own]
        moves = sum(game.moves[side] for game, side in own)
        low, high = standings.ratings.interval(player) if len(standings.names) > 2 else (0.0, 0.0)
        rows.append(
            {
                "name": standings.names[player],
                "elo": float(standings.ratings.elo[player]) if len(standings.names) > 2 else 0.0,
                "low": low,
                "high": high,
                "fixed": player in standings.anchors,
                "games": len(games),
                "wins": scores.count(1),
                "draws": scores.count(0.5),
                "losses": scores.count(0),
                "score": sum(scores) / max(1, len(scores)),
                "illegal": sum(
                    bool(game.failure) and game.is_illegal and s == 0 for (game, _), s in zip(own, scores, strict=True)
                ),
                "seconds": sum(game.seconds[side] for game, side in own) / max(1, moves),
            }
        )
    return rows


def _cross_table(standings: Standings) -> list[tuple[str, list[tuple[str, float] | None]]]:
    """Rows of (name, a cell for each opponent in the same order): points of games, and the share of them."""
    order = standings.order()
    cells: dict[tuple[int, int], tuple[float, int]] = {}
    for (a, b), report in standings.meetings():
        points = report.wins + report.draws / 2
        cells[a, b] = points, report.games
        cells[b, a] = report.games - points, report.games
    table = []
    for player in order:
        row: list[tuple[str, float] | None] = []
        for other in order:
            points, games = cells.get((player, other), (0.0, 0))
            row.append((f"{points:g} / {games}", points / games) if games else None)
        table.append((standings.names[player], row))
    return table


def _endings(standings: Standings) -> list[tuple[str, int, float]]:
    counts: dict[str, int] = {}
    for game in standings.results.values():
        counts[game.termination] = counts.get(game.termination, 0) + 1
    most = max(counts.values(), default=1)
    return [(name, count, count / most) for name, count in sorted(counts.items(), key=lambda item: -item[1])]


def _by_color(standings: Standings) -> tuple[int, int, int]:
    """How often Red won, the game was drawn, and Black won."""
    scores = [game.red_score for game in standings.results.values()]
    return scores.count(1), scores.count(0.5), scores.count(0)


def _openings(standings: Standings) -> list[dict[str, Any]]:
    """Openings with Red's results and the first player's score, those played most first."""
    found: dict[Any, list[GameResult]] = {}
    for game in standings.ordered():
        found.setdefault(game.fixture.opening, []).append(game)
    rows = []
    for opening, games in found.items():
        board = Board(opening.fen, lenient=True)
        words = []
        for move in opening.moves:
            words.append(to_chinese(board, move))
            board.push(move)
        red = [game.red_score for game in games]
        mine = [game.score for game in games if 0 in game.fixture.players]
        rows.append(
            {
                "moves": " ".join(words),
                "fen": board.fen(),
                "games": len(games),
                "red": (red.count(1), red.count(0.5), red.count(0)),
                "score": sum(mine) / len(mine) if mine else None,
                "first": games[0].fixture.number,
            }
        )
    return sorted(rows, key=lambda row: (-row["games"], row["first"]))
