"""Each door by which something comes in from others, and what a hostile hand would put through it: no harm."""

from __future__ import annotations

import json
import math
import struct
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import duckdb
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.records import Game, write_corpus, write_pgn
from xiangqi_gpt.records.importer import import_task
from xiangqi_gpt.records.openings.position_index import PositionIndex
from xiangqi_gpt.records.store.token_store import open_store
from xiangqi_gpt.rules import Board, Move, XiangqiError

HTML = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>"
Refusal = Callable[[list[str]], str]
DEEP = "[" * 200_000


def game(name: str = HTML) -> Game:
    """A short game between players of a bad name."""
    board = Board()
    for text in ("h2e2", "h9g7", "h0g2", "i9h9"):
        board.push(Move.from_iccs(text))
    return Game.from_board(board, result="1-0", Event=name, Red=name, Black=name, Site=name)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nano_model: Path) -> Path:
    """An empty folder to work in, with a copy of a small model."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").mkdir()
    for file in nano_model.iterdir():
        (tmp_path / "model" / file.name).write_bytes(file.read_bytes())
    return tmp_path


# --- pages


PAGES = {
    "analyse": "analyse game.pgn --model model --html page.html",
    "import": "records import game.pgn --workers 1 --out c.parquet --report page.html",
    "runs": "report runs run --html page.html",
}


@pytest.mark.parametrize("name", PAGES)
def test_names_are_text_in_every_page(here: Path, name: str, program: Callable[..., object]) -> None:
    write_pgn([game()], here / "game.pgn")
    (here / "run").mkdir()
    metrics = {"step": 1, "loss": 2.5, "plies": 9, "seconds": 1.0, "kind": HTML}
    (here / "run" / "metrics.jsonl").write_text(json.dumps(metrics) + "\n")
    (here / "run" / "settings.json").write_text(json.dumps({"preset": HTML, "corpus": [HTML]}))
    done = program(*PAGES[name].split())
    assert done.returncode == 0, done.stderr  # type: ignore[attr-defined]
    page = (here / "page.html").read_text(encoding="utf-8")
    assert "alert(1)</script>" not in page and "<img src=x" not in page


# --- models


def lie(model: Path, **values: object) -> None:
    """Change the configuration of a model."""
    path = model / "config.json"
    config = json.loads(path.read_text())
    assert values.keys() <= config["model"].keys()
    config["model"] |= values
    path.write_text(json.dumps(config))


def header(model: Path, change: Callable[[bytes], bytes]) -> None:
    """Change the header of a model's weights."""
    path = model / "model.safetensors"
    raw = path.read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    new = change(raw[8 : 8 + size])
    path.write_bytes(struct.pack("<Q", len(new)) + new + raw[8 + size :])


def not_numbers(model: Path) -> None:
    """Put a NaN into the weights."""
    tensors = load_file(model / "model.safetensors")
    tensors = {name: tensor.copy() for name, tensor in tensors.items()}
    next(iter(tensors.values())).reshape(-1)[0] = np.nan
    save_file(tensors, model / "model.safetensors")


MODELS = {
    "a width of 2^40": lambda m: lie(m, width=1 << 40),
    "a negative width": lambda m: lie(m, width=-64),
    "a million layers": lambda m: lie(m, layers=1_000_000),
    "layers that are a text": lambda m: lie(m, layers="two"),
    "a list for a vocabulary": lambda m: lie(m, vocabulary=["iccs"]),
    "an unknown body": lambda m: lie(m, body="../../etc"),
    "a list for a config": lambda m: (m / "config.json").write_text("[1]"),
    "JSON of great depth": lambda m: (m / "config.json").write_text(DEEP),
    "bytes that are no text": lambda m: (m / "config.json").write_bytes(b"\xff\xfe\0"),
    "a header that says 2^63": lambda m: (m / "model.safetensors").write_bytes(struct.pack("<Q", 1 << 63) + b"{}"),
    "a header without an end": lambda m: header(m, lambda h: h[:-20]),
    "a header of great depth": lambda m: header(m, lambda h: DEEP.encode()),
    "an offset beyond the end": lambda m: header(
        m, lambda h: h.replace(b'"data_offsets":[0,', b'"data_offsets":[9,', 1)
    ),
    "another type of numbers": lambda m: header(m, lambda h: h.replace(b'"F32"', b'"I32"')),
    "no weights": lambda m: (m / "model.safetensors").write_bytes(b""),
    "weights that are no numbers": not_numbers,
}


@pytest.mark.parametrize("lies", MODELS)
def test_a_model_that_lies_is_one_line(here: Path, lies: str, refusal: Refusal) -> None:
    MODELS[lies](here / "model")
    write_pgn([game("x")], here / "game.pgn")
    said = refusal(["analyse", "game.pgn", "--model", "model"])
    assert "internal" not in said and len(said) < 600


def test_the_machine_that_a_run_names_commands_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    from xiangqi_gpt.training.run.run_settings import threads_here

    assert threads_here("\x1b[2J", "fp32", 1) == 1
    assert "begun on: \\u001b[2J;" in capsys.readouterr().err


# --- other files


def parquet(query: str) -> Callable[[Path], object]:
    """A Parquet file with the rows of a query."""
    return lambda path: duckdb.sql(f"COPY ({query}) TO '{path}' (FORMAT parquet)")


CORPORA = {
    "numbers for moves": parquet("SELECT 1 AS moves, '1-0' AS result"),
    "lists for moves": parquet("SELECT ['h2e2'] AS moves, '1-0' AS result"),
    "structures for results": parquet("SELECT 'h2e2' AS moves, {'a': 1} AS result"),
    "no moves": parquet("SELECT 1 AS a"),
    "a blob for moves": parquet("SELECT '\\xFF'::BLOB AS moves, '1-0' AS result"),
    "a text for a year": parquet("SELECT 'h2e2 h9g7' AS moves, '1-0' AS result, 'x' AS year, 3.5 AS red"),
    "no Parquet": lambda path: path.write_bytes(b"PAR1 and rubbish PAR1"),
}


@pytest.mark.parametrize("kind", CORPORA)
def test_a_corpus_of_wrong_types_is_one_line_or_read(here: Path, kind: str, program: Callable[..., object]) -> None:
    CORPORA[kind](here / "c.parquet")
    done = program("records", "convert", "c.parquet", "out.pgn")
    err = done.stderr  # type: ignore[attr-defined]
    assert done.returncode in (0, 2), err  # type: ignore[attr-defined]
    assert "Traceback" not in err and "internal" not in err and err.count("\n") <= 2, err


JSON_DOORS = {
    "a puzzle": ("p.jsonl", ["puzzles", "random", "p.jsonl"]),
    "a result": ("before.json", ["report", "compare", "before.json", "before.json"]),
    "a case of repetition": ("r.jsonl", ["rules", "check", "r.jsonl"]),
}


@pytest.mark.parametrize("door", JSON_DOORS)
@pytest.mark.parametrize("content", [DEEP, '{"a":' * 100_000, "nan", "1e999", '"\\ud800"', "[]", "\0"])
def test_json_of_any_kind_is_one_line(here: Path, door: str, content: str, refusal: Refusal) -> None:
    name, words = JSON_DOORS[door]
    (here / name).write_text(content)
    assert "internal" not in refusal(words)


def test_what_a_run_keeps_is_of_the_declared_types(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from xiangqi_gpt.improvement.config import ImproveConfig
    from xiangqi_gpt.improvement.state import STATE, load_state
    from xiangqi_gpt.inference.file_names import settings_in_file
    from xiangqi_gpt.training.config import CompressConfig, FinetuneConfig, TrainConfig, UpdateConfig
    from xiangqi_gpt.training.recipes import compress, finetune, update
    from xiangqi_gpt.training.run.run_settings import resumed_config

    here = str(tmp_path)
    doors: list[tuple[str, str, dict[str, object], Callable[[], object]]] = [
        ("settings.json", "seed", settings_in_file(asdict(TrainConfig())), lambda: resumed_config(here, {})),
        (
            compress._SETTINGS,
            "layers",
            asdict(CompressConfig(teacher="a")),
            lambda: compress.kept_compression(here, {}),
        ),
        (
            finetune._SETTINGS,
            "seed",
            {**asdict(FinetuneConfig("m", ("f",))), finetune._NEW_GAMES: 1},
            lambda: finetune.go_on(here),
        ),
        (update.UPDATE, "minutes", asdict(UpdateConfig("m", ("f",))), lambda: update.kept_update(here)),
    ]
    improve = {"version": 1, "best": "", "command": "", "generations": [], "final": None}
    doors.append((STATE, "seed", {**improve, "config": asdict(ImproveConfig())}, lambda: load_state(here)))
    for name, key, values, read in doors:
        for wrong in ("\x1b[2J", True, [1], None, {}):
            inside = values.get("config")
            changed = (
                {**values, "config": {**inside, key: wrong}} if isinstance(inside, dict) else {**values, key: wrong}
            )
            (tmp_path / name).write_text(json.dumps(changed))
            with pytest.raises(XiangqiError, match=f"damaged: {key} is "):
                read()


@pytest.mark.parametrize(
    "line",
    [
        "\xff",
        '{"step": 1e999}',
        '{"step": 2, "loss": [1]}',
        '{"step": 2, "plies": null}',
        '{"step": 2, "seconds": "x"}',
    ],
)
def test_a_line_of_metrics_that_cannot_be_read_is_left_out(
    here: Path, line: str, program: Callable[..., object]
) -> None:
    (here / "run").mkdir()
    good = '{"step": 1, "loss": 2.5, "plies": 9, "seconds": 1.0, "learning_rate": {}}\n'
    (here / "run" / "metrics.jsonl").write_bytes((good + line + "\n").encode("latin-1"))
    done = program("report", "runs", "run", "--html", "page.html")
    assert done.returncode == 0, done.stderr  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "found", ["[1]", "null", "", "{}", '{"games": 1, "labelled": 0, "problems": [{}], "unlisted": {}}']
)
def test_a_part_of_an_import_that_cannot_be_read_is_done_again(tmp_path: Path, found: str) -> None:
    import_task._report_path(tmp_path, 0).write_text(found)
    assert import_task.read_report(tmp_path, 0) is None


@pytest.mark.parametrize("value", [math.inf, -1, 2**61, 10**30, "x", [1], None])
def test_a_store_and_an_index_that_lie_about_their_size_are_refused(tmp_path: Path, value: object) -> None:
    write_corpus([game("x")], tmp_path / "c.parquet")
    assert main(["records", "tokenize", str(tmp_path / "c.parquet"), "--out", str(tmp_path / "store")]) == 0
    assert main(["records", "index", "build", str(tmp_path / "c.parquet"), "--out", str(tmp_path / "index")]) == 0
    for file, key in (("store/store.json", "games"), ("store/store.json", "plies"), ("index/index.json", "games")):
        description = json.loads((tmp_path / file).read_text())
        (tmp_path / file).write_text(json.dumps({**description, key: value}))
        if key == "plies" or file.startswith("store") or value in (math.inf, "x", [1], None):
            with pytest.raises(XiangqiError):
                open_store(tmp_path / "store") if file.startswith("store") else PositionIndex(tmp_path / "index")
        (tmp_path / file).write_text(json.dumps(description))


# --- links


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_links_in_a_folder_of_records_lead_nowhere_else(here: Path, program: Callable[..., object]) -> None:
    """A loop of links is no endless folder, and a link as an input is the file it leads to."""
    (here / "games").mkdir()
    write_pgn([game("x")], here / "outside.pgn")
    (here / "games" / "again").symlink_to(here / "games")
    (here / "games" / "link.pgn").symlink_to(here / "outside.pgn")
    done = program("records", "import", "games", "--workers", "1", "--out", "c.parquet")
    assert done.returncode == 0, done.stderr  # type: ignore[attr-defined]
    assert duckdb.sql("SELECT count(*) FROM 'c.parquet'").fetchall() == [(1,)]
