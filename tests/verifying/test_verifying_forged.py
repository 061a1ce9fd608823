"""Forgeries: a plan, a figure, a price or a proof changed by the least that matters, its hash put right."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from certified import Document, forged, read, rewritten, write
from drawn import random_geography

import geo_devolve as gd
from geo_devolve.verifying import verify

Change = Callable[[Document, Document], object]


def counts(certificate: Document, **fields: object) -> None:
    """Set fields of all numbers of areas."""
    for each in certificate["counts"]:
        each.update(fields)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan of three or four areas on a small map, every kind of figure in it."""
    geography = random_geography(3, 9, layers=2)
    people = geography.population
    scenario = gd.Scenario(
        areas=(3, 4),
        population=(people / 8, people / 1.5),
        themes=("theme0", "theme1"),
        weights={"need": 1.0, "compactness": 0.5, "balance": 0.25},
        layers={"layer0": gd.LayerTerm("match", 1.0), "layer1": gd.LayerTerm("whole", 0.5)},
        constraints=gd.Constraints(
            apart=(("C000", "C008"),), max_councils=6, max_areas_in_body={"layer0": 3}
        ),
    )
    return write(gd.propose(geography, scenario), tmp_path_factory.mktemp("true") / "out")


def first(proof: Document) -> Document:
    """The proof's first node with prices."""
    return next(each["proof"] for each in proof["counts"] if each["proof"])


def test_the_true_one_is_accepted_and_so_is_it_read_and_written_again(folder: Path) -> None:
    verdict = verify(folder)
    assert verdict.verified
    assert verdict.claim == "plan"
    assert forged(folder, lambda plan, proof: None).verified


CHANGES: dict[str, Change] = {
    "an assignment": lambda plan, proof: plan["assignment"].update(
        {"C000": next(area for area in plan["assignment"].values() if area != plan["assignment"]["C000"])}
    ),
    "a council left out": lambda plan, proof: plan["assignment"].pop("C003"),
    "a council added": lambda plan, proof: plan["assignment"].update({"C999": "A01"}),
    "the objective": lambda plan, proof: plan["certificate"].update(
        objective=plan["certificate"]["objective"] * (1 - 3e-9)
    ),
    "the bound": lambda plan, proof: plan["certificate"].update(
        bound=plan["certificate"]["bound"] * (1 + 3e-9)
    ),
    "the gap": lambda plan, proof: plan["certificate"].update(gap=0.01),
    "proven is denied": lambda plan, proof: plan["certificate"].update(proven=False),
    "the scope": lambda plan, proof: plan["certificate"].update(scope="all plans of the world"),
    "the number of blocks": lambda plan, proof: plan["certificate"].update(blocks=3),
    "a count's objective": lambda plan, proof: plan["certificate"]["by_count"][0].update(objective=0.0),
    "a count's bound": lambda plan, proof: plan["certificate"]["by_count"][-1].update(bound=99.0),
    "a count's status": lambda plan, proof: plan["certificate"]["by_count"][0].update(status="feasible"),
    "a count left out": lambda plan, proof: plan["certificate"]["by_count"].pop(),
    "an area's people": lambda plan, proof: plan["areas"][0].update(
        population=plan["areas"][0]["population"] + 1
    ),
    "an area's councils": lambda plan, proof: plan["areas"][0]["councils"].pop(),
    "an area left out": lambda plan, proof: plan["areas"].pop(),
    "a term": lambda plan, proof: plan["scores"][1].update(value=plan["scores"][1]["value"] + 1e-6),
    "faults": lambda plan, proof: plan["faults"].append("none"),
    "the scenario's name of a weight": lambda plan, proof: plan["scenario"]["weights"].update(need=2.0),
    "the scenario in both": lambda plan, proof: [
        each["scenario"]["weights"].update(need=2.0) for each in (plan, proof)
    ],
    "an unknown rule in both": lambda plan, proof: [
        each["scenario"]["constraints"].update(most_lakes=1) for each in (plan, proof)
    ],
    "an unknown term in both": lambda plan, proof: [
        each["scenario"]["weights"].update(lakes=1.0) for each in (plan, proof)
    ],
    "the number of candidates": lambda plan, proof: plan["certificate"].update(
        candidates=plan["certificate"]["candidates"] + 1
    ),
    "the objective among the scores": lambda plan, proof: plan["scores"][0].update(value=0.5),
    "a second objective": lambda plan, proof: plan["scores"].insert(0, {**plan["scores"][0], "value": 0.5}),
    "an area twice": lambda plan, proof: plan["areas"].__setitem__(1, plan["areas"][0]),
    "a geography somewhere else": lambda plan, proof: [
        proof["geography"].update(name="../boundaries/england-2017"),
        plan["provenance"]["geography"].update(name="../boundaries/england-2017"),
        proof["geography"].update(inputs={"geography.toml": "0"}),
        plan["provenance"].update(inputs={"geography.toml": "0"}),
    ],
    "the digest": lambda plan, proof: plan.update(scenario_digest="0" * 64),
    "the format": lambda plan, proof: proof.update(format="geo-devolve certificate 2"),
    "the claim": lambda plan, proof: proof.update(claim="impossible"),
    "another geography": lambda plan, proof: proof["geography"].update(name="england-2017"),
    "another geography in both": lambda plan, proof: [
        proof["geography"].update(name="england-2017"),
        plan["provenance"]["geography"].update(name="england-2017"),
    ],
    "people": lambda plan, proof: proof["problem"]["councils"][0].update(people="1"),
    "people below nothing": lambda plan, proof: proof["problem"]["councils"][0].update(people="-5"),
    "people without end": lambda plan, proof: proof["problem"]["councils"][0].update(people="9" * 5000),
    "people that are no number": lambda plan, proof: proof["problem"]["councils"][0].update(people="NaN"),
    "a score": lambda plan, proof: proof["problem"]["councils"][0]["scores"].__setitem__(0, "3.5"),
    "a council twice": lambda plan, proof: proof["problem"]["councils"][1].update(code="C000"),
    "a council gone": lambda plan, proof: proof["problem"]["councils"].pop(),
    "a border longer": lambda plan, proof: proof["problem"]["borders"][0].__setitem__(2, "1000000"),
    "a border gone": lambda plan, proof: proof["problem"]["borders"].pop(0),
    "a border below nothing": lambda plan, proof: proof["problem"]["borders"][0].__setitem__(2, "-1"),
    "a border twice": lambda plan, proof: proof["problem"]["borders"].append(proof["problem"]["borders"][0]),
    "people of a body": lambda plan, proof: proof["problem"]["layers"]["layer0"]["people"].pop(0),
    "a council by a number below nothing": lambda plan, proof: proof["problem"]["borders"][0].__setitem__(
        0, -1
    ),
    "a block left out": lambda plan, proof: proof["blocks"].pop(),
    "two blocks in one": lambda plan, proof: proof["blocks"].__setitem__(
        slice(0, 2), [proof["blocks"][0] + proof["blocks"][1]]
    ),
    "a block twice": lambda plan, proof: proof["blocks"].append(proof["blocks"][0]),
    "no proof": lambda plan, proof: counts(proof, proof=None),
    "people as a proof": lambda plan, proof: [
        each.update(proof={"people": True}) for each in proof["counts"]
    ],
    "a plan's number of areas": lambda plan, proof: proof["counts"][0].update(areas=5),
    "impossible instead": lambda plan, proof: proof["counts"][0].update(
        impossible=True, plan=None, bound=None
    ),
    "a count gone in both": lambda plan, proof: [
        proof["counts"].pop(),
        plan["certificate"]["by_count"].pop(),
    ],
    "the bound by one": lambda plan, proof: [
        each.update(bound=each["bound"] + 1) for each in proof["counts"]
    ],
    "places": lambda plan, proof: proof.update(places=proof["places"] - 1),
    "places without end": lambda plan, proof: proof.update(places=10**9),
    "a price missing": lambda plan, proof: first(proof)["prices"]["units"].pop(),
    "a price that is no number": lambda plan, proof: first(proof)["prices"]["units"].__setitem__(0, "1"),
    "a price with a point": lambda plan, proof: first(proof)["prices"]["units"].__setitem__(0, 1.5),
    "a price that is true": lambda plan, proof: first(proof)["prices"].update(count=True),
    "costs that do not count": lambda plan, proof: first(proof)["prices"].update(cost=0),
    "a limit's price above nothing": lambda plan, proof: first(proof)["prices"]["caps"].__setitem__(0, 5),
    "a limit's price left out": lambda plan, proof: first(proof)["prices"]["caps"].pop(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_is_changed_is_found(folder: Path, name: str) -> None:
    verdict = forged(folder, CHANGES[name])
    assert verdict.verdict == "not verified"
    assert verdict.reasons
    assert not verdict.verified


def test_every_price_and_every_bound_matters(folder: Path) -> None:
    plan, proof = read(folder)
    for number, count in enumerate(proof["counts"]):
        node = count["proof"]
        for at in range(len(node["prices"]["units"])):
            for more in (-1, 1, 10**9, -(10**9)):
                changed = deepcopy(proof)
                changed["counts"][number]["proof"]["prices"]["units"][at] += more
                assert not rewritten(folder.parent / "priced", deepcopy(plan), changed).verified, (at, more)


def test_a_price_raised_with_the_bound_shows_in_a_candidate(folder: Path) -> None:
    plan, proof = read(folder)
    for number in range(len(proof["counts"])):
        for at in range(len(proof["blocks"])):
            changed = deepcopy(proof)
            count = changed["counts"][number]
            more = 10 ** (proof["places"] - 3)
            count["proof"]["prices"]["units"][at] += more
            count["bound"] += more
            verdict = rewritten(folder.parent / "raised", deepcopy(plan), changed)
            assert not verdict.verified


def test_a_byte_changed_in_the_certificate_shows_in_its_hash(folder: Path, tmp_path: Path) -> None:
    data = (folder / "certificate.json").read_bytes()
    (tmp_path / "plan.json").write_bytes((folder / "plan.json").read_bytes())
    for at in np.random.default_rng(0).integers(len(data), size=100).tolist():
        (tmp_path / "certificate.json").write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert not verify(tmp_path).verified


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"format": 1, "format": 2}',
        '{"a": NaN}',
        "{",
        "\xff",
        '{"a": 1e99999}',
        "[" * 9999,
    ],
)
def test_files_that_are_not_whole_are_not_verified(folder: Path, tmp_path: Path, text: str) -> None:
    for name, other in (("plan.json", "certificate.json"), ("certificate.json", "plan.json")):
        (tmp_path / other).write_bytes((folder / other).read_bytes())
        (tmp_path / name).write_bytes(text.encode("latin-1"))
        assert verify(tmp_path).verdict == "not verified"


def test_what_is_missing_is_not_verified(folder: Path, tmp_path: Path) -> None:
    assert not verify(tmp_path).verified
    assert not verify(tmp_path / "nowhere").verified
    (tmp_path / "plan.json").write_bytes((folder / "plan.json").read_bytes())
    assert "certificate.json" in verify(tmp_path).reasons[0]


def test_every_member_left_out_is_found(folder: Path) -> None:
    plan, proof = read(folder)

    def holes(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        if not isinstance(document, dict):
            return []
        return [
            each for key, value in document.items() for each in [(*path, key), *holes(value, (*path, key))]
        ]

    for path in holes({key: value for key, value in proof.items() if key not in {"scenario", "geography"}}):
        changed = json.loads(json.dumps(proof))
        inner = changed
        for key in path[:-1]:
            inner = inner[key]
        del inner[path[-1]]
        if path[-1] == "read_as":
            continue
        assert not rewritten(folder.parent / "holes", deepcopy(plan), changed).verified, path
