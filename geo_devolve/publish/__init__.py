"""What a plan is handed on as: maps, tables, exchange files, a page to explore and a report."""

from geo_devolve.publish.exchange import export_plan, read_back
from geo_devolve.publish.explorer import explorer_html, write_explorer
from geo_devolve.publish.maps import draw_map, map_plan
from geo_devolve.publish.notebook import explore
from geo_devolve.publish.reopen import open_plan
from geo_devolve.publish.report import report_html, write_report
from geo_devolve.publish.write import write_plan

map = map_plan  # noqa: A001  (read as gd.map)

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
