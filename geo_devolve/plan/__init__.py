"""The answer: plans, their scores, and what follows from them for councils, bodies and money."""

from geo_devolve.plan.cards import Card, card, cards
from geo_devolve.plan.compare import Comparison, compare
from geo_devolve.plan.funding import Budget, Funding, Grants, grants, load_funding
from geo_devolve.plan.government import Government, government
from geo_devolve.plan.moves import moves
from geo_devolve.plan.outcomes import outcomes
from geo_devolve.plan.plan import Plan
from geo_devolve.plan.propose import propose
from geo_devolve.plan.read import drawn_plan, read_plan, score
from geo_devolve.plan.stability import Stability, by_number_of_areas, stability
from geo_devolve.plan.weightings import weightings
from geo_devolve.plan.yardsticks import layer_plan, yardsticks

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
    "cards",
    "compare",
    "drawn_plan",
    "government",
    "grants",
    "layer_plan",
    "load_funding",
    "moves",
    "outcomes",
    "propose",
    "read_plan",
    "score",
    "stability",
    "weightings",
    "yardsticks",
]
