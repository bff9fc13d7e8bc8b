import doctest

from xiangqi_gpt.records import plural


def test_its_examples() -> None:
    result = doctest.testmod(plural)
    assert result.attempted and not result.failed
