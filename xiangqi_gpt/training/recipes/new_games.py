"""The records that a model is fine-tuned on: files and folders of them, and whose moves are to be learned."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from xiangqi_gpt.progress_bar import ProgressBar
from xiangqi_gpt.records import FORMATS, CorpusError, Game, GameBatch, RecordError, batch_from_games, read_games
from xiangqi_gpt.records.importer.archives import is_archive

from ..config import FinetuneConfig
from ..data.corpus_choice import check_has_columns, game_condition, what_there_is
from ..errors import TrainingError


def read_new_games(config: FinetuneConfig, broken: list[RecordError]) -> Iterator[Game]:
    """Yield the whole games of the settings' files; those that break a rule are added to ``broken``.

    Raises ``TrainingError`` for a file that is not there, and for a player or a condition that no game meets.
    """
    names: set[str] = set()
    found = False
    where = game_condition(config.where, config.years, config.least_rating)
    for path in _files(config.files):
        for game in _games_of(path, config, broken, where):
            if not game.moves or {"truncated", "prefix_of_other"} & game.flags:
                continue
            names |= {game.tags.get("Red", ""), game.tags.get("Black", "")}
            if config.player and not _sides_of(game, config.player):
                continue
            found = True
            yield game
    if config.player and not found:
        if where and not names:
            raise TrainingError(f"no game to learn from in {', '.join(config.files)} where {where}")
        raise TrainingError(
            f"--player {config.player}: no game of that player; {what_there_is(config.player, sorted(names))}"
        )


def _games_of(path: Path, config: FinetuneConfig, broken: list[RecordError], where: str | None) -> Iterator[Game]:
    """The games of a file. One that cannot be used is an error where the user named it, and left out of a folder."""
    if where:
        check_has_columns(path)
    try:
        yield from read_games(path, where=where, on_illegal="drop", problems=broken)
    except CorpusError as error:
        if path in map(Path, config.files):
            raise
        ProgressBar.write(f"left out: {error}")


def _files(names: tuple[str, ...]) -> list[Path]:
    """The record files of a list of files and folders."""
    files: list[Path] = []
    for path in map(Path, names):
        if path.is_dir():
            every = sorted(p for p in path.rglob("*") if p.is_file())
            for archive in filter(is_archive, every):
                ProgressBar.write(f"left out: {archive}: an archive, which `xiangqi-gpt records import` reads")
            inside = [p for p in every if p.suffix.lower() in FORMATS]
            if not inside:
                raise TrainingError(f"{path}: no record in this folder; known are files ending in {', '.join(FORMATS)}")
            files += inside
        elif path.exists():
            files.append(path)
        else:
            raise TrainingError(f"no such file: {path}")
    return files


def _sides_of(game: Game, player: str) -> set[int]:
    """The sides a player has in a game."""
    wanted = player.strip().casefold()
    return {side for side, tag in enumerate(("Red", "Black")) if game.tags.get(tag, "").strip().casefold() == wanted}


def mark_player(games: list[Game], player: str) -> GameBatch:
    """Return new games as arrays; with a player, the other's moves are marked as not to be imitated."""
    batch = batch_from_games(games)
    if not player:
        return batch
    passed_over = batch.random_plies.copy()
    for game, begin in zip(games, batch.offsets[:-1].tolist(), strict=True):
        own, first = _sides_of(game, player), game.board(0).turn
        for ply in range(len(game.moves)):
            passed_over[begin + ply] |= (first + ply) % 2 not in own
    return dataclasses.replace(batch, random_plies=passed_over)
