"""Commands that write something, small enough to be run again and again, and how to tell whether two outputs agree."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

TESTS: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS)]

import numpy as np
from random_games import random_game
from random_models import save_random_model

from xiangqi_gpt.records import Game, read_pgn, write_corpus, write_pgn

_ENGINE: Final = TESTS / "arena" / "first_move_engine.py"
FIRST: Final = f"uci:{sys.executable},args={_ENGINE} first,nodes=1"
LAST: Final = f"uci:{sys.executable},args={_ENGINE} last,nodes=1"


@dataclass(frozen=True)
class Job:
    """A command, the option that makes it go on, and its outputs in a form that two runs can be compared in.

    ``again`` is what is added to the command where its output has been begun; "" where the same command goes on.
    ``outputs`` are the names that a finished run leaves in the folder it was called in.
    """

    name: str
    command: tuple[str, ...]
    outputs: tuple[str, ...]
    content: Callable[[Path], object]
    again: tuple[str, ...] = ()

    @property
    def output(self) -> str:
        """The output that is there when the work is done."""
        return self.outputs[0]


def make_inputs(folder: Path, games: int = 300) -> None:
    """Write ``games.pgn``, ``games.parquet``, ``few.pgn``, ``game.pgn`` and the model ``model`` into a folder."""
    folder.mkdir(parents=True)
    made = [
        Game.from_board(random_game(seed, 24 + seed % 30), result=("1-0", "0-1", "1/2-1/2")[seed % 3], Red=f"r{seed}")
        for seed in range(games)
    ]
    write_pgn(made, folder / "games.pgn")
    write_corpus(made, folder / "games.parquet")
    write_pgn(made[:20], folder / "few.pgn")
    write_pgn(made[:1], folder / "game.pgn")
    (folder / "model").mkdir()
    save_random_model(folder / "model", seed=1)


def corpus_rows(path: Path) -> list[Any]:
    """All rows of a Parquet file, in their order."""
    import duckdb

    return duckdb.sql(f"SELECT * FROM read_parquet('{path}')").fetchall()


def folder_bytes(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def arrays(path: Path) -> dict[str, object]:
    """The arrays of an ``.npz`` file, whose bytes name the time."""
    with np.load(path, allow_pickle=False) as file:
        return {name: (file[name].dtype, file[name].tolist()) for name in file.files}


def trained(folder: Path) -> dict[str, object]:
    """What a training run has learned: its weights, and the losses, step by step."""
    steps = {}
    for line in (folder / "metrics.jsonl").read_text().splitlines():
        entry = json.loads(line)
        if "loss" in entry:
            steps[entry["step"]] = entry["loss"]
    return {"weights": (folder / "model.safetensors").read_bytes(), "losses": steps}


def games_played(path: Path) -> dict[str, object]:
    """The games of a match by round; a round that is there twice is an error."""
    found: dict[str, object] = {}
    for record in read_pgn(path):
        assert record.tags["Round"] not in found, f"round {record.tags['Round']} is there twice"
        found[record.tags["Round"]] = (record.tags["Red"], record.tags["Black"], record.result, record.moves)
    return found


def rounds_played(path: Path) -> bool:
    """Whether every round up to the last one is there once: of players that draw lots, whose games differ."""
    rounds = [tuple(map(int, name.split("."))) for name in games_played(path)]
    last = max(rounds)
    return sorted(rounds) == [(pair, leg) for pair in range(1, last[0] + 1) for leg in (1, 2)]


def pairings_played(path: Path) -> list[tuple[str, str, str]]:
    """Who played whom in each round: of players that draw lots, whose games differ from run to run."""
    return sorted((record.tags["Round"], record.tags["Red"], record.tags["Black"]) for record in read_pgn(path))


def jobs(inputs: Path, games: int = 60) -> list[Job]:
    """All of them; ``games`` are played by those that play."""
    here = str(inputs)
    corpus, model = f"{here}/games.parquet", f"{here}/model"
    train = ("--preset", "nano", "--steps", "60", "--batch-plies", "256", "--precision", "fp32", "--threads", "1")
    often = ("--checkpoint-every", "0.002", "--evaluate-every", "20")
    players = ("--player", FIRST, "--player", LAST)
    analyse = ("analyse", f"{here}/game.pgn", "--glance", "--model", model, "--html", "out.html", "--pgn", "out.pgn")
    return [
        Job("import", ("records", "import", f"{here}/games.pgn", "--workers", "2", "--out", "out.parquet"),
            ("out.parquet",), lambda d: corpus_rows(d / "out.parquet")),
        Job("tokenize", ("records", "tokenize", corpus, "--out", "store"), ("store",),
            lambda d: folder_bytes(d / "store")),
        Job("generate", ("records", "generate", "out.parquet", *players, "--games", str(games), "--max-plies", "16",
            "--processes", "2"), ("out.parquet",), lambda d: corpus_rows(d / "out.parquet")),
        Job("label", ("records", "label", f"{here}/few.pgn", "--engine", FIRST, "--processes", "2", "--out",
            "out.parquet"), ("out.parquet",), lambda d: corpus_rows(d / "out.parquet")),
        Job("train", ("train", "--corpus", corpus, "--out", "run", *train, *often), ("run",),
            lambda d: trained(d / "run"), ("train", "--resume", "--out", "run")),
        Job("finetune", ("finetune", model, f"{here}/few.pgn", "--mix", corpus, "--out", "run", "--passes", "3",
            "--batch-plies", "256", "--precision", "fp32", "--threads", "1"), ("run",), lambda d: trained(d / "run"),
            ("finetune", "--resume", "--out", "run")),
        Job("compress", ("compress", model, "--layers", "1", "--corpus", corpus, "--out", "run", *train[2:], *often),
            ("run",), lambda d: trained(d / "run"), ("compress", "--resume", "--out", "run")),
        Job("improve", ("improve", model, "--out", "run", "--mix", corpus, "--games", "6", "--nodes", "6",
            "--max-plies", "12", "--generations", "1", "--gate-games", "4", "--final-games", "0", "--batch-plies",
            "128", "--passes", "1", "--processes", "2", "--threads", "1", "--precision", "fp32"), ("run",),
            lambda d: [[corpus_rows(file) for file in sorted((d / "run/games").glob("*.parquet"))],
                trained(d / "run/models/001")], ("improve", "--resume", "--out", "run")),
        Job("match", ("match", *players, "--games", str(games), "--max-plies", "12", "--pgn", "out.pgn", "--report",
            "out.html", "--csv", "out.csv", "--json", "--workers", "2"), ("out.csv", "out.html", "out.pgn"),
            lambda d: games_played(d / "out.pgn")),
        Job("many", ("match", "--player", "random", "--player", "greedy", "--games", str(games), "--max-plies", "12",
            "--pgn", "out.pgn", "--csv", "out.csv", "--json"), ("out.csv", "out.pgn"),
            lambda d: [rounds_played(d / "out.pgn"), pairings_played(d / "out.pgn")]),
        Job("ladder", ("ladder", "greedy", "--games", str(games), "--pgn", "out.pgn", "--json"), ("out.pgn",),
            lambda d: rounds_played(d / "out.pgn")),
        Job("tune", ("tune", f"gpt:{model},temperature=1", "--parameter", "temperature=0.5..2.0", "--iterations", "4",
            "--pairs", "1", "--games", "4", "--max-plies", "8", "--out", "out.html", "--csv", "out.csv", "--pgn",
            "out.pgn"), ("out.html", "out.csv", "out.pgn"), lambda d: (d / "out.csv").read_text()),
        Job("puzzles", ("puzzles", "mine", f"{here}/few.pgn", "--processes", "2", "--out", "out.jsonl"),
            ("out.jsonl",), lambda d: (d / "out.jsonl").read_text()),
        Job("analyse", analyse, ("out.pgn", "out.html"), folder_bytes, (*analyse, "--force")),
        Job("convert", ("records", "convert", f"{here}/games.pgn", "out.parquet"), ("out.parquet",),
            lambda d: corpus_rows(d / "out.parquet")),
        Job("export", ("records", "export", corpus, "--out", "out", "--each", "xqf"), ("out",),
            lambda d: folder_bytes(d / "out")),
        Job("index", ("records", "index", "build", f"{here}/games.pgn", "--out", "out"), ("out",),
            lambda d: folder_bytes(d / "out")),
        Job("compact", ("records", "index", "compact", f"{here}/games.pgn", "--min-games", "1", "--out", "out.npz"),
            ("out.npz",), lambda d: arrays(d / "out.npz")),
    ]  # fmt: skip


def command(words: Sequence[str]) -> list[str]:
    """The command line of the program."""
    return [sys.executable, "-m", "xiangqi_gpt", *words]


def clear(folder: Path) -> Path:
    """An empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
