import csv
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from xiangqi_gpt.arena import GameRules, MatchJob, Standings, draw_openings, run_tournament, schedule
from xiangqi_gpt.arena.match.adjudication import Adjudication
from xiangqi_gpt.arena.match.game_file import GameFile
from xiangqi_gpt.arena.report.match_page import format_report, write_csv, write_report
from xiangqi_gpt.rules import Board, Move

VOID = {"meta", "link", "br", "input"}


class Checker(HTMLParser):
    """Finds elements that are not closed, and addresses of other files."""

    def __init__(self):
        super().__init__()
        self.open, self.text, self.outside = [], [], []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        self.outside += [v for k, v in attributes if k in ("src", "href") and v and not v.startswith("#")]

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def played(tmp_path, specs=("greedy", "random", "greedy2"), games=4):
    job = MatchJob(specs, GameRules(Adjudication(80)), match="test", date="2026.01.31")
    standings = Standings(job.names)
    fixtures = list(schedule(draw_openings(games, 1, random_plies=4), games, players=len(specs)))
    with GameFile.resume(tmp_path / "games.pgn", "test") as file:
        run_tournament(job, fixtures, file, standings)
        return standings, list(file.games())


def data_of(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])


@pytest.mark.parametrize("specs", [("greedy", "random"), ("greedy", "random", "greedy2")])
def test_one_file_that_needs_nothing_else(tmp_path, specs):
    standings, records = played(tmp_path, specs)
    page = format_report(standings, records, settings={"seed": 0}, piece_font=b"font")
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    assert checker.outside == []
    assert "url(data:font/ttf;base64," in page
    text = " ".join("".join(checker.text).split())
    for name in specs:
        assert name in text
    assert ("Who beat whom" in text) == (len(specs) > 2)


def test_every_game_can_be_replayed_from_the_page(tmp_path):
    standings, records = played(tmp_path)
    games = data_of(format_report(standings, records, settings={}))["games"]
    assert [game["number"] for game in games] == sorted(standings.results)
    by_round = {record.tags["Round"]: record for record in records}
    for game in games:
        board = Board(game["fen"], lenient=True)
        for i in range(0, len(game["moves"]), 4):
            move = Move.from_iccs(game["moves"][i : i + 4])
            assert board.is_legal(move)
            board.push(move)
        assert board.move_stack == by_round[game["round"]].moves
        assert len(game["chinese"]) == len(board.move_stack)
        assert game["opening"] == 4


def test_names_are_text_and_nothing_else(tmp_path):
    standings, records = played(tmp_path, ("greedy", "random"))
    standings.names[0] = "</script><script>alert(1)</script>"
    page = format_report(standings, records, settings={})
    assert "<script>alert" not in page
    assert data_of(page)["names"][0] == "</script><script>alert(1)</script>"


@pytest.mark.parametrize("steps", [None, [100, 200, 300]])
def test_nothing_that_others_say_becomes_part_of_the_page(tmp_path, steps):
    standings, records = played(tmp_path, games=2)
    lies = "'\"></script></svg><script>alert(1)</script><img src=x onerror=alert(1)>"
    standings.names[:] = [f"{name}{lies}" for name in standings.names]
    for number, result in standings.results.items():
        standings.results[number] = replace(result, failure=f"illegal move {lies}", termination=lies)
    for record in records:
        record.tags |= {"Event": lies, "Red": lies, "Black": lies, "Termination": lies}
        record.add_comments(dict.fromkeys(record.comments, lies))
    page = format_report(standings, records, settings={"openings": lies, lies: 1, "steps": steps})
    assert "<img" not in page and "<script>alert" not in page and "alert(1)" in page
    checker = Checker()
    checker.feed(page)
    assert checker.open == [] and checker.outside == []


def test_the_table_has_a_line_a_game(tmp_path):
    standings, records = played(tmp_path)
    write_csv(standings, tmp_path / "games.csv")
    rows = list(csv.DictReader((tmp_path / "games.csv").open(newline="")))
    assert len(rows) == len(records) == 12
    by_round = {record.tags["Round"]: record for record in records}
    for row in rows:
        record = by_round[row["round"]]
        assert (row["red"], row["black"], row["result"]) == (record.tags["Red"], record.tags["Black"], record.result)
        assert int(row["red_moves"]) + int(row["black_moves"]) == len(record.moves) - 4


def test_a_report_that_cannot_be_written(tmp_path):
    standings, records = played(tmp_path, ("greedy", "random"))
    with pytest.raises(OSError, match="No such file"):
        write_report(standings, records, tmp_path / "no" / "r.html")


def test_a_curve_for_checkpoints(tmp_path):
    standings, records = played(tmp_path)
    page = format_report(standings, records, settings={"steps": [100, 200, 300]})
    assert "Elo by training step" in page
    assert "step 200:" in page
