"""Fixtures that every test may use."""

from pathlib import Path

import pytest
from drawn import draw

from geo_devolve.geography.model import Geography

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def grid3x3() -> Geography:
    """Nine councils of one cell each, two layers (one cutting a council, one overlapping), one theme."""
    return draw(
        """
        ABC
        DEF
        GHI
        """,
        layers={
            "thirds": """
            xxx
            yyy
            zzz
            """,
            "halves": (
                """
                llr
                llr
                llr
                """,
                """
                .r.
                ...
                ...
                """,
            ),
        },
        population=1000,
        needs={"health": [1, 2, 3, 2, 3, 4, 3, 4, 5], "employment": [5, 5, 5, 1, 1, 1, 9, 9, 9]},
    )


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the project."""
    if not DATA.is_dir():
        pytest.skip("the real data of ../shared/data is not here")
    return DATA
