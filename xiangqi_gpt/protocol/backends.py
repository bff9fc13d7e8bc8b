"""What thinks behind the protocol: the model's policy at once, or its search."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from xiangqi_gpt.players import Decision, Player, PlayerError, load_player
from xiangqi_gpt.players.player import SearchLimit, SearchProgress, Stop
from xiangqi_gpt.rules import Board, Move

from .go import Go
from .info import Info
from .options import EngineSettings

if TYPE_CHECKING:
    from xiangqi_gpt.players.gpt import GptPlayer

OnInfo = Callable[[Info], None]

#: After so many positions a ply a search for a depth ends at the latest.
_NODES_A_PLY: Final = 2500


class Backend(Protocol):
    """Chooses a move until it is told to stop, and says meanwhile what it thinks."""

    def think(self, board: Board, go: Go, moves: Collection[Move], lines: int, stop: Stop, say: OnInfo) -> Decision:
        """A move among ``moves``, with the ``lines`` best told through ``say``."""
        ...

    def forget(self) -> None:
        """Another game begins."""
        ...

    def close(self) -> None:
        """Free what is held."""
        ...


class BackendLoader:
    """Makes the backend that some settings ask for, and keeps it while they stay the same."""

    def __init__(self) -> None:
        self._spec = ""
        self._backend: Backend | None = None

    def __call__(self, settings: EngineSettings) -> Backend:
        """Return the backend to ask. Raises ``XiangqiError``."""
        spec = player_spec(settings)
        if self._backend is None or spec != self._spec:
            backend = _make_backend(load_player(spec, seed=settings.seed), settings)
            if self._backend is not None:
                self._backend.close()
            self._backend, self._spec = backend, spec
        return self._backend


def player_spec(settings: EngineSettings) -> str:
    """The player that some settings mean, as everywhere else: the same spec plays the same moves."""
    if level := settings.playing_level:
        return f"gpt:{settings.model},level={level},threads={settings.threads}"
    style = f"temperature={settings.temperature},source={settings.source}"
    if settings.nodes:
        machine = f"threads={settings.threads},megabytes={settings.megabytes}"
        return f"search:{settings.model},nodes={settings.nodes},{machine},{style}"
    return f"gpt:{settings.model},{style}"


def _make_backend(player: Player, settings: EngineSettings) -> Backend:
    """What is slow the first time is over before the first clock runs, and nothing has been drawn."""
    from xiangqi_gpt.players.gpt import GptPlayer  # kernels: whoever asks for a player waits for them anyhow
    from xiangqi_gpt.players.search import SearchPlayer

    if isinstance(player, GptPlayer):
        player.evaluate(Board())
        return PolicyBackend(player)
    assert isinstance(player, SearchPlayer)
    if player.temperature:
        player.policy(Board())
    else:
        player.choose(Board(), SearchLimit(nodes=1))
        player.forget()
    return SearchBackend(player, fixed=settings.playing_level > 0)


class PolicyBackend:
    """Plays what the player would play at once. Further lines are the next likeliest moves, each read one ply on:
    what is drawn, and so the move, is the same with any number of lines.
    """

    def __init__(self, player: GptPlayer) -> None:
        self._player = player

    def think(self, board: Board, go: Go, moves: Collection[Move], lines: int, stop: Stop, say: OnInfo) -> Decision:
        """See ``Backend``; limits mean nothing to it."""
        start = time.perf_counter()
        decision = self._player.choose(board)
        if decision.move not in moves:
            move = next((m for m in decision.policy if m in moves), None)
            if move is None:
                raise PlayerError("no move is left to choose from")
            decision = replace(decision, move=move, variation=(move,))
        best = decision.variation or (decision.move,)
        seconds = time.perf_counter() - start
        assert decision.wdl is not None
        say(Info(1, best, decision.wdl, 1, 1, decision.nodes, seconds))
        others = [move for move in decision.policy if move in moves and move != decision.move]
        for rank, move in enumerate(others[: lines - 1], 2):
            if stop():
                break
            say(self._after(board, move, rank, start))
        return decision

    def forget(self) -> None:
        """Nothing is kept that would change a move."""

    def close(self) -> None:
        """Close the player."""
        self._player.close()

    def _after(self, board: Board, move: Move, rank: int, start: float) -> Info:
        """What a move leads to, from the view of who plays it."""
        after = board.copy()
        after.push(move)
        outcome, variation = after.outcome(), [move]
        if outcome is not None:
            wdl = outcome.wdl(board.turn)
        else:
            reply = self._player.evaluate(after)
            wdl = reply.wdl.flipped
            variation.append(next(iter(reply.policy)))
        depth = len(variation)
        return Info(rank, tuple(variation), wdl, depth, depth, rank, time.perf_counter() - start)


class SearchBackend:
    """Searches until the limits of ``go``; without any, or always if ``fixed``, as long as the player was made for."""

    def __init__(self, player: Player, *, fixed: bool = False) -> None:
        self._player, self._fixed = player, fixed

    def think(self, board: Board, go: Go, moves: Collection[Move], lines: int, stop: Stop, say: OnInfo) -> Decision:
        """See ``Backend``."""
        deep_enough = False

        def tell(progress: SearchProgress) -> None:
            nonlocal deep_enough
            for rank, line in enumerate(progress.lines, 1):
                depth, cost = len(line.moves), (progress.nodes, progress.seconds)
                say(Info(rank, line.moves, line.wdl, depth, max(depth, progress.depth), *cost, line.score))
            depth = len(progress.lines[0].moves) if progress.lines else 0
            deep_enough = go.limit.depth is not None and depth >= go.limit.depth and not self._fixed

        budget, limit = None if self._fixed else go.budget, self._limit(go, len(moves))
        if limit is None:
            limit = (self._player.limit if budget is None else None) or SearchLimit()
        chosen = None if len(moves) == len(board.legal_moves) else tuple(moves)
        return self._player.choose(
            board,
            replace(limit, budget=budget, moves=chosen, lines=lines),
            stop=lambda: deep_enough or stop(),
            on_progress=tell,
        )

    def _limit(self, go: Go, moves: int) -> SearchLimit | None:
        """None for the player's own. By the clock, or by time, it is ``stop`` that ends a search."""
        if self._fixed:
            return None
        if go.infinite:
            return SearchLimit()
        if not go.is_limited:
            return None
        if moves == 1 and go.clock is not None:
            return SearchLimit(nodes=1)  # no time is lost on what is forced
        if go.limit.depth is not None and go.limit.nodes is None:
            return SearchLimit(nodes=_NODES_A_PLY * go.limit.depth)  # some positions have no line so long
        return SearchLimit(nodes=go.limit.nodes)

    def forget(self) -> None:
        """Drop the trees of the last game."""
        self._player.forget()

    def close(self) -> None:
        """Close the player."""
        self._player.close()
