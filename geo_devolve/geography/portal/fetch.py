"""Fetch all objects of a service: in pages, again after a fault, on from where a killed fetch stopped.

A feature service hands out at most a page of objects at a time, says by ``exceededTransferLimit`` that there
are more, and takes too long over pages of detailed shapes; so what came is checked against the count asked
for at the start, and counts as fetched only when every object is there once.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import quote

from geo_devolve.errors import PortalError, first_few
from geo_devolve.geography.portal.cache import Record, Shelf, default_cache, digest
from geo_devolve.geography.portal.catalogue import Service
from geo_devolve.geography.portal.feature_set import FeatureSet, Page, read_page, whole_file
from geo_devolve.geography.portal.portal import OfflineError, PassingError, Portal, RefusedError, SlowError
from geo_devolve.geography.portal.verify import ChangedError, verify
from geo_devolve.outside import DamagedError, parse_json
from geo_devolve.progress import Progress, silent


@dataclass(frozen=True)
class Fetched:
    """One service's data, verified and in the cache.

    Attributes
    ----------
    service
        The entry of the catalogue.
    path
        The file, inside the cache.
    record
        Its rows, hash and origin.
    from_cache
        Whether it was there already, so that nothing was asked of the portal.
    notices
        What was odd about fetching it, to be told.
    """

    service: Service
    path: Path
    record: Record
    from_cache: bool
    notices: tuple[str, ...] = ()


def fetch_service(
    portal: Portal,
    service: Service,
    *,
    cache: Path | None = None,
    refresh: bool = False,
    progress: Progress = silent,
) -> Fetched:
    """Return all objects of one service, from the cache where they are there.

    Parameters
    ----------
    portal
        Whom to ask.
    service
        The entry of the catalogue.
    cache
        Folder for pages and finished downloads; None for the operating system's.
    refresh
        Ask the portal even where the cache has the data.
    progress
        Told of objects received and expected.

    Returns
    -------
    Fetched
        The file and where it comes from.

    Raises
    ------
    PortalError
        Where the portal cannot be reached, does not know the service, or hands out what does not agree with
        its own count or with the catalogue. Nothing half-fetched is ever returned; a later call goes on where
        this one stopped.
    """
    asked = _Asked(portal, service, cache or default_cache(), progress)
    kept = None if refresh else asked.shelf.whole()
    if kept is not None:
        return Fetched(service, kept[1], kept[0], from_cache=True)
    if refresh:
        asked.shelf.drop_pages()
    try:
        record, content = asked.download()
    except ChangedError as first:
        # edited while it was read, or pages kept from before no longer fit: once more, from the start
        asked.notices.append(f"{service.key}: {first}; fetched again from the start")
        asked.shelf.drop_pages()
        try:
            record, content = asked.download()
        except ChangedError as second:
            asked.shelf.drop_pages()
            raise PortalError(
                f"{service.key} ({service.service}): {second}, twice in a row, so nothing was kept. Try "
                "again later; if it stays so, the service is broken or its name in the catalogue is wrong."
            ) from None
    path = asked.shelf.finish(record, content)
    return Fetched(service, path, record, from_cache=False, notices=tuple(asked.notices))


class _Asked:
    """One service being asked for all it has."""

    def __init__(self, portal: Portal, service: Service, cache: Path, progress: Progress) -> None:
        self.portal, self.service, self.cache, self.progress = portal, service, cache, progress
        self.layer = f"{portal.base}/{quote(service.service)}/FeatureServer/{service.layer}"
        self.notices: list[str] = []
        question = {
            "url": self.layer,
            "where": service.where,
            "format": service.format,
            "kind": service.kind,
            "crs": service.crs,
        }
        self.shelf = Shelf(cache, service.key, question)

    def __str__(self) -> str:
        return f"{self.service.key} ({self.service.service})"

    def download(self) -> tuple[Record, bytes]:
        """Return a record of all objects, verified, and the bytes of one file with them."""
        try:
            told = self._ask(self.layer, {"f": "json"})
        except RefusedError as fault:
            raise PortalError(self._renamed(str(fault))) from None
        count, oid = self._count(), self._object_id(told)
        edited = (told.get("editingInfo") or {}).get("lastEditDate")
        # whatever tells one state of the data from another: pages of two states must never be put together
        state = {"fields": told.get("fields"), "edited": edited, "count": count, "oid": oid}
        fingerprint = digest(json.dumps(state, sort_keys=True).encode())
        features = self._pages(told, oid, count, fingerprint)
        verify(features, self.service, oid, count)
        features.sort(oid)
        content = whole_file(features, self.service.kind)
        suffix = "csv" if self.service.kind == "table" else features.suffix
        sha, key = digest(content), self.service.key
        return Record(key, self.layer, count, sha, edited, f"{key}-{sha[:12]}.{suffix}"), content

    def _count(self) -> int:
        """Return how many objects the service says that there are."""
        where = self.service.where
        try:
            question = {"where": where, "returnCountOnly": "true", "f": "json"}
            count = self._ask(f"{self.layer}/query", question).get("count")
        except RefusedError as fault:
            raise PortalError(f"{self}: refuses the filter {where!r}: {fault}") from None
        if not isinstance(count, int) or count <= 0:
            raise PortalError(
                f"{self}: no object answers to {where!r} (count {count!r}); "
                "correct the filter in the catalogue"
            )
        return count

    def _object_id(self, told: Mapping[str, Any]) -> str:
        """Return the name of the column that numbers the objects."""
        named = told.get("objectIdField")
        if not named:
            columns = told.get("fields") or []
            found = [each.get("name") for each in columns if each.get("type") == "esriFieldTypeOID"]
            named = found[0] if found else None
        if not isinstance(named, str):
            raise PortalError(f"{self}: its description names no column that numbers the objects")
        return named

    def _pages(self, told: Mapping[str, Any], oid: str, count: int, fingerprint: str) -> FeatureSet:
        """Return all pages as one set, those kept from an unfinished fetch first."""
        service, settings = self.service, self.portal.settings
        features = FeatureSet(service.format)
        more = True
        for _, content in self.shelf.pages(fingerprint):
            more = features.add(read_page(content, service.format)) or len(features) < count
        if len(features):
            self.notices.append(f"{service.key}: resumed after {len(features):,} of {count:,} objects")
        size = min(settings.page or 2**31, _most_a_page(told))
        ids = None if _paginates(told) else self._ids(oid)
        attempt = 0
        self.progress(service.key, len(features), count)
        while more:
            offset = len(features)
            try:
                content = self.portal.ask(
                    f"{self.layer}/query", _page_query(service, oid, slice(offset, offset + size), ids)
                )
                answer = _read(content, service)
            except SlowError as fault:
                if size > 1:
                    size //= 2
                    self.notices.append(f"{service.key}: {fault}; asked for {size:,} objects at a time")
                    continue
                passing: PassingError = fault
            except PassingError as fault:
                passing = fault
            except RefusedError as fault:
                raise PortalError(f"{self}: refuses the query: {fault}") from None
            else:
                attempt = 0
                if answer.exceeded and not answer.features:
                    raise ChangedError("an empty page came that says there is more")
                # a server may never say that there is more: ask on until the count is there or nothing comes
                more = features.add(answer) or (bool(answer.features) and len(features) < count)
                if len(features) > count:
                    raise ChangedError(f"more objects came than the {count:,} announced")
                if answer.features:
                    self.shelf.keep_page(fingerprint, offset, len(answer.features), content)
                self.progress(service.key, len(features), count)
                continue
            attempt += 1
            self._pause(passing, attempt)
        return features

    def _ids(self, oid: str) -> list[int]:
        """Return every object's number, for a service that cannot page."""
        question = {"where": self.service.where, "returnIdsOnly": "true", "f": "json"}
        try:
            ids = self._ask(f"{self.layer}/query", question).get("objectIds")
        except RefusedError:
            ids = None
        if not isinstance(ids, list) or not all(isinstance(number, int) for number in ids):
            raise PortalError(f"{self}: can neither page nor list its objects by {oid}")
        return sorted(ids)

    def _ask(self, url: str, query: Mapping[str, str]) -> dict[str, Any]:
        """Ask one small question until it is answered or the attempts are used up."""
        attempt = 0
        while True:
            try:
                return _json_object(self.portal.ask(url, query))
            except PassingError as fault:
                passing = fault
            attempt += 1
            self._pause(passing, attempt)

    def _pause(self, fault: PassingError, attempt: int) -> None:
        """Wait before the next attempt, or give up."""
        settings = self.portal.settings
        # a host that never answered is not asked long: the user is offline, and should be told soon
        if isinstance(fault, OfflineError) and not self.portal.answered:
            if attempt >= min(2, settings.attempts):
                raise PortalError(
                    f"{self.portal.host} cannot be reached ({fault}), so {self.service.key} was not "
                    "fetched and nothing was written. Check the connection or the proxy. What was fetched "
                    f"before is in the cache ({self.cache}) and needs none, nor does an embedded geography."
                )
        elif attempt >= settings.attempts:
            raise PortalError(
                f"{self}: gave up after {attempt} attempts, the last met {fault}. "
                "What came so far is kept: run the same command again to go on from there."
            )
        wait = max(settings.pause_s * 2 ** (attempt - 1), fault.wait_s)
        time.sleep(min(wait, settings.longest_pause_s))

    def _renamed(self, reason: str) -> str:
        """Say that a service is not there, with the nearest names that are."""
        service = self.service
        text = (
            f"{service.key}: {self.portal.base} has no service {service.service} ({reason}). Names on a "
            "portal drift: give the new one in a catalogue of your own (--catalogue)"
        )
        try:
            listed = _json_object(self.portal.ask(self.portal.base, {"f": "json"}))
            names = [str(entry["name"]).rsplit("/", 1)[-1] for entry in listed["services"]]
        except (PassingError, RefusedError, PortalError, KeyError, TypeError):
            return text + "."
        near = get_close_matches(service.service, names, n=3, cutoff=0.6)
        return text + (f"; nearest there: {first_few(near)}." if near else "; none there has a name like it.")


def _json_object(content: bytes) -> dict[str, Any]:
    """Return an answer's object; half an answer, or another thing than an object, may be whole next time."""
    try:
        answer = parse_json(content)
    except DamagedError as fault:
        raise PassingError(f"an answer that is no JSON ({fault})") from None
    if not isinstance(answer, dict):
        raise PassingError("an answer that is no JSON object")
    return answer


def _read(content: bytes, service: Service) -> Page:
    try:
        return read_page(content, service.format)
    except ValueError as fault:
        raise PassingError(f"an answer that is no {service.format} ({fault})") from None


def _page_query(service: Service, oid: str, span: slice, ids: Sequence[int] | None) -> dict[str, str]:
    """Return the question for one page; by ranges of `ids` where the service cannot page."""
    shapes = service.kind == "polygons"
    query = {
        "where": service.where,
        "outFields": "*",
        "returnGeometry": "true" if shapes else "false",
        "f": service.format,
    }
    if shapes:
        query |= {"outSR": str(service.crs), "returnTrueCurves": "false"}
    if ids is None:
        paging = {"resultOffset": str(span.start), "resultRecordCount": str(span.stop - span.start)}
        return query | {"orderByFields": f"{oid} ASC"} | paging
    some = ids[span] or [-1]
    return query | {"where": f"({service.where}) AND {oid} >= {some[0]} AND {oid} <= {some[-1]}"}


def _most_a_page(told: Mapping[str, Any]) -> int:
    most = told.get("maxRecordCount")
    return most if isinstance(most, int) and most > 0 else 1000


def _paginates(told: Mapping[str, Any]) -> bool:
    """Tell whether the service can page; one that does not say is taken to."""
    advanced = told.get("advancedQueryCapabilities") or {}
    return bool(advanced.get("supportsPagination", told.get("supportsPagination", True)))
