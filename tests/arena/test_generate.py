from xiangqi_gpt.arena import draw_openings, play_match
from xiangqi_gpt.arena.game_file import GameFile
from xiangqi_gpt.arena.generate import generated_record
from xiangqi_gpt.players import GreedyPlayer
from xiangqi_gpt.records import read_corpus_games, read_pgn, write_corpus


def generated(noise, games=20, seed=1):
    records = {}
    openings = draw_openings(games, seed, random_plies=3)
    play_match(
        GreedyPlayer(1),
        GreedyPlayer(2),
        openings,
        games=games,
        paired=False,
        noise=noise,
        seed=seed,
        on_game=lambda game, _: records.update({game.number: generated_record(game, ("a", "b"), date="2026.01.31")}),
    )
    return [records[number] for number in sorted(records)], openings


def test_each_opening_is_played_once_with_colours_taking_turns():
    records, openings = generated(0)
    assert [tuple(record.moves[:3]) for record in records] == [opening.moves for opening in openings]
    assert [record.tags["Red"] for record in records] == ["a", "b"] * 10
    assert [record.tags["Round"] for record in records] == [str(number) for number in range(1, 21)]
    assert all(record.labels.first == 3 and record.labels.noise == () for record in records)


def test_the_share_of_random_plies_is_kept_and_they_are_marked():
    records, _ = generated(0.2)
    noise = sum(len(record.labels.noise) for record in records)
    plies = sum(len(record.moves) - 3 for record in records)
    assert 0.15 < noise / plies < 0.25
    for record in records:
        assert all(3 <= ply < len(record.moves) for ply in record.labels.noise)
        assert all(record.comments[ply + 1].startswith("random") for ply in record.labels.noise)


def test_noise_is_drawn_anew_for_every_game_and_fixed_by_the_seed():
    one, again, other = generated(0.2)[0], generated(0.2)[0], generated(0.2, seed=2)[0]
    assert [record.moves for record in one] == [record.moves for record in again]
    assert [record.moves for record in one] != [record.moves for record in other]
    assert len({record.labels.noise for record in one}) > 10


def test_the_marks_survive_in_a_corpus(tmp_path):
    records, _ = generated(0.1)
    write_corpus(records, tmp_path / "games.parquet")
    read = list(read_corpus_games(tmp_path / "games.parquet"))
    assert [game.moves for game in read] == [record.moves for record in records]
    assert [(game.labels.first, game.labels.noise) for game in read] == [
        (record.labels.first, record.labels.noise) for record in records
    ]


def test_the_marks_are_comments_in_a_pgn(tmp_path):
    records, _ = generated(0.1)
    with GameFile(tmp_path / "games.pgn") as file:
        for record in records:
            file.add(record)
    read = list(read_pgn(tmp_path / "games.pgn"))
    assert [game.moves for game in read] == [record.moves for record in records]
    assert [game.comments for game in read] == [record.comments for record in records]
