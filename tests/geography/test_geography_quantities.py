"""Quantities and flows: read from graphs and folders, refused where they make no sense, summed exactly."""

from pathlib import Path

import networkx as nx
import pytest

import geo_devolve as gd
from geo_devolve.geography.reading.load import embedded


def _graph(**attributes: list[float]) -> nx.Graph:
    graph = nx.path_graph(4)
    for node in graph:
        graph.nodes[node]["pop"] = 100
        for name, values in attributes.items():
            graph.nodes[node][name] = values[node]
    return graph


def test_a_sum_of_decimals_is_exact_in_any_order() -> None:
    ground = gd.Geography.from_graph(_graph(debt=[0.1, 0.2, 0.3, -0.6]), quantities=["debt"])
    debt = ground.quantity("debt")
    assert debt.counted.tolist() == [1.0, 2.0, 3.0, -6.0]
    assert debt.tally.decimals == 1
    assert ground.quantity("people").values.tolist() == [100.0] * 4
    assert ground.quantity_names == ("people", "debt")


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("a/b", [1, 2, 3, 4], "cannot be called"),
        ("people", [1, 2, 3, 4], "cannot be called"),
        ("jobs", [1, 2, 3, float("nan")], "without the attribute 'jobs': 3"),
    ],
)
def test_quantities_that_make_no_sense_are_refused(name: str, values: list[float], said: str) -> None:
    with pytest.raises(gd.DataError, match=said):
        gd.Geography.from_graph(_graph(**{name: values}), quantities=[name])


def test_flows_to_unknown_councils_and_below_none_are_refused() -> None:
    with pytest.raises(gd.DataError, match="unknown councils: 9"):
        gd.Geography.from_graph(_graph(), flows={"work": {(0, 9): 3.0}})
    with pytest.raises(gd.DataError, match="at least 0"):
        gd.Geography.from_graph(_graph(), flows={"work": {(0, 1): -3.0}})


def test_an_unknown_quantity_or_table_names_the_nearest() -> None:
    ground = gd.Geography.from_graph(
        _graph(jobs=[1, 2, 3, 4]), quantities=["jobs"], flows={"work": {(0, 1): 3.0}}
    )
    with pytest.raises(gd.ScenarioError, match="jobs"):
        ground.quantity("job")
    with pytest.raises(gd.ScenarioError, match="work"):
        ground.flow_table("wrk")
    with pytest.raises(gd.ScenarioError, match="no table of flows"):
        gd.Geography.from_graph(_graph()).flow_table()


_MANIFEST = """
name = "small"
[councils]
table = "councils.csv"
[points]
table = "people.csv"
[borders]
table = "borders.csv"
[quantities]
table = "figures.csv"
columns = { hospitals = "hospitals" }
councils = { tax = "tax" }
points = { poor = "poor" }
[flows.work]
table = "trips.csv"
trips = "trips"
ends = "jobs"
"""
_FILES = {
    "councils.csv": "code,name,tax\na,Aton,10.5\nb,Beton,3\n",
    "people.csv": "id,easting,northing,population,council,poor\n1,0,0,10,a,2\n2,1,0,20,a,\n3,5,0,30,b,4\n",
    "borders.csv": "council,neighbour,length_m\na,b,100\n",
    "figures.csv": "code,hospitals\na,2\nb,0\n",
    "trips.csv": "origin,destination,trips\na,a,5\na,b,3\nb,a,1\nb,x,7\n",
}


def _folder(path: Path, **changed: str) -> Path:
    for name, text in {"geography.toml": _MANIFEST, **_FILES, **changed}.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


def test_a_folder_gives_quantities_of_councils_points_tables_and_flows(tmp_path: Path) -> None:
    ground = gd.load_geography(_folder(tmp_path))
    assert ground.quantities.to_dict("list") == {
        "poor": [2.0, 4.0],
        "tax": [10.5, 3.0],
        "hospitals": [2.0, 0.0],
        "jobs": [6.0, 3.0],
    }
    assert ground.flow_table().trips.toarray().tolist() == [[5.0, 3.0], [1.0, 0.0]]
    told = " ".join(ground.notices)
    assert "7 trips that start or end outside are left out" in told
    assert "1 rows of the column 'poor' are empty" in told
    assert set(ground.inputs) >= {"figures.csv", "trips.csv"}


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("figures.csv", "code,hospitals\na,2\n", "councils without a row of quantities: b"),
        ("figures.csv", "code,hospitals\na,2\nb,\n", "are empty"),
        ("figures.csv", "code,beds\na,2\nb,1\n", "has no column 'hospitals'"),
        ("trips.csv", "origin,destination,trips\nx,y,5\n", "no trip is between two councils"),
        ("trips.csv", "origin,destination,trips\na,b,-5\n", "below 0"),
        ("trips.csv", "origin,destination,trips\na,b,many\n", "what is no number"),
    ],
)
def test_a_folder_with_bad_figures_is_refused_with_the_file_named(
    tmp_path: Path, file: str, text: str, said: str
) -> None:
    with pytest.raises(gd.DataError, match=said) as told:
        gd.load_geography(_folder(tmp_path, **{file: text}))
    assert file in str(told.value)


def test_the_embedded_flows_add_up_to_the_censuses() -> None:
    assert {"england-2017", "england-2024"} <= set(embedded())
    ground = gd.load_geography("england-2024")
    assert list(ground.flows) == ["2021", "2011"]
    assert ground.flows["2021"].total == 26_278_148
    assert ground.flows["2011"].total == 20_462_906
    assert ground.quantity("income_deprived").values.sum() == 13_223_800
