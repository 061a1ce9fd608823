"""A solved scenario as a row: what was asked, what came of it, and which council lies in which area."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from geo_devolve.plan.plan import Plan
from geo_devolve.scenario import Scenario

FOUND = "found"
UNSOLVED = "solver failed"
TERM, WEIGHT = "term_", "weight_"
VOLATILE = ("seconds", "worker")
"""Columns of a part that no two runs agree on; they are kept apart from the dataset."""

_COUNT = pa.struct(
    [
        ("areas", pa.int32()),
        ("objective", pa.float64()),
        ("bound", pa.float64()),
        ("proven", pa.bool_()),
        ("status", pa.string()),
    ]
)
FIXED = pa.schema(
    [
        ("digest", pa.string()),
        ("name", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("areas", pa.int32()),
        ("objective", pa.float64()),
        ("bound", pa.float64()),
        ("gap", pa.float64()),
        ("proven", pa.bool_()),
        ("scope", pa.string()),
        ("candidates", pa.int64()),
        ("blocks", pa.int32()),
        ("engine", pa.string()),
        ("solver", pa.string()),
        ("rests_on", pa.string()),
        ("stopped", pa.string()),
        ("by_count", pa.list_(_COUNT)),
        ("notes", pa.list_(pa.string())),
        ("scenario", pa.string()),
        ("assignment", pa.list_(pa.int16())),
        ("seconds", pa.float64()),
        ("worker", pa.string()),
    ]
)


def asked(scenario: Scenario) -> dict[str, Any]:
    """Return the part of a row that says what was asked."""
    row: dict[str, Any] = {
        "digest": scenario.digest(),
        "name": scenario.name,
        "scenario": json.dumps(scenario.to_mapping(), ensure_ascii=False),
    }
    weights = zip(scenario.term_names, scenario.term_weights, strict=True)
    return row | {f"{WEIGHT}{term}": float(weight) for term, weight in weights}


def found(plan: Plan) -> dict[str, Any]:
    """Return the row of a plan.

    Parameters
    ----------
    plan
        With a certificate; its areas are A01, A02 …, of which the numbers are kept.
    """
    known = plan.certificate
    if known is None:
        raise ValueError("a drawn plan has no certificate to keep")
    terms = {f"{TERM}{term}": float(value) for term, value in plan.terms.sum().items()}
    counts = [vars(each) for each in known.by_count]
    names = ("objective", "bound", "gap", "proven", "scope", "candidates", "blocks", "engine", "solver")
    certificate = {name: getattr(known, name) for name in (*names, "rests_on", "stopped", "seconds")}
    return (
        asked(plan.scenario)
        | certificate
        | terms
        | {
            "status": FOUND,
            "reason": "",
            "areas": int(plan.assignment.nunique()),
            "by_count": counts,
            "notes": list(plan.notes),
            "assignment": [int(area[1:]) for area in plan.assignment],
        }
    )


def failed(scenario: Scenario, status: str, reason: str) -> dict[str, Any]:
    """Return the row of a scenario without a plan.

    Parameters
    ----------
    scenario
        What was asked.
    status
        In a word or two, such as "infeasible".
    reason
        In a sentence.
    """
    return asked(scenario) | {"status": status, "reason": reason}


def to_table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return rows as a table: the fixed columns, then a term and weight column for each term there is."""
    terms = sorted({key for row in rows for key in row if key.startswith((TERM, WEIGHT))})
    schema = pa.schema([*FIXED, *((term, pa.float64()) for term in terms)])
    return pa.Table.from_pylist([dict(row) for row in rows], schema=schema)


def area_codes(numbers: Sequence[int] | None, councils: pd.Index) -> pd.Series:
    """Return an assignment as a plan has it: council code to A01, A02 ….

    Parameters
    ----------
    numbers
        Of the areas, a council each.
    councils
        The councils' codes.
    """
    if numbers is None:
        return pd.Series([None] * len(councils), index=councils, name="area", dtype=object)
    digits = max(2, len(str(max(numbers))))
    return pd.Series([f"A{number:0{digits}d}" for number in numbers], index=councils, name="area")
