"""The weights of a scenario, and what the terms that not everybody asks for are about."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from geo_devolve import _coerce
from geo_devolve.constraints import amounts
from geo_devolve.errors import DataError, ScenarioError, UsageError
from geo_devolve.words import or_known

if TYPE_CHECKING:
    from geo_devolve.geography import Geography

WEIGHTS = ("need", "compactness", "balance")
MORE = ("flows", "change", "spread")

_Faults = list[str]
Reference = str | Mapping[str, str] | None


class Asked(Protocol):
    """What is asked for: a `Scenario`, which stands below this module."""

    @property
    def weights(self) -> Mapping[str, float]: ...  # noqa: D102
    @property
    def bounds(self) -> Mapping[str, tuple[float, float]]: ...  # noqa: D102
    @property
    def flows(self) -> str | None: ...  # noqa: D102
    @property
    def reference(self) -> Reference: ...  # noqa: D102
    @property
    def spreads(self) -> tuple[str, ...]: ...  # noqa: D102


def weights(
    given: object, flows: object, reference: object, faults: _Faults
) -> tuple["_coerce.FrozenMapping[float]", str | None, Reference]:
    """Keep weights, the table of flows and the reference of change, wherever they were written.

    Parameters
    ----------
    given
        The scenario's weights; ``flows`` may be a table of ``table`` and ``weight``, ``change`` one of
        ``reference`` and ``weight``, ``spread`` one of ratios and their weights.
    flows
        The name of a table, or ``{table, weight}``.
    reference
        A layer, or council to area.
    faults
        What is wrong is added to it.
    """
    table = dict(_coerce.mapping(given, "weights", faults))
    if isinstance(flows, Mapping):
        table.setdefault("flows", flows)
        flows = flows.get("table")
    of_flows, of_change = table.get("flows"), table.get("change")
    if isinstance(of_flows, Mapping):
        _coerce.unknown_keys(of_flows, ("table", "weight"), "flows", faults)
        flows, table["flows"] = of_flows.get("table", flows), of_flows.get("weight", 1.0)
    if isinstance(of_change, Mapping):
        _coerce.unknown_keys(of_change, ("reference", "weight"), "weights.change", faults)
        reference = of_change.get("reference", reference)
        table["change"] = of_change.get("weight", 1.0)
    spreads = table.pop("spread", {})
    for name, value in _coerce.mapping(spreads, "weights.spread", faults).items():
        table[f"{amounts.SPREAD}{name}"] = value
    _coerce.unknown_keys(
        [name for name in table if not name.startswith(amounts.SPREAD)], (*WEIGHTS, *MORE), "weights", faults
    )
    kept = {key: _coerce.number(table.get(key, 0.0), f"weights.{key}", faults) for key in WEIGHTS}
    for key, value in table.items():
        if key in ("flows", "change"):
            kept[key] = _coerce.number(value, f"weights.{key}", faults)
        elif key.startswith(amounts.SPREAD):
            name = amounts.check_name(key.removeprefix(amounts.SPREAD), f"weights.{key}", faults, ratio=True)
            kept[f"{amounts.SPREAD}{name}"] = _coerce.number(value, f"weights.{key}", faults)
    chosen = None if flows is None else _coerce.text(flows, "flows", faults)
    return _coerce.FrozenMapping(kept), chosen, _reference(reference, faults)


def _reference(value: object, faults: _Faults) -> Reference:
    if value is None or isinstance(value, str):
        return value
    items: Any = value.items() if hasattr(value, "items") else None
    if items is None:
        faults.append(f"reference must be the name of a layer, or the area of each council, not {value!r}")
        return None
    return _coerce.FrozenMapping({code: str(area) for code, area in items})


def check(scenario: Asked, geography: "Geography", faults: _Faults) -> None:
    """Hold quantities, flows and the reference against a geography; what it does not have is added to faults.

    Parameters
    ----------
    scenario
        What is asked for.
    geography
        What is there.
    faults
        Added to.
    """
    spoken = [(f"bounds.{name}", amounts.amount(name)) for name in scenario.bounds]
    spoken += [(f"weights.{amounts.SPREAD}{name}", amounts.share(name)) for name in scenario.spreads]
    known = list(geography.quantity_names) if spoken else []
    faults += [
        f"weights.{amounts.SPREAD}{name}: a spread is of a ratio, such as jobs/people; balance is of people"
        for name in scenario.spreads
        if not amounts.share(name).denominator
    ]
    for where, what in spoken:
        unknown = [name for name in what.quantities if name not in known]
        faults += [f'{where}: unknown quantity "{name}"{or_known(name, known)}' for name in unknown]
        if not unknown and what.denominator:
            _check_ratio(where, what, geography, faults)
    if "flows" in scenario.weights or scenario.flows is not None:
        try:
            geography.flow_table(scenario.flows or "")
        except ScenarioError as error:
            faults.append(f"flows: {error}")
    _check_reference(scenario, geography, faults)


def _check_ratio(where: str, what: amounts.Amount, geography: "Geography", faults: _Faults) -> None:
    over, under = geography.quantity(what.numerator).counted, geography.quantity(what.denominator).counted
    if (under < 0).any() or ((under == 0) & (over != 0)).any():
        wrong = (under < 0) | ((under == 0) & (over != 0))
        names = ", ".join(str(name) for name in geography.councils["name"][wrong][:5])
        faults.append(f"{where}: {names} have {what.numerator} and no {what.denominator} to share it by")
    if not under.sum() > 0:
        faults.append(f"{where}: there is no {what.denominator} at all")


def _check_reference(scenario: Asked, geography: "Geography", faults: _Faults) -> None:
    reference = scenario.reference
    if reference is None:
        if "change" in scenario.weights:
            faults.append(
                'change is asked for and no reference given: reference = "upper_tier", or another layer'
            )
    elif isinstance(reference, str):
        if reference not in geography.layers:
            faults.append(f'reference: unknown layer "{reference}"{or_known(reference, geography.layers)}')
    else:
        for council in reference:
            try:
                geography.find_councils(council)
            except (DataError, UsageError) as error:
                faults.append(f"reference: {error}")
