"""Fixtures that every test may use."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cannot_run import pytest_sessionfinish, pytest_terminal_summary  # noqa: F401 - hooks
from drawn import draw
from hypothesis import HealthCheck, settings

from geo_devolve.geography.model import Geography

# A busy machine is no fault of an example's; a failure prints how to bring it back.
settings.register_profile(
    "geo-devolve", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("geo-devolve")

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
QUIET += ["--disable-sync", "--no-first-run"]
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
CASES = Path(__file__).resolve().parents[2] / "shared" / "cases"


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


@pytest.fixture(scope="session")
def shared_cases() -> Path:
    """The folder of inputs of public trouble reports beside the project."""
    if not CASES.is_dir():
        pytest.skip("the inputs of ../shared/cases are not here")
    return CASES


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real chromium, for tests that are marked so; they are skipped, and said at the end, without one."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if chromium is None:
        pytest.skip("there is no chromium on this machine (apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=QUIET)
        yield browser
        browser.close()
