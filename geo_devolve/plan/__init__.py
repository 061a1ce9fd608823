"""The answer: plans, their scores, and what follows from them for councils, bodies and money."""

from typing import TYPE_CHECKING

from geo_devolve.lazily import loader

if TYPE_CHECKING:
    from geo_devolve.plan.cards import Card, card
    from geo_devolve.plan.compare import Comparison
    from geo_devolve.plan.funding import Budget, Funding, Grants, grants, load_funding
    from geo_devolve.plan.government import Government
    from geo_devolve.plan.plan import Plan
    from geo_devolve.plan.read import drawn_plan, read_plan, score
    from geo_devolve.plan.stability import Stability, by_number_of_areas
    from geo_devolve.plan.yardsticks import layer_plan

__all__ = [
    "Budget",
    "Card",
    "Comparison",
    "Funding",
    "Government",
    "Grants",
    "Plan",
    "Stability",
    "by_number_of_areas",
    "card",
    "drawn_plan",
    "grants",
    "layer_plan",
    "load_funding",
    "read_plan",
    "score",
]

__getattr__ = loader(
    __name__,
    {
        "geo_devolve.plan.cards": (
            "Card",
            "card",
        ),
        "geo_devolve.plan.compare": ("Comparison",),
        "geo_devolve.plan.funding": (
            "Budget",
            "Funding",
            "Grants",
            "grants",
            "load_funding",
        ),
        "geo_devolve.plan.government": ("Government",),
        "geo_devolve.plan.plan": ("Plan",),
        "geo_devolve.plan.read": (
            "drawn_plan",
            "read_plan",
            "score",
        ),
        "geo_devolve.plan.stability": (
            "Stability",
            "by_number_of_areas",
        ),
        "geo_devolve.plan.yardsticks": ("layer_plan",),
    },
)
