"""Words: complete in both languages, drawable with the fonts that come along, and never cut off."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from pathlib import Path

import pygame
import pytest
from gui_helpers import Window, decided
from xiangqi_gpt.gui.dialogs.dialogs import KeysDialog
from xiangqi_gpt.gui.dialogs.settings_dialog import CHOICES
from xiangqi_gpt.gui.i18n import texts as texts_module
from xiangqi_gpt.gui.i18n.texts import PLAYERS, Texts
from xiangqi_gpt.gui.state import languages
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.languages import FALLBACK, LANGUAGES, LOCALE, load_language, section
from xiangqi_gpt.gui.state.record_files import READABLE
from xiangqi_gpt.gui.state.session import HUMAN
from xiangqi_gpt.gui.state.theme import FACES
from xiangqi_gpt.gui.widgets.canvas import Canvas
from xiangqi_gpt.gui.widgets.fonts import Fonts
from xiangqi_gpt.gui.widgets.window_size import MINIMUM_SIZE

from xiangqi_gpt.commands import terminal_words
from xiangqi_gpt.players import load_player
from xiangqi_gpt.players.spec import parse_spec
from xiangqi_gpt.records import read_games
from xiangqi_gpt.rules import BLACK, RED, Move, Outcome, Refusal, Termination
from xiangqi_gpt.rules.pieces import parse_square

SAMPLES = Path(__file__).parents[4] / "shared" / "samples"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_ending_and_player_has_words(language: str) -> None:
    texts = Texts(language)
    words = [texts.refusal(reason) for reason in Refusal]
    words += [texts.termination(Outcome(BLACK, reason)) for reason in Termination]
    words += [texts.player(spec) for spec in PLAYERS] + [texts.about_player(spec) for spec in PLAYERS]
    assert all(words)


def blanks(sentence: str) -> set[str]:
    """Return the names of a sentence's blanks."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_says_what_english_says(language: str) -> None:
    """A language may lack sentences (English stands in), but adds none and fills no other blanks.

    Only Chinese, which the program is made in, must have them all.
    """
    own, english = load_language(language), load_language(FALLBACK)
    assert own["name"] and set(own) <= set(english), set(own) - set(english)
    for table, sentences in english.items():
        if table == "name":
            continue
        here = own.get(table, {})
        assert set(here) <= set(sentences), (table, set(here) - set(sentences))
        missing = {key for key in set(sentences) - set(here) if not key.endswith("_one")}
        assert language != "zh" or not missing, (table, missing)
        for key, sentence in here.items():
            extra = blanks(sentence) - blanks(sentences[key])
            lost = blanks(sentences[key]) - blanks(sentence)
            assert not extra or table == "error", f"{table}.{key}: no such blanks: {extra}"
            assert not lost or table == "error", f"{table}.{key}: these blanks are missing: {lost}"


def test_one_thing_is_said_in_the_language_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = {"de": {"text": {"plies": "{count} Halbzüge"}}, FALLBACK: load_language(FALLBACK)}
    monkeypatch.setattr(languages, "load_language", tables.__getitem__)
    monkeypatch.setattr(texts_module, "LANGUAGES", (*LANGUAGES, "de"))
    assert Texts("de")("plies", count=1) == "1 Halbzüge"
    assert Texts("en")("plies", count=1) == "1 ply" and Texts("de")("known_games", count=1) == "reached in 1 game"


@pytest.mark.parametrize(
    ("key", "words"),
    [("reading_file", "1 game so far"), ("games_count", "1 of 1 game"), ("searches", "searches 1 position")],
)
def test_one_thing_is_no_plural(key: str, words: str) -> None:
    assert Texts("en")(key, count="1", shown="1", name="x").endswith(words)


def test_ten_sentences_are_a_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = list(load_language("en")["text"])[:10]
    lines = ['name = "Xx"', "[text]", *(f'{key} = "wort {key}"' for key in keys)]
    (tmp_path / "xx.toml").write_text("\n".join(lines), "utf-8")
    for language in LANGUAGES:
        (tmp_path / f"{language}.toml").write_bytes((LOCALE / f"{language}.toml").read_bytes())
    monkeypatch.setattr(languages, "LOCALE", tmp_path)
    monkeypatch.setattr(texts_module, "LANGUAGES", (*LANGUAGES, "xx"))
    load_language.cache_clear()
    texts = Texts("xx")
    assert texts(keys[3]).startswith("wort") and texts("close") == Texts("en")("close")
    assert texts.choice("language", "xx") == "Xx" and texts.explain(Command.UNDO) == Texts("en").explain(Command.UNDO)
    load_language.cache_clear()


def test_one_thing_is_counted_as_one() -> None:
    assert [Texts("en")("plies", count=count) for count in (1, "1", 2)] == ["1 ply", "1 ply", "2 plies"]
    for key in section("en", "text"):
        if key.endswith("_one"):
            sentence = section("zh", "text")[key.removesuffix("_one")]  # Chinese counts one as many
            values = dict.fromkeys(blanks(sentence), "x") | {"count": "1"}
            assert Texts("zh")(key.removesuffix("_one"), **values) == sentence.format(**values)


def test_no_sentence_is_left_over() -> None:
    """Every sentence is used: its key stands in the source, whole or as a beginning with what is chosen at its end."""
    root = Path(texts_module.__file__).parents[1]
    source = "".join(path.read_text("utf-8") for path in root.rglob("*.py"))
    commands = Path(terminal_words.__file__).parent
    source += "".join(path.read_text("utf-8") for path in (*commands.glob("terminal*.py"), commands / "rating.py"))
    whole = set(re.findall(r"[\"']([a-z_0-9]+)[\"']", source))
    beginnings = tuple(set(re.findall(r'f"([a-z_]+_)\{', source)) | {f"{name}_" for name in CHOICES})
    endings = tuple(set(re.findall(r'\}(_[a-z]+)"', source)))
    for table in ("text", "terminal", "first_frame"):
        names = [key for key in section("en", table) if not key.startswith(beginnings) and not key.endswith(endings)]
        stems = {key: key.rpartition("_")[0] for key in names}  # as in f"{subject}_{part}"
        assert [key for key, stem in stems.items() if key not in whole and stem not in whole] == [], table


def test_every_offered_player_exists() -> None:
    for spec in PLAYERS:
        assert parse_spec(spec).name in spec
    assert load_player("greedy").name == "greedy"


def test_an_unknown_player_is_called_by_its_spec() -> None:
    assert Texts("en").player("gpt:runs/first,temperature=0.2") == "GPT · first"
    assert Texts("zh").player("uci:/usr/games/fairy,nodes=10") == "fairy"


def test_the_fonts_have_every_character() -> None:
    fonts = Fonts()
    files = (LOCALE / f"{language}.toml" for language in LANGUAGES)
    source = "".join(path.read_text("utf-8").replace("\n", "") for path in files) + "".join(
        shortcut.keys for command in Command for shortcut in command.value.shortcuts
    )
    assert fonts.has_glyphs("".join(sorted(set(source))), "regular")
    assert fonts.has_glyphs("".join(sorted(set(source))), "bold")
    pieces = {character for face in FACES.values() for character in face[1:] if not character.isascii()}
    assert fonts.has_glyphs("".join(pieces) + "楚河漢界一二三四五六七八九123456789", "piece")
    assert not fonts.has_glyphs("\U0010ffff", "regular")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="needs the sample records")
def test_every_character_of_the_sample_records_is_drawn() -> None:
    fonts, problems = Fonts(), []
    said: set[str] = set()
    for path in SAMPLES.iterdir():
        if path.suffix.lower() in READABLE and path.stem != "no_moves":
            for game in read_games(path, on_illegal="cut", problems=problems):
                texts = [*game.tags.values(), *game.comments.values()]
                said |= {character for text in texts for character in text if character.isprintable()}
    assert len(said) > 500
    chinese = {character for character in said if "\u4e00" <= character <= "\u9fff"}
    missing = [character for character in sorted(chinese) if not fonts.has_glyphs(character, "regular")]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [(640, 480), (800, 600), (800, 1100), (1180, 860)])
def test_no_words_are_cut_off(
    open_window: Callable[..., Window],
    cut_words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    size: tuple[int, int],
) -> None:
    if size < MINIMUM_SIZE:
        monkeypatch.setattr(pygame.display, "get_desktop_sizes", lambda: [size])
    window = open_window((HUMAN, "gpt,temperature=0.6,top_p=0.9"), size=size, language=language, show_ideas=True)
    assert window.surface.get_size() == size
    policy = {Move.from_iccs("h2e2"): 0.9, Move.from_iccs("b0c2"): 0.1}
    window.answer(decided(window.thinker.asked[0], "h2e2", policy=policy, wdl=(0.4, 0.3, 0.3)))
    window.click("h2")
    window.click("e2")
    for reason in Refusal:
        window.app.controller.notify(lambda t, reason=reason: t.refusal(reason), window.clock.now)  # type: ignore[misc]
        window.app.draw()
    for command in window.app.screen.panel._buttons:
        window.move_to(window.app.screen.panel._buttons[command].rect.center)
    for side in range(4):
        window.key(pygame.K_n)
        for _ in range(side):
            window.key(pygame.K_RIGHT)
        window.key(pygame.K_ESCAPE)
    for code in (pygame.K_q, pygame.K_m, pygame.K_F1):
        window.key(code)
        window.key(pygame.K_ESCAPE)
    assert cut_words == []


def test_the_list_of_keys_fits_its_card(open_window: Callable[..., Window]) -> None:
    window = open_window(size=(800, 600))
    window.key(pygame.K_F1)
    assert isinstance(window.app.dialog, KeysDialog)
    assert window.surface.get_rect().contains(window.app.dialog.rect)


def test_text_is_wrapped_without_losing_anything() -> None:
    fonts = Fonts()
    for text in ("Give this game up? Black will then have lost it.", "确定要认输吗？本局将判红方负，不能反悔。"):
        lines = fonts.wrap(text, "regular", 16, 120)
        assert len(lines) > 1 and all(fonts.width(line, "regular", 16) <= 120 for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_long_text_is_shortened_to_the_room_there_is() -> None:
    pygame.display.init()
    fonts = Fonts()
    canvas = Canvas(pygame.Surface((200, 40)), None, fonts, Texts("en"), 1.0)  # type: ignore[arg-type]
    assert canvas.text("x" * 200, pygame.Rect(0, 0, 100, 40), 14, (0, 0, 0)) <= 100


def test_an_ellipsis_stands_on_the_line_unless_the_line_is_chinese() -> None:
    fonts = Fonts()

    def picture(text: str) -> bytes:
        return pygame.image.tobytes(fonts.render(text, "regular", 16, (0, 0, 0)), "RGBA")

    assert picture("Central Cannon …") == picture("Central Cannon ...")
    assert fonts.width("Central Cannon …", "regular", 16) == fonts.width("Central Cannon ...", "regular", 16)
    assert picture("中炮…") != picture("中炮...")


def test_a_square_is_counted_from_each_sides_own_line_in_its_own_numbers() -> None:
    zh = Texts("zh")
    assert zh.square(parse_square("b1"), RED, "chinese") == "八路第二线"
    assert zh.square(parse_square("b9"), BLACK, "chinese") == "2路第1线"
    assert zh.square(parse_square("e9"), RED, "chinese") == "五路第十线"
    assert Texts("en").square(parse_square("b1"), RED, "wxf") == "file 8, rank 2"
