"""Every option that names something to write: a device or a pipe in its place is written through and is still there."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from special_files import FULL, Pipe, is_device, make_device
from torch_commands import needs
from xiangqi_gpt.data import puzzles

from xiangqi_gpt.commands.main import COMMANDS, main
from xiangqi_gpt.commands.output import binary_output, corpus_output, text_output
from xiangqi_gpt.records import Game, format_pgn, write_corpus, write_pgn
from xiangqi_gpt.records.puzzles import read_puzzles
from xiangqi_gpt.rules import Board, Move

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs the files of a Unix system")

ROOT: Final = Path(__file__).resolve().parents[2]
ENGINE: Final = ROOT / "tests" / "arena" / "scoring_engine.py"
SHORT: Final = "--games 2 --max-plies 6"
MATCH: Final = f"match --player random --player random {SHORT}"
TUNE: Final = (
    "tune gpt:in/model,temperature=1 --parameter temperature=0.5..2.0 --iterations 1 --pairs 1 --games 2 --max-plies 4"
)
FIT: Final = (
    "levels fit gpt:in/model,temperature=1 --parameter temperature=0.5..2.0 --target 0 --opponent random@0"
    " --pairs 1 --steps 1 --max-plies 4"
)
ANALYSE: Final = "analyse in/game.pgn --glance --model in/model"


@dataclass(frozen=True)
class Writes:
    """A call that writes to OUT, a name with this ending; ``force`` where the command has ``--force``."""

    call: str
    ending: str
    force: bool = True


#: Options that name a file to write, as ``"command --option"``, and calls that do.
FILES: Final = {
    "match --pgn": [Writes(f"{MATCH} --pgn OUT", ".pgn")],
    "match --report": [Writes(f"{MATCH} --report OUT", ".html")],
    "match --csv": [Writes(f"{MATCH} --csv OUT", ".csv")],
    "tune --out": [Writes(f"{TUNE} --out OUT", ".html")],
    "tune --pgn": [Writes(f"{TUNE} --pgn OUT --out page.html", ".pgn", force=False)],
    "tune --csv": [Writes(f"{TUNE} --csv OUT --out page.html", ".csv", force=False)],
    "ladder --pgn": [Writes("ladder random --games 2 --pgn OUT", ".pgn")],
    "analyse --pgn": [Writes(f"{ANALYSE} --pgn OUT", ".pgn")],
    "analyse --html": [Writes(f"{ANALYSE} --html OUT", ".html")],
    "analyse --gif": [Writes(f"{ANALYSE} --gif OUT", ".gif")],
    "puzzles mine --out": [Writes("puzzles mine in/mate.pgn --processes 1 --out OUT", ".jsonl")],
    "drill --export": [Writes("drill --export OUT", ".json")],
    "levels fit --out": [Writes(f"{FIT} --out OUT", ".json")],
    "rating --export": [Writes("rating --export OUT", ".json")],
    "records convert target": [
        Writes("records convert in/game.pgn OUT", ending) for ending in (".pgn", ".xqf", ".ubb", ".txt", ".parquet")
    ],
    "records import --out": [Writes("records import in/game.pgn --workers 1 --out OUT", ".parquet")],
    "records import --report": [
        Writes("records import in/game.pgn --workers 1 --out c.parquet --report OUT", ".html"),
    ],
    "records export --out": [
        Writes("records export in/game.parquet --out OUT", ".pgn"),
        Writes("records export in/game.parquet --out FOLDER --each pgn", "/00001.pgn"),
    ],
    "records index compact --out": [
        Writes("records index compact in/game.pgn --min-games 1 --out OUT", ".npz", force=False)
    ],
    "records generate out": [
        Writes("records generate OUT --player random --games 1 --max-plies 4 --processes 1", ending)
        for ending in (".pgn", ".parquet")
    ],
    "records label --out": [Writes("records label in/game.pgn --engine ENGINE --processes 1 --out OUT", ".parquet")],
    "report runs --html": [Writes("report runs in/run --html OUT", ".html")],
    "match --checkpoints": [Writes(f"match --checkpoints FOLDER {SHORT}", "/card.md", force=False)],
    "history model": [Writes("history FOLDER --corpus in/game.pgn", "/games_read.safetensors", force=False)],
    "probe model": [Writes("probe FOLDER --layer 0 --plies 20", "/probe.safetensors", force=False)],
}
#: Options that name a folder to make, and calls that refuse to take anything else for one.
FOLDERS: Final = {
    "train --out": "train --out OUT --corpus in/game.pgn --minutes 0.01",
    "finetune --out": "finetune in/model in/game.pgn --out OUT",
    "speedrun --out": "speedrun --corpus in/game.pgn --out OUT",
    "improve --out": "improve in/model --mix in/game.pgn --games 2 --nodes 2 --max-plies 4 --out OUT",
    "update --out": "update in/model in/game.pgn --corpus in/game.parquet --out OUT",
    "compress --out": "compress default --preset nano --corpus in/game.pgn --out OUT",
    "average --out": "average in/model in/model --out OUT",
    "records export --out": "records export in/game.parquet --out OUT --each pgn --force",
    "records tokenize --out": "records tokenize in/game.parquet --out OUT",
    "records index build --out": "records index build in/game.pgn --out OUT",
}
#: All other options with a text: nothing is written to what they name.
NOT_WRITTEN: Final = """
play record|play --player|play --model|play --fen|train --corpus|train --kinds|train --no-value-from|train --start-from
overfit --corpus|overfit --kinds|describe name|finetune model|finetune files|finetune --mix|finetune --player
evaluate model|evaluate --corpus|evaluate --kinds|evaluate --no-value-from
history --corpus|history --kinds|probe --corpus
compress teacher|compress --corpus|compress --kinds|compress --no-value-from|match --player|match --openings|match --tc
match --win|match --draw|match --referee|match --sprt|match --anchor|match --ray|ladder player|report runs folders
average models|report compare before|report compare after
drill games|drill --player|drill --model
analyse path|analyse --model|analyse --source|analyse --engine|engine --model|engine --level
engine --nodes|engine --temperature|engine --source|engine --multipv|engine --threads|engine --hash|puzzles player
puzzles file|puzzles --where|puzzles mine source|puzzles mine --judge|records stats path|records stats --where
records check path|records convert source|records convert --where|records import path|records import --memory-limit
records query corpus|records query --where|records query --columns|records query --order|records query --sql
records export corpus|records export --where|records tokenize corpus|records tokenize --where
records tokenize --memory-limit|records openings path|records openings --where|records index build path
records index compact path|records index look --index|records index look --fen|records index look --moves
records generate --player|records generate --openings|records generate --label|records generate --ray
records label source|records label --engine|records label --ray|records label --where|bench model
perft --fen|rules check file|train --where|train --years|train --source-weights|finetune --where
finetune --years|evaluate --where|evaluate --years|compress --where|compress --years|compress --source-weights
update model|update files|update --corpus|speedrun --corpus|speedrun --where|speedrun --years|speedrun --kinds
speedrun --source-weights|speedrun --no-value-from|improve model|improve --mix|improve --sprt
levels fit player|levels fit --parameter|levels fit --opponent
tune player|tune --parameter|tune --sprt|tune --openings|tune --win|tune --draw
"""

#: Types of options whose value may be a path: those of outputs say what standard output takes.
TEXT_TYPES: Final = (None, str, Path, text_output, corpus_output, binary_output)
#: Endings of outputs that are no texts.
BINARY: Final = frozenset((".xqf", ".parquet", ".npz", ".safetensors", ".gif"))

CALLS: Final = [(name, call) for name, calls in FILES.items() for call in calls]
NAMES: Final = [f"{name} {call.ending}" for name, call in CALLS]


def options_with_text(parser: argparse.ArgumentParser, words: tuple[str, ...]) -> Iterator[str]:
    """The options of a command and of those below it whose value may be a path: no number, not one of a few words."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                parser_below = below if below.add_help else reference.parser_of(*words, name)
                yield from options_with_text(parser_below, (*words, name))
        elif action.nargs != 0 and action.choices is None and action.type in TEXT_TYPES:
            yield " ".join((*words, (action.option_strings or [action.dest])[-1]))


_spec = importlib.util.spec_from_file_location("make_cli_reference", ROOT / "docs" / "make_cli_reference.py")
assert _spec is not None and _spec.loader is not None
reference = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(reference)


def test_no_option_is_forgotten() -> None:
    found = set()
    for name in COMMANDS:
        found |= set(options_with_text(reference.parser_of(name), (name,)))
        for below in reference._UNLISTED.get(name, ()):
            found |= set(options_with_text(reference.parser_of(name, below), (name, below)))
    others = set(NOT_WRITTEN.replace("\n", "|").split("|")) - {""}
    assert found == FILES.keys() | FOLDERS.keys() | others
    assert not others & (FILES.keys() | FOLDERS.keys())


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory, nano_model: Path) -> Path:
    """A folder with ``in/``: games, a model, and what an engine says about a game."""
    folder = tmp_path_factory.mktemp("inputs")
    inside = folder / "in"
    inside.mkdir()
    (inside / "model").symlink_to(nano_model)
    board, table = Board(), {}
    for text in ("h2e2", "h9g7", "h0g2", "i9h9"):
        table[f"{board.board_fen()} {'wb'[board.turn]}"] = [str(next(iter(board.legal_moves))), "cp 3"]
        board.push(Move.from_iccs(text))
    (inside / "run").mkdir()
    (inside / "run" / "metrics.jsonl").write_text('{"step": 1, "loss": 2.5, "plies": 9, "seconds": 1.0}\n')
    (inside / "table").write_text(json.dumps(table))
    game = Game.from_board(board, result="*", Red="one", Black="two")
    write_pgn([game], inside / "game.pgn")
    write_corpus([game], inside / "game.parquet")
    puzzle = read_puzzles(puzzles())[0]
    mate = puzzle.board()
    mate.push(puzzle.solution[0])
    write_pgn([Game.from_board(mate, result="1-0")], inside / "mate.pgn")
    return folder


@pytest.fixture
def here(inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for outputs; the present one has the inputs."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "in").symlink_to(inputs / "in")
    monkeypatch.chdir(work)
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def words_of(call: str, out: Path) -> list[str]:
    engine = f"uci:{sys.executable},nodes=1,args={ENGINE} in/table in/log"
    values = {"OUT": str(out), "FOLDER": str(out.parent), "ENGINE": engine}
    return [values.get(word, word) for word in call.split()]


def place_for(call: Writes, here: Path, model: Path) -> Path:
    """Where the output goes, in a folder with what has to be there before."""
    if call.ending[0] != "/":
        return here / f"node{call.ending}"
    if "--checkpoints" in call.call:
        for step in (1, 2):
            (here / f"step-{step}").symlink_to(model)
    if call.call.startswith(("probe", "history")):
        for file in model.iterdir():
            (here / file.name).symlink_to(file)
    return here / call.ending[1:]


def run(words: Sequence[str]) -> int:
    try:
        return main(words)
    except SystemExit as exit_:  # the parser's own way out
        return int(exit_.code or 0)


@pytest.mark.parametrize(("name", "call"), [pytest.param(*pair, marks=needs(pair[0])) for pair in CALLS], ids=NAMES)
def test_a_device_is_still_there(name: str, call: Writes, here: Path, nano_model: Path) -> None:
    node = make_device(place_for(call, here, nano_model))
    before = sorted(here.iterdir())
    assert run([*words_of(call.call, node), *(["--force"] if call.force else [])]) == 0
    assert is_device(node) and sorted(here.iterdir()) == before, "nothing is left beside it"


@pytest.mark.parametrize(("name", "call"), [pytest.param(*pair, marks=needs(pair[0])) for pair in CALLS], ids=NAMES)
def test_a_pipe_gets_what_a_file_would_and_needs_no_force(
    name: str, call: Writes, here: Path, nano_model: Path
) -> None:
    place = place_for(call, here, nano_model)
    before = sorted([*here.iterdir(), place])
    pipe = Pipe(place).start()
    try:
        assert run(words_of(call.call, place)) == 0
        content = pipe.read()
    finally:
        pipe.stop()
    assert len(content) > 10 and sorted(here.iterdir()) == before
    if place.suffix == ".parquet":
        assert content.startswith(b"PAR1") and content.endswith(b"PAR1")
    if place.suffix == ".pgn":
        assert content.count(b"[Result ") == (2 if name.split()[0] in ("match", "ladder", "tune") else 1)


def dashed(call: Writes) -> list[str]:
    """The words of a call that writes to ``-``, with the format that the file's name said."""
    words = [word if word != "OUT" else "-" for word in words_of(call.call, Path("OUT"))]
    if call.call.startswith(("records convert", "records export")):
        words += ["--format", call.ending[1:]]
    return words


TEXTS: Final = [(name, call) for name, call in CALLS if "OUT" in call.call.split() and call.ending not in BINARY]
BINARIES: Final = [(name, call) for name, call in CALLS if "OUT" in call.call.split() and call.ending in BINARY]


@pytest.mark.parametrize(
    ("name", "call"), [pytest.param(*pair, marks=needs(pair[0])) for pair in TEXTS], ids=[pair[0] for pair in TEXTS]
)
def test_a_dash_is_standard_output(name: str, call: Writes, here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = sorted(Path.cwd().iterdir())
    assert run(dashed(call)) == 0
    out = capfd.readouterr().out
    made = {path.name for path in Path.cwd().iterdir()} - {path.name for path in before}
    assert made <= {"c.parquet", "match.pgn", "tuning.pgn", "page.html"} and list(here.iterdir()) == [], (
        "nothing is kept in a file"
    )
    start, end = {
        ".pgn": ("[", "\n"),
        ".html": ("<!DOCTYPE html>", "</html>"),
        ".csv": ("iteration," if name.startswith("tune") else "game,", "\n"),
        ".json": ("{", "}"),
        ".jsonl": ('{"', "}"),
        ".ubb": ("[DhtmlXQ]", "[/DhtmlXQ]"),
        ".txt": ("h2e2", "\n"),
    }[call.ending]
    assert out.lower().startswith(start.lower()) and out.rstrip(" \n").endswith(end.strip()), "nothing else is there"


@pytest.mark.parametrize(
    ("name", "call"),
    [pytest.param(*pair, marks=needs(pair[0])) for pair in BINARIES],
    ids=[f"{pair[0]} {pair[1].ending}" for pair in BINARIES],
)
def test_what_is_no_text_is_not_written_to_standard_output(
    name: str, call: Writes, here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    if name == "records generate out":
        pytest.skip("says by the name whether it is a text")
    assert run(dashed(call)) == 2
    out, err = capfd.readouterr()
    assert out == "" and err.count("\n") == 1 and "standard output" in err and list(here.iterdir()) == []


@pytest.mark.parametrize("name", [pytest.param(name, marks=needs(name)) for name in FOLDERS])
def test_a_dash_is_no_folder(name: str, here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = sorted(Path.cwd().iterdir())
    assert run([word if word != "OUT" else "-" for word in words_of(FOLDERS[name], Path("OUT"))]) == 2
    out, err = capfd.readouterr()
    assert out == "" and "Traceback" not in err and "internal" not in err
    assert "-" in err.splitlines()[-1].split() or ": -" in err.splitlines()[-1]
    assert sorted(Path.cwd().iterdir()) == before


def test_two_outputs_cannot_both_be_standard_output(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(f"{ANALYSE} --pgn - --html -".split()) == 2
    out, err = capfd.readouterr()
    assert out == "" and "only one output" in err and err.count("\n") == 1


def test_a_file_may_still_be_named_dash(here: Path) -> None:
    assert run(["records", "convert", "in/game.pgn", "./-", "--format", "txt"]) == 0
    assert Path("./-").read_text().startswith("h2e2")


@pytest.mark.parametrize("name", [pytest.param(name, marks=needs(name)) for name in FOLDERS])
def test_what_is_no_folder_is_refused_in_one_line(name: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pipe = Pipe(here / "node").path
    assert run(words_of(FOLDERS[name], pipe)) == 2
    out, err = capsys.readouterr()
    assert out == "" and str(pipe) in err.splitlines()[-1] and "Traceback" not in err and "internal" not in err
    assert stat.S_ISFIFO(pipe.lstat().st_mode) and list(here.iterdir()) == [pipe]


@pytest.mark.parametrize(
    "call", ["records convert in/game.pgn OUT", f"{MATCH} --pgn OUT", f"{ANALYSE} --pgn OUT"], ids=lambda call: call[:7]
)
def test_a_device_that_takes_nothing_is_one_line(call: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    node = make_device(here / "full.pgn", FULL)
    assert run(words_of(call, node)) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert "No space left on device" in last and str(node) in last
    assert is_device(node, FULL) and list(here.iterdir()) == [node]


def test_a_pipe_whose_reader_has_gone_is_no_success(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe = Pipe(here / "node.pgn").path
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    def leaving(game: Game, *, notation: str) -> str:  # while the game is written, before the pipe gets it
        os.close(reader)
        return format_pgn(game)

    monkeypatch.setattr("xiangqi_gpt.records.formats.pgn_writer.format_pgn", leaving)
    assert run(words_of("records convert in/game.pgn OUT", pipe)) == 2
    assert capsys.readouterr() == ("", f"xiangqi-gpt: Broken pipe: {pipe}\n")


def test_a_link_stays_and_its_target_is_written(here: Path) -> None:
    (here / "link.pgn").symlink_to("target")
    for call in ("records convert in/game.pgn OUT", f"{MATCH} --pgn OUT --force"):
        assert run(words_of(call, here / "link.pgn")) == 0
        assert (here / "link.pgn").is_symlink() and b"[Result" in (here / "target").read_bytes()
        assert len(list(here.iterdir())) == 2
        (here / "target").unlink()
