"""Small random geographies and scenarios: grids, trees, rings, islands; every constraint kind."""

import networkx as nx
import numpy as np

from geo_devolve.geography.model import Geography
from geo_devolve.scenario import Scenario

KINDS = (
    "population",
    "locked",
    "exempt",
    "together",
    "apart",
    "within",
    "whole",
    "max_councils",
    "max_extent_km",
    "max_areas_in_body",
    "max_bodies_in_area",
    "range",
    "min_border_m",
    "crossings",
    "min_councils",
    "centres",
)


def random_graph(random: np.random.Generator, n: int) -> nx.Graph:
    """A grid, a tree, a ring, or a sparse random graph, in two parts at times, with crossings."""
    shape = random.choice(["grid", "tree", "ring", "random", "parts"])
    if shape == "grid":
        graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(3, -(-n // 3)))
        graph.remove_nodes_from(list(graph.nodes)[n:])
    elif shape == "tree":
        graph = nx.Graph([(v, int(random.integers(v))) for v in range(1, n)])
    elif shape == "ring":
        graph = nx.cycle_graph(n)
    elif shape == "random":
        graph = nx.Graph([(v, int(random.integers(v))) for v in range(1, n)])
        graph.add_edges_from(random.integers(n, size=(n // 2, 2)).tolist())
        graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    else:
        cut = int(random.integers(1, n))
        graph = nx.disjoint_union(
            nx.path_graph(cut), nx.cycle_graph(n - cut) if n - cut > 2 else nx.path_graph(n - cut)
        )
    graph.add_nodes_from(range(n))
    for edge in graph.edges:
        graph.edges[edge]["length_m"] = float(random.integers(1, 50))
    if random.random() < 0.5 and n > 2:
        for _ in range(2):
            one, other = random.choice(n, size=2, replace=False).tolist()
            if not graph.has_edge(one, other):
                graph.add_edge(one, other, length_m=0.0, kind=str(random.choice(["bridge", "ferry"])))
    return graph


def random_geography(random: np.random.Generator, n: int) -> Geography:
    """A geography on such a graph: three layers (one overlapping, one with gaps), three themes."""
    graph = random_graph(random, n)
    for node in graph.nodes:
        graph.nodes[node].update(
            pop=float(random.integers(10, 100)),
            need=float(random.normal()),
            work=float(random.normal()),
            flat=1.0,
            x=float(random.integers(0, 100_000)),
            y=float(random.integers(0, 100_000)),
            whole=str(random.choice(list("abc"))),
            split={"p": float(random.random()), "q": 0.4}
            if random.random() < 0.5
            else str(random.choice(list("pq"))),
            double=[
                str(body)
                for body in random.choice(list("uvw"), size=int(random.integers(0, 3)), replace=False)
            ],
        )
        split = graph.nodes[node]["split"]
        if isinstance(split, dict):
            split["p"] = min(split["p"], 0.6)
    themes = {"need": ["need"], "work": ["work"], "flat": ["flat"]}
    return Geography.from_graph(graph, themes=themes, layers=("whole", "split", "double"))


def random_scenario(random: np.random.Generator, geography: Geography, kinds: tuple[str, ...]) -> Scenario:
    """Weights, rules and, of each kind named, a random constraint."""
    n = len(geography.councils)
    codes = list(geography.councils.index)
    total = float(geography.councils["population"].sum())
    areas = int(random.integers(1, max(2, min(n, 6))))
    layers = {
        name: {"rule": str(random.choice(["whole", "nest", "match"])), "weight": float(random.random())}
        for name in geography.layers
        if random.random() < 0.8
    }
    fields = {
        "areas": areas,
        "time_limit_s": 600,  # compiling on a busy machine included
        "themes": [theme for theme in ("need", "work", "flat") if random.random() < 0.6],
        "weights": {
            "need": float(random.random()),
            "compactness": float(random.random()),
            "balance": float(random.choice([0.0, 1.0])),
        },
        "layers": layers,
    }
    constraints: dict = {}
    for kind in kinds:
        _constrain(random, kind, fields, constraints, codes, total)
    fields["constraints"] = constraints
    return Scenario(**fields)


def _some(random: np.random.Generator, codes: list, most: int) -> list:
    size = int(random.integers(2, most + 1)) if len(codes) > 2 else 2
    return [int(code) for code in random.choice(codes, size=min(size, len(codes)), replace=False)]


def _constrain(
    random: np.random.Generator, kind: str, fields: dict, constraints: dict, codes: list, total: float
) -> None:
    layer = str(random.choice(["whole", "split", "double"]))
    body = {"whole": "abc", "split": "pq", "double": "uvw"}[layer]
    reference = f"{layer}:{random.choice(list(body))}"
    if kind == "population":
        mean = total / (fields["areas"][0] if isinstance(fields["areas"], list) else fields["areas"])
        fields["population"] = [mean * random.uniform(0.0, 0.9), mean * random.uniform(1.1, 2.0)]
    elif kind in {"locked", "exempt"}:
        already = {code for lock in constraints.get("locked", []) for code in lock["councils"]}
        free = [code for code in codes if code not in already]
        if len(free) >= 2:
            lock = {"name": kind, "councils": _some(random, free, 3), "exempt": kind == "exempt"}
            constraints.setdefault("locked", []).append(lock)
    elif kind in {"together", "apart"}:
        constraints.setdefault(kind, []).append(_some(random, codes, 3))
    elif kind == "within":
        constraints["within"] = [layer]
    elif kind == "whole":
        constraints["whole"] = [reference if random.random() < 0.7 else f"{layer}:*"]
    elif kind == "max_councils":
        constraints["max_councils"] = int(random.integers(1, 5))
    elif kind == "max_extent_km":
        constraints["max_extent_km"] = float(random.uniform(40, 120))
    elif kind == "max_areas_in_body":
        constraints["max_areas_in_body"] = {
            reference if random.random() < 0.5 else layer: int(random.integers(1, 3))
        }
    elif kind == "max_bodies_in_area":
        constraints["max_bodies_in_area"] = {layer: int(random.integers(1, 3))}
    elif kind == "min_councils":
        constraints["min_councils"] = int(random.integers(1, 4))
    elif kind == "centres":
        constraints["centres"] = [*_some(random, codes, max(2, len(codes) // 2)), reference]
    elif kind == "range":
        fields["areas"] = [fields["areas"], fields["areas"] + int(random.integers(1, 3))]
    elif kind == "min_border_m":
        fields["min_border_m"] = float(random.integers(1, 20))
    elif kind == "crossings":
        fields["crossings"] = [str(random.choice(["bridge", "ferry"]))] if random.random() < 0.5 else []
