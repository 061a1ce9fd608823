"""Ask a portal one question over the network, and get its whole answer or the reason why there is none.

The only module that touches the network. An answer is bounded in size and time, a redirect to another host is
refused, and an error inside an answer of status 200 counts as the error that it is.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpx

from geo_devolve.errors import PortalError, UsageError
from geo_devolve.outside import DamagedError, parse_json

_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
_SLOW = (408, 504)
_PASSING = (429, 500, 502, 503)
_DENIED = (401, 403, 498, 499)


@dataclass(frozen=True)
class PortalSettings:
    """How patient and how trusting to be.

    Attributes
    ----------
    connect_s, read_s, answer_s
        Seconds to wait for a connection, for the next bytes, and for one whole answer.
    attempts
        How often one question is asked before giving up.
    pause_s, longest_pause_s
        Seconds before the second attempt, doubled for each further one up to the longest.
    page
        Objects to ask for at a time; None for as many as the service hands out.
    largest_bytes
        An answer beyond this size (after decompression) is refused.
    redirects
        How many redirects inside the same host are followed.
    """

    connect_s: float = 10.0
    read_s: float = 60.0
    answer_s: float = 300.0
    attempts: int = 6
    pause_s: float = 1.0
    longest_pause_s: float = 30.0
    page: int | None = None
    largest_bytes: int = 64 * 2**20
    redirects: int = 3

    def __post_init__(self) -> None:
        positive = ("connect_s", "read_s", "answer_s", "attempts", "largest_bytes")
        if any(getattr(self, name) <= 0 for name in positive) or (self.page is not None and self.page < 1):
            raise UsageError("waiting times, attempts, page and the largest answer must be above zero")


class PassingError(Exception):
    """What may be gone when asked again: a fault of the server's or of the line's."""

    def __init__(self, reason: str, wait_s: float = 0.0) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


class SlowError(PassingError):
    """The server took too long: a smaller page may help."""


class OfflineError(PassingError):
    """No connection could be made at all."""


class RefusedError(Exception):
    """The server says that there is no such thing, or that it does not understand the question."""


class Portal:
    """A connection to one portal.

    Parameters
    ----------
    base
        The address above the services' names. Plain http is accepted on this machine only.
    settings
        Waiting times, attempts and limits.

    Attributes
    ----------
    base, settings
        As given, the address without a slash at its end.
    answered
        Whether the host has ever answered on this connection.
    """

    def __init__(self, base: str, settings: PortalSettings | None = None) -> None:
        try:
            parts = urlsplit(base)
            safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)
        except ValueError:
            safe = False
        if not safe or not parts.hostname:
            raise UsageError(
                f"{base} is no address of a portal: give one that starts with https:// "
                "(plain http only for this machine)"
            )
        self.base = base.rstrip("/")
        self.settings = settings or PortalSettings()
        self.answered = False
        limits = httpx.Timeout(self.settings.read_s, connect=self.settings.connect_s)
        self._client = httpx.Client(
            timeout=limits, follow_redirects=False, headers={"User-Agent": "geo-devolve"}
        )

    def __enter__(self) -> Self:
        """Return the portal itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self._client.close()

    @property
    def host(self) -> str:
        """Return the name of the machine asked."""
        return str(urlsplit(self.base).hostname)

    def ask(self, url: str, query: Mapping[str, str]) -> bytes:
        """Ask once.

        Parameters
        ----------
        url, query
            What to ask for.

        Returns
        -------
        bytes
            The answer, of status 200 and without an error inside.

        Raises
        ------
        PassingError
            Where asking again may help; as `SlowError` or `OfflineError` where that is the reason.
        RefusedError
            Where the server says that there is no such thing.
        PortalError
            Where the answer is not to be trusted: too large, from another host, denied.
        """
        target, params = url, dict(query)
        deadline = time.monotonic() + self.settings.answer_s
        for _ in range(self.settings.redirects + 1):
            try:
                with self._client.stream("GET", target, params=params or None) as response:
                    self.answered = True
                    if response.is_redirect:
                        target, params = _redirected(response), {}
                        continue
                    content = self._body(response, deadline)
                    _check_status(response, content)
                    return content
            except httpx.ConnectTimeout:
                raise OfflineError("no connection in time") from None
            except httpx.TimeoutException:
                raise SlowError("no answer in time") from None
            except httpx.ConnectError as fault:
                raise OfflineError(str(fault) or "no connection") from None
            except httpx.DecodingError as fault:
                raise PassingError(f"an answer that cannot be decompressed ({fault})") from None
            except httpx.TransportError as fault:
                raise PassingError(f"a broken connection ({fault})") from None
        raise PortalError(f"{url} redirects more than {self.settings.redirects} times: refused")

    def _body(self, response: httpx.Response, deadline: float) -> bytes:
        """Return an answer's bytes, and stop reading at the stated limits."""
        limit = self.settings.largest_bytes
        announced = response.headers.get("Content-Length", "")
        content = bytearray()
        large = announced.isdigit() and int(announced) > limit
        if not large:
            for chunk in response.iter_bytes():
                content += chunk
                large = len(content) > limit
                if large:
                    break
                if time.monotonic() > deadline:
                    raise SlowError(f"an answer not finished after {self.settings.answer_s:g} s")
        if large:
            raise PortalError(
                f"{response.url.host} sends an answer of more than {limit:,} bytes: refused. "
                "Ask for fewer objects at a time (--page) or allow more (--largest-mb)."
            )
        return bytes(content)


def _redirected(response: httpx.Response) -> str:
    """Return where a redirect leads, if that is the same host."""
    target = urljoin(str(response.url), response.headers.get("Location", ""))
    there, here = urlsplit(target), urlsplit(str(response.url))
    if there.netloc != here.netloc or there.scheme not in {here.scheme, "https"}:
        raise PortalError(
            f"{here.netloc} redirects to {there.netloc or target}: refused. If the portal has moved, "
            "give its new address (--base) or a catalogue of your own (--catalogue)."
        )
    return target


def _check_status(response: httpx.Response, content: bytes) -> None:
    """Raise what an answer's status, or an error inside an answer of status 200, amounts to."""
    status, reason = response.status_code, response.reason_phrase
    error = _error_inside(content)
    if error is not None:
        code, details = error.get("code"), error.get("details")
        status = code if isinstance(code, int) else 500
        texts = [error.get("message"), *(details if isinstance(details, list) else [])]
        reason = "; ".join(str(text) for text in texts if text)[:300]
    elif status == httpx.codes.OK:
        return
    told, lower = f"error {status} ({reason})", reason.lower()
    retry = response.headers.get("Retry-After", "")
    wait = float(retry) if retry.isdigit() else 0.0
    if status in _SLOW or "timed out" in lower or "timeout" in lower:
        raise SlowError(told, wait)
    if status in _PASSING or status >= 500 or lower.startswith(("unable to", "cannot perform")):
        raise PassingError(told, wait)
    if status in _DENIED:
        raise PortalError(f"{response.url.host} denies access to {response.url.path}: {told}")
    raise RefusedError(told)


def _error_inside(content: bytes) -> dict[str, Any] | None:
    """Return the error object that an answer consists of, if it does."""
    if len(content) > 100_000 or b'"error"' not in content:
        return None
    try:
        body = parse_json(content)
    except DamagedError:
        return None
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else None
