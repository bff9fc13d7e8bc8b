"""The file of own data: versions, two windows, damage, export, deletion; and the positions drilled out of it."""

from __future__ import annotations

import json
import sqlite3
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from xiangqi_gpt.user_store import DrillDeck, Position, UserStore, UserStoreError
from xiangqi_gpt.user_store.database import VERSION

FEN = "rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR w - - 0 1"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def position(fen: str = FEN, loss: float = 0.3) -> Position:
    return Position(fen, "i0h0", "h2e2", ("h2e2", "h9g7"), ("h7h0",), loss, "许银川 – 吕钦")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "own" / "user.sqlite"


def test_nothing_is_made_until_something_is_kept(path: Path) -> None:
    with UserStore(path) as store:
        deck = DrillDeck(store)
        assert len(deck) == 0 and deck.due(NOW) == [] and deck.next_due() is None and not deck.delete()
        assert not path.exists()
        assert deck.add([position()], NOW) == 1
    with UserStore(path) as store:
        (card,) = DrillDeck(store).due(NOW)
    assert card.position == Position(" ".join(FEN.split()[:2]), *list(vars(position()).values())[1:])


def test_a_position_is_kept_once_whatever_game_it_comes_from(path: Path) -> None:
    with UserStore(path) as store:
        deck = DrillDeck(store)
        assert deck.add([position(), position(FEN.replace("0 1", "9 30"))], NOW) == 1
        assert deck.add([position(loss=0.9)], NOW) == 0
        assert [card.position.loss for card in deck.all()] == [0.3]


def test_what_is_right_goes_away_for_longer_and_longer_and_what_is_wrong_comes_back(path: Path) -> None:
    with UserStore(path) as store:
        deck = DrillDeck(store)
        deck.add([position()], NOW)
        now, waits = NOW, []
        for _ in range(4):
            (card,) = deck.due(now)
            due = deck.answer(card.id, right=True, now=now)
            assert deck.due(due - timedelta(seconds=1)) == []
            waits.append(due - now)
            now = due
        assert waits == sorted(waits) and waits[0] >= timedelta(days=2) and waits[2] >= timedelta(weeks=4)
        back = deck.answer(card.id, right=False, now=now)
        assert back - now < timedelta(hours=1)
        assert deck.answer(card.id, right=True, now=back) - back >= timedelta(days=1)
        (card,) = deck.all()
        assert (card.tries, card.solved) == (6, 5)


def test_a_new_position_that_was_wrong_comes_back_soon_and_then_goes_away_for_a_day(path: Path) -> None:
    with UserStore(path) as store:
        deck = DrillDeck(store)
        deck.add([position()], NOW)
        (card,) = deck.all()
        back = deck.answer(card.id, right=False, now=NOW)
        assert back - NOW < timedelta(hours=1)
        assert deck.answer(card.id, right=True, now=back) - back >= timedelta(days=1)


def test_two_windows_lose_nothing(path: Path) -> None:
    def keep(first: int) -> None:
        with UserStore(path) as store:
            for n in range(first, first + 20):
                DrillDeck(store).add([position(f"{FEN[:-1]}{n}".replace("1c5c1", f"{n // 9 + 1}c{n % 9}") + " ")], NOW)

    threads = [threading.Thread(target=keep, args=(first,)) for first in (0, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with UserStore(path) as store:
        assert len(DrillDeck(store)) == 40


def test_what_fails_in_the_middle_is_not_kept(path: Path) -> None:
    def broken():  # type: ignore[no-untyped-def]
        yield position()
        raise KeyboardInterrupt

    with UserStore(path) as store:
        with pytest.raises(KeyboardInterrupt):
            DrillDeck(store).add(broken(), NOW)
        assert len(DrillDeck(store)) == 0
        assert DrillDeck(store).add([position()], NOW) == 1


def test_what_another_program_keeps_from_being_written_can_be_written_later(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xiangqi_gpt.user_store.database._PATIENCE", 0.01)
    with UserStore(path) as store:
        deck = DrillDeck(store)
        deck.add([position()], NOW)
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM drill_cards").fetchall()
        other = position(FEN.replace("w", "b"))
        with pytest.raises(UserStoreError, match="held by another program"):
            deck.add([other], NOW)
        reader.close()
        assert len(deck) == 1 and deck.add([other], NOW) == 1


def test_what_sqlite_has_undone_itself_is_said_as_it_was(path: Path) -> None:
    with UserStore(path) as store:
        deck = DrillDeck(store)
        with pytest.raises(UserStoreError, match="is full"), store.writing() as connection:
            connection.execute("ROLLBACK")  # as it does where the disk is full
            raise sqlite3.OperationalError("database or disk is full")
        assert deck.add([position()], NOW) == 1


def test_a_file_of_a_later_version_is_left_alone(path: Path) -> None:
    with UserStore(path) as store:
        DrillDeck(store).add([position()], NOW)
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(UserStoreError, match="later version"):
        UserStore(path)


def test_damage_is_one_line_and_stays(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(UserStoreError, match="damaged"):
        UserStore(path)
    assert path.read_bytes().startswith(b"no database")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("schedule", "{"),
        ("schedule", b"\xff"),
        ("fen", "x"),
        ("fen", 2**62),
        ("best", "\x1b[2J"),
        ("variation", "h2e2 nonsense"),
        ("due", "tomorrow"),
        ("due", -1),
    ],
)
def test_a_damaged_card_is_one_line(path: Path, column: str, value: object) -> None:
    with UserStore(path) as store:
        DrillDeck(store).add([position()], NOW)
        with store.writing() as connection:
            connection.execute(f"UPDATE drill_cards SET {column} = ?", (value,))
        with pytest.raises(UserStoreError, match="damaged") as said:
            DrillDeck(store).all()
        assert "\x1b" not in str(said.value)


@pytest.mark.parametrize("schedule", ["null", "[]", "{}", "-1", '{"card_id": 1}', '{"card_id": 1, "state": 9}'])
@pytest.mark.parametrize("right", [True, False])
def test_a_schedule_of_another_kind_is_one_line(path: Path, schedule: str, right: bool) -> None:
    with UserStore(path) as store:
        DrillDeck(store).add([position()], NOW)
        with store.writing() as connection:
            connection.execute("UPDATE drill_cards SET schedule = ?", (schedule,))
        with pytest.raises(UserStoreError, match="damaged"):
            DrillDeck(store).answer(1, right=right, now=NOW)


def test_all_of_it_is_exported_and_the_positions_are_deleted(path: Path) -> None:
    with UserStore(path) as store:
        DrillDeck(store).add([position()], NOW)
        assert "许银川".encode() in path.read_bytes()
        kept = json.loads(json.dumps(store.export()))
        assert kept["version"] == VERSION and kept["tables"]["drill_cards"][0]["best"] == "h2e2"
        assert DrillDeck(store).delete() == 1 and len(DrillDeck(store)) == 0
    assert "许银川".encode() not in path.read_bytes()


def test_what_one_window_deletes_is_gone_in_the_other_which_can_go_on(path: Path) -> None:
    with UserStore(path) as store, UserStore(path) as other:
        DrillDeck(store).add([position()], NOW)
        assert len(DrillDeck(other)) == 1
        DrillDeck(store).delete()
        assert len(DrillDeck(other)) == 0 and DrillDeck(other).add([position()], NOW) == 1
        assert len(DrillDeck(store)) == 1


def test_a_card_that_was_deleted_elsewhere_is_one_line(path: Path) -> None:
    with UserStore(path) as store:
        DrillDeck(store).add([position()], NOW)
        with pytest.raises(UserStoreError, match="no longer"):
            DrillDeck(store).answer(99, right=True, now=NOW)


def test_it_is_the_owners_alone(path: Path) -> None:
    with UserStore(path) as store:
        DrillDeck(store).add([position()], NOW)
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_a_table_of_any_name_is_exported_and_no_statement(path: Path) -> None:
    name = 'x"; DROP TABLE drill; --'
    with UserStore(path) as store:
        with store.writing() as connection:
            connection.execute('CREATE TABLE "{}" (a)'.format(name.replace('"', '""')))
            connection.execute('INSERT INTO "{}" VALUES (1)'.format(name.replace('"', '""')))
        assert store.export()["tables"][name] == [{"a": 1}]
