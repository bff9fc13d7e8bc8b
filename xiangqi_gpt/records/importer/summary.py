"""What a set of games consists of: results, kinds, lengths, years."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from xiangqi_gpt.rules import START_FEN

from ..corpus.corpus_reader import COLUMNS, FLAGS, IMPORT_COLUMNS, select_games
from ..corpus.duckdb_package import import_duckdb
from ..corpus.sql import first_line
from ..errors import CorpusError, OnIllegal, RecordError
from ..formats.detection import is_corpus
from ..game import Game, result_code
from ..load_games import read_games
from ..openings.openings import opening_names
from ..plural import counted
from ..results import RESULTS, UNKNOWN
from .archives import is_archive
from .source_games import Problem, games_under

_BAR: Final = 40  # characters of the longest bar in a histogram
_LENGTH_STEP: Final = 20
_PLIES: Final = "CASE WHEN trim(moves) = '' THEN 0 ELSE len(moves) - len(replace(moves, ' ', '')) + 1 END"


@dataclass
class Summary:
    """Counts over games; ``lengths`` by plies in steps of 20, ``decades`` by the first year of a decade."""

    games: int = 0
    plies: int = 0
    results: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)
    decades: Counter[int] = field(default_factory=Counter)
    openings: Counter[str] = field(default_factory=Counter)
    players: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    splits: Counter[str] = field(default_factory=Counter)
    with_comments: int = 0
    with_variations: int = 0
    with_labels: int = 0
    other_starts: int = 0

    def add(self, other: Summary) -> None:
        """Count another's games too."""
        for name, value in vars(other).items():
            if isinstance(value, Counter):
                getattr(self, name).update(value)
            else:
                setattr(self, name, getattr(self, name) + value)

    def as_dict(self, most: int = 10) -> dict[str, Any]:
        """Plain numbers for JSON; of openings and players the ``most`` frequent."""
        values: dict[str, Any] = dict(vars(self))
        for name in ("lengths", "decades"):
            values[name] = {str(key): count for key, count in sorted(values[name].items())}
        for name in ("openings", "players"):
            values[name] = dict(values[name].most_common(most))
        return values


def summarize_files(
    paths: Iterable[str | Path],
    *,
    where: str | None = None,
    on_illegal: OnIllegal = "fail",
    problems: list[RecordError] | None = None,
) -> Summary:
    """Count the games of record files, corpora, folders and archives together; errors as in ``read_games``.

    A corpus is counted as it is: what wrote it has checked its moves. A file in a folder or an archive that cannot be
    read is left out and added to ``problems``.
    """
    total = Summary()
    for path in paths:
        if is_corpus(path):
            total.add(summarize_corpus(path, where))
        elif where is None and (Path(path).is_dir() or is_archive(path)):
            total.add(_summarize_all(path, on_illegal, problems))
        else:
            total.add(summarize(read_games(path, where=where, on_illegal=on_illegal, problems=problems)))
    return total


def _summarize_all(path: str | Path, on_illegal: OnIllegal, problems: list[RecordError] | None) -> Summary:
    """Count the games in a folder or an archive."""
    found: list[Problem] = []
    summary = summarize(games_under(path, on_illegal, found))
    if not summary.games:
        raise CorpusError(f"no game in {path}{f': {found[0]}' if found else ''}")
    if problems is not None:
        problems += [problem.as_error() for problem in found]
    return summary


def summarize(games: Iterable[Game]) -> Summary:
    """Count games; only the counts stay in memory."""
    summary = Summary()
    for game in games:
        plies = len(game.moves)
        summary.games += 1
        summary.plies += plies
        summary.results[RESULTS[result_code(game.result)]] += 1
        summary.kinds[game.tags.get("Kind", "unknown")] += 1
        summary.lengths[plies // _LENGTH_STEP * _LENGTH_STEP] += 1
        if game.year is not None:
            summary.decades[game.year // 10 * 10] += 1
        if game.tags.get("ECCO"):
            summary.openings[game.tags["ECCO"]] += 1
        summary.players.update(game.tags[side] for side in ("Red", "Black") if game.tags.get(side))
        summary.flags.update(game.flags)
        summary.with_comments += game.has_comments()
        summary.with_variations += game.has_variations()
        summary.with_labels += game.labels is not None
        summary.other_starts += game.root != START_FEN
    return summary


def summarize_corpus(path: str | Path, where: str | None = None) -> Summary:
    """Count the games of a Parquet corpus by its columns, without replaying them. Raises ``CorpusError``."""
    duckdb = import_duckdb()

    columns = COLUMNS | IMPORT_COLUMNS | {"k": "SMALLINT"}
    with closing(duckdb.connect()) as connection:
        query = select_games(connection, path, where, columns)
        counters = {"result": "results", "kind": "kinds", "red": "players", "black": "players", "split": "splits"}
        counters |= {"coalesce(nullif(opening, ''), ecco)": "openings"} | dict.fromkeys(FLAGS, "flags")
        summary = Summary()
        try:
            totals = connection.execute(
                f"SELECT count(*), sum({_PLIES}), count(k), count(nullif(init_fen, '')) FROM ({query})"
            ).fetchall()[0]
            summary.games, summary.plies = int(totals[0]), int(totals[1] or 0)
            summary.with_labels, summary.other_starts = map(int, totals[2:])
            for column, name in counters.items():
                value = f"CASE WHEN {column} THEN '{column}' END" if column in FLAGS else column
                rows = connection.execute(f"SELECT {value}, count(*) FROM ({query}) GROUP BY 1 ORDER BY 2 DESC, 1")
                getattr(summary, name).update({text: count for text, count in rows.fetchall() if text})
            for value, counter, step in ((_PLIES, summary.lengths, _LENGTH_STEP), ("year", summary.decades, 10)):
                rows = connection.execute(f"SELECT {value} // {step} * {step}, count(*) FROM ({query}) GROUP BY 1")
                counter.update({number: count for number, count in rows.fetchall() if number is not None})
        except duckdb.Error as error:
            what = first_line(error, columns)
            raise CorpusError(f"{path}: cannot select games where {where!r}: {what}") from None
    summary.results = Counter({text: summary.results[text] for text in RESULTS})
    for known, unknown in ((summary.results, UNKNOWN), (summary.kinds, "unknown")):
        if missing := summary.games - known.total():
            known[unknown] += missing
    return summary


def format_summary(summary: Summary) -> str:
    """A table for people."""
    lines = [f"{counted(summary.games, 'game')}, {counted(summary.plies, 'ply')}"]
    lines.append("results    " + ", ".join(f"{text} {summary.results[text]:,}" for text in RESULTS))
    for name in ("kinds", "flags", "splits", "openings", "players"):
        common = getattr(summary, name).most_common(10)
        if common:
            titles = opening_names() if name == "openings" else {}
            lines.append(f"{name:<10} " + ", ".join(f"{titles.get(text, text)} {count:,}" for text, count in common))
    for name, count in (
        ("comments", summary.with_comments),
        ("variations", summary.with_variations),
        ("engine labels", summary.with_labels),
        ("another start position", summary.other_starts),
    ):
        if count:
            lines.append(f"with {name}: {count:,}")
    lines += _histogram("plies", {f"{key}-{key + _LENGTH_STEP - 1}": n for key, n in sorted(summary.lengths.items())})
    lines += _histogram("years", {f"{key}-{key + 9}": n for key, n in sorted(summary.decades.items())})
    return "\n".join(lines)


def _histogram(title: str, counts: dict[str, int]) -> list[str]:
    if not counts:
        return []
    most = max(counts.values())
    rows = [f"  {name:>9} {count:>9,} {'#' * round(_BAR * count / most)}" for name, count in counts.items()]
    return ["", title, *rows]
