"""Words for figures."""

import pytest

from geo_devolve.words import counted


@pytest.mark.parametrize(
    ("number", "one", "many", "said"),
    [
        (1, "fault", "", "1 fault"),
        (0, "fault", "", "0 faults"),
        (12, "body", "bodies", "12 bodies"),
        (1, "body", "bodies", "1 body"),
        (62_970, "candidate", "", "62,970 candidates"),
    ],
)
def test_one_is_one_and_others_are_many(number: int, one: str, many: str, said: str) -> None:
    assert counted(number, one, many) == said
