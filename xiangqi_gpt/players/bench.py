"""What a search finds in given positions, in one signature, and how fast."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from xiangqi_gpt.rules import Board
from xiangqi_gpt.rules.kernels import MAX_MOVES

from .search import SearchPlayer


@dataclass(frozen=True)
class BenchPosition:
    """What was found in one position: the move in ICCS, and by how many visits it leads the next best."""

    fen: str
    ply: int  #: of the game it was taken from
    move: str
    nodes: int
    lead: int


@dataclass(frozen=True)
class BenchReport:
    """A bench: equal signatures are equal trees, to the last visit of each move.

    ``nodes`` are positions looked at, ``leaves`` those of them that the model was asked about: the others were decided
    by the rules or by a mate. ``processor_seconds`` are of all threads.
    """

    positions: tuple[BenchPosition, ...]
    nodes: int
    leaves: int
    seconds: float
    processor_seconds: float
    signature: str

    def as_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        return asdict(self)

    def summary(self) -> str:
        """Return it as a table with a line for each position, and the totals below it."""
        lines = [f"{'ply':>4}  {'move':5} {'nodes':>6} {'lead':>6}  position"]
        lines += [f"{p.ply:>4}  {p.move:5} {p.nodes:>6} {p.lead:>6}  {p.fen}" for p in self.positions]
        rate, processor_rate = (self.nodes / max(s, 1e-9) for s in (self.seconds, self.processor_seconds))
        lines += [
            f"{self.nodes} nodes, {self.leaves} of them evaluated by the model, in {self.seconds:.1f} s",
            f"{rate:,.0f} nodes a second, {processor_rate:,.0f} a second of processor time",
            f"signature {self.signature}",
        ]
        return "\n".join(lines)


def run_bench(
    player: SearchPlayer, boards: Sequence[Board], on_position: Callable[[], object] = lambda: None
) -> BenchReport:
    """Search each board from nothing, by the player's own limit, and sum up what was found.

    The time for reading the game before the search is left out.
    """
    digest, positions = hashlib.sha256(), []
    nodes, leaves, seconds, processor_seconds = 0, player.leaves_evaluated, 0.0, 0.0
    for board in boards:
        player.forget()
        player.policy(board)  # the game so far is read once for all; what is measured is the search
        start, start_processor = time.perf_counter(), time.process_time()
        decision = player.choose(board, replace(player.limit, lines=MAX_MOVES))
        seconds += time.perf_counter() - start
        processor_seconds += time.process_time() - start_processor
        nodes += decision.nodes
        visits = {line.moves[0].index: line.nodes for line in decision.lines}
        digest.update(repr((decision.move.index, sorted(visits.items()))).encode())
        most = sorted(visits.values(), reverse=True)
        lead = most[0] - most[1] if len(most) > 1 else most[0]
        ply = len(board.move_stack)
        positions.append(BenchPosition(board.fen(), ply, str(decision.move), decision.nodes, lead))
        on_position()
    leaves = player.leaves_evaluated - leaves
    return BenchReport(tuple(positions), nodes, leaves, seconds, processor_seconds, digest.hexdigest()[:16])
