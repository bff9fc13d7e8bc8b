"""The games of the file, or of the text, that was opened last: they come a handful at a time."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from ..i18n.opening_names import chinese_words
from ..state.record_files import CORPUS, MOST_GAMES, RecordFault
from ..state.scene import Tone
from ..state.settings import remembered
from ..worker.messages import GamesRead, Read
from .mode_context import ModeContext

if TYPE_CHECKING:
    from xiangqi_gpt.records import Game


class OpenedFile:
    """What has been read of it so far; the games of the file before stay until a new one has some."""

    def __init__(self, context: ModeContext) -> None:
        self._context = context
        self.games: list[Game] = []
        self.faults: list[RecordFault] = []
        self._asked: int | None = None
        self.has_begun = False  #: whether some of its games are there
        self._path = self._words = ""

    @property
    def corpus(self) -> str:
        """The corpus that has more games than are listed, to be searched by words; empty where there is none."""
        is_more = len(self.games) >= MOST_GAMES or self._words
        return self._path if self._path.lower().endswith(CORPUS) and is_more else ""

    @property
    def name(self) -> str:
        """The name of the file that is being read, or was last; empty for a text."""
        return PurePath(self._path).name

    @property
    def is_reading(self) -> bool:
        """Whether a file is being read."""
        return self._asked is not None

    def read(self, path: str, text: str = "", words: str = "") -> None:
        """Have the games of a file, or of a text, read; of a corpus those in which each of the words stands."""
        self.stop()
        self.has_begun, self._path, self._words = False, path, words
        chinese = chinese_words(words)  # names of openings; a tournament may be called like one
        others = chinese if chinese != words else ""
        self._asked = self._context.ask(lambda number: Read(number, path, text, words, others))

    def stop(self) -> None:
        """Leave the rest of it."""
        if self._asked is not None:
            self._context.cancel(self._asked)
        self._asked = None

    def awaits(self, number: int) -> bool:
        """Return whether an answer is about this file."""
        return number == self._asked

    def take(self, reply: GamesRead) -> bool:
        """Take in games; whether they are the first of the file, also where reading had to begin anew."""
        begins = not self.has_begun and bool(reply.games)
        self.has_begun |= begins
        if begins and self._path:
            self._context.change(**remembered(self._context.settings, self._path))
        if begins or (reply.first == 0 and reply.games):
            self.faults.clear()
        self.faults += reply.faults
        if reply.games:  # those from the first on, also where reading began anew
            del self.games[reply.first :]
        self.games += reply.games
        return begins

    def finish(self, reply: GamesRead, now: float) -> None:
        """Say how it went once all has been read."""
        if not reply.done:
            return
        self._asked = None
        if self._words and not self.has_begun:
            words = self._words
            self._context.notify(lambda t: t("corpus_nothing", words=words), now, Tone.BAD)
            return
        count, faults = len(self.games), len(self.faults)
        key = "games_most" if count == MOST_GAMES else "games_cut" if faults else "games_read"
        tone = Tone.BAD if faults else Tone.GOOD
        self._context.notify(lambda t: t(key, count=f"{count:,}", faults=faults), now, tone, lasting=bool(faults))

    def forget_question(self) -> None:
        """It cannot be read, or nobody is there to read it."""
        self._asked = None
