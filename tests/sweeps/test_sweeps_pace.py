"""Rate and time left."""

import pytest

from geo_devolve.sweeps.pace import Pace, duration


def test_rate_and_time_left() -> None:
    now = iter([0.0, 10.0, 20.0, 30.0])
    pace = Pace(lambda: next(now))
    assert pace.tell(100, 1000) == ""
    assert pace.tell(120, 1000) == "2.0 a second, 7 min 20 s left"
    assert pace.tell(120, 1000) == "1.0 a second, 14 min 40 s left"
    assert pace.tell(1000, 1000) == "30.0 a second"


def test_a_slow_rate_is_told_by_the_minute() -> None:
    now = iter([0.0, 60.0])
    pace = Pace(lambda: next(now))
    pace.tell(0, 10)
    assert pace.tell(3, 10) == "3.0 a minute, 2 min 20 s left"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "1 s"), (59.4, "59 s"), (60, "1 min"), (61, "1 min 1 s"), (3600, "1 h"), (3725, "1 h 2 min")],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said
