"""Every game of record files replayed, to learn what is wrong with them: what ``records check`` does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import CorpusError
from .source_games import Problem, games_under
from .sources import without_path


@dataclass
class Check:
    """Counts games that are legal, games that are broken or have no moves, and files that cannot be read.

    A game with a broken side line counts as legal; ``damaged`` counts what is broken beside main lines.
    """

    legal: int = 0
    broken: int = 0
    unreadable: int = 0
    damaged: int = 0

    def run(self, paths: Iterable[str | Path]) -> Iterator[Problem]:
        """Replay the games of files, folders and archives; yields each thing that is wrong when it is found."""
        for path in paths:
            last = None  # what is wrong in one game comes together
            for problem in self._problems(path):
                if problem.outcome == "skipped":
                    self.unreadable += 1
                elif problem.costs_a_game and (problem.path, problem.game) != last:
                    self.broken += 1
                    last = (problem.path, problem.game)
                self.damaged += problem.outcome == "damaged"
                yield problem

    def _problems(self, path: str | Path) -> Iterator[Problem]:
        found: list[Problem] = []
        try:
            for _ in games_under(path, "drop", found):
                self.legal += 1
                yield from found
                found.clear()
        except CorpusError as error:
            found.append(Problem(str(path), without_path(path, str(error)), "skipped"))
        yield from found
