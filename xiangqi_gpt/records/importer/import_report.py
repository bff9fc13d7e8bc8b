"""What an import found and did, as text and as a page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from xiangqi_gpt.files import atomic_write
from xiangqi_gpt.pages import palette

from ..openings.openings import opening_names
from .merge import Merged
from .source_games import Problem
from .summary import Summary, format_summary, summarize_corpus

_SHOWN: Final = 20  # problems that the text names one by one
_LISTED: Final = 20_000  # problems that are kept, and that the page lists
_MOST: Final = 20  # reasons, openings, players and the like
#: What differs between problems of one reason: quoted text, squares and moves, numbers, names.
_DETAIL: Final = re.compile(r"'[^']*'|\b[A-Ia-i]\d-?[A-Ia-i]?\d?\b|\d+|[\u4e00-\u9fff]+")


@dataclass
class ImportReport:
    """The numbers of an import; ``corpus`` is what was written.

    ``problems`` holds some thousands at most, those that cost a game first; ``counts`` has all of them, by outcome and
    reason, but ``unlisted``, by outcome, which are beyond the first thousands of a task.
    """

    files: int
    other_files: dict[str, int]
    problems: list[Problem] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    unlisted: Counter[str] = field(default_factory=Counter)
    corpus: Summary = field(default_factory=Summary)
    merged: Merged = field(default_factory=lambda: Merged(0, 0, 0))

    def add_problems(self, problems: Iterable[Problem]) -> None:
        """Count problems, and list them as long as there are not too many."""
        found = [*self.problems]
        for problem in problems:
            self.counts[problem.outcome, _DETAIL.sub("…", problem.reason)] += 1
            found.append(problem)
        self.problems = sorted(found, key=lambda problem: not problem.costs_a_game)[:_LISTED]

    def add_corpus(self, path: Path, merged: Merged) -> None:
        """Count what was written."""
        self.corpus, self.merged = summarize_corpus(path), merged

    def first_problem(self) -> str:
        """The first thing that was wrong, in a few words."""
        return next((str(problem) for problem in self.problems if problem.costs_a_game), "none has a move")

    def outcomes(self) -> Counter[str]:
        """How many problems cut a game, dropped one, damaged a part of one, or made a file be skipped."""
        total = self.unlisted.copy()
        for (outcome, _), count in self.counts.items():
            total[outcome] += count
        return total

    def reasons(self) -> list[tuple[str, str, int]]:
        """(outcome, reason, how often), the most frequent first; moves, names and numbers are left out of reasons."""
        return [(outcome, reason, count) for (outcome, reason), count in self.counts.most_common()]

    def headline(self) -> dict[str, int]:
        """The numbers that say how it went."""
        outcomes = self.outcomes()
        return {
            "record files": self.files,
            "files skipped": outcomes["skipped"],
            "games read": self.merged.read,
            "games cut": outcomes["cut"],
            "games dropped": outcomes["dropped"],
            "broken beside main lines": outcomes["damaged"],
            "duplicates merged": self.merged.duplicates,
            "beginnings of other games": self.merged.prefixes,
            "games in the corpus": self.corpus.games,
        }


def format_report(report: ImportReport) -> str:
    """The report for a terminal."""
    lines = [f"{name:<26} {count:>12,}" for name, count in report.headline().items()]
    if report.other_files:
        others = Counter(report.other_files).most_common(8)
        lines.append("other files left alone: " + ", ".join(f"{ending} {count:,}" for ending, count in others))
    if report.problems:
        lines += ["", "what was wrong"]
        lines += [f"  {outcome:<8} {count:>8,}  {reason}" for outcome, reason, count in report.reasons()[:_MOST]]
        lines += ["", *(f"  {problem.outcome}: {problem}" for problem in report.problems[:_SHOWN])]
        if len(report.problems) > _SHOWN:
            lines.append(f"  ... and {report.outcomes().total() - _SHOWN:,} more: --report FILE.html lists them")
    return "\n".join([*lines, "", format_summary(report.corpus)])


def write_report(report: ImportReport, path: str | Path, title: str) -> None:
    """The report as one HTML page that needs nothing else."""
    from jinja2 import Environment, PackageLoader

    loader = PackageLoader("xiangqi_gpt.records.importer", "page")
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True)
    page = environment.get_template("import_report.html").render(palette=palette(), **_values(report, title))
    with atomic_write(path) as unfinished:
        unfinished.write_text(page, encoding="utf-8", errors="replace")  # file names may be no text


def _values(report: ImportReport, title: str) -> dict[str, Any]:
    corpus, names = report.corpus, opening_names()
    return {
        "title": title,
        "headline": report.headline(),
        "reasons": report.reasons()[:_MOST],
        "problems": report.problems,
        "unlisted": report.outcomes().total() - len(report.problems),
        "other_files": Counter(report.other_files).most_common(_MOST),
        "results": [(name, corpus.results[name]) for name in ("1-0", "1/2-1/2", "0-1", "*")],
        "charts": {
            "Length in plies": sorted(corpus.lengths.items()),
            "Years": sorted(corpus.decades.items()),
        },
        "tables": {
            "Openings": [(names.get(code, code), count) for code, count in corpus.openings.most_common(_MOST)],
            "Players": corpus.players.most_common(_MOST),
            "Kinds": corpus.kinds.most_common(_MOST),
            "Splits": corpus.splits.most_common(),
        },
        "plies": corpus.plies,
    }
