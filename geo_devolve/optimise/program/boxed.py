"""The linear program over the candidates kept so far, whose prices are held in a box around the best known.

    minimise  Σ_j c_j x_j + Σ_i π̂_i (r⁺_i - r⁻_i) + (π̂_i + ε) s⁺_i - (π̂_i - ε) s⁻_i + M (t⁺_i + t⁻_i)
    cover_i:  Σ_{j: i in S_j} x_j + r⁺_i - r⁻_i + s⁺_i - s⁻_i + t⁺_i - t⁻_i = 1     for each unit i, price π_i
    count:    Σ_j x_j + ... = k                                                    price μ
    cap_b:    Σ_{j: S_j touches b} x_j - ... ≤ n_b                for each limit b, price ν_b ≤ 0
    0 ≤ r ≤ lean, 0 ≤ s ≤ play, t ≥ 0

Prices of the plain program jump about while candidates are missing; here each pays `play` for every unit it
leaves its box [π̂ - ε, π̂ + ε] by. Of many prices that are as good, those nearest to π̂ are taken (each pays
`lean` for its distance): prices that are alike per person make the pruned search several times shorter. The
program is always solvable (t), and is the plain one as soon as no slack is used.
"""

import highspy
import numpy as np

from geo_devolve.errors import SolverError
from geo_devolve.objective.units import Floats, Masks, Rules
from geo_devolve.optimise.program.columns import add_candidates, open_model
from geo_devolve.optimise.program.highs import solve
from geo_devolve.optimise.program.prices import Prices

_PLAY = 0.3
_LEAN = 0.01


class BoxedProgram:
    """The program, to which candidates are added.

    Parameters
    ----------
    n
        Number of units.
    areas
        Number of areas, k.
    rules
        Their caps.
    scale
        What costs are multiplied by, so that the solver's tolerances do not matter.
    penalty
        M: more than any plan costs.
    people
        Of each unit: the fewer, the more its price leans to the centre's.
    """

    def __init__(  # noqa: PLR0917
        self, n: int, areas: int, rules: Rules, scale: float, penalty: float, people: Floats
    ) -> None:
        self.n, self.areas, self.rules, self.scale = n, areas, rules, scale
        self.penalty = penalty
        lean = people.mean() / np.maximum(people, 1e-2 * people.mean()) if people.sum() > 0 else np.ones(n)
        self.lean = np.concatenate([_LEAN * lean, np.zeros(1 + len(rules.cap_limit))])
        self.caps = len(rules.cap_limit)
        self.masks = np.zeros((0, -(-n // 64)), dtype=np.uint64)
        self.costs = np.zeros(0)
        self.known: set[bytes] = set()
        self.model = open_model()
        for row in range(n + 1 + self.caps):
            upper = 1.0 if row < n else float(areas if row == n else rules.cap_limit[row - n - 1])
            self.model.addRow(-highspy.kHighsInf if row > n else upper, upper, 0, [], [])
        for row in range(n + 1 + self.caps):
            for sign in (1.0, -1.0):
                self.model.addCol(0.0, 0.0, _PLAY, 1, [row], [sign])
        for row in range(n + 1 + self.caps):
            for sign in (1.0, -1.0):
                self.model.addCol(0.0, 0.0, self.lean[row], 1, [row], [sign])
        self.boxed = 4 * (n + 1 + self.caps)
        for row in range(n + 1 + self.caps):
            for sign in (1.0, -1.0) if row <= n else (-1.0,):
                self.model.addCol(penalty * scale, 0.0, highspy.kHighsInf, 1, [row], [sign])
        self.slacks = self.boxed + 2 * (n + 1) + self.caps

    def add(self, masks: Masks, costs: Floats) -> int:
        """Add candidates that are not in the program yet; returns how many were new."""
        fresh = []
        for row, mask in enumerate(masks):
            key = mask.tobytes()
            if key not in self.known:
                self.known.add(key)
                fresh.append(row)
        if not fresh:
            return 0
        masks, costs = masks[fresh], costs[fresh]
        add_candidates(self.model, masks, costs * self.scale, self.n, self.rules.cap_units)
        self.masks = np.concatenate([self.masks, masks])
        self.costs = np.concatenate([self.costs, costs])
        return len(masks)

    def box(self, centre: Prices, width: float) -> None:
        """Hold every price within `width` of the centre (of a cap also at most 0)."""
        prices = np.concatenate([centre.units, [centre.count], centre.caps])
        upper, lower = prices + width, prices - width
        upper[self.n + 1 :] = 0.0
        half = self.boxed // 2
        costs = np.empty(self.boxed)
        costs[:half:2], costs[1:half:2] = upper * self.scale, -lower * self.scale
        costs[half::2], costs[half + 1 :: 2] = prices * self.scale, -prices * self.scale
        self.model.changeColsCost(self.boxed, np.arange(self.boxed, dtype=np.int32), costs)

    def straighten(self) -> None:
        """Lean less, so that prices farther from the centre can be had."""
        self.lean = np.where(self.lean > 1e-6, self.lean / 10.0, 0.0)
        half = self.boxed // 2
        columns = np.arange(half, self.boxed, dtype=np.int32)
        self.model.changeColsBounds(half, columns, np.zeros(half), np.repeat(self.lean, 2))

    def punish(self, factor: float) -> None:
        """Raise M: prices that prove that there is no plan may be larger than any plan's."""
        self.penalty *= factor
        columns = np.arange(self.boxed, self.slacks, dtype=np.int32)
        self.model.changeColsCost(len(columns), columns, np.full(len(columns), self.penalty * self.scale))

    def solve(self) -> tuple[Prices, float, float]:
        """Solve; returns prices, value, and how much slack is used (0: the box does not bind).

        Raises
        ------
        SolverError
            HiGHS fails.
        """
        if not solve(self.model):
            raise SolverError("HiGHS met a time limit that it was not given")
        solution = self.model.getSolution()
        duals = np.array(solution.row_dual) / self.scale
        prices = Prices(duals[: self.n], float(duals[self.n]), np.minimum(duals[self.n + 1 :], 0.0))
        used = np.array(solution.col_value)[: self.slacks]
        value = self.model.getInfo().objective_function_value / self.scale
        return prices, float(value), float(used.sum())
