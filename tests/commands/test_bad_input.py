"""Every command with every kind of bad argument or file: one line that names the cause, and exit status 2."""

from __future__ import annotations

import io
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import pytest
from torch_commands import needs
from xiangqi_gpt.data import models

from xiangqi_gpt.commands.main import COMMANDS, main

GAMES = '[Event "a"]\n[Result "1-0"]\n\n1. h2e2 h9g7 2. h0g2 i9h9 1-0\n'
FILES = {
    "games.pgn": GAMES.encode(),
    "illegal.pgn": b'[Event "a"]\n\n1. h2e2 h2e2\n',
    "empty.pgn": b"",
    "noise.bin": bytes(range(256)),
    "cut.parquet": b"PAR1" + b"rubbish" * 9,
    "cut.xqf": b"XQ\x0a" + b"\xff" * 50,
    "cut.cbl": b"CCBridgeLibrary\x00" + b"\xff" * 50,
    "cut.zip": b"PK\3\4 and no more",
    "taken.pgn": b"mine",
    "taken.parquet": b"mine",
    "bad.epd": b"no position\n",
    "empty.epd": b"",
    "bad.jsonl": b"{\n",
    "other.jsonl": b'{"fen": "x"}\n',
    "list.json": b"[]",
    "damaged/config.json": b"{",
    "foreign/config.json": b'{"model": {"vocabulary": "chess"}}',
    "folder/notes.md": b"",
    "records/games.pgn": GAMES.encode(),
}

#: A call -> what its line says.
CALLS = {
    # the program itself
    "trian": "unknown command 'trian': did you mean train?",
    "checkers": "unknown command 'checkers'; the commands are play, train",
    "--hepl": "unrecognized arguments: --hepl",
    "nowhere.pgn": "no such file: nowhere.pgn",
    "folder": "folder is a folder",
    "desktop nosuch": "unrecognized arguments: nosuch",
    # play
    "play nowhere.pgn": "no such file: nowhere.pgn",
    "play folder": "folder is a folder",
    "play games.pgn --terminal": "a record is analysed in the window",
    "play --seed x": "invalid int value: 'x'",
    "play --seed -1": "--seed must be at least 0, not -1",
    "play --side green": "'green'",
    "play --language fr": "'fr'",
    "play --player gpt --model default": "give one of them",
    "play --player ''": "need a name",
    "play --player nobody": "unknown player 'nobody'; possible are random",
    "play --rated": "--rated needs --terminal",
    "play --find-my-level": "--find-my-level needs --terminal",
    "play --terminal --rated --fen rubbish": "--rated begins at the start of the game",
    "play --terminal --rated --model damaged": "--rated is played against the shipped model",
    "play --terminal --rated --player random": "--rated needs a level of the shipped model as its opponent",
    "play --terminal --rated --player gpt,level=007": "not 'gpt,level=007'",
    "play --terminal --rated --player gpt,level=21": "--rated needs a level of the shipped model",
    "play --terminal --find-my-level --player gpt,level=3": "leave --player out",
    "play --terminal --player nobody,level=3": "unknown player 'nobody' in 'nobody,level=3'",
    "play --terminal --player damaged": "a model folder is written gpt:damaged",
    "play --terminal --player random,temperature=1": "unknown option 'temperature'; it takes none",
    "play --terminal --player gpt,temperature=hot": "temperature=hot: expected a number from 0 on",
    "play --terminal --player gpt,level=21": "level=21: expected a whole number from 1 to 20",
    "play --terminal --player search,nodes=0": "nodes=0: expected a whole number above 0",
    "play --terminal --player uci:": "which program?",
    "play --terminal --player uci:nowhere,nodes=1": "no program 'nowhere'",
    "play --terminal --player uci:./games.pgn,nodes=1": "./games.pgn is not executable",
    "play --terminal --player random --fen rubbish": "a board has 10 ranks, this one 1: 'rubbish'",
    "play --terminal --player random --fen '9/9/9/9/9/9/9/9/9/9 w'": "red has no king",
    "play --terminal --model nowhere": "no model named 'nowhere'",
    "play --terminal --model games.pgn": "games.pgn is a file; a model is a folder",
    "play --terminal --model folder": "no model in folder: config.json is missing",
    "play --terminal --model damaged": "damaged/config.json is damaged",
    "play --terminal --model foreign": "foreign/config.json is for vocabulary 'chess'",
    "play --terminal --model cut": "cut/model.safetensors cannot be read",
    # train, overfit, describe
    "update default nowhere.pgn --corpus data/games/sample.pgn --out u": "no such file: nowhere.pgn",
    "improve default --mix nowhere.pgn --out u": "no such file: nowhere.pgn",
    "speedrun --seeds 0": "--seeds must be from 1 to 100, not 0",
    "update default --out u": "which games?",
    "train stray": "unrecognized arguments: stray",
    "train --minutes soon": "invalid float value: 'soon'",
    "train --minutes 0": "--minutes 0.0: expected a number above 0",
    "train --minutes nan": "--minutes nan: expected a number",
    "train --preset giant": "'giant'",
    "train --seed -1": "--seed -1: expected 0 or more",
    "train --legal-margin -1": "--legal-margin -1.0: expected 0 or more",
    "train --lengths 0": "--lengths 0: expected numbers above 0",
    "train --corpus nowhere.pgn --out run": "no such corpus: nowhere.pgn",
    "train --corpus folder --out run": "no training store in folder",
    "train --corpus illegal.pgn --out run": "illegal.pgn, game 1, line 3, ply 2: h2e2 is not legal",
    "train --corpus broken.parquet --out run": "no game that can be used: broken.parquet, game 1, ply 2: h2e2 is not",
    "train --corpus games.pgn --kinds mastre --out run": "--kinds mastre: no game of this kind; the files hold unknown",
    "train --corpus games.pgn --no-value-from game --out run": "no game of this source; did you mean games.pgn?",
    "train --corpus records --out run": "records is a folder of records: first make one corpus of them",
    "train --corpus empty.pgn --out run": "empty.pgn holds no game",
    "train --corpus noise.bin --out run": "noise.bin: unknown format",
    "train --corpus cut.parquet --out run": "cut.parquet is not a Parquet file",
    "train --corpus games.pgn --out folder": "folder is not empty",
    "train --corpus games.pgn --out games.pgn/run": "Not a directory: games.pgn/run",
    "train --start-from nowhere --out run": "no model named 'nowhere'",
    "train --start-from default --preset nano": "--preset nano: a run with --start-from has the shape of that model",
    "train --tokenizer iccs --features full": "a model that spells its moves",
    "train --resume --out nowhere": "no run to go on with in nowhere",
    "overfit --steps x": "invalid int value: 'x'",
    "overfit --steps 0": "--steps must be at least 1, not 0",
    "overfit --batch-plies 0": "--batch-plies 0: expected a number above 0",
    "describe": "MODEL|PRESET",
    "describe nowhere": "no model named 'nowhere'",
    "describe small --timed 0": "--timed 0: expected a number above 0",
    # finetune, compress, evaluate, probe
    "finetune default games.pgn": "required: --out",
    "finetune default --out run": "which games?",
    "finetune default --corpus games.pgn --out run": "games are named without --corpus",
    "finetune nowhere games.pgn --out run": "no model named 'nowhere'",
    "finetune default nowhere.pgn --out run": "no such file: nowhere.pgn",
    "finetune default games.pgn --out run --player nobody": "--player nobody: no game of that player",
    "finetune default games.pgn --out run --held-out 1": "--held-out 1.0: expected a number between 0 and 1",
    "finetune --resume --out nowhere": "no run to go on with in nowhere",
    "compress": "which model?",
    "compress nowhere --out run": "no model named 'nowhere'",
    "compress default --soft 2 --out run": "--soft 2.0: expected a number from 0 to 1",
    "compress --resume --out nowhere": "no run to go on with in nowhere",
    "average default --out run": "which models?",
    "average default nowhere --out run": "no model named 'nowhere'",
    "average default default --shares 1 --out run": "--shares: 1 given for 2 models",
    "average default default --shares 1 0 --out run": "--shares 0: expected a number above 0",
    "evaluate nowhere": "no model named 'nowhere'",
    "evaluate default --games -1": "--games must be at least 0, not -1",
    "evaluate default --split middle": "'middle'",
    "evaluate default --corpus nowhere.pgn": "no such file: nowhere.pgn",
    "evaluate default --corpus broken.parquet": "no game that can be used: broken.parquet, game 1, ply 2",
    "evaluate default --corpus games.pgn --split all --no-value-from web": "the files hold games.pgn",
    "evaluate damaged --corpus games.pgn": "damaged/config.json is damaged",
    "finetune default broken.parquet --out run": "no game to learn from in broken.parquet: broken.parquet, game 1",
    "history": "required: MODEL",
    "history nowhere": "no model named 'nowhere'",
    "history nowhere --kinds master": "--kinds goes with --corpus",
    "history default --corpus nowhere.pgn": "no such corpus: nowhere.pgn",
    "probe nowhere": "no model named 'nowhere'",
    "probe default --layer x": "expected a number or all, not 'x'",
    "probe default --plies 0": "--plies must be at least 1, not 0",
    # match, ladder, report
    "match --player random": "give --player twice, not 1 times",
    "match --player random --player nobody": "unknown player 'nobody'",
    "match --player random --player gpt:damaged": "damaged/config.json is damaged",
    "match --player random --player random --games 0": "--games must be at least 1, not 0",
    "match --player random --player random --games 9000000": "--games must be at most 1,000,000",
    "match --player random --player random --workers 0": "--workers must be at least 1, not 0",
    "match --player random --player random --tc soon": "time control 'soon': expected SECONDS+INCREMENT",
    "match --player random --player random --tc 600+3x30": "time control '600+3x30': expected SECONDS+INCREMENT",
    "match --player random --player random --win often": "'often': expected score=CENTIPAWNS",
    "match --player random --player random --sprt often": "'often': expected elo0=A",
    "match --player random --player random --sprt elo0=5,elo1=5": "elo0 below elo1",
    "match --player random --player random --referee random": "--referee needs --win or --draw",
    "match --player random --player random --opening-plies 3": "--opening-plies needs --openings",
    "match --player random --player random --openings nowhere.epd": "nowhere.epd",
    "match --player random --player random --openings bad.epd": "bad.epd:1: a board has 10 ranks",
    "match --player random --player random --openings empty.epd": "empty.epd: no position in the file",
    "match --player random --player random --openings illegal.pgn": "illegal.pgn, game 1, line 3, ply 2",
    "match --player random --player random --pgn taken.pgn": "taken.pgn holds other games",
    "match --player random --player random --pgn folder": "folder cannot be written",
    "match --player random --player random --report no/r.html": "no/r.html cannot be written: there is no such folder",
    "match --checkpoints folder": "a match needs two or more checkpoints",
    "ladder nobody": "unknown player 'nobody'",
    "ladder random --precision 1": "--precision must be from 5 to 400, not 1",
    "ladder random --games 1": "--games must be from 2 to 100,000, not 1",
    "ladder random --pgn no/l.pgn": "no/l.pgn cannot be written",
    "report": "which command? compare, runs",
    "report runs nowhere": "no run in nowhere: metrics.jsonl is missing or empty",
    "report folder": "no run in folder: metrics.jsonl is missing or empty",
    "report runs folder --html taken.pgn": "taken.pgn exists; --force replaces it",
    "report runs folder --html no/r.html": "no/r.html cannot be written: there is no such folder",
    "report compare nowhere.json list.json": "nowhere.json: No such file",
    "report compare bad.jsonl bad.jsonl": "bad.jsonl is no JSON",
    "tune nobody": "unknown player 'nobody'",
    "tune search,cpuct=1": "nothing to tune",
    "tune search --parameter cpuct=1.0..2.0": "add cpuct=VALUE",
    "tune search,cpuct=1 --parameter cpuct=2..1": "2 is not below 1",
    "tune search,cpuct=1 --parameter cpuct=0.0..2.0 --rate 0": "--rate must be above 0",
    "tune search,cpuct=1 --parameter cpuct=0.0..2.0 --out no/page.html": "no/page.html cannot be written",
    "report compare list.json list.json": "list.json is no report of a match or a ladder",
    # analyse, engine, puzzles
    "levels": "required: TASK",
    "levels fit gpt": "required: --parameter, --target",
    "levels fit gpt --target 0 --parameter seed=1..9": "seed cannot be fitted; possible are temperature",
    "levels fit gpt --target 0 --parameter nodes=8": "expected NAME=LOW..HIGH",
    "levels fit gpt --target nan --parameter top_p=0.1..1.0": "--target must be an Elo from -10000 to 10000",
    "levels fit gpt --target 0 --parameter top_p=0.1..1.5": "top_p=1.5: expected a number above 0 and at most 1",
    "levels fit random --target 0 --parameter temperature=0.1..1.0": "unknown option 'temperature'",
    "levels fit gpt --target 0 --parameter top_p=0.1..1.0 --opponent random": "expected SPEC@ELO",
    "levels fit gpt --target 0 --parameter top_p=0.1..1.0 --opponent nobody@3": "unknown player 'nobody'",
    "levels fit gpt --target 0 --parameter top_p=0.1..1.0 --steps 0": "--steps must be at least 1, not 0",
    "levels fit gpt --target 0 --parameter top_p=0.1..1.0 --out taken.pgn": "taken.pgn exists; --force replaces it",
    "rating stray": "unrecognized arguments: stray",
    "rating --language tlh": "invalid choice",
    "rating --json --delete": "not allowed with",
    "rating --export folder": "folder cannot be written: it is a folder",
    "drill nowhere.pgn": "there is no file or folder nowhere.pgn",
    "drill noise.bin": "noise.bin: unknown format",
    "drill --player Wang": "--player needs games",
    "drill --nodes 0": "--nodes must be at least 1",
    "drill games.pgn --list": "games are kept by a call without",
    "drill games.pgn --model nowhere": "no model named 'nowhere'",
    "analyse nowhere.pgn": "no such file: nowhere.pgn",
    "analyse noise.bin": "noise.bin: unknown format",
    "analyse folder": "folder is a folder, not a record file",
    "analyse nowhere": "no such file: nowhere",
    "analyse cut.xqf": "cut.xqf ends inside the header: 53 bytes",
    "analyse cut.cbl": "cut.cbl holds no record",
    "analyse games.pgn --game 0": "--game must be at least 1, not 0",
    "analyse games.pgn --nodes 0": "--nodes must be at least 1, not 0",
    "analyse games.pgn --seconds 0": "--seconds must be above 0 and below a million, not 0",
    "analyse games.pgn --glance --nodes 5": "--nodes is for the model's search: it cannot go with --glance",
    "analyse games.pgn --engine greedy --seconds 5": "--seconds is for the model's search",
    "analyse games.pgn --game 2": "games.pgn: there is no game 2",
    "analyse games.pgn --source friends": "--source is one of any, master",
    "analyse games.pgn --model cut": "cut/model.safetensors cannot be read",
    "analyse games.pgn --pgn taken.pgn": "taken.pgn exists; --force replaces it",
    "analyse games.pgn --html no/x.html": "no/x.html cannot be written: there is no such folder",
    "engine --level 21": "Level is a whole number from 0 to 20, not '21'",
    "engine --temperature nan": "Temperature is a number from 0 to 10, not 'nan'",
    "engine --model nowhere": "no model named 'nowhere'",
    "puzzles nobody": "unknown player 'nobody'",
    "puzzles random nowhere.jsonl": "no such file: nowhere.jsonl",
    "puzzles random bad.jsonl": "bad.jsonl, line 1: not a puzzle",
    "puzzles random other.jsonl": "mate_in is None, expected 1 to 4",
    "puzzles random --limit 0": "--limit must be at least 1, not 0",
    "puzzles random games.pgn --where 'plies > 3'": "games.pgn: a condition needs a Parquet corpus",
    "puzzles mine nowhere.pgn --out p.jsonl": "no such file: nowhere.pgn",
    "puzzles mine games.pgn --out taken.pgn": "taken.pgn exists already",
    "puzzles mine games.pgn --out no/p.jsonl": "no/p.jsonl cannot be written: there is no such folder",
    # records
    "records": "which command? stats, check, convert, import",
    "records stast games.pgn": "unknown command 'stast': did you mean stats?",
    "records paint": "unknown command 'paint'; the commands are stats",
    "records stats illegal.pgn": "illegal.pgn, game 1, line 3, ply 2: h2e2 is not legal",
    "records stats cut.parquet": "cut.parquet is not a Parquet file",
    "records stats games.pgn --where 'plies > 3'": "games.pgn: a condition needs a Parquet corpus",
    "records check": "required: PATH",
    "records convert games.pgn taken.pgn": "taken.pgn exists",
    "records convert games.pgn out.doc": "out.doc: cannot write this format",
    "records convert illegal.pgn out.pgn": "h2e2 is not legal",
    "records convert games.pgn out.pgn --notation braille": "'braille'",
    "records import nowhere --out c.parquet": "no such file or folder: nowhere",
    "records import games.pgn --out c.pgn": "c.pgn: a corpus is written as .parquet",
    "records import games.pgn --out taken.parquet": "taken.parquet exists",
    "records import games.pgn --out no/c.parquet": "no/c.parquet cannot be written: there is no such folder",
    "records import games.pgn --out c.parquet --memory-limit lots": "'lots' is not a memory limit",
    "records query nowhere.parquet": "no such corpus: nowhere.parquet",
    "records query cut.parquet": "cut.parquet",
    "records export games.pgn --out x.doc": "x.doc: cannot write this format",
    "records query broken.parquet --where 'yaer > 2000'": "no column yaer: did you mean year? the columns are best",
    "records query broken.parquet --sql 'select lenght(moves) from games'": 'Did you mean "length"',
    "records stats broken.parquet --where 'yaer > 2000'": "no column yaer: did you mean year? the columns are",
    "records tokenize nowhere.parquet --out tokens": "no such corpus: nowhere.parquet",
    "records openings nowhere.pgn": "no such file: nowhere.pgn",
    "records index": "which command? build, compact, look",
    "records index build games.pgn --out index --plies 0": "--plies must be at least 1",
    "records index build games.pgn --out folder": "folder exists already",
    "records index build nowhere.pgn --out index": "no such file: nowhere.pgn",
    "records index compact games.pgn": "required: --out",
    "records index compact games.pgn --out c.npz --min-games 0": "--min-games must be at least 1",
    "records index compact nowhere.pgn --out c.npz": "no such file: nowhere.pgn",
    "records index look --index folder": "no position index in folder",
    "records index look --moves banana": "not a move in any notation: 'banana'",
    "records index look --moves 'h2e2 h2e2'": "there is no piece to move",
    "records generate out.pgn": "give --player once or twice, not 0 times",
    "records generate out.doc --player random": "games go to a file ending in .pgn or .parquet",
    "records generate taken.pgn --player random": "taken.pgn exists already",
    "records generate out.pgn --player random --noise 1": "--noise must be from 0 to below 1, not 1.0",
    "records label games.pgn --out out.pgn --engine random": "--out must end in .parquet",
    "records label games.pgn --out out.parquet --engine random": "player 'random' gives no scores",
    "records label games.pgn --out out.parquet --engine uci:nowhere,nodes=1": "no program 'nowhere'",
    # bench, rules, perft, warm
    "bench nowhere": "no model named 'nowhere'",
    "bench --nodes 0": "--nodes must be at least 1, not 0",
    "bench --threads 0": "--threads must be at least 1, not 0",
    "perft x": "invalid int value: 'x'",
    "perft 13": "the depth must be between 0 and 12",
    "perft 2 --fen rubbish": "a board has 10 ranks",
    "rules": "which command? check",
    "rules check nowhere.jsonl": "No such file or directory: nowhere.jsonl",
    "rules check bad.jsonl": "bad.jsonl",
    "rules check other.jsonl": "other.jsonl",
    "warm extra": "unrecognized arguments: extra",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files that are broken in every way, and one that is not."""
    folder = tmp_path_factory.mktemp("bad")
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    query = "COPY (SELECT 'h2e2 h2e2' AS moves) TO 'broken.parquet' (FORMAT parquet)"
    duckdb.sql(query.replace("broken.parquet", str(folder / "broken.parquet")))
    default, cut = models() / "default", folder / "cut"
    cut.mkdir()
    shutil.copy(default / "config.json", cut)
    (cut / "model.safetensors").write_bytes((default / "model.safetensors").read_bytes()[:5000])
    return folder


@pytest.mark.parametrize("call", [pytest.param(call, marks=needs(call)) for call in CALLS])
def test_one_line_names_the_cause(
    call: str, folder: Path, monkeypatch: pytest.MonkeyPatch, refusal: Callable[[Sequence[str]], str]
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    said = refusal(shlex.split(call))
    assert CALLS[call] in said
    assert "internal error" not in said
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()} == before


def test_an_option_of_the_last_release_is_taken_and_names_the_new_one(capsys: pytest.CaptureFixture[str]) -> None:
    from xiangqi_gpt.commands.train import build_parser

    options = vars(build_parser().parse_args(["--sight", "moves", "--steps", "3"]))
    assert options == {"features": "full", "steps": 3}
    assert capsys.readouterr().err == "xiangqi-gpt train: --sight moves is --features full now\n"
    with pytest.raises(SystemExit):
        build_parser().parse_args(["--sight", "everything"])
    assert "argument --sight: invalid choice: 'everything'" in capsys.readouterr().err


def test_the_table_covers_every_command() -> None:
    """The inner commands too, as the reference lists them."""
    page = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
    commands = re.findall(r"^##+ (.+)$", page, re.M)
    assert set(commands) >= set(COMMANDS)
    assert [name for name in commands if not any(call.startswith(name) for call in CALLS)] == []


def test_debug_shows_the_traceback(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(ValueError, match="no such file"):
        main(["analyse", "nowhere.pgn", "--debug"])
