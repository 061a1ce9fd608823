"""The 21 areas that were invited to reorganise in 2025: counts equal another dynamic programme's."""

import json
from functools import cache
from itertools import product

import pandas as pd
import pytest

import geo_devolve as gd
from geo_devolve.cli import run
from geo_devolve.geography.reading.load import find_geography

INF = float("inf")
BOUNDS = [None, (300_000, INF), (350_000, INF), (500_000, INF)]


@pytest.fixture(scope="module")
def england() -> gd.Geography:
    return gd.load_geography("england-2024")


@pytest.fixture(scope="module")
def areas() -> dict[str, list[str]]:
    table = pd.read_csv(find_geography("england-2024") / "reorganisation_2025.csv")
    return {name: list(rows["council"]) for name, rows in table.groupby("area")}


def by_subsets(geography: gd.Geography, bounds: tuple[float, float] | None, most: int) -> list[int]:
    """Count divisions by the set of councils that is still to be divided: no rim, no order, no states."""
    graph, codes = geography.neighbours(), list(geography.councils.index)
    people = geography.councils["population"].tolist()
    near = [sum(1 << codes.index(other) for other in graph.neighbors(code)) for code in codes]
    lower, upper = bounds or (0, INF)
    parts: dict[int, list[int]] = {first: [] for first in range(len(codes))}
    for mask in range(1, 1 << len(codes)):
        reached = mask & -mask
        while True:
            beside = [near[unit] for unit in range(len(codes)) if reached >> unit & 1]
            further = reached
            for each in beside:
                further |= each & mask
            if further == reached:
                break
            reached = further
        total = sum(one for unit, one in enumerate(people) if mask >> unit & 1)
        if reached == mask and lower <= total <= upper:
            parts[(mask & -mask).bit_length() - 1].append(mask)

    @cache
    def ways(left: int, number: int) -> int:
        if not left or not number:
            return int(not left and not number)
        first = (left & -left).bit_length() - 1
        return sum(ways(left ^ part, number - 1) for part in parts[first] if part & ~left == 0)

    return [ways((1 << len(codes)) - 1, number) for number in range(2, most + 1)]


def test_counts_are_those_of_another_dynamic_programme(
    england: gd.Geography, areas: dict[str, list[str]]
) -> None:
    small = {name: councils for name, councils in areas.items() if len(councils) <= 9}
    assert len(small) == 14
    for (_, councils), bounds in product(small.items(), BOUNDS):
        geography = england.only(*councils)
        counted = gd.count_plans(geography, gd.Scenario(areas=(2, 6), population=bounds))
        assert counted.tolist() == by_subsets(geography, bounds, 6)


def test_all_areas_have_as_many_plans_as_a_plain_trial_found(
    england: gd.Geography, areas: dict[str, list[str]]
) -> None:
    """202,570 into 2 to 5; 6,204 with 300,000 people in each council, 1,066 with 500,000, none of four."""
    total = dict.fromkeys(BOUNDS, 0)
    for councils, bounds in product(areas.values(), BOUNDS):
        asked = gd.Scenario(areas=(2, 5), population=bounds)
        counted = gd.count_plans(england.only(*councils), asked)
        total[bounds] += int(counted.sum())
        if bounds == (500_000, INF):
            assert counted[4] == counted[5] == 0
    assert [total[BOUNDS[0]], total[BOUNDS[1]], total[BOUNDS[3]]] == [202_570, 6_204, 1_066]


def test_the_command_counts_lists_and_refuses(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    surrey = ["atlas", "england-2024", "--only", "upper_tier:Surrey", "-q"]
    assert run([*surrey, "--count", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"plans": {"2": 43, "3": 334, "4": 1132, "5": 2058}}
    out = tmp_path / "atlas"
    assert (
        run([*surrey, "-k", "2-3", "--population", "300000-inf", "-o", str(out), "-c", "need", "--json"]) == 0
    )
    document = json.loads(capsys.readouterr().out)
    read = pd.concat(map(pd.read_parquet, sorted(out.glob("*.parquet"))))
    assert len(read) == sum(document["plans"].values())
    assert document["front"][0]["need"] == read["need"].min()
    assert run([*surrey, "--most", "100"]) == 2
    assert "3,567 plans" in capsys.readouterr().err


def test_the_command_finds_the_steps_from_todays_districts(capsys: pytest.CaptureFixture[str]) -> None:
    home = find_geography("england-2024")
    two, three = (str(home / f"proposal-surrey-{each}.csv") for each in ("two-2027", "three"))
    surrey = ["--only", "upper_tier:Surrey", "-q", "--json"]
    assert run(["steps", two, *surrey]) == 0
    way = json.loads(capsys.readouterr().out)
    assert way["possible"]
    assert [step["kind"] for step in way["steps"]] == ["merge"] * 9
    assert way["people_moved_twice"] == 0
    assert run(["steps", three, two, *surrey]) == 0
    none = json.loads(capsys.readouterr().out)
    assert not none["possible"]
    assert "3 areas cannot be made of 2" in none["reason"]
