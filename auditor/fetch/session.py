"""One session for all that is fetched: connections kept and checked, each answer limited in time and size.

It is one shared requests.Session whose connections are made through the guard. What requests would do by itself (redirects, cookies, proxies,
netrc, repeats, unpacking) is switched off: the door checks, paces and records every hop, and unpacks in bounds.
"""

import hashlib
import http.client
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from auditor.fetch.guard import Guard, Place, Refused

CONNECT, READ, WHOLE = 10.0, 30.0, 120.0  # seconds: to connect, between two reads, for the whole answer
# Hosts whose connections are kept, and of each as many as fly at once (limits.OWN); where more are open in all, one is closed when it is done.
POOLS, EACH, KEPT_OPEN = 256, 20, 512
IDLE = 20.0  # seconds without a request after which a connection is not used again
BLOCK, PIECE = 1 << 18, 1 << 16
SWELL = 1 << 30, 200  # a file that unpacks to more bytes than this, and more times its size, is a bomb
SLOWEST = 1 << 14, 60.0  # a file without a limit on its size brings this many bytes in this many seconds


class Failed(Exception):
    """Why there is no answer: its kind (see Ask), one sentence without the URL, and whether asking again may help."""

    def __init__(self, kind: str, why: str, again: bool = True) -> None:
        super().__init__(why)
        self.kind, self.why, self.again = kind, why, again


@dataclass(frozen=True, slots=True)
class Reply:
    """What one request was answered with; `cut` where the body is longer than was wanted."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes
    cut: bool

    def header(self, name: str) -> str | None:
        """Return the first header of a name, in any case."""
        return next((v for k, v in self.headers if k.lower() == name), None)


@cache
def _context() -> ssl.SSLContext:
    import os

    import certifi

    return ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or certifi.where())


@dataclass(slots=True)
class Errand:
    """What one thread asks, for the connection that its request is sent on."""

    place: Place
    guard: Guard
    anew: bool  # not on a connection that was kept
    deadline: float = 0.0
    wire: socket.socket | None = None  # a connection forgets its `sock` where the answer says that it is the last one
    made: bool = False  # a connection was made for it, or tried to be
    sent: bool = False  # there was a connection to send it on


_mine = threading.local()  # .errand
_open: set["Plain"] = set()


def _errand() -> Errand:
    errand: Errand = _mine.errand
    return errand


class Plain(HTTPConnection):
    """A connection to an address that the guard has checked."""

    used = 0.0

    def _new_conn(self) -> socket.socket:
        errand = _errand()
        errand.made = True
        errand.wire = errand.guard.connect(errand.place, CONNECT)
        return errand.wire

    def connect(self) -> None:
        try:
            super().connect()
            _open.add(self)
        except BaseException as error:  # urllib3 passes over some that it takes for those of sending
            self.close()
            raise _failed(error, False, "") from None

    def close(self) -> None:
        super().close()
        _open.discard(self)

    @property
    def is_connected(self) -> bool:
        """Say whether it can be used again: still open, and no byte came that was not asked for."""
        return not _errand().anew and time.monotonic() - self.used < IDLE and super().is_connected

    def putrequest(self, method: str, url: str, *rest: Any, **more: Any) -> None:
        """Ask for the target as the guard quoted it: requests and urllib3, which would quote it again and log it, do not know it."""
        errand = _errand()
        if self.sock is None:
            self.connect()
        errand.wire, errand.sent = self.sock, True
        super().putrequest(method, errand.place.target, *rest, **more)

    def getresponse(self) -> Any:
        answer = super().getresponse()
        self.used = time.monotonic()
        if answer.status < 200:
            raise http.client.HTTPException(f"status {answer.status}")
        return answer


class Secure(Plain, HTTPSConnection):
    """The same over TLS, for the name that was asked for."""


class PlainPool(HTTPConnectionPool):
    """Connections to one host."""

    ConnectionCls = Plain

    def _put_conn(self, conn: Any) -> None:
        if conn and len(_open) > KEPT_OPEN:
            conn.close()
        super()._put_conn(conn)


class SecurePool(PlainPool, HTTPSConnectionPool):
    """TLS connections to one host."""

    ConnectionCls = Secure


class Pools(PoolManager):
    """Connections by host; those of the host asked longest ago are closed first."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}

    def clear(self) -> None:
        for key in self.pools.keys():  # noqa: SIM118 (it can't be iterated over)
            self.pools[key].close()
        super().clear()

    def connection_from_host(
        self, host: str | None, port: int | None = None, scheme: str | None = "http", pool_kwargs: Any = None
    ) -> HTTPConnectionPool:
        return super().connection_from_host(
            host, port, scheme, {"ssl_context": _context()} if scheme == "https" else None
        )


class Adapter(HTTPAdapter):
    """Sends on the door's own connections, and reads nothing into an answer."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **more: Any) -> None:
        self.poolmanager = Pools(num_pools=connections, maxsize=maxsize, block=block, **more)

    def cert_verify(self, *_: Any) -> None:
        """Do nothing: `_context` verifies."""

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """Return the bare answer, without the cookies and the encoding that requests looks for in its headers."""
        response = requests.Response()
        response.request, response.raw, response.status_code, response.reason = req, resp, resp.status, resp.reason
        return response


class Web(requests.Session):
    """requests without what it does by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(netscape=False, allowed_domains=[]))
        adapter = Adapter(pool_connections=POOLS, pool_maxsize=EACH, max_retries=0)
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return None: to learn where it leads, requests would read a redirect's body, however long."""
        return None


class Watch:
    """Ends answers that take longer than they may, whatever they are waiting for: it shuts their socket."""

    def __init__(self) -> None:
        self.live: dict[int, Errand] = {}
        self.lock = threading.Lock()
        self.running = False

    def begin(self, errand: Errand, seconds: float) -> None:
        """Watch what this thread asks."""
        errand.deadline = time.monotonic() + seconds
        with self.lock:
            self.live[threading.get_ident()] = errand
            if not self.running:
                self.running = True
                threading.Thread(target=self._run, name="watch", daemon=True).start()

    def end(self) -> bool:
        """Stop watching; say whether the time was up."""
        with self.lock:
            errand = self.live.pop(threading.get_ident())
        return time.monotonic() >= errand.deadline

    def cut(self) -> None:
        """End everything that is being answered, now."""
        with self.lock:
            for errand in self.live.values():
                errand.deadline = 0.0
                _shut(errand)

    def _run(self) -> None:
        while True:
            time.sleep(0.2)
            with self.lock:
                if not self.live:
                    self.running = False
                    return
                now = time.monotonic()
                for errand in self.live.values():
                    if now >= errand.deadline:
                        _shut(errand)


def _shut(errand: Errand) -> None:
    if errand.wire is not None:
        with suppress(OSError):
            socket.socket.shutdown(errand.wire, socket.SHUT_RDWR)


class Session:
    """Connections kept open between requests, for any number of threads."""

    def __init__(self, guard: Guard, agent: str) -> None:
        self.guard, self.agent = guard, agent
        self.watch = Watch()
        self.web = Web()

    def close(self) -> None:
        """Close all connections that are not in use."""
        self.web.close()

    def exchange(
        self, place: Place, headers: Mapping[str, str], most: int, seconds: float = WHOLE, plain: bool = False
    ) -> Reply:
        """Ask once, follow nothing, and return what came; Failed where that is no whole answer in time.

        most: bytes of body, as sent and unpacked. plain: no compression, and the first bytes are all that is wanted.
        """
        answer = self._ask(place, headers, seconds, plain)
        try:
            body = _read(answer, most if plain else most + 1)
        except BaseException as error:
            raise _failed(error, self.watch.end(), "broke off") from None
        finally:
            answer.close()
        if self.watch.end():
            raise Failed("timeout", f"was not done within {seconds:g} seconds")
        body, cut = body[:most], len(body) > most
        if body:
            body, cut = unpacked(body, answer.headers.getlist("Content-Encoding"), most, cut or plain)
        return Reply(answer.status, answer.reason or "", list(answer.headers.items()), body, cut)

    def stream(self, place: Place, headers: Mapping[str, str]) -> Generator[Any, None, None]:
        """Ask once, and yield the reply without its body, then the blocks of the body, as sent, however many."""
        answer = self._ask(place, headers, SLOWEST[1], plain=True)
        try:
            self.watch.end()
            yield Reply(answer.status, answer.reason or "", list(answer.headers.items()), b"", False)
            held, since = 0, time.monotonic()
            while block := answer.read1(BLOCK, decode_content=False):
                yield block
                held += len(block)
                if time.monotonic() - since > SLOWEST[1]:
                    if held < SLOWEST[0]:
                        raise Failed("timeout", f"brought {held} bytes in {SLOWEST[1]:g} seconds")
                    held, since = 0, time.monotonic()
        except HTTPError as error:
            raise _failed(error, False, "broke off") from None
        finally:
            answer.close()

    def _ask(self, place: Place, headers: Mapping[str, str], seconds: float, plain: bool) -> BaseHTTPResponse:
        """Send a request, and return its answer as soon as its headers are there; it is watched then."""
        asked = (
            requests.PreparedRequest()
        )  # by hand: what requests prepares, the guard has, and it is a quarter of a request's cost
        asked.method, asked.url = "GET", f"{place.origin}/"
        asked.headers = CaseInsensitiveDict(
            {
                "User-Agent": self.agent,
                "Accept": "*/*",
                "Accept-Encoding": "identity" if plain else "gzip, deflate",
                **headers,
            }
        )
        for anew in (False, True):
            _mine.errand = errand = Errand(place, self.guard, anew)
            self.watch.begin(errand, seconds)
            try:
                answer = self.web.send(asked, stream=True, allow_redirects=False, timeout=(CONNECT, READ))
                raw: BaseHTTPResponse = answer.raw
                return raw
            except BaseException as error:
                late = self.watch.end()
                if not (errand.made or late) and isinstance(_cause(error), ConnectionError):
                    continue  # closed while it was idle
                raise _failed(error, late, "did not answer as a web server does" if errand.sent else "") from None
        raise AssertionError


def _read(answer: BaseHTTPResponse, most: int) -> bytes:
    """Read a body to its end, or as many bytes; `read1`, since `read` looks for a way to unpack even if told not to."""
    pieces = []
    while most > 0 and (piece := answer.read1(min(PIECE, most), decode_content=False)):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)


def _cause(error: BaseException) -> BaseException:
    """Return what happened, out of what urllib3 and requests have wrapped it in."""
    while isinstance(error, requests.RequestException | HTTPError) and error.__context__ is not None:
        error = error.__context__
    return error


def _failed(error: BaseException, late: bool, then: str) -> BaseException:
    """Return what an error of the network means; one that is not of the network as it is."""
    error = _cause(error)
    said = " ".join(str(error).split())[:120] or type(error).__name__
    if isinstance(error, Failed):
        return error
    if isinstance(error, Refused):
        return Failed("guard", f"was not asked: {error}", again=False)
    if late or isinstance(error, TimeoutError):
        return Failed("timeout", "did not answer in time")
    if isinstance(error, socket.gaierror):
        lasting = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
        return Failed("dns", f"has a name that no address is known for ({said})", again=not lasting)
    if isinstance(error, UnicodeError):
        return Failed("dns", f"has a name that can't be looked up ({said})", again=False)
    if isinstance(error, ssl.SSLError):
        why = re.sub(r"\[SSL[^\]]*\] |\s*\(_ssl\.c:\d+\)", "", said)
        return Failed("tls", f"could not prove who it is ({why})", again=False)
    if isinstance(error, http.client.HTTPException | HTTPError):
        return Failed("server", f"{then} ({said})")
    if isinstance(error, OSError):
        return Failed(
            "server" if then else "connect", f"{then or 'could not be connected to'} ({error.strerror or said})"
        )
    return error


def unpacked(body: bytes, encodings: list[str], most: int, cut: bool) -> tuple[bytes, bool]:
    """Undo Content-Encoding, never beyond `most` bytes; Failed where it is not what was asked for, or broken."""
    named = [e.strip().lower() for line in encodings for e in line.split(",")]
    named = [e for e in named if e not in ("", "identity")]
    if len(named) > 2 or any(e not in ("gzip", "x-gzip", "deflate") for e in named):
        shown = ", ".join(named)[:60]
        raise Failed("decoding", f"was packed in a way that was not asked for ({shown})", again=False)
    longer = cut
    for encoding in reversed(named):
        body, more = _inflated(body, encoding, most, longer)
        longer = longer or more
    return body, longer


def _inflated(body: bytes, encoding: str, most: int, cut: bool) -> tuple[bytes, bool]:
    made = b""
    try:
        for block in inflated([body], encoding, most + 1):
            made += block
            if len(made) > most:
                return made[:most], True
    except Failed as error:
        if not (cut and error.again):  # of the beginning of something packed, the beginning
            raise
    return made, False


def inflated(blocks: Iterable[bytes], encoding: str, step: int = BLOCK) -> Iterator[bytes]:
    """Unpack gzip (of any number of members) or deflate, in blocks of at most `step` bytes, so that a bomb costs no memory."""
    engine, members = None, 0
    for block in blocks:
        while block:
            if engine is None:
                bare = encoding == "deflate" and (block[0] & 0x0F) != 8
                engine = zlib.decompressobj(-15 if bare else 47)
            try:
                made = engine.decompress(block, step)
            except zlib.error as error:
                if members and "header" in str(error):  # padding after the last member
                    return
                raise Failed("decoding", f"can't be unpacked ({error})", again=False) from None
            yield made
            block = engine.unconsumed_tail or engine.unused_data
            if engine.eof:
                engine, members = None, members + 1
    if engine is not None or not members:
        raise Failed("decoding", "is packed, and breaks off", again=True)


def download(
    session: Session, place: Place, into: Path, said: dict[str, Any], more: Mapping[str, str] | None = None
) -> Reply:
    """Stream an answer into a file; an earlier, partial one is gone on with where `said` has its ETag.

    said: `etag` of the partial file, filled for the next try. The reply's body is the whole file's SHA-256, in hexadecimal.
    """
    done = into.stat().st_size if into.exists() and said.get("etag") else 0
    headers = {**(more or {}), **({"Range": f"bytes={done}-", "If-Range": said["etag"]} if done else {})}
    blocks: Iterable[bytes]
    blocks = stream = session.stream(place, headers)
    try:
        reply: Reply = next(stream)
        if reply.status not in (200, 206):
            return reply
        etag = reply.header("etag") or ""
        said["etag"] = etag if etag.startswith('"') else None
        goes_on = reply.status == 206 and (reply.header("content-range") or "").startswith(f"bytes {done}-")
        if reply.status == 206 and not goes_on:
            into.unlink(missing_ok=True)
            raise Failed("server", "answered with another part of the file than was asked for")
        packed = (reply.header("content-encoding") or "identity").strip().lower()
        if packed != "identity":  # though it was not asked for
            said["etag"] = None
            blocks = _unpacked_file(blocks, packed)
        with into.open("ab" if goes_on else "wb") as out:
            for block in blocks:
                out.write(block)
        with into.open("rb") as written:
            sums = hashlib.file_digest(written, "sha256").hexdigest()
        return Reply(200, reply.reason, reply.headers, sums.encode(), False)
    finally:
        stream.close()


def _unpacked_file(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Unpack a file's blocks; Failed where they swell as no data do."""
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise Failed("decoding", f"was packed in a way that was not asked for ({encoding[:60]})", again=False)
    came = made = 0

    def counted() -> Iterator[bytes]:
        nonlocal came
        for block in blocks:
            came += len(block)
            yield block

    for block in inflated(counted(), encoding):
        made += len(block)
        if made > SWELL[0] and made > SWELL[1] * came:
            raise Failed("size", f"unpacks to more than {SWELL[1]} times its size", again=False)
        yield block
