"""Dialogs for files: looking for a record, a program or a folder, and naming the file a game is saved in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pygame

from ..i18n.texts import Texts
from ..state.intents import Browse, Browsed, Intent, OpenPuzzles, OpenRecord, SaveGame, TakePath
from ..state.record_files import PUZZLES, READABLE
from ..state.saving import ANIMATION, ENDINGS, PICTURE, REPORT, SAVED_AS, can_animate
from ..widgets.canvas import Canvas
from ..widgets.controls import Button, Segments
from ..widgets.list_box import Item, ListBox
from ..widgets.text_field import TextField
from .dialogs import CONFIRM_KEYS, Control, Dialog

_UP: Final = ".."
_TITLES: Final = {
    Browsed.RECORD: ("open_title", "open_button"),
    Browsed.PUZZLES: ("open_puzzles_title", "open_button"),
    Browsed.PROGRAM: ("browse_program", "choose_button"),
    Browsed.FOLDER: ("browse_folder", "choose_button"),
}
#: PGN with comments, glyphs and better lines.
_WITH_REVIEW: Final = ".review.pgn"
#: How the name of such a file ends, so that it does not take the place of the record without.
_REVIEW_NAME: Final = "-review"


class FileDialog(Dialog):
    """Walks through folders; shows folders, and the files that are looked for; of records also the latest ones.

    It stays open until what was chosen has been read.
    """

    size = (660, 560)

    def __init__(
        self, texts: Texts, folder: Path, what: Browsed = Browsed.RECORD, recent: tuple[str, ...] = ()
    ) -> None:
        title, button = _TITLES[what]
        super().__init__(texts(title), texts, texts(button))
        self._what = what
        self.stays = what in (Browsed.RECORD, Browsed.PUZZLES)
        self.field = TextField()
        self.list = ListBox(focused=True, empty=texts("open_empty"))
        self.places = Segments([texts("open_folder"), texts("open_recent")])
        self._recent = [Path(path) for path in recent] if what is Browsed.RECORD else []
        self._folder, self._entries = folder, list[Path]()
        self.show(folder)

    @property
    def controls(self) -> list[Control]:
        places: list[Control] = [self.places] if self._recent else []
        return [self.list, self.field, *places, *super().controls]

    @property
    def folder(self) -> Path:
        """The folder that is looked at."""
        return self._folder

    @property
    def _shows_recent(self) -> bool:
        return bool(self._recent) and self.places.chosen == 1

    def show(self, folder: Path) -> None:
        """Look at a folder; one that cannot be opened stays closed, and the list says so."""
        before, self._folder = self._folder, folder
        self.field.set_text(str(folder))
        self._entries, self.list.empty = (
            [],
            self.texts("open_empty" if self._what is Browsed.RECORD else "open_nothing"),
        )
        try:
            found = sorted(folder.iterdir(), key=lambda path: (not path.is_dir(), path.name.lower()))
            self._entries = [path for path in found if not path.name.startswith(".") and self._is_shown(path)]
        except OSError:
            self.list.empty = self.texts("open_denied")
        up = [] if folder.parent == folder else [Item(_UP, icon="folder")]
        items = [Item(path.name, _size(path), "folder" if path.is_dir() else "file") for path in self._entries]
        places = [path for path in self._entries if path == before]
        chosen = self._entries.index(places[0]) + len(up) if places else min(len(up), len(items))
        self.list.set_items([*up, *items], chosen)

    def _show_place(self) -> None:
        """Show the folder, or the files that were opened last."""
        if self._shows_recent:
            self.list.set_items([Item(path.name, str(path.parent), "file") for path in self._recent])
        else:
            self.show(self._folder)

    def _is_shown(self, path: Path) -> bool:
        if path.is_dir():
            return True
        if self._what is Browsed.PROGRAM:
            return os.access(path, os.X_OK)
        shown = {Browsed.RECORD: READABLE, Browsed.PUZZLES: PUZZLES}.get(self._what, ())
        return path.suffix.lower() in shown

    def _chosen(self) -> Path | None:
        typed = Path(self.field.text.strip()).expanduser()
        if self.field.text.strip() and typed != self._folder:
            return typed
        if not self.list.items:
            return None
        if self._shows_recent:
            return self._recent[self.list.chosen]
        up = int(self.list.items[0].text == _UP and self._folder.parent != self._folder)
        return self._folder.parent if up and self.list.chosen == 0 else self._entries[self.list.chosen - up]

    def handle(self, event: pygame.Event) -> tuple[bool, Intent | None]:
        if event.type == pygame.KEYDOWN and event.key == pygame.K_BACKSPACE and self.list.focused:
            self.show(self._folder.parent)
            return False, None
        place = self.places.chosen
        done, intent = super().handle(event)
        if self.places.chosen != place:
            self._show_place()
        double = self.list.double_clicked
        if double:
            self.list.double_clicked = False
            done, intent = True, self.intent()
        cancelled = event.type == pygame.KEYDOWN and event.key == pygame.K_ESCAPE
        enters = done and not cancelled and not self._is_no(event) and (intent is None or double)
        path = self._chosen()
        if enters and path is not None and path.is_dir():
            self.show(path)
            return False, None
        return done, intent

    def _is_no(self, event: pygame.Event) -> bool:
        """Whether an event closed the dialog without choosing: a click on "cancel" or beside the card."""
        position = getattr(event, "pos", None)
        return position is not None and (self.no.rect.collidepoint(position) or not self.rect.collidepoint(position))

    def intent(self) -> Intent | None:
        path = self._chosen()
        if self._what is Browsed.FOLDER:  # the chosen one, or the one that is looked at
            inside = path if path is not None and path.is_dir() and path != self._folder.parent else self._folder
            return TakePath(str(inside))
        if path is None or path.is_dir():
            return None
        if self._what is Browsed.PUZZLES:
            return OpenPuzzles(str(path))
        return OpenRecord(str(path)) if self._what is Browsed.RECORD else TakePath(str(path))

    def draw_body(self, canvas: Canvas, rect: pygame.Rect) -> None:
        px = canvas.px
        self.field.rect = pygame.Rect(rect.x, rect.y, rect.width, px(38))
        if self._recent:
            self.places.rect = pygame.Rect(rect.right - px(200), rect.y, px(200), px(38))
            self.field.rect.width -= px(208)
            self.places.draw(canvas)
        self.field.draw(canvas, 14.5)
        below = pygame.Rect(rect.x, rect.bottom - px(20), rect.width, px(20))
        if self.stays:
            canvas.text(self.texts("open_drop"), below, 12.5, canvas.theme.muted)
        top = self.field.rect.bottom + px(10)
        self.list.rect = pygame.Rect(rect.x, top, rect.width, below.y - px(8) - top)
        self.list.draw(canvas)


class SaveDialog(Dialog):
    """Asks for a path; the format is the ending, which can be chosen, for PGN also with the review in it."""

    size = (640, 268)
    stays = True

    def __init__(self, texts: Texts, path: Path, *, has_review: bool = True, is_unfinished: bool = False) -> None:
        """``has_review``: the game is under analysis, ``is_unfinished``: and its review is still at work."""
        super().__init__(texts("save_title"), texts, texts("save_button"))
        self.field = TextField(str(path), focused=True)
        self.browse = Button(texts("browse_button"))
        reviews = {_WITH_REVIEW: "review", REPORT: "report"} if has_review else {}
        others = reviews | {PICTURE: "picture"} | ({ANIMATION: "animation"} if can_animate() else {})
        self._endings = [*SAVED_AS, *others]
        self._about = {ending: texts(f"save_about_{what}") for ending, what in others.items()}
        if is_unfinished:
            self._about |= dict.fromkeys(reviews, texts("save_unfinished"))
        self.format = Segments([*SAVED_AS.values(), *(texts(f"save_{what}") for what in others.values())])
        self.format.shares = [len(option.encode("gbk", "replace")) + 4 for option in self.format.options]

    @property
    def controls(self) -> list[Control]:
        return [self.field, self.browse, self.format, *super().controls]

    def handle(self, event: pygame.Event) -> tuple[bool, Intent | None]:
        pressed = event.type == pygame.MOUSEBUTTONUP or (event.type == pygame.KEYDOWN and event.key in CONFIRM_KEYS)
        if pressed and self.browse.handle(event):
            return False, Browse(Browsed.FOLDER, str(Path(self.field.text).parent))
        chosen, text = self.format.chosen, self.field.text
        answer = super().handle(event)
        if self.format.chosen != chosen:
            self.field.set_text(self._renamed(Path(self.field.text)))
        elif self.field.text != text:
            ending = Path(self.field.text).suffix.lower()
            if ending in self._endings and ending != Path("x" + self._endings[chosen]).suffix:
                self.format.chosen = self._endings.index(ending)
        return answer

    def _renamed(self, path: Path) -> str:
        """Return a path with the ending chosen; a record with its review lies beside the one without."""
        chosen = self._endings[self.format.chosen]
        stem = path.with_suffix("") if path.suffix.lower() in ENDINGS else path
        name = stem.name.removesuffix(_REVIEW_NAME) + (_REVIEW_NAME if chosen == _WITH_REVIEW else "")
        return str(stem.with_name(name) if stem.name else stem) + Path("x" + chosen).suffix

    def take(self, path: str) -> None:
        self.field.set_text(str(Path(path, Path(self.field.text).name)))

    def intent(self) -> Intent | None:
        text = self.field.text.strip()
        if text and Path(text).suffix.lower() not in ENDINGS and not text.endswith(os.sep):
            text += Path("x" + self._endings[self.format.chosen]).suffix
        return SaveGame(text, review=self._endings[self.format.chosen] == _WITH_REVIEW) if text else None

    def draw_body(self, canvas: Canvas, rect: pygame.Rect) -> None:
        px = canvas.px
        self.format.rect = pygame.Rect(rect.x, rect.y, rect.width, px(36))
        self.format.draw(canvas, 14)
        self.field.rect = pygame.Rect(rect.x, self.format.rect.bottom + px(12), rect.width - px(118), px(42))
        self.field.draw(canvas)
        self.browse.rect = pygame.Rect(self.field.rect.right + px(8), self.field.rect.y, px(110), px(42))
        self.browse.draw(canvas)
        below = pygame.Rect(rect.x, self.field.rect.bottom + px(6), rect.width, px(22))
        about = self._about.get(self._endings[self.format.chosen], self.texts("save_example"))
        canvas.text(about, below, 13, canvas.theme.muted)


def _size(path: Path) -> str:
    """How large a file is, in words; nothing for a folder or a file that is gone."""
    try:
        size = float(path.stat().st_size)
    except OSError:
        return ""
    if path.is_dir():
        return ""
    for unit in ("B", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
