"""Plans small enough to look at, for the tests of what they are handed on as."""

from dataclasses import replace

import geopandas as gpd
import pandas as pd
from drawn import draw

from geo_devolve.geography.model import Geography
from geo_devolve.optimise.certificate import Certificate, CountResult
from geo_devolve.plan.plan import Plan
from geo_devolve.scenario import Scenario

EVIL = "<img src=x onerror=\"document.title='caught'\">"
TRICKS = [
    "=1+1",
    "$x_1$",
    "</script><script>alert(1)</script>",
    "Ȧrḡent & 'Sons', Ltd.",
    "a\nb",
    "]]>",
    "{{ 7 * 7 }}",
]

COUNCILS = """
AABBCC
AABBCC
DDEEFF
DDEEFF
GG.HII
"""
LAYERS = {
    "rows": """
    xxxxxx
    xxxxxx
    yyyyyy
    yyyyyy
    yy.yyy
    """,
    "pairs": (
        """
        llllrr
        llllrr
        llllrr
        lllrrr
        ll.rrr
        """,
        """
        ...m..
        ......
        ......
        ......
        ......
        """,
    ),
}


def sample_geography(names: dict[str, str] | None = None) -> Geography:
    """Nine councils with a lake, two layers (one cutting a council and overlapping), two themes of need."""
    geography = draw(
        COUNCILS,
        layers=LAYERS,
        population=1000,
        needs={"health": [1, 2, 3, 2, 3, 4, 3, 4, 5], "employment": [5, 5, 5, 1, 1, 1, 9, 9, 9]},
        crossings=[("G", "H", "ferry")],
    )
    councils: gpd.GeoDataFrame = geography.councils.copy()
    councils["name"] = [(names or {}).get(code, f"Council {code}") for code in councils.index]
    return replace(
        geography,
        title="A small country",
        attribution="Nobody’s data © 2020.",
        councils=councils,
        inputs={"councils.csv": "0" * 64},
        notices=("Two values are filled in.",),
    )


def sample_scenario() -> Scenario:
    """Three areas, both layers scored."""
    return Scenario(
        name="sample",
        areas=3,
        population=(4000, 20000),
        themes=("health", "employment"),
        weights={"need": 1.0, "compactness": 0.5},
        layers={"rows": {"rule": "whole", "weight": 1.0}, "pairs": {"rule": "match", "weight": 0.5}},
    )


def certificate(objective: float, *, proven: bool = True, seconds: float = 1.25) -> Certificate:
    """A certificate that says what it is told to."""
    return Certificate(
        objective=objective,
        bound=objective if proven else objective * 0.9,
        gap=0.0 if proven else 0.1,
        proven=proven,
        scope="unions of 9 blocks",
        candidates=123,
        blocks=9,
        seconds=seconds,
        engine="list",
        solver="HiGHS",
        by_count=(CountResult(3, objective, objective, proven, "optimal"),),
    )


def sample_plan(
    groups: tuple[str, ...] = ("ABC", "DEF", "GHI"),
    names: dict[str, str] | None = None,
    *,
    proven: bool = True,
    seconds: float = 1.25,
    geography: Geography | None = None,
) -> Plan:
    """A plan of the sample geography; `names` renames councils."""
    geography = geography or sample_geography(names)
    bare = Plan.from_groups(geography, sample_scenario(), [list(group) for group in groups])
    return Plan.from_groups(
        geography,
        sample_scenario(),
        [list(group) for group in groups],
        certificate(bare.objective, proven=proven, seconds=seconds),
        notes=("Area A03 hangs together only by a ferry.",),
    )


def evil_plan() -> Plan:
    """A plan whose every name is somebody's trick."""
    codes = "ABCDEFGHI"
    names = dict(zip(codes, [EVIL, *TRICKS, f"{EVIL} again"], strict=True))
    geography = sample_geography(names)
    layers = {}
    for key, layer in geography.layers.items():
        bodies = layer.bodies.copy()
        bodies["name"] = [f"{EVIL} {code}" for code in bodies.index]
        layers[key] = replace(layer, bodies=bodies, title=f"Layer {EVIL}")
    geography = replace(geography, layers=layers, title=f"Land {EVIL}", attribution=f"Data {EVIL}")
    return sample_plan(geography=geography)


def shapeless_plan() -> Plan:
    """The sample plan without shapes."""
    geography = sample_geography()
    councils = geography.councils.copy()
    councils["geometry"] = gpd.GeoSeries([None] * len(councils), index=councils.index)
    return sample_plan(geography=replace(geography, councils=councils, pieces=None, crs=None))


def same(one: pd.Series, other: pd.Series) -> bool:
    """Whether two assignments are the same."""
    return dict(one) == dict(other)
