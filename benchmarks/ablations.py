"""What a choice is worth: runs that differ in one thing, at the same compute, with several seeds.

Run: python benchmarks/ablations.py features tokenizers optimizers --corpus games.parquet
     python benchmarks/ablations.py --list

"The same compute" is the same number of processor seconds: each variant is timed first, and given as many steps as fit.
``--steps`` gives all the same number of steps instead.
"""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.records.store.token_store import TokenStore
from xiangqi_gpt.training.config import AUTO, PRECISIONS, TrainConfig
from xiangqi_gpt.training.data.random_games import warmup_store
from xiangqi_gpt.training.run.progress_report import read_metrics
from xiangqi_gpt.training.run.train import build
from xiangqi_gpt.training.run.trainer import Trainer
from xiangqi_gpt.training.runtime.allocator import keep_freed_memory
from xiangqi_gpt.training.runtime.compute import choose_compute
from xiangqi_gpt.training.runtime.processes import find_device

#: Question -> variant -> the settings that make it.
QUESTIONS: dict[str, dict[str, dict[str, Any]]] = {
    "features": {"none": {"features": "none"}, "board": {"features": "board"}, "full": {"features": "full"}},
    "tokenizers": {
        "moves": {"features": "none", "legal_weight": 0.0, "illegal_weight": 0.0},
        "iccs": {"tokenizer": "iccs"},
        "characters": {"preset": "characters"},
    },
    "optimizers": {
        "muon": {"optimizer": "muon"},
        "adamw 0.0005": {"optimizer": "adamw", "matrix_rate": 0.0005},
        "adamw 0.001": {"optimizer": "adamw", "matrix_rate": 0.001},
        "adamw 0.002": {"optimizer": "adamw", "matrix_rate": 0.002},
        "adamw 0.004": {"optimizer": "adamw", "matrix_rate": 0.004},
    },
    "default-optimizer": {
        "muon 0.02": {"optimizer": "muon"},
        "adamw 0.0005": {"optimizer": "adamw", "matrix_rate": 0.0005},
        "adamw 0.001": {"optimizer": "adamw", "matrix_rate": 0.001},
    },
    "kexue-rates": {
        str(rate): {"preset": "characters", "matrix_rate": rate, "table_rate": rate} for rate in (0.0003, 0.001, 0.003)
    },
    "legality": {
        "games alone": {"features": "none", "legal_weight": 0.0, "illegal_weight": 0.0},
        "legality head": {"features": "none", "illegal_weight": 0.0},
        "illegal probability": {"features": "none", "legal_weight": 0.0},
        "both": {"features": "none"},
    },
    "random-games": {str(count): {"features": "none", "warmup_games": count} for count in (0, 200)},
    "presets": {name: {"preset": name} for name in ("nano", "mini", "small")},
    "bodies": {body: {"body": body} for body in ("modern", "gpt2")},
}
_TIMED = 3


def run(store: TokenStore, config: TrainConfig) -> dict[str, float]:
    """Train once; the held-out scores, the processor seconds, and the last share of legal first choices."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch, "run")
        random = (
            warmup_store(config.warmup_games, config.seed, Path(scratch, "random")) if config.warmup_games else None
        )
        trainer = Trainer(store, replace(config, out=str(out)), warmup=random)
        begun = time.process_time()
        scores = trainer.run()
        seconds = time.process_time() - begun
        if scores is None:
            raise SystemExit("the corpus has no held-out game")
        legal = [line["legal_top1"] for line in read_metrics(out) if "legal_top1" in line][-10:]
        found = scores.as_dict() | {"seconds": seconds, "seen": trainer.progress.plies}
        return found | {"legal_top1": statistics.mean(legal) if legal else math.nan}


def steps_in(store: TokenStore, config: TrainConfig, seconds: float) -> int:
    """How many steps fit into some processor seconds, by timing a few; evaluating is not counted."""
    timed = replace(config, evaluate_games=0)
    with tempfile.TemporaryDirectory() as scratch:
        trainer = Trainer(store, replace(timed, out=str(Path(scratch, "run")), steps=2 + _TIMED, lengths=()))
        works = iter(trainer.steps_to_do())
        trainer.train_on(next(works))
        begun = time.process_time()
        for _ in range(_TIMED):
            trainer.train_on(next(works))
        return max(8, round(seconds * _TIMED / (time.process_time() - begun)))


def main() -> None:
    """Print a table for each question."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", nargs="*", metavar="QUESTION", help=", ".join(QUESTIONS))
    parser.add_argument("--corpus", nargs="+", default=[], metavar="FILE")
    parser.add_argument("--kinds", nargs="+", default=[], metavar="KIND")
    parser.add_argument("--preset", default="small")
    parser.add_argument("--cpu-seconds", type=float, default=120.0, help="of each run (default: 120)")
    parser.add_argument("--steps", type=int, default=0, help="the same number of steps for all, whatever they cost")
    parser.add_argument("--seeds", type=int, default=2, help="runs of each variant (default: 2)")
    parser.add_argument("--batch-plies", type=int, default=4096)
    parser.add_argument("--evaluate-games", type=int, default=200)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precision", choices=PRECISIONS, default=AUTO)
    parser.add_argument("--list", action="store_true", help="print the questions and their variants")
    given = parser.parse_args()
    print(machine_line())
    if given.list:
        for question, variants in QUESTIONS.items():
            print(f"{question}: {'; '.join(variants)}")
        return
    if unknown := set(given.questions) - set(QUESTIONS):
        parser.error(f"no such question: {', '.join(sorted(unknown))}")
    keep_freed_memory()
    compute = choose_compute(given.precision, given.threads, find_device("cpu"))
    print(compute.reason, flush=True)
    usual = TrainConfig(
        corpus=tuple(given.corpus),
        kinds=tuple(given.kinds),
        preset=given.preset,
        batch_plies=given.batch_plies,
        evaluate_games=given.evaluate_games,
        threads=compute.threads,
        precision=compute.precision,
        evaluate_every=1e9,
        checkpoint_every=1e9,
    )
    with tempfile.TemporaryDirectory() as scratch:
        store = build(usual, Path(scratch, "tokens"))
        for question in given.questions:
            answer(question, store, usual, given.steps, given.cpu_seconds, given.seeds)


def answer(question: str, store: TokenStore, usual: TrainConfig, steps: int, seconds: float, seeds: int) -> None:
    """Run all variants of a question and print its table: the mean over the seeds, and how far they lie apart."""
    lines = [
        f"{question:<16}{'steps':>7}{'plies':>11}{'CPU s':>8}{'nats':>8}{'±':>7}{'top-1':>8}{'ply 10':>8}{'legal':>8}"
    ]
    for name, changes in QUESTIONS[question].items():
        config = replace(usual, **changes)
        count = steps or steps_in(store, config, seconds)
        runs = [run(store, replace(config, steps=count, seed=seed)) for seed in range(1, seeds + 1)]
        mean = {key: statistics.mean(r[key] for r in runs) for key in runs[0]}
        nats = [r["nats_per_move"] for r in runs]
        legal = "" if math.isnan(mean["legal_top1"]) else f"{mean['legal_top1']:.1%}"
        lines.append(
            f"{name:<16}{count:7}{mean['seen']:11,.0f}{mean['seconds']:8,.0f}{mean['nats_per_move']:8.3f}"
            f"{(max(nats) - min(nats)) / 2:7.3f}{mean['top1']:8.1%}{mean['top1_ply10']:8.1%}{legal:>8}"
        )
    print("\n" + "\n".join(lines), flush=True)


if __name__ == "__main__":
    main()
