"""How long a review takes, alone and in the window, and how smooth the window stays meanwhile.

Games of 80 plies, the first of the sample games that are long enough. In the program: seconds until the glance, until
the first verdict of the search, and until all moves have one. In the window (pygame, real process of players): the
same as a person sees it, and milliseconds between pictures, drawn as fast as 60 a second while somebody walks through
the game. Targets: the whole review within 10 s on two cores, 95 % of frames within 33 ms.

Run: python benchmarks/review_time.py [--games 2]     (two minutes; without a display: SDL_VIDEODRIVER=dummy)
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from itertools import islice
from pathlib import Path

import numpy as np
from window_frames import frames
from xiangqi_gpt.data import sample_games

from xiangqi_gpt.analysis.judges import make_judge
from xiangqi_gpt.analysis.review import FIRST_NODES, GameReview
from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.players import load_player
from xiangqi_gpt.players.networks import load_network
from xiangqi_gpt.records import Game, format_pgn, read_games

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

PLIES = 80
MOST_SECONDS = 60.0


def games(count: int) -> list[Game]:
    """The first ``PLIES`` plies of sample games."""
    long = (game for game in read_games(sample_games()) if len(game.moves) >= PLIES)
    return [Game(moves=game.moves[:PLIES]) for game in islice(long, count)]


def alone(found: list[Game]) -> list[tuple[float, float, float, float]]:
    """Seconds until the glance, the first verdict and the last, and processor seconds, of each game."""
    network, rows = load_network("default"), []
    player = load_player(f"search:default,threads={min(os.cpu_count() or 1, 4)},megabytes=256", seed=0)
    judge = make_judge(player)
    list(GameReview(network, Game(moves=found[0].moves[:4]), judge).deepen(FIRST_NODES))  # loads, and compiles
    for game in found:
        start, spent = time.monotonic(), time.process_time()
        review = GameReview(network, game, judge)
        glance = time.monotonic() - start
        verdicts = [time.monotonic() - start for _ in review.deepen(FIRST_NODES)]
        rows.append((glance, verdicts[0], verdicts[-1], time.process_time() - spent))
    player.close()
    return rows


def in_window(game: Game, folder: Path) -> tuple[tuple[float, float, float], list[float]]:
    """Seconds until the window shows the glance, the first verdict and the last; milliseconds between pictures."""
    from xiangqi_gpt.gui.app import App, post_reply
    from xiangqi_gpt.gui.state.intents import OpenRecord
    from xiangqi_gpt.gui.state.session import HUMAN, GameSession
    from xiangqi_gpt.gui.state.settings import Settings, Store
    from xiangqi_gpt.gui.worker.player_process import PlayerProcess

    record = folder / "game.pgn"
    record.write_text(format_pgn(game), encoding="utf-8")
    store, thinker = Store(folder, folder), PlayerProcess(post_reply, 1)
    app = App(GameSession((HUMAN, HUMAN)), Settings(sound=False), store, thinker)
    app.start()
    app.carry_out(OpenRecord(str(record)))
    start, seen = time.monotonic(), [0.0, 0.0, 0.0]

    def goes_on() -> bool:
        notes = list(app.controller.analysis.study.notes.values())
        judged = sum(note.nodes > 0 for note in notes)
        for place, is_there in enumerate((notes, judged, judged == len(game.moves))):
            if is_there and not seen[place]:
                seen[place] = time.monotonic() - start
        return not seen[2] and time.monotonic() - start < MOST_SECONDS

    gaps = frames(app, goes_on, walks=True)
    app.close()
    return (seen[0], seen[1], seen[2]), gaps


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--games", type=int, default=2)
    options = parser.parse_args()
    print(machine_line())
    found = games(options.games)
    print(f"{len(found)} games of {PLIES} plies, {FIRST_NODES} nodes a position; seconds, medians")
    glance, first, whole, spent = np.median(alone(found), axis=0)
    print(f"program: glance {glance:.2f}, first verdict {first:.2f}, whole {whole:.1f} ({spent:.1f} of the processor)")
    import pygame

    pygame.display.init()
    with tempfile.TemporaryDirectory() as folder:
        (glance, first, whole), gaps = in_window(found[0], Path(folder))
    print(f"window, from the start: glance {glance:.2f}, first verdict {first:.2f}, whole {whole:.1f}")
    print(
        f"frames meanwhile: median {np.median(gaps):.0f} ms, 95 % {np.percentile(gaps, 95):.0f} ms, slowest {max(gaps)}"
    )


if __name__ == "__main__":
    main()
