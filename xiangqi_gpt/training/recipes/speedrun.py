"""A record attempt: the same training with several seeds, from record files to one card."""

from __future__ import annotations

import dataclasses
import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from xiangqi_gpt.data import sample_games
from xiangqi_gpt.files import atomic_write, is_work_folder, one_writer, parse_json
from xiangqi_gpt.inference.model_folder import read_config
from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.progress_bar import ProgressBar
from xiangqi_gpt.records.importer.run_import import import_records
from xiangqi_gpt.records.plural import counted
from xiangqi_gpt.records.store.token_store import open_store

from ..config import check_types
from ..errors import TrainingError
from ..run.run_settings import new_config, resumed_config
from ..run.train import build, check, train

_SETTINGS: Final = "speedrun.json"
_RESULT: Final = "result.json"  # in the folder of a seed: its run is finished
CARD: Final = "card.md"


@dataclasses.dataclass(frozen=True)
class SeedResult:
    """What the run of one seed came to, on held-out games."""

    seed: int
    folder: str
    steps: int
    plies: int
    minutes: float
    nats: float
    top1: float
    top1_ply10: float
    games: int  #: held out


def speedrun(out: Path, given: Mapping[str, Any], seeds: int) -> list[SeedResult]:
    """Train with seeds 1 to ``seeds`` and the options ``given`` (of ``TrainConfig``) into ``out/seed-N``.

    Files that ``train`` does not read are imported first. Called again with the same options it goes on where it was
    stopped. Raises ``TrainingError`` for another run in ``out``, and what ``train`` raises.
    """
    asked = json.loads(json.dumps({**given, "seeds": seeds}))
    check(new_config({**given, "out": str(out)}))
    path = out / _SETTINGS
    if path.is_file():
        if (kept := _kept(path)) != asked:
            raise TrainingError(f"{out} holds a speedrun with other options ({kept}): choose another --out")
    elif out.is_dir() and not all(is_work_folder(name.name) for name in out.iterdir()):
        raise TrainingError(f"{out} is not empty and holds no speedrun: choose another --out")
    files = [Path(name) for name in given.get("corpus", ())] or [sample_games()]
    for file in files:
        if not file.exists():
            raise TrainingError(f"no such corpus: {file}")
    with one_writer(out):
        with atomic_write(path) as unfinished:
            unfinished.write_text(json.dumps(asked, ensure_ascii=False, indent=1), encoding="utf-8")
        return _run_seeds(out, given, files, seeds)


def _run_seeds(out: Path, given: Mapping[str, Any], files: list[Path], seeds: int) -> list[SeedResult]:
    if any(file.is_dir() for file in files):
        corpus = out / "corpus.parquet"
        if not corpus.exists():
            import_records(files, corpus)
        files = [corpus]
    tokens = out / "tokens"
    if not tokens.exists():
        build(new_config({**given, "corpus": tuple(map(str, files)), "out": str(out)}), tokens)
    narrowed = ("where", "years", "least_rating")  # the store has no other games
    options = {name: value for name, value in given.items() if name not in narrowed} | {"corpus": (str(tokens),)}
    return [_run(out / f"seed-{seed}", options | {"seed": seed}) for seed in range(1, seeds + 1)]


def _run(folder: Path, options: Mapping[str, Any]) -> SeedResult:
    """The run of one seed, or what it came to when it is finished."""
    path = folder / _RESULT
    if path.is_file():
        try:
            kept = SeedResult(**_kept(path))
            check_types(kept)
            return kept
        except TypeError as error:
            raise TrainingError(f"{path} is damaged: {error}") from None
    is_begun = (folder / "settings.json").is_file()
    ProgressBar.write(f"seed {options['seed']}")
    config = resumed_config(str(folder), {}) if is_begun else new_config({**options, "out": str(folder)})
    scores = train(config)
    if scores is None:
        raise TrainingError("a speedrun needs held-out games: the corpus has too few")
    about = parse_json((folder / "config.json").read_text(encoding="utf-8"))
    at_end = parse_json((folder / "held_out.json").read_text(encoding="utf-8"))
    result = SeedResult(
        config.seed,
        str(folder),
        int(about["step"]),
        int(about["plies"]),
        round(float(about["seconds"]) / 60, 2),
        scores.nats_per_move,
        scores.top1,
        scores.top1_ply10,
        int(at_end["games"]),
    )
    with atomic_write(path) as unfinished:
        unfinished.write_text(json.dumps(dataclasses.asdict(result)), encoding="utf-8")
    return result


def _kept(path: Path) -> dict[str, Any]:
    """What a file of a speedrun holds. Raises ``TrainingError`` where it is damaged."""
    try:
        return dict(parse_json(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise TrainingError(f"{path} is damaged: {error}") from None


def format_card(results: Sequence[SeedResult], command: str, version: str, ladder: str = "") -> str:
    """Return the card of a speedrun: its command, what each seed came to, and the row for the table of records."""
    first = results[0]
    store = open_store(Path(first.folder).parent / "tokens")
    shape = read_config(Path(first.folder))
    rows = [
        f"| {run.seed} | {run.steps:,} | {run.plies:,} | {run.minutes:.1f} | {run.nats:.3f} | {run.top1:.1%} "
        f"| {run.top1_ply10:.1%} |"
        for run in results
    ]
    lines = [
        f"# Speedrun of {shape.layers} × {shape.width}",
        "",
        f"    {command}",
        "",
        f"- {version} on {machine_line()}.",
        f"- {counted(store.games, 'game')}, {store.plies:,} plies; {counted(first.games, 'held-out game')}.",
        "",
        "| Seed | Steps | Plies | Minutes | Nats a move | Top-1 | From ply 10 |",
        "|---|---|---|---|---|---|---|",
        *rows,
        "",
        *(
            [f"Seed {first.seed} on the ladder:", "", *(f"    {line}" for line in ladder.splitlines()), ""]
            if ladder
            else []
        ),
        "For the table of records:",
        "",
        record_row(results, version),
    ]
    return "\n".join(lines) + "\n"


def record_row(results: Sequence[SeedResult], version: str) -> str:
    """Return a row for the table of records: means over the seeds, of several ± half of how far they lie apart."""

    def mean(name: str, form: str) -> str:
        values = [float(getattr(run, name)) for run in results]
        spread = f" ± {(max(values) - min(values)) / 2:{form}}" if len(values) > 1 else ""
        return f"{statistics.mean(values):{form}}{spread}"

    minutes = statistics.mean(run.minutes for run in results)
    return (
        f"| {machine_line()} | {version} | {len(results)} | {minutes:.1f} | {mean('nats', '.3f')} "
        f"| {mean('top1', '.1%')} | {mean('top1_ply10', '.1%')} |"
    )
