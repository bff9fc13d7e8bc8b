"""The model's structure: what it may look at, and that caching changes nothing."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from xiangqi_gpt.inference.config import PRESETS, GptConfig
from xiangqi_gpt.inference.encoding import encode_positions
from xiangqi_gpt.inference.tokenizers import VERSIONS
from xiangqi_gpt.inference.vocabulary import RESULTS, SOURCES, VOCABULARY_SIZE
from xiangqi_gpt.model.gpt import FeatureBags, Gpt
from xiangqi_gpt.model.kv_cache import KvCache
from xiangqi_gpt.rules import MOVE_COUNT, MOVES

NANO = PRESETS["nano"]


def _blind(seed: int = 0) -> Gpt:
    torch.manual_seed(seed)
    model = Gpt(GptConfig(layers=2, width=64, heads=2, features="none"))
    for parameter in model.parameters():  # the projections start at zero: nothing would be seen to flow
        torch.nn.init.normal_(parameter, std=0.3)
    return model.eval()


CONTROL = torch.tensor([[SOURCES["any"], RESULTS[3]]])


def test_a_ply_does_not_see_later_ones() -> None:
    model, tokens = _blind(), torch.randint(0, MOVE_COUNT, (1, 20))
    changed = tokens.clone()
    changed[0, 12] = (changed[0, 12] + 1) % MOVE_COUNT
    with torch.no_grad():
        a, b = model(tokens, CONTROL), model(changed, CONTROL)
    assert torch.allclose(a[:, :12], b[:, :12], atol=1e-5)
    assert not torch.allclose(a[:, 12:], b[:, 12:], atol=1e-3)


@pytest.mark.parametrize("pieces", [(20,), (1,) * 20, (7, 1, 12), (19, 1)])
def test_reading_in_pieces_with_a_cache_equals_reading_at_once(pieces: tuple[int, ...]) -> None:
    model, tokens = _blind(), torch.randint(0, MOVE_COUNT, (1, 20))
    cache = KvCache(model.config)
    with torch.no_grad():
        whole = model(tokens, CONTROL)
        parts, done = [], 0
        for size in pieces:
            past = cache.extend([0], [done], size)
            parts.append(model(tokens[:, done : done + size], CONTROL, cache=past))
            done += size
    assert torch.allclose(torch.cat(parts, 1), whole, atol=1e-5)


def test_cached_games_of_different_length_go_on_together() -> None:
    """Rows are filled one by one, padded plies overwritten, a row cut back, then all read in one pass."""
    model = _blind()
    games = [torch.randint(0, MOVE_COUNT, (1, n)) for n in (70, 9, 30)]
    cache = KvCache(model.config)
    control = CONTROL.expand(3, 2)
    with torch.no_grad():
        for row, game in enumerate(games):
            padded = torch.cat((game[:, :-2], torch.zeros(1, 5, dtype=torch.long)), 1)  # five plies that are not kept
            model(padded, CONTROL, cache=cache.extend([row], [0], padded.shape[1]))
        last_two = torch.cat([game[:, -2:] for game in games])
        starts = [game.shape[1] - 2 for game in games]
        together = model(last_two, control, cache=cache.extend([0, 1, 2], starts, 2))
        for row, game in enumerate(games):
            assert torch.allclose(together[row], model(game, CONTROL)[0, -2:], atol=1e-5)


@pytest.mark.parametrize("threads", [1, 3])
def test_many_cached_games_go_on_together_on_any_number_of_threads(threads: int) -> None:
    model, tokens, control = _blind(), torch.randint(0, MOVE_COUNT, (50, 9)), CONTROL.expand(50, 2)
    cache, rows, before = KvCache(model.config), list(range(50)), torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with torch.no_grad():
            model(tokens[:, :7], control, cache=cache.extend(rows, [0] * 50, 7))
            last = model(tokens[:, 7:], control, cache=cache.extend(rows, [7] * 50, 2))
            assert torch.allclose(last, model(tokens, control)[:, 7:], atol=1e-5)
    finally:
        torch.set_num_threads(before)


def test_source_and_result_tokens_change_the_prediction() -> None:
    model, tokens = _blind(), torch.randint(0, MOVE_COUNT, (1, 5))
    other = torch.tensor([[SOURCES["master"], RESULTS[0]]])
    with torch.no_grad():
        assert not torch.allclose(model(tokens, CONTROL), model(tokens, other), atol=1e-3)


def test_moves_are_embedded_by_their_squares_at_first() -> None:
    tokens = Gpt(NANO).token_emb
    table = tokens.table()
    assert table.shape == (VOCABULARY_SIZE, NANO.width)
    for move in MOVES[::97]:
        assert torch.allclose(table[move.index], tokens.source[move.from_square] + tokens.target[move.to_square])


def test_legal_logits_add_a_moves_features_and_shut_out_padding() -> None:
    model = Gpt(NANO)
    scores = torch.arange(MOVE_COUNT + model.candidate_emb.shape[0]).float()[None]  # type: ignore[union-attr]
    candidates = torch.tensor([[5, 7, -1]])
    feature_ids = torch.tensor([[[1, 2, 0], [0, 0, 0], [3, 0, 0]]])
    logits = model.legal_logits(scores, candidates, feature_ids)[0].tolist()
    assert logits[0] == 5 + (MOVE_COUNT + 1) + (MOVE_COUNT + 2)
    assert logits[1] == 7
    assert logits[2] == -np.inf


def test_padding_a_batch_changes_nothing() -> None:
    """Two games of different length read together give what each gives alone."""
    torch.manual_seed(1)
    model = Gpt(NANO).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    random = np.random.default_rng(0)
    boards = np.zeros((9, 90), np.int8)
    boards[:, 4], boards[:, 85] = 1, 8
    boards[np.arange(9), random.integers(27, 60, 9)] = 5
    sides = np.zeros(9, np.int8)
    tokens = torch.randint(0, MOVE_COUNT, (2, 6))
    both = FeatureBags.of(encode_positions(boards, sides, "full"), np.array([6, 3]), 6)
    alone = FeatureBags.of(encode_positions(boards[6:], sides[6:], "full"), np.array([3]), 3)
    with torch.no_grad():
        together = model(tokens, CONTROL.expand(2, 2), both)
        single = model(tokens[1:, :3], CONTROL, alone)
    assert torch.allclose(together[1, :3], single[0], atol=1e-5)


def test_every_preset_has_the_size_its_name_promises() -> None:
    with torch.device("meta"):  # shapes without memory
        millions = {name: Gpt(config).parameter_count() / 1e6 for name, config in PRESETS.items()}
    assert millions["nano"] < 1.5
    assert millions["nano"] < millions["mini"] < 4
    assert 5 < millions["small"] < 10 < millions["base"] < millions["large"] < 40
    assert 80 < millions["kexue2020"] < 90


@pytest.mark.parametrize("preset", list(PRESETS))
def test_every_preset_reads_a_sequence_at_its_own_size(preset: str) -> None:
    with torch.device("meta"):  # every product's shapes are checked, none is computed
        model = Gpt(replace(PRESETS[preset], features="none"))
        hidden = model(torch.zeros(2, 12, dtype=torch.int64), torch.zeros(2, CONTROL.shape[1], dtype=torch.int64))
    assert hidden.shape == (2, 12, PRESETS[preset].width)


@pytest.mark.parametrize("vocabulary", VERSIONS)
def test_gpt2s_body_reads_the_same_with_a_cache(vocabulary: str) -> None:
    torch.manual_seed(0)
    model = Gpt(GptConfig(layers=2, width=64, heads=2, features="none", body="gpt2", vocabulary=vocabulary)).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    tokens, cache = torch.randint(0, 19, (1, 24)), KvCache(model.config)
    with torch.no_grad():
        whole = model(tokens, CONTROL)
        first = model(tokens[:, :13], CONTROL, cache=cache.extend([0], [0], 13))
        last = model(tokens[:, 13:], CONTROL, cache=cache.extend([0], [13], 11))
    assert torch.allclose(torch.cat((first, last), 1), whole, atol=1e-4)


@pytest.mark.parametrize("margin", [0.0, 4.0])
def test_the_legality_head_has_its_say_and_more_of_it_where_nobody_keeps_moves_legal(margin: float) -> None:
    torch.manual_seed(0)
    model = Gpt(GptConfig(layers=1, width=32, heads=2, features="none", legal_head=True, legal_margin=margin))
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    hidden = torch.randn(5, 32)
    with torch.no_grad():
        odds = model.legal_move_logits(hidden).double().exp()
        silent = model.policy_head.table()[:MOVE_COUNT].mm(hidden.T).T
        masked, unmasked = model.policy_logits(hidden) - silent, model.unmasked_logits(hidden) - silent
    assert torch.allclose(masked.double().exp(), odds / (1 + odds), rtol=1e-3, atol=1e-6)
    odds /= math.exp(margin)
    assert torch.allclose(unmasked.double().exp(), odds / (1 + odds), rtol=1e-3, atol=1e-6)


def test_the_legality_head_starts_by_holding_few_moves_legal() -> None:
    model = Gpt(GptConfig(layers=1, width=32, heads=2, features="none", legal_head=True))
    logits = model.legal_move_logits(torch.randn(3, 32))
    assert logits.shape == (3, MOVE_COUNT)
    assert logits.sigmoid().mean().item() == pytest.approx(0.02, abs=0.001)
    with pytest.raises(ValueError, match="no legality head"):
        _blind().legal_move_logits(torch.randn(3, 64))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"vocabulary": "iccs-1", "features": "full"}, "features none"),
        ({"features": "full", "legal_head": True}, "shown the legal moves"),
        ({"legal_margin": -1.0}, "legal_margin is a number from 0 on"),
        ({"body": "llama"}, "body is one of"),
        ({"vocabulary": "moves-99"}, "moves-99"),
    ],
)
def test_what_does_not_go_together_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        GptConfig(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [{"features": "all"}, {"width": 100, "heads": 3}, {"heads": 0}, {"width": "64"}])
def test_a_shape_that_cannot_be_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"features|width|heads"):
        GptConfig(**bad)  # type: ignore[arg-type]
