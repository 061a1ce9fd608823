"""Short texts about a plan that stand on the map, the page and the report alike."""

import math

from geo_devolve.plan.plan import Plan
from geo_devolve.words import counted


def share(part: float) -> str:
    """Write a share in per cent; never as 0 or 100 where it is not quite."""
    if math.isnan(part):
        return "–"
    for edge in (0.0, 1.0):
        if abs(part - edge) < 1e-9:
            return f"{edge:.0%}"
    text = f"{part:.0%}" if 0.0995 <= part < 0.995 else f"{part:.1%}"
    return {"0.0%": "<0.1%", "100.0%": ">99.9%"}.get(text, text)


def certificate_line(plan: Plan) -> str:
    """Say in one line how good the plan is known to be.

    The seconds of the solve are left out, so that the line is the same every time.
    """
    areas = counted(len(plan.areas), "area")
    certificate = plan.certificate
    if certificate is None:
        return f"{areas}, drawn by hand: nothing is proven about it"
    line = f"{areas}, objective {certificate.objective:.4f}, "
    if certificate.proven:
        line += f"proven best over {certificate.scope}"
    elif math.isfinite(certificate.gap) and certificate.bound > 0:
        gap = f"{max(certificate.gap, 0):.2%}"
        line += f"not proven best: at most {gap} above the bound for {certificate.scope}"
    else:
        line += "not proven best"
    return line + (f" ({certificate.size})" if certificate.candidates else "")


def term_title(measure: str, part: str, layer_titles: dict[str, str]) -> str:
    """Name a term or a reported measure for readers.

    Parameters
    ----------
    measure, part
        As in `Plan.scores`.
    layer_titles
        Layer key to title.
    """
    known = {
        "objective": "Objective",
        "need": "Differing needs inside areas",
        "misfit": "Misfit",
        "compactness": "Borders between areas",
        "balance": "Unequal populations",
        "homogeneity": "Homogeneity",
        "completeness": "Completeness",
        "v_measure": "V-measure",
        "bodies_whole": "Bodies wholly in one area",
        "boundary_shared": "Share of the land border between areas that runs along the layer's",
        "polsby_popper": "Polsby-Popper compactness of the shapes as drawn",
        "population_min": "Smallest population",
        "population_max": "Largest population",
        "ferry_only_areas": "Areas joined only by a ferry",
    }
    title = known.get(measure, measure.replace("_", " ").capitalize())
    return f"{title}: {layer_titles.get(part, part.replace('_', ' '))}" if part else title
