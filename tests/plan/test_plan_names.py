"""Names of areas: the body that fits, else the largest councils, never two alike."""

from functools import cache

from drawn import draw
from drawn import random_geography as new_random_geography
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_devolve.plan.groups import Groups
from geo_devolve.plan.names import name_areas, plain_names

random_geography = cache(new_random_geography)


def named(geography: object, assignment: dict[str, str]) -> list[str]:
    return name_areas(Groups.of(geography, assignment)).tolist()  # type: ignore[arg-type]


def test_words_that_nearly_all_bodies_share_are_left_out() -> None:
    names = ["NHS Leeds CCG", "NHS York CCG", "NHS Hull CCG", "NHS Leeds West CCG"]
    assert plain_names(names) == ["Leeds", "York", "Hull", "Leeds West"]


def test_a_few_names_or_bare_ones_keep_their_words() -> None:
    assert plain_names(["Area 1", "Area 2", "Area 3", "Area 4"]) == ["Area 1", "Area 2", "Area 3", "Area 4"]
    assert plain_names(["North East", "North West"]) == ["North East", "North West"]
    assert plain_names(["Kent", "Essex", "Kent", "Surrey"]) == ["Kent", "Essex", "Kent", "Surrey"]
    assert plain_names(["", "", "", ""]) == ["", "", "", ""]


def test_an_area_is_called_after_the_body_it_matches() -> None:
    geography = draw("ABCD\nEFGH", layers={"stp": "lllr\nlllr"})
    assert named(geography, dict.fromkeys("ABCEFG", "1") | dict.fromkeys("DH", "2")) == ["l", "r"]


def test_a_body_too_unlike_gives_no_name_and_the_largest_councils_do() -> None:
    people = {"A": 100.0, "B": 900.0, "C": 800.0, "D": 100.0}
    geography = draw("ABCD", layers={"stp": "xxxx"}, population=people)
    assert named(geography, {"A": "1", "B": "1", "C": "2", "D": "2"}) == ["Council B", "Council C"]
    level = draw("ABCD", layers={"stp": "xxxx"})
    assert named(level, {"A": "1", "B": "1", "C": "2", "D": "2"}) == [
        "Council A and Council B",
        "Council C and Council D",
    ]


def test_two_areas_never_share_a_name() -> None:
    # "north" is a body of both layers: the exact fit takes it, the other area goes by its councils
    geography = draw("ABC\nDEF", layers={"one": "nnn\nsss", "two": "ttt\nnnn"})
    assert named(geography, dict.fromkeys("ABC", "1") | dict.fromkeys("DEF", "2")) in (["n", "s"], ["t", "n"])
    same = geography.councils.assign(name="Newport")
    twins = type(geography)(
        **{**_fields(draw("ABCD")), "councils": draw("ABCD").councils.assign(name="Newport")}
    )
    names = named(twins, {"A": "1", "B": "2", "C": "3", "D": "3"})
    assert len(set(names)) == 3
    assert len(same) == 6


def _fields(geography: object) -> dict[str, object]:
    return {key: value for key, value in vars(geography).items() if not key.startswith("_")}


@settings(max_examples=40)
@given(st.integers(0, 200))
def test_names_are_unique_on_random_plans(seed: int) -> None:
    geography = random_geography(seed % 7, 8)
    codes = list(geography.councils.index)
    names = named(geography, {code: str((seed * (place + 3)) % 4) for place, code in enumerate(codes)})
    assert len(set(names)) == len(names)
    assert all(names)


def test_a_name_that_more_layers_use_wins_among_equals() -> None:
    geography = draw("AB\nCD", layers={"one": "xx\nyy", "two": "zz\nyy", "three": "zz\nyy"})
    assert named(geography, {"A": "1", "B": "1", "C": "2", "D": "2"}) == ["z", "y"]


def test_two_bodies_that_are_an_area_between_them_give_their_names() -> None:
    geography = draw("ABCD\nEFGH", layers={"one": "xxyy\nxxyy", "two": "zzzz\nzzzz"})
    assert named(geography, dict.fromkeys("ABCDEFGH", "1")) == ["z"]  # one body is better than two
    bare = draw("ABCD\nEFGH", layers={"one": "xyyv\nxyyw"})
    assert named(bare, dict.fromkeys("AEBCFG", "1") | dict.fromkeys("DH", "2")) == ["y and x", "v and w"]


def test_overlapping_bodies_are_no_pair() -> None:
    geography = draw("AB\nCD", layers={"l": ("xx\n..", "xy\nyy")})
    names = named(geography, {"A": "1", "B": "1", "C": "2", "D": "2"})
    assert names == ["x", "y"]
    assert named(geography, dict.fromkeys("ABCD", "1")) == ["y"]


def test_an_ampersand_is_written_out() -> None:
    geography = draw("AB", layers={"l": "xy"})
    layer = geography.layers["l"]
    layer.bodies["name"] = ["Devon & Cornwall", "Hereford & Worcester"]
    assert named(geography, {"A": "1", "B": "2"}) == ["Devon and Cornwall", "Hereford and Worcester"]
