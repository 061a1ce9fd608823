"""Fetching from a portal that misbehaves in every way that portals do."""

import gzip
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import pyogrio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from misbehaving import Answer, Server, Service, body, hang, pages, times

from geo_devolve.errors import PortalError, UsageError
from geo_devolve.geography.portal import cache as portal_cache
from geo_devolve.geography.portal import catalogue
from geo_devolve.geography.portal.fetch import Fetched, fetch_service
from geo_devolve.geography.portal.portal import Portal, PortalSettings

ROOT = Path(__file__).parents[3]
QUICK = PortalSettings(connect_s=2.0, read_s=0.25, answer_s=2.0, attempts=4, pause_s=0.001, page=None)


@pytest.fixture
def server():
    with Server() as running:
        yield running


def rows(count: int, prefix: str = "X") -> list[dict[str, object]]:
    return [
        {"stp17cd": f"{prefix}{number:08d}", "stp17nm": f"Place, {number}"} for number in range(1, count + 1)
    ]


def entry(**changes: object) -> catalogue.Service:
    kept: dict[str, object] = {
        "key": "stp",
        "service": "STP",
        "title": "Partnerships",
        "vintage": "2017",
        "kind": "polygons",
        "unique": ("STP17CD",),
        "name": "STP17NM",
    }
    return catalogue.Service(**(kept | changes))


def fetch(server: Server, cache: Path, patience: PortalSettings = QUICK, **changes: object) -> Fetched:
    refresh = bool(changes.pop("refresh", False))
    with Portal(server.base, patience) as portal:
        return fetch_service(portal, entry(**changes), cache=cache, refresh=refresh)


def codes(fetched: Fetched) -> list[str]:
    content = json.loads(fetched.path.read_bytes())
    part = "attributes" if fetched.path.suffix == ".json" else "properties"
    return [each[part]["stp17cd"] for each in content["features"]]


def expected(count: int) -> list[str]:
    return [f"X{number:08d}" for number in range(1, count + 1)]


def questions(service: Service) -> list[tuple[int, int]]:
    return [(int(a["resultOffset"]), int(a["resultRecordCount"])) for a in service.asked if pages(a)]


@pytest.mark.parametrize("form", ["json", "geojson"])
def test_pages_until_nothing_more_is_announced(server, tmp_path, form):
    service = server.services["STP"] = Service(rows(25), most=10)
    fetched = fetch(server, tmp_path, format=form)
    assert codes(fetched) == expected(25)
    assert fetched.record.rows == 25
    assert questions(service) == [(0, 10), (10, 10), (20, 10)]
    assert all(
        a["orderByFields"] == "OBJECTID ASC" and a["outSR"] == "27700" for a in service.asked if pages(a)
    )
    assert not any("maxAllowableOffset" in a for a in service.asked)


@pytest.mark.parametrize(("form", "suffix"), [("json", ".json"), ("geojson", ".geojson")])
def test_the_file_is_read_by_gdal(server, tmp_path, form, suffix):
    server.services["STP"] = Service(rows(3))
    fetched = fetch(server, tmp_path, format=form)
    assert fetched.path.suffix == suffix
    frame = pyogrio.read_dataframe(fetched.path)
    assert frame.crs.to_epsg() == 27700
    assert frame.geometry.area.tolist() == [1e6, 1e6, 1e6]
    assert frame["stp17nm"].tolist() == ["Place, 1", "Place, 2", "Place, 3"]


def test_short_pages_do_not_end_a_fetch(server, tmp_path):
    service = server.services["STP"] = Service(rows(9), most=4)

    def short(asked: dict[str, str]) -> Answer:
        return body(service.query(asked | {"resultRecordCount": "1"}))

    service.faults.append(times(3, short))
    assert codes(fetch(server, tmp_path)) == expected(9)


def test_a_server_that_never_says_there_is_more(server, tmp_path):
    server.services["STP"] = Service(rows(9), most=4, tells_more=False)
    assert codes(fetch(server, tmp_path)) == expected(9)


def test_a_server_that_cannot_page_is_asked_by_object_number(server, tmp_path):
    service = server.services["STP"] = Service(rows(9), most=4, paginates=False)
    assert codes(fetch(server, tmp_path)) == expected(9)
    assert not any("resultOffset" in asked for asked in service.asked)


TRUNCATED = b'{"features":[{"attributes":{"stp17cd":"X0'


@pytest.mark.parametrize(
    "fault",
    [
        lambda _: body({"error": {"code": 500, "message": "Error performing query operation"}}),
        lambda _: body({"error": {"code": 400, "message": "Unable to perform query."}}),
        lambda _: body({}, status=500),
        lambda _: body({}, status=503, **{"Retry-After": "0"}),
        lambda _: (502, {}, b"<html>Bad gateway</html>"),
        lambda _: (200, {}, b"<html>Maintenance</html>"),
        lambda _: (200, {}, TRUNCATED),
        lambda _: (200, {"Content-Length": "9999", "Connection": "close"}, TRUNCATED),
        lambda _: (200, {"Content-Encoding": "gzip"}, b"not gzip"),
        lambda _: (200, {}, b"[" * 200_000),
        lambda _: body([1, 2]),
        lambda _: body({"features": [{"attributes": None}]}),
    ],
    ids=[
        "error-500-in-200", "unable-in-200", "500", "503", "502-html", "html", "truncated", "cut-off",
        "no-gzip", "nested", "list", "null",
    ],
)  # fmt: skip
def test_passing_faults_are_asked_again(server, tmp_path, fault):
    service = server.services["STP"] = Service(rows(5), most=2)
    service.faults.append(times(3, fault))
    assert codes(fetch(server, tmp_path)) == expected(5)
    assert len(questions(service)) == 6


def test_gives_up_after_the_stated_attempts_and_resumes_from_what_it_has(server, tmp_path):
    service = server.services["STP"] = Service(rows(6), most=2)
    broken = [True]
    service.faults.append(
        lambda asked: body({}, status=500) if broken[0] and asked.get("resultOffset") == "4" else None
    )
    with pytest.raises(PortalError, match=r"gave up after 4 attempts.*run the same command again"):
        fetch(server, tmp_path)
    broken[0] = False
    before = len(questions(service))
    fetched = fetch(server, tmp_path)
    assert codes(fetched) == expected(6)
    assert questions(service)[before:] == [(4, 2)]
    assert fetched.notices == ("stp: resumed after 4 of 6 objects",)


def test_a_slow_server_is_asked_for_smaller_pages(server, tmp_path):
    service = server.services["STP"] = Service(rows(8), most=8)

    def slow(asked: dict[str, str]) -> Answer | None:
        large = pages(asked) and int(asked["resultRecordCount"]) > 2
        return hang(server, 1.0, body({}))(asked) if large else None

    service.faults.append(slow)
    fetched = fetch(server, tmp_path)
    assert codes(fetched) == expected(8)
    assert questions(service) == [(0, 8), (0, 4), (0, 2), (2, 2), (4, 2), (6, 2)]
    assert any("asked for 2 objects at a time" in notice for notice in fetched.notices)


@pytest.mark.parametrize(
    "answer", [body({}, status=504), body({"error": {"code": 400, "message": "Query timed out"}})]
)
def test_a_gateway_that_times_out_counts_as_slow(server, tmp_path, answer):
    service = server.services["STP"] = Service(rows(4), most=4)
    service.faults.append(times(1, lambda _: answer))
    assert codes(fetch(server, tmp_path)) == expected(4)
    assert questions(service) == [(0, 4), (0, 2), (2, 2)]


def test_an_answer_that_drips_for_ever_is_cut(server, tmp_path):
    service = server.services["STP"] = Service(rows(1))
    patience = PortalSettings(read_s=5.0, answer_s=0.0001, attempts=2, pause_s=0.001)
    with pytest.raises(PortalError, match="an answer not finished after"):
        fetch(server, tmp_path, patience)
    assert service.asked


def test_missing_objects_are_refused(server, tmp_path):
    service = server.services["STP"] = Service(rows(6), most=3)
    service.faults.append(lambda asked: body({"count": 7}) if "returnCountOnly" in asked else None)
    with pytest.raises(PortalError, match="6 objects came of 7 announced, twice in a row"):
        fetch(server, tmp_path)
    assert not list(tmp_path.rglob("record.json"))


def test_doubled_objects_are_refused(server, tmp_path):
    service = server.services["STP"] = Service(rows(4), most=2)

    def shifted(asked: dict[str, str]) -> Answer | None:
        return (
            body(service.query(asked | {"resultOffset": "1"})) if asked.get("resultOffset") == "2" else None
        )

    service.faults.append(shifted)
    with pytest.raises(PortalError, match=r"1 objects came more than once .*OBJECTID 2"):
        fetch(server, tmp_path)


def test_more_objects_than_announced_do_not_go_on_for_ever(server, tmp_path):
    service = server.services["STP"] = Service(rows(4), most=2)
    service.faults.append(
        lambda asked: body(service.query(asked | {"resultOffset": "0"})) if pages(asked) else None
    )
    with pytest.raises(PortalError, match="more objects came than the 4 announced"):
        fetch(server, tmp_path)


def test_an_empty_page_that_promises_more_is_refused(server, tmp_path):
    service = server.services["STP"] = Service(rows(4), most=2)
    empty = body({"features": [], "exceededTransferLimit": True})
    service.faults.append(lambda asked: empty if pages(asked) else None)
    with pytest.raises(PortalError, match="an empty page came that says there is more"):
        fetch(server, tmp_path)


def test_data_edited_between_two_pages_is_fetched_again(server, tmp_path):
    service = server.services["STP"] = Service(rows(4), most=2)

    def edit(asked: dict[str, str]) -> None:
        if asked.get("resultOffset") == "2" and service.edited == 1:
            service.edited = 2
            service.rows = service.rows[2:]

    service.faults.append(edit)
    fetched = fetch(server, tmp_path)
    assert codes(fetched) == expected(4)[2:]
    assert "fetched again from the start" in fetched.notices[0]


def test_pages_of_another_state_of_the_data_are_not_put_together(server, tmp_path):
    service = server.services["STP"] = Service(rows(4), most=2)
    broken = [True]
    service.faults.append(
        lambda asked: body({}, status=500) if broken[0] and asked.get("resultOffset") == "2" else None
    )
    with pytest.raises(PortalError):
        fetch(server, tmp_path)
    broken[0], service.edited = False, 2
    service.rows[0]["stp17cd"] = "Y"
    assert codes(fetch(server, tmp_path))[0] == "Y"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.rows[1].update(stp17cd="X00000001"), "STP17CD is not unique: X00000001"),
        (lambda s: s.rows[1].update(stp17cd=" "), "1 objects without STP17CD"),
        (lambda s: [row.pop("stp17nm") for row in s.rows], "no column STP17NM among OBJECTID, stp17cd"),
        (lambda s: setattr(s, "wkid", 3857), "coordinates in EPSG:3857, not in EPSG:27700"),
        (lambda s: setattr(s, "shapes", False), "3 objects have no shape"),
    ],
)
def test_data_that_does_not_hold_together_is_refused(server, tmp_path, change, message):
    service = server.services["STP"] = Service(rows(3))
    change(service)
    with pytest.raises(PortalError, match=message):
        fetch(server, tmp_path)
    assert not list(tmp_path.rglob("record.json"))


def test_another_vintage_is_told_by_its_count(server, tmp_path):
    server.services["STP"] = Service(rows(42))
    with pytest.raises(PortalError, match="42 objects where the catalogue expects 44"):
        fetch(server, tmp_path, rows=44)


def test_a_renamed_service_is_met_with_the_nearest_name(server, tmp_path):
    server.services["STP_Feb_2017_EN_V2"] = Service(rows(3))
    with pytest.raises(PortalError, match=r"no service STP_Feb_2017_EN .*nearest there: STP_Feb_2017_EN_V2"):
        fetch(server, tmp_path, service="STP_Feb_2017_EN")


def test_a_wrong_filter_is_named(server, tmp_path):
    service = server.services["STP"] = Service(rows(3))
    refused = body({"error": {"code": 400, "message": "Invalid column"}})
    service.faults.append(lambda asked: refused if "returnCountOnly" in asked else None)
    with pytest.raises(PortalError, match="refuses the filter 'nonsense = 1': error 400"):
        fetch(server, tmp_path, where="nonsense = 1")


def test_a_filter_without_objects_is_named(server, tmp_path):
    server.services["STP"] = Service(rows(3))
    with pytest.raises(PortalError, match=r"no object answers to .*correct the filter"):
        fetch(server, tmp_path, where="stp17cd LIKE 'E%'")


def test_denied_access_is_not_asked_again(server, tmp_path):
    service = server.services["STP"] = Service(rows(3))
    service.faults.append(lambda _: body({"error": {"code": 499, "message": "Token Required"}}))
    with pytest.raises(PortalError, match="denies access"):
        fetch(server, tmp_path)
    assert len(service.asked) == 1


def test_a_redirect_elsewhere_is_refused(server, tmp_path):
    with Server() as elsewhere:
        trap = elsewhere.services["STP"] = Service(rows(3))
        service = server.services["STP"] = Service(rows(3))
        target = elsewhere.base + "/STP/FeatureServer/0"
        service.faults.append(lambda _: (302, {"Location": target}, b""))
        with pytest.raises(PortalError, match=r"redirects to 127\.0\.0\.1.*refused"):
            fetch(server, tmp_path)
        assert not trap.asked


def test_a_redirect_inside_the_host_is_followed_but_not_for_ever(server, tmp_path):
    server.services["STP_V2"] = Service(rows(3))
    service = server.services["STP"] = Service(rows(3))

    def moved(asked: dict[str, str]) -> Answer:
        query = "&".join(f"{k}={v}" for k, v in asked.items() if k != "path").replace(" ", "%20")
        return 302, {"Location": f"{server.base}/STP_V2/{asked['path']}?{query}"}, b""

    service.faults.append(moved)
    assert codes(fetch(server, tmp_path)) == expected(3)
    service.faults[:] = [lambda asked: (302, {"Location": f"{server.base}/STP/FeatureServer/0"}, b"")]
    with pytest.raises(PortalError, match="redirects more than 3 times"):
        fetch(server, tmp_path, refresh=True)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("announced", [False, True])
def test_a_body_beyond_the_limit_is_refused(server, tmp_path, packed, announced):
    service = server.services["STP"] = Service(rows(3))
    content = b" " * 300_000
    headers = {"Content-Encoding": "gzip"} if packed else {}
    content = gzip.compress(content) if packed else content
    if not announced:
        headers |= {"Transfer-Encoding": "chunked", "Content-Length": ""}
        content = b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content)
        headers.pop("Content-Length")
    service.faults.append(lambda _: (200, headers, content))
    patience = PortalSettings(attempts=2, pause_s=0.001, largest_bytes=100_000)
    with pytest.raises(PortalError, match="more than 100,000 bytes: refused"):
        fetch(server, tmp_path, patience)


def test_offline_is_said_plainly_and_nothing_is_written(tmp_path):
    with Server() as gone:
        base = gone.base
    with Portal(base, QUICK) as portal, pytest.raises(PortalError, match=r"cannot be reached .*nothing was"):
        fetch_service(portal, entry(), cache=tmp_path)
    assert not list(tmp_path.rglob("*.json"))


def test_what_the_cache_has_needs_no_portal(server, tmp_path):
    service = server.services["STP"] = Service(rows(3))
    first = fetch(server, tmp_path)
    asked = len(service.asked)
    again = fetch(server, tmp_path)
    assert again.from_cache
    assert again.record == first.record
    assert again.path.read_bytes() == first.path.read_bytes()
    assert len(service.asked) == asked
    assert not fetch(server, tmp_path, refresh=True).from_cache
    assert len(service.asked) > asked


def test_a_cached_file_whose_bytes_changed_is_not_trusted(server, tmp_path):
    server.services["STP"] = Service(rows(3))
    first = fetch(server, tmp_path)
    whole = first.path.read_bytes()
    first.path.write_bytes(whole[:-20])
    again = fetch(server, tmp_path)
    assert not again.from_cache
    assert again.path.read_bytes() == whole


def test_a_damaged_page_is_fetched_again(server, tmp_path):
    service = server.services["STP"] = Service(rows(6), most=2)
    broken = [True]
    service.faults.append(
        lambda asked: body({}, status=500) if broken[0] and asked.get("resultOffset") == "4" else None
    )
    with pytest.raises(PortalError):
        fetch(server, tmp_path)
    second = sorted(tmp_path.rglob("parts-*/*.json"))[1]
    second.write_bytes(second.read_bytes()[:-5])
    broken[0] = False
    before = len(questions(service))
    assert codes(fetch(server, tmp_path)) == expected(6)
    assert questions(service)[before:] == [(2, 2), (4, 2)]


KILLED = """
import sys
from pathlib import Path
from test_portal_fetch import entry
from geo_devolve.geography.portal.portal import Portal, PortalSettings
from geo_devolve.geography.portal.fetch import fetch_service
with Portal(sys.argv[1], PortalSettings()) as portal:
    fetch_service(portal, entry(), cache=Path(sys.argv[2]))
"""


@pytest.mark.slow
def test_a_process_killed_in_the_middle_leaves_nothing_half_and_is_resumed(server, tmp_path):
    service = server.services["STP"] = Service(rows(6), most=2)
    hanging = [True]
    service.faults.append(
        lambda asked: hang(server, 30)(asked) if hanging[0] and asked.get("resultOffset") == "4" else None
    )
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, server.base, str(tmp_path)],
        cwd=ROOT,
        env=os.environ
        | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}{os.pathsep}{Path(__file__).parent}"},
    )
    try:
        deadline = time.monotonic() + 60
        while (4, 2) not in questions(service) and time.monotonic() < deadline and child.poll() is None:
            time.sleep(0.01)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert not list(tmp_path.rglob("record.json"))
    # as if the kill had come in the middle of writing a page
    parts = next(tmp_path.rglob("parts-*"))
    (parts / ".partial-abc").write_bytes(b'{"features":[')
    hanging[0] = False
    before = len(questions(service))
    resumed = fetch(server, tmp_path)
    assert questions(service)[before:] == [(4, 2)]
    unbroken = fetch(server, tmp_path / "other")
    assert resumed.path.read_bytes() == unbroken.path.read_bytes()
    assert resumed.record.sha256 == unbroken.record.sha256


def test_a_table_becomes_csv(server, tmp_path):
    server.services["STP"] = Service(rows(3), shapes=False)
    fetched = fetch(server, tmp_path, kind="table")
    assert fetched.path.suffix == ".csv"
    text = fetched.path.read_text()
    assert text.splitlines()[:2] == ["OBJECTID,stp17cd,stp17nm", '1,X00000001,"Place, 1"']


def test_the_same_objects_give_the_same_bytes_whatever_the_pages(server, tmp_path):
    server.services["STP"] = Service(rows(7), most=7)
    one = fetch(server, tmp_path / "one")
    patience = PortalSettings(pause_s=0.001, page=2)
    two = fetch(server, tmp_path / "two", patience)
    assert one.path.read_bytes() == two.path.read_bytes()


@pytest.mark.parametrize(
    "base", ["http://example.org/rest", "ftp://127.0.0.1", "portal", "https://", "http://["]
)
def test_only_https_or_this_machine_is_asked(base):
    with pytest.raises(UsageError, match="no address of a portal"):
        Portal(base)


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(UsageError, match="above zero"):
        PortalSettings(attempts=0)


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def full(_: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        portal_cache.write_whole(tmp_path / "page.json", b"{}")
    assert not list(tmp_path.iterdir())


def test_only_one_module_touches_the_network():
    package = ROOT / "geo_devolve"
    words = ("import httpx", "import requests", "urllib.request", "import socket", "http.client")
    found = [
        path.relative_to(package).as_posix()
        for path in sorted(package.rglob("*.py"))
        if any(word in path.read_text("utf-8") for word in words)
    ]
    assert found == ["geography/portal/portal.py"]
    assert httpx.__version__


FAULTS = {
    "500": lambda service, asked: body({}, status=500),
    "error inside 200": lambda service, asked: body({"error": {"code": 503, "message": "Busy"}}),
    "timed out": lambda service, asked: body({}, status=504),
    "truncated": lambda service, asked: (200, {}, TRUNCATED),
    "short page": lambda service, asked: body(service.query(asked | {"resultRecordCount": "1"})),
    "page again": lambda service, asked: body(service.query(asked | {"resultOffset": "0"})),
    "page skipped": lambda service, asked: body(
        service.query(asked | {"resultOffset": str(int(asked["resultOffset"]) + 1)})
    ),
    "empty": lambda service, asked: body({"features": []}),
    "none": lambda service, asked: None,
}


@settings(max_examples=40)
@given(
    faults=st.lists(st.sampled_from(sorted(FAULTS)), max_size=12),
    most=st.integers(1, 5),
    count=st.integers(1, 9),
)
@pytest.mark.slow
def test_whatever_goes_wrong_what_is_fetched_is_whole_or_refused(faults, most, count):
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        service = server.services["STP"] = Service(rows(count), most=most)
        left = list(faults)
        service.faults.append(
            lambda asked: FAULTS[left.pop(0)](service, asked) if pages(asked) and left else None
        )
        for _ in range(4):
            try:
                fetched = fetch(server, Path(folder))
            except PortalError:
                assert not list(Path(folder).rglob("record.json"))
            else:
                assert codes(fetched) == expected(count)
                break
        else:
            pytest.fail("not fetched though the faults are used up")
