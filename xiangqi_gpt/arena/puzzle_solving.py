"""How many puzzles a player solves: mates and the like by proof, studies by their recorded solution."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.players import Player
from xiangqi_gpt.records import Game
from xiangqi_gpt.records.puzzles import MOST_MOVES, Attempt, Puzzle, PuzzleKind, is_proven
from xiangqi_gpt.rules import Board

from .elo.statistics import wilson
from .match.match import ask

#: Positions that a player is asked about together.
_BATCH: Final = 256


#: What puzzles are counted together: mates by their depth, the others by their kind.
Group = int | PuzzleKind


def group_of(puzzle: Puzzle) -> Group:
    """Return the group in which a puzzle is counted."""
    return puzzle.moves if puzzle.kind is PuzzleKind.MATE else puzzle.kind


@dataclass
class MateReport:
    """Mates by depth, and other puzzles by kind: how many there were, of how many the first move was right, how many
    were solved to the end.

    ``unproven`` puzzles have not what they ask for in as many moves as they say, and are left out; ``failures`` says
    what a player did wrong besides choosing another move; ``seconds`` is the time the player took.
    """

    puzzles: Counter[Group] = field(default_factory=Counter)
    first: Counter[Group] = field(default_factory=Counter)
    solved: Counter[Group] = field(default_factory=Counter)
    unproven: int = 0
    failures: list[str] = field(default_factory=list)
    moves: int = 0
    seconds: float = 0.0

    def as_dict(self) -> dict[str, object]:
        """Return flat values for JSON: shares as ``solved_1`` to ``solved_4``, None where there was no such puzzle.

        ``solved_1_low`` and ``solved_1_high`` are the ends of the share's 95 % interval (Wilson's, of single puzzles).
        Those of other kinds (``solved_material``) are there where the file had such puzzles.
        """
        result: dict[str, object] = {"puzzles": self.puzzles.total(), "unproven": self.unproven}
        result["solved"] = _share(self.solved.total(), self.puzzles.total())
        others = [kind for kind in PuzzleKind if self.puzzles[kind]]
        for n in (*range(1, MOST_MOVES + 1), *others):
            result[f"puzzles_{n}"] = self.puzzles[n]
            result[f"first_{n}"] = _share(self.first[n], self.puzzles[n])
            result[f"solved_{n}"] = _share(self.solved[n], self.puzzles[n])
            result[f"solved_{n}_low"], result[f"solved_{n}_high"] = _interval(self.solved[n], self.puzzles[n])
        return result | _time(self.moves, self.seconds) | {"failures": self.failures}

    def summary(self) -> str:
        """Return the report for people, several lines."""
        lines = ["        puzzles   first move right    solved   95 % interval"]
        for n in sorted(self.puzzles, key=str):
            all_, first, solved = self.puzzles[n], self.first[n], self.solved[n]
            low, high = wilson(solved / all_, all_)
            name = f"mate in {n}" if isinstance(n, int) else n.value
            lines.append(f"{name:<9}{all_:7,}{first / all_:19.1%}{solved / all_:10.1%}{low:9.1%} … {high:.1%}")
        lines.append(
            f"all      {self.puzzles.total():7,}{'':19}{self.solved.total() / max(1, self.puzzles.total()):10.1%}"
        )
        if self.unproven:
            lines.append(f"{self.unproven:,} left out: no mate, or win of material, in as many moves as the file says")
        return "\n".join([*lines, *_lines(self.moves, self.seconds, self.failures)])


@dataclass
class StudyReport:
    """Studies: ``first`` right first moves, ``solved`` wholly as recorded; ``found`` of the solver's ``moves``."""

    puzzles: int = 0
    first: int = 0
    solved: int = 0
    moves: int = 0
    found: int = 0
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def as_dict(self) -> dict[str, object]:
        """Flat values for JSON."""
        return {
            "puzzles": self.puzzles,
            "first": _share(self.first, self.puzzles),
            "solved": _share(self.solved, self.puzzles),
            "moves_found": _share(self.found, self.moves),
            **_time(self.moves, self.seconds),
            "failures": self.failures,
        }

    def summary(self) -> str:
        """Return the report for people, several lines."""
        lines = [
            f"{self.puzzles:,} studies: first move found in {self.first / max(1, self.puzzles):.1%}, "
            f"all moves in {self.solved / max(1, self.puzzles):.1%}",
            f"{self.found / max(1, self.moves):.1%} of the solver's moves found",
        ]
        return "\n".join([*lines, *_lines(self.moves, self.seconds, self.failures)])


def _interval(part: int, whole: int) -> tuple[float, float] | tuple[None, None]:
    if not whole:
        return None, None
    low, high = wilson(part / whole, whole)
    return round(low, 4), round(high, 4)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _time(moves: int, seconds: float) -> dict[str, object]:
    return {
        "moves": moves,
        "seconds": round(seconds, 3),
        "seconds_per_move": round(seconds / max(1, moves), 6),
        "machine": machine_line(),
    }


def _lines(moves: int, seconds: float, failures: Sequence[str]) -> list[str]:
    return [
        f"{moves:,} moves in {seconds:.1f} s, {1000 * seconds / max(1, moves):.1f} ms a move on {machine_line()}",
        *failures,
    ]


def first_of_each(puzzles: Iterable[Puzzle], limit: int | None) -> list[Puzzle]:
    """Return the first ``limit`` puzzles of each group, all for None."""
    seen: Counter[Group] = Counter()
    kept = []
    for puzzle in puzzles:
        seen[group_of(puzzle)] += 1
        if limit is None or seen[group_of(puzzle)] <= limit:
            kept.append(puzzle)
    return kept


def solve_mates(
    player: Player, puzzles: Iterable[Puzzle], *, on_puzzle: Callable[[], None] | None = None
) -> MateReport:
    """Let a player solve puzzles against the most stubborn defence.

    A move is right when it forces what is asked for within the moves left, whichever move that is; a puzzle is solved
    when every move was right to the end. Raises ``ProofError`` for a puzzle whose proof takes too long.
    """
    report = MateReport()
    queue = iter(puzzles)
    while batch := list(islice(queue, _BATCH)):
        attempts = []
        for puzzle in batch:
            if is_proven(puzzle):
                attempts.append(Attempt(puzzle))
                report.puzzles[group_of(puzzle)] += 1
            else:
                report.unproven += 1
        while asked := [attempt for attempt in attempts if not attempt.over]:
            for attempt, right in zip(asked, _moves_right(player, asked, report), strict=True):
                n = group_of(attempt.puzzle)
                report.first[n] += right and attempt.board.ply <= attempt.puzzle.board().ply + 2
                report.solved[n] += attempt.solved
        if on_puzzle:
            for _ in batch:
                on_puzzle()
    return report


def _moves_right(player: Player, attempts: Sequence[Attempt], report: MateReport) -> Iterator[bool]:
    """Ask the player once in each attempt; whether its move was right."""
    start = time.perf_counter()
    answers = ask(player, [attempt.board.copy() for attempt in attempts])
    report.seconds += time.perf_counter() - start
    report.moves += len(attempts)
    for attempt, answer in zip(attempts, answers, strict=True):
        try:
            if isinstance(answer, Exception):
                raise answer
            right = attempt.try_move(answer.move).is_right
        except Exception as error:
            report.failures.append(f"{attempt.board.fen()}: {error}")
            right, attempt.failed = False, True
        yield right


def solve_studies(
    player: Player, studies: Iterable[Game], *, on_puzzle: Callable[[], None] | None = None
) -> StudyReport:
    """Let a player choose every move of the side that begins, and compare with the recorded solution.

    After each of its moves the recorded line goes on, whatever the player chose.
    """
    report = StudyReport()
    queue = (study for study in studies if study.moves)
    while batch := list(islice(queue, max(1, _BATCH // 8))):
        boards: list[Board] = []
        wanted: list[tuple[int, int]] = []  # place in the batch, index of the recorded move
        for place, study in enumerate(batch):
            board = study.board(0)
            for ply, move in enumerate(study.moves):
                if ply % 2 == 0:
                    boards.append(board.copy())
                    wanted.append((place, move.index))
                board.push(move)
        start = time.perf_counter()
        answers = ask(player, boards)
        report.seconds += time.perf_counter() - start
        missed: set[int] = set()
        for board, (place, index), answer in zip(boards, wanted, answers, strict=True):
            found = not isinstance(answer, Exception) and answer.move.index == index
            if isinstance(answer, Exception):
                report.failures.append(f"{board.fen()}: {answer}")
            report.moves += 1
            report.found += found
            report.first += found and not board.move_stack
            if not found:
                missed.add(place)
        report.puzzles += len(batch)
        report.solved += len(batch) - len(missed)
        if on_puzzle:
            for _ in batch:
                on_puzzle()
    return report
