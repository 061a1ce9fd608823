"""What a plan is handed on as: maps, tables, exchange files, a page to explore and a report."""

from typing import TYPE_CHECKING

from geo_devolve.lazily import loader

if TYPE_CHECKING:
    from geo_devolve.publish.files.exchange import export_plan, read_back
    from geo_devolve.publish.files.reopen import open_plan
    from geo_devolve.publish.maps.plan_map import (
        draw_map,
        map,  # noqa: A004
        map_plan,
    )
    from geo_devolve.publish.notebook import explore
    from geo_devolve.publish.pages.explorer import explorer_html, write_explorer
    from geo_devolve.publish.pages.report import report_html, write_report
    from geo_devolve.publish.write import write_plan

__all__ = [
    "draw_map",
    "explore",
    "explorer_html",
    "export_plan",
    "map",
    "map_plan",
    "open_plan",
    "read_back",
    "report_html",
    "write_explorer",
    "write_plan",
    "write_report",
]

__getattr__ = loader(
    __name__,
    {
        "geo_devolve.publish.files.exchange": (
            "export_plan",
            "read_back",
        ),
        "geo_devolve.publish.files.reopen": ("open_plan",),
        "geo_devolve.publish.maps.plan_map": (
            "draw_map",
            "map",
            "map_plan",
        ),
        "geo_devolve.publish.notebook": ("explore",),
        "geo_devolve.publish.pages.explorer": (
            "explorer_html",
            "write_explorer",
        ),
        "geo_devolve.publish.pages.report": (
            "report_html",
            "write_report",
        ),
        "geo_devolve.publish.write": ("write_plan",),
    },
)
