"""Names that the project gave up stay given up, and the page of words is true of the code."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

#: Package -> what a class, a function or a module of it was called -> what it is called now.
RETIRED: dict[str, dict[str, str]] = {
    "analysis": {"moves": "move_analysis"},
    "arena": {
        "Rung": "ReferenceOpponent",
        "job": "match_job",
        "ladder_report": "player_rating",
        "match_words": "match_fingerprint",
        "mining": "puzzle_mining",
        "openings": "start_positions",
        "pool": "game_pool",
        "puzzles": "puzzle_solving",
        "report": "match_page",
        "rungs": "reference_opponents",
    },
    "commands": {
        "records": "command",
        "records_export": "export",
        "records_generate": "generate",
        "records_import": "import_files",
        "records_index": "index",
        "records_label": "label",
        "records_openings": "openings",
        "records_query": "query",
        "records_tokenize": "tokenize",
    },
    "gui": {
        "BeliefView": "DecodedBoardView",
        "Complaint": "PositionFault",
        "appearance": "setting_changes",
        "asking": "player_requests",
        "belief_view": "decoded_board_view",
        "desk": "mode_context",
        "draw_mind": "draw_analysis",
        "exchange": "import_export",
        "manners": "draw_offers",
        "mind_height": "analysis_height",
        "mind_view": "evaluation_view",
        "notes": "move_notes",
        "panel": "play_panel",
        "plies": "displayed_moves",
        "settle_offer": "DrawOffers",
        "widgets": "controls",
        "worker": "player_process",
    },
    "inference": {
        "LeafReadings": "LeafEvaluations",
        "folder": "model_folder",
        "in_parts": "parallel_map",
        "see": "encode_positions",
        "to_frame": "to_perspective",
        "Reader": "Evaluator",
        "Reading": "Evaluation",
        "Seen": "PositionFeatures",
        "View": "Evaluation",
        "as_seen": "to_model_perspective",
        "reader": "evaluator",
    },
    "model": {
        "Extension": "KvCacheView",
        "KeyValueCache": "KvCache",
        "Past": "CacheView",
        "Sight": "FeatureBags",
        "SpelledReading": "CharacterEvaluation",
        "cache": "kv_cache",
        "read_spelled": "evaluate_characters",
        "spelling": "character_model",
    },
    "players": {
        "Closing": "BasePlayer",
        "Limit": "SearchLimit",
        "SearchingPlayer": "Player",
        "LeafReader": "LeafEvaluator",
        "belief": "decoded_board",
        "believed_board": "decode_board",
        "conduct": "resignation",
        "draw": "sampling",
        "has_sight": "has_position_features",
        "leaf_reader": "leaf_evaluator",
        "opening": "opening_bias",
        "process": "engine_process",
        "sharpened": "apply_temperature",
        "sound_moves": "avoid_losing_repetition",
        "steer": "bias_to_opening",
    },
    "protocol": {
        "Minds": "BackendLoader",
        "PolicyMind": "PolicyBackend",
        "SearchMind": "SearchBackend",
        "minds": "backends",
        "worker": "backend_thread",
    },
    "records": {
        "corpus": "corpus_reader",
        "formats": "detection",
        "importing": "run_import",
        "names": "player_names",
        "position_from_slots": "position_from_piece_list",
        "positions": "position_keys",
        "read": "load_games",
        "reading": "reader_common",
        "replay": "move_legality",
        "rows": "parquet_rows",
        "slots": "piece_list",
        "slots_of": "piece_list_of",
        "store": "token_store",
        "tree": "move_tree",
        "warm": "compile_kernels",
    },
    "rules": {
        "see_position": "extract_features",
        "see_positions": "extract_features_batch",
        "sight": "position_features",
        "to_mover_frame": "to_side_to_move",
        "warm": "compile_kernels",
    },
    "training": {
        "BatchMaker": "BatchLoader",
        "Readings": "ForwardOutput",
        "assess": "evaluate_model",
        "assessment": "evaluate_model",
        "begun": "new_config",
        "card": "model_card",
        "compression": "config",
        "compression_config": "config",
        "finetune_config": "config",
        "evaluation": "validation",
        "floors": "baseline_predictors",
        "format_measures": "format_metrics",
        "measure": "compute_metrics",
        "measure_games": "evaluate_games",
        "measures": "metrics",
        "plies": "ply_predictions",
        "probing": "probe_fitting",
        "read": "forward",
        "read_plies": "predict_plies",
        "report": "progress_report",
        "resumed": "resumed_config",
        "run": "train",
        "scores": "score_scale",
        "settings": "run_settings",
        "settled": "resolve_defaults",
        "start": "starting_model",
        "taught_moves": "target_moves",
        "told_in_one_line": "summarised_warnings",
        "warmup": "random_games",
        "write_card": "write_model_card",
    },
}
#: What no class, function, method, module or attribute is called anywhere, by the word that took its place. Ordinary
#: words that some of these were (read, draw, tell, report, start) are retired in their package alone, above.
GIVEN_UP: dict[str, str] = {
    "PositionFeatures, features": "sight sighted Seen blind_model see_position see_positions",
    "feature_ids, kv_slots, piece_list": "slots slots_of position_from_slots",
    "control_emb": "told spoken",
    "token_emb, pos_emb, residual_emb, legality_head, final_norm": "tokens_table last_norm",
    "Evaluator, Evaluation": "Reader Reading Readings LeafReader LeafReadings",
    "KvCache, CacheView": "Past Extension KeyValueCache",
    "side_to_move": "mover_frame to_mover_frame",
    "characters": "spelled spelling read_spelled SpelledReading",
    "has_target, first_target_ply": "taught taught_moves first_imitated",
    "baselines, metrics, evaluate, model_card": "floors measures assess assessment write_card",
    "resolve_defaults, new_config": "settled begun",
    "prefetch, BatchLoader, parallel_map": "ahead BatchMaker in_parts",
    "apply_temperature, bias_to_opening": "sharpened steer sound_moves",
    "backend, Info": "minds Minds Thought PolicyMind SearchMind",
    "resignation, draw_offers": "conduct manners",
    "ModeContext, notify, clear, show_error": "desk Desk hush complain",
    "Intent, players, startup": "wish Wish greet welcome",
    "decoded_board, ReferenceOpponent, match_fingerprint": "belief believed_board rung rungs Rung match_words",
    "atomic_write, atomic_mkdir": "replacing making_folder",
    "PrincipalVariation, Variation": "Line",
}
#: Options of the command line; what they were called is still taken, but shown nowhere.
RETIRED_OPTIONS = {"--sight": "--features", "--rung-errors": "--reference-errors"}


def _folder(package: str) -> Path:
    return ROOT / package if package == "gui" else ROOT / "xiangqi_gpt" / package


def _defined(package: str) -> dict[str, Path]:
    """The classes, functions and modules of a package, with a file that has each; methods are not looked at."""
    found: dict[str, Path] = {}
    for path in sorted(_folder(package).rglob("*.py")):
        found[path.stem] = path
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                found[node.name] = path
    return found


@pytest.mark.parametrize("package", RETIRED)
def test_no_retired_name_comes_back(package: str) -> None:
    defined = _defined(package)
    back = {f"{defined[old]}: {old} is called {new}" for old, new in RETIRED[package].items() if old in defined}
    assert not back


@functools.cache
def _names(path: Path) -> set[str]:
    """What a file defines: classes, functions and methods, attributes of ``self``, and the module itself."""
    found = {path.stem}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name.lstrip("_"))
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr.lstrip("_"))
    return found


@pytest.mark.parametrize("now", GIVEN_UP)
def test_no_name_of_a_row_is_used_again(now: str) -> None:
    for base in (ROOT / "xiangqi_gpt", ROOT / "gui"):
        for path in base.rglob("*.py"):
            back = _names(path) & set(GIVEN_UP[now].split())
            assert not back, f"{path}: {sorted(back)}, now {now}"


@pytest.mark.parametrize("package", RETIRED)
def test_what_took_its_place_is_there(package: str) -> None:
    assert not set(RETIRED[package].values()) - _defined(package).keys()


@pytest.mark.parametrize("option", RETIRED_OPTIONS)
def test_no_page_shows_a_retired_option(option: str) -> None:
    pages = [path for path in (ROOT / "docs").glob("*.md") if path.name not in ("EXPERIMENTS.md", "upgrading.md")]
    for page in [*pages, *ROOT.glob("README*.md")]:
        assert option not in re.findall(r"--[\w-]+", page.read_text(encoding="utf-8")), page


def test_the_page_of_words_names_what_is_there() -> None:
    rows = re.findall(r"^\|.*\| `(\w+)` in `([\w/.]+)` \|$", (ROOT / "docs" / "glossary.md").read_text(), re.M)
    assert len(rows) > 30
    for name, path in rows:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"^(class|def) {name}\b|^{name}\b.*=", text, re.M), f"{path} has no {name}"
