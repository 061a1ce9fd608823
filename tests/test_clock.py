"""Deadlines: earlier and later ones, and one that never comes."""

import math

import pytest

from geo_devolve.clock import NEVER, Deadline, TimeUpError


def test_a_deadline_that_is_past_is_over_and_leaves_nothing() -> None:
    past = Deadline.after(-1.0)
    assert past.over
    assert past.left == 0.0
    with pytest.raises(TimeUpError):
        past.check()


def test_a_deadline_to_come_leaves_time() -> None:
    coming = Deadline.after(1000.0)
    assert not coming.over
    assert 900.0 < coming.left <= 1000.0
    coming.check()


def test_never_never_comes() -> None:
    assert NEVER.endless
    assert not NEVER.over
    assert NEVER.left == math.inf
    assert NEVER.share(0.5) == NEVER
    assert NEVER.moved(-10.0) == NEVER


def test_of_two_moments_the_sooner_counts() -> None:
    coming = Deadline.after(1000.0)
    assert coming.sooner(2000.0) == coming
    assert coming.sooner(10.0) < coming
    assert coming.share(0.1) < coming
    assert NEVER.sooner(10.0) < NEVER


def test_what_is_moved_is_moved_by_seconds() -> None:
    assert Deadline(5.0).moved(-2.0) == Deadline(3.0)


def test_a_share_of_time_that_is_up_is_up() -> None:
    assert Deadline.after(-1.0).share(0.5).left == 0.0
