"""Commissioning areas for devolved public services, provably best for your weights and constraints.

>>> import geo_devolve as gd
>>> england = gd.load_geography("england-2017")  # doctest: +SKIP
>>> plan = gd.propose(england, gd.load_scenario("reform-2017"))  # doctest: +SKIP

Everything public is a name of this module and is loaded when it is first asked for, so that importing the
package is quick and a missing extra only matters to those who use it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from geo_devolve.lazily import loader
from geo_devolve.shown import show_by

if TYPE_CHECKING:
    from geo_devolve.atlases.atlas import Atlas, atlas, open_atlas
    from geo_devolve.atlases.best import best_possible
    from geo_devolve.atlases.counts import count_plans
    from geo_devolve.atlases.placing import place
    from geo_devolve.atlases.sequence import steps
    from geo_devolve.errors import (
        DataError,
        GeoDevolveError,
        InfeasibleError,
        NoPlanInTimeError,
        ScenarioError,
        SolverError,
        UsageError,
    )
    from geo_devolve.geography.audit import audit
    from geo_devolve.geography.layers import Layer
    from geo_devolve.geography.model import Geography
    from geo_devolve.geography.reading.load import load_geography
    from geo_devolve.optimise.constraint_costs import explain_costs
    from geo_devolve.optimise.near_best import near_best
    from geo_devolve.optimise.problem import Problem
    from geo_devolve.plan.cards import card, cards
    from geo_devolve.plan.carry import carry_plan
    from geo_devolve.plan.compare import compare
    from geo_devolve.plan.extend import extend
    from geo_devolve.plan.flows import containment, cut_flows
    from geo_devolve.plan.funding import grants, load_funding
    from geo_devolve.plan.government import government
    from geo_devolve.plan.moves import moves
    from geo_devolve.plan.outcomes import outcomes
    from geo_devolve.plan.plan import Plan
    from geo_devolve.plan.propose import propose
    from geo_devolve.plan.read import drawn_plan, read_plan, score
    from geo_devolve.plan.stability import by_number_of_areas, stability
    from geo_devolve.plan.yardsticks import layer_plan, yardsticks
    from geo_devolve.publish.files.exchange import export_plan, read_back
    from geo_devolve.publish.files.reopen import open_plan
    from geo_devolve.publish.maps.audit_picture import draw_audit
    from geo_devolve.publish.maps.plan_map import (
        draw_map,
        map,  # noqa: A004
        map_plan,
    )
    from geo_devolve.publish.notebook import explore
    from geo_devolve.publish.pages.explorer import write_explorer
    from geo_devolve.publish.pages.report import write_report
    from geo_devolve.publish.verified import verify
    from geo_devolve.publish.write import write_plan
    from geo_devolve.scenario import Constraints, LayerTerm, Locked, Scenario, load_scenario
    from geo_devolve.sweeps.results import Sweep, open_sweep
    from geo_devolve.sweeps.run import sweep
    from geo_devolve.sweeps.spec import load_sweep
    from geo_devolve.tuning import tune
    from geo_devolve.verifying import Verdict

__version__ = "0.1.0"

_HOMES = {
    "geo_devolve.atlases.atlas": ("Atlas", "atlas", "open_atlas"),
    "geo_devolve.atlases.best": ("best_possible",),
    "geo_devolve.atlases.counts": ("count_plans",),
    "geo_devolve.atlases.placing": ("place",),
    "geo_devolve.atlases.sequence": ("steps",),
    "geo_devolve.errors": (
        "DataError",
        "GeoDevolveError",
        "InfeasibleError",
        "NoPlanInTimeError",
        "ScenarioError",
        "SolverError",
        "UsageError",
    ),
    "geo_devolve.geography.audit": ("audit",),
    "geo_devolve.geography.layers": ("Layer",),
    "geo_devolve.geography.model": ("Geography",),
    "geo_devolve.geography.reading.load": ("load_geography",),
    "geo_devolve.optimise.constraint_costs": ("explain_costs",),
    "geo_devolve.optimise.near_best": ("near_best",),
    "geo_devolve.optimise.problem": ("Problem",),
    "geo_devolve.plan.cards": (
        "card",
        "cards",
    ),
    "geo_devolve.plan.carry": ("carry_plan",),
    "geo_devolve.plan.compare": ("compare",),
    "geo_devolve.plan.extend": ("extend",),
    "geo_devolve.plan.flows": ("containment", "cut_flows"),
    "geo_devolve.plan.funding": (
        "grants",
        "load_funding",
    ),
    "geo_devolve.plan.government": ("government",),
    "geo_devolve.plan.moves": ("moves",),
    "geo_devolve.plan.outcomes": ("outcomes",),
    "geo_devolve.plan.plan": ("Plan",),
    "geo_devolve.plan.propose": ("propose",),
    "geo_devolve.plan.read": (
        "drawn_plan",
        "read_plan",
        "score",
    ),
    "geo_devolve.plan.stability": (
        "by_number_of_areas",
        "stability",
    ),
    "geo_devolve.plan.yardsticks": (
        "layer_plan",
        "yardsticks",
    ),
    "geo_devolve.publish.files.exchange": (
        "export_plan",
        "read_back",
    ),
    "geo_devolve.publish.files.reopen": ("open_plan",),
    "geo_devolve.publish.maps.audit_picture": ("draw_audit",),
    "geo_devolve.publish.maps.plan_map": (
        "draw_map",
        "map",
        "map_plan",
    ),
    "geo_devolve.publish.notebook": ("explore",),
    "geo_devolve.publish.pages.explorer": ("write_explorer",),
    "geo_devolve.publish.pages.report": ("write_report",),
    "geo_devolve.publish.write": ("write_plan",),
    "geo_devolve.scenario": (
        "Constraints",
        "LayerTerm",
        "Locked",
        "Scenario",
        "load_scenario",
    ),
    "geo_devolve.sweeps.results": (
        "Sweep",
        "open_sweep",
    ),
    "geo_devolve.sweeps.run": ("sweep",),
    "geo_devolve.sweeps.spec": ("load_sweep",),
    "geo_devolve.tuning": ("tune",),
    "geo_devolve.publish.verified": ("verify",),
    "geo_devolve.verifying": ("Verdict",),
}

__all__ = [
    "Atlas",
    "Constraints",
    "DataError",
    "GeoDevolveError",
    "Geography",
    "InfeasibleError",
    "Layer",
    "LayerTerm",
    "Locked",
    "NoPlanInTimeError",
    "Plan",
    "Problem",
    "Scenario",
    "ScenarioError",
    "SolverError",
    "Sweep",
    "UsageError",
    "Verdict",
    "__version__",
    "atlas",
    "audit",
    "best_possible",
    "by_number_of_areas",
    "card",
    "cards",
    "carry_plan",
    "compare",
    "containment",
    "count_plans",
    "cut_flows",
    "draw_audit",
    "draw_map",
    "drawn_plan",
    "explain_costs",
    "explore",
    "export_plan",
    "extend",
    "government",
    "grants",
    "layer_plan",
    "load_funding",
    "load_geography",
    "load_scenario",
    "load_sweep",
    "map",
    "map_plan",
    "moves",
    "near_best",
    "open_atlas",
    "open_plan",
    "open_sweep",
    "outcomes",
    "place",
    "propose",
    "read_back",
    "read_plan",
    "score",
    "stability",
    "steps",
    "sweep",
    "tune",
    "verify",
    "write_explorer",
    "write_plan",
    "write_report",
    "yardsticks",
]


__getattr__ = loader(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted({*globals(), *(name for names in _HOMES.values() for name in names)})


show_by(lambda name: getattr(import_module("geo_devolve.publish.notebook"), name))
