"""A feature service on this machine that speaks the portal's protocol, and misbehaves on demand."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl, urlsplit

Answer = tuple[int, dict[str, str], bytes]
Fault = Callable[[dict[str, str]], Answer | None]


def strip(number: int, wide: int = 1, size: float = 1000.0) -> list[list[list[float]]]:
    """Rings of strip number `number` in a row of strips `wide` squares wide; corners of squares stay."""
    west, south = 400_000 + (number - 1) * wide * size, 300_000.0
    steps = [west + step * size for step in range(wide + 1)]
    north = south + size
    return [[*([x, north] for x in steps), *([x, south] for x in reversed(steps)), [west, north]]]


def body(value: object, status: int = 200, **headers: str) -> Answer:
    """A JSON answer."""
    return status, {"Content-Type": "application/json", **headers}, json.dumps(value).encode()


class Service:
    """What one service holds and how it misbehaves.

    Parameters
    ----------
    rows
        Each object's attributes; an object number is added.
    most
        Its ``maxRecordCount``.
    traits
        ``shapes``, ``paginates``, ``tells_more`` (all true), ``wkid`` (27700), and either how many squares
        ``wide`` each object is (1) or the ``rings`` of each.
    faults
        Functions that look at a query and may answer in the service's place, each until it returns None.
    """

    def __init__(self, rows: Iterable[dict[str, object]], most: int = 2000, **traits: object) -> None:
        self.rows = [{"OBJECTID": number, **row} for number, row in enumerate(rows, start=1)]
        self.most = most
        self.faults: list[Fault] = []
        self.asked: list[dict[str, str]] = []
        self.edited = 1
        self.shapes = bool(traits.get("shapes", True))
        self.paginates = bool(traits.get("paginates", True))
        self.tells_more = bool(traits.get("tells_more", True))
        self.wkid = traits.get("wkid", 27700)
        self.wide = int(str(traits.get("wide", 1)))
        self.rings: Sequence[object] = traits.get("rings", ())  # type: ignore[assignment]

    def description(self) -> dict[str, object]:
        names = list(dict.fromkeys(key for row in self.rows for key in row))
        kinds = {"OBJECTID": "esriFieldTypeOID"}
        return {
            "objectIdField": "OBJECTID",
            "maxRecordCount": self.most,
            "advancedQueryCapabilities": {"supportsPagination": self.paginates},
            "fields": [{"name": name, "type": kinds.get(name, "esriFieldTypeString")} for name in names],
            "editingInfo": {"lastEditDate": self.edited},
        }

    def query(self, asked: dict[str, str]) -> dict[str, object]:
        rows = self.rows
        where = asked.get("where", "1=1")
        if "OBJECTID >=" in where:
            limits = where.split("OBJECTID >= ")[1].split(" AND OBJECTID <= ")
            least, most = int(limits[0]), int(limits[1])
            rows = [row for row in rows if least <= int(str(row["OBJECTID"])) <= most]
        elif "LIKE 'E%'" in where:
            column = where.split()[0].lower()
            rows = [r for r in rows if str({k.lower(): v for k, v in r.items()}[column]).startswith("E")]
        if asked.get("returnCountOnly") == "true":
            return {"count": len(rows)}
        if asked.get("returnIdsOnly") == "true":
            return {"objectIdFieldName": "OBJECTID", "objectIds": [row["OBJECTID"] for row in rows][::-1]}
        if "resultOffset" in asked and not self.paginates:
            return {"error": {"code": 400, "message": "Pagination is not supported."}}
        start = int(asked.get("resultOffset", 0))
        size = min(self.most, int(asked.get("resultRecordCount", self.most)))
        some = rows[start : start + size]
        more = self.tells_more and start + size < len(rows)
        if asked["f"] == "geojson":
            return self._geojson(some, more)
        answer: dict[str, object] = {
            "objectIdFieldName": "OBJECTID",
            "fields": self.description()["fields"],
            "features": [{"attributes": row} | self._shape(row, "rings") for row in some],
        }
        if self.shapes:
            answer |= {
                "geometryType": "esriGeometryPolygon",
                "spatialReference": {"wkid": self.wkid, "latestWkid": self.wkid},
            }
        return answer | ({"exceededTransferLimit": True} if more else {})

    def _shape(self, row: dict[str, object], part: str) -> dict[str, object]:
        if not self.shapes:
            return {}
        number = int(str(row["OBJECTID"]))
        rings = self.rings[number - 1] if self.rings else strip(number, self.wide)
        geometry = {"rings": rings} if part == "rings" else {"type": "Polygon", "coordinates": rings}
        return {"geometry": geometry}

    def _geojson(self, some: list[dict[str, object]], more: bool) -> dict[str, object]:
        answer: dict[str, object] = {
            "type": "FeatureCollection",
            "crs": {"type": "name", "properties": {"name": f"EPSG:{self.wkid}"}},
            "features": [
                {"type": "Feature", "id": row["OBJECTID"], "properties": row}
                | self._shape(row, "coordinates")
                for row in some
            ],
        }
        return answer | ({"properties": {"exceededTransferLimit": True}} if more else {})


class Server:
    """Services by name, on a free port of this machine."""

    def __init__(self) -> None:
        self.services: dict[str, Service] = {}
        self.stopping = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                """Say nothing of clients that hang up: the tests make them."""

        self._http = Quiet(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/arcgis/rest/services"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        url = urlsplit(handler.path)
        asked = dict(parse_qsl(url.query))
        status, headers, content = self._find(url.path, asked)
        try:
            handler.send_response(status)
            for key, value in ({"Content-Length": str(len(content))} | headers).items():
                handler.send_header(key, value)
            handler.end_headers()
            handler.wfile.write(content)
        except OSError:
            handler.close_connection = True

    def _find(self, path: str, asked: dict[str, str]) -> Answer:
        parts = path.split("/services", 1)[-1].strip("/").split("/")
        if parts == [""]:
            return body({"services": [{"name": n, "type": "FeatureServer"} for n in self.services]})
        service = self.services.get(parts[0])
        if service is None:
            return body({"error": {"code": 400, "message": "Invalid URL", "details": ["Invalid URL"]}})
        question = asked | {"path": "/".join(parts[1:])}
        service.asked.append(question)
        for fault in list(service.faults):
            answer = fault(question)
            if answer is not None:
                return answer
        return body(service.query(asked) if parts[-1] == "query" else service.description())


def pages(asked: dict[str, str]) -> bool:
    """Whether a question is for a page of objects."""
    return asked["path"].endswith("query") and "outFields" in asked


def times(count: int, answer: Callable[[dict[str, str]], Answer | None]) -> Fault:
    """Misbehave on the first `count` pages asked for, then no more."""
    left = [count]

    def fault(asked: dict[str, str]) -> Answer | None:
        if not pages(asked) or left[0] <= 0:
            return None
        left[0] -= 1
        return answer(asked)

    return fault


def hang(
    server: Server, seconds: float, answer: Answer | None = None
) -> Callable[[dict[str, str]], Answer | None]:
    """Keep silent for a while."""

    def fault(_: dict[str, str]) -> Answer | None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not server.stopping.is_set():
            time.sleep(0.01)
        return answer

    return fault
