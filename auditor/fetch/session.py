"""One session for all that is fetched: connections kept and checked, each answer limited in time and size.

It stands on http.client. requests costs 611 us of CPU a request, its engine urllib3 257, http.client 121 (one run, 400 in flight); what
requests adds (redirects, cookies, proxies, retries by itself) is what a door that checks and records every hop has to switch off.
"""

import hashlib
import http.client
import re
import select
import socket
import ssl
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from auditor.fetch.guard import Guard, Place, Refused

CONNECT, READ, WHOLE = 10.0, 30.0, 120.0  # seconds: to connect, between two reads, for the whole answer
KEPT_OPEN, IDLE = 512, 20.0  # connections without a request; seconds after which one is closed
BLOCK = 1 << 18
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


class Connection(http.client.HTTPConnection):
    """A connection to a place, made to an address that the guard has checked."""

    def __init__(self, place: Place, guard: Guard) -> None:
        super().__init__(place.host, place.port)
        self.default_port = {"http": 80, "https": 443}[place.scheme]
        self.place, self.guard = place, guard
        self.used = time.monotonic()
        self.wire: socket.socket | None = None  # `sock` is forgotten where the answer says that it is the last one

    def connect(self) -> None:
        self.wire = self.sock = self.guard.connect(self.place, CONNECT)
        if self.place.scheme == "https":
            self.wire = self.sock = _context().wrap_socket(self.sock, server_hostname=self.place.host)
        self.sock.settimeout(READ)

    def clean(self) -> bool:
        """Say whether it can be used again: still open, and no byte came that was not asked for."""
        if self.sock is None or time.monotonic() - self.used > IDLE:
            return False
        readable = select.poll()
        readable.register(self.sock, select.POLLIN)
        return not readable.poll(0)


class Watch:
    """Ends answers that take longer than they may, whatever they are waiting for: it shuts their socket."""

    def __init__(self) -> None:
        self.live: dict[int, tuple[float, Connection]] = {}
        self.lock = threading.Lock()
        self.running = False

    def begin(self, connection: Connection, seconds: float) -> None:
        """Watch what this thread asks of a connection."""
        with self.lock:
            self.live[threading.get_ident()] = (time.monotonic() + seconds, connection)
            if not self.running:
                self.running = True
                threading.Thread(target=self._run, name="watch", daemon=True).start()

    def end(self) -> bool:
        """Stop watching; say whether the time was up."""
        with self.lock:
            deadline, _ = self.live.pop(threading.get_ident())
        return time.monotonic() >= deadline

    def cut(self) -> None:
        """End everything that is being answered, now."""
        with self.lock:
            for ident, (_, connection) in self.live.items():
                self.live[ident] = (0.0, connection)
                _shut(connection)

    def _run(self) -> None:
        while True:
            time.sleep(0.2)
            with self.lock:
                if not self.live:
                    self.running = False
                    return
                now = time.monotonic()
                for deadline, connection in self.live.values():
                    if now >= deadline:
                        _shut(connection)


def _shut(connection: Connection) -> None:
    if connection.wire is not None:
        with suppress(OSError):
            socket.socket.shutdown(connection.wire, socket.SHUT_RDWR)


class Session:
    """Connections kept open between requests, for any number of threads."""

    def __init__(self, guard: Guard, agent: str) -> None:
        self.guard, self.agent = guard, agent
        self.watch = Watch()
        self.lock = threading.Lock()
        self.idle: OrderedDict[str, list[Connection]] = OrderedDict()  # the origin used longest ago first
        self.count = 0

    def close(self) -> None:
        """Close all connections that are not in use."""
        with self.lock:
            held = [c for kept in self.idle.values() for c in kept]
            self.idle.clear()
            self.count = 0
        for connection in held:
            connection.close()

    def __del__(self) -> None:
        self.close()

    def exchange(
        self, place: Place, headers: Mapping[str, str], most: int, seconds: float = WHOLE, plain: bool = False
    ) -> Reply:
        """Ask once, follow nothing, and return what came; Failed where that is no whole answer in time.

        most: bytes of body, as sent and unpacked. plain: no compression, and the first bytes are all that is wanted.
        """
        connection, answer = self._ask(place, headers, seconds, plain)
        try:
            raw = answer.read(most if plain else most + 1)
            whole = answer.isclosed()
            if answer.length and not whole and len(raw) < most:
                raise http.client.IncompleteRead(raw, answer.length)
        except BaseException as error:
            late = self.watch.end()
            connection.close()
            raise _failed(error, late, "broke off") from None
        if self.watch.end():
            connection.close()
            raise Failed("timeout", f"was not done within {seconds:g} seconds")
        found = answer.getheaders()
        if whole and not answer.will_close:
            self._keep(connection)
        else:
            connection.close()
        body, cut = raw[:most], len(raw) > most
        if body:
            body, cut = unpacked(body, answer.headers.get_all("Content-Encoding") or [], most, cut or plain)
        return Reply(answer.status, answer.reason, found, body, cut)

    def stream(self, place: Place, headers: Mapping[str, str]) -> Generator[Any, None, None]:
        """Ask once, and yield status and headers, then the blocks of the body, as sent, however many."""
        connection, answer = self._ask(place, headers, SLOWEST[1], plain=True)
        try:
            self.watch.end()
            yield answer
            held, since = 0, time.monotonic()
            while block := answer.read1(BLOCK):
                yield block
                held += len(block)
                if time.monotonic() - since > SLOWEST[1]:
                    if held < SLOWEST[0]:
                        raise Failed("timeout", f"brought {held} bytes in {SLOWEST[1]:g} seconds")
                    held, since = 0, time.monotonic()
            if answer.length:
                raise http.client.IncompleteRead(b"", answer.length)
        except (OSError, http.client.HTTPException) as error:
            raise _failed(error, False, "broke off") from None
        finally:
            connection.close()

    def _ask(
        self, place: Place, headers: Mapping[str, str], seconds: float, plain: bool
    ) -> tuple[Connection, http.client.HTTPResponse]:
        sent = {
            "User-Agent": self.agent,
            "Accept": "*/*",
            "Accept-Encoding": "identity" if plain else "gzip, deflate",
            **headers,
        }
        kept = self._take(place)
        for connection in (kept, Connection(place, self.guard)) if kept else (Connection(place, self.guard),):
            self.watch.begin(connection, seconds)
            try:
                connection.request("GET", place.target, headers=sent)
                answer = connection.getresponse()
                if answer.status < 200:
                    raise http.client.HTTPException(f"status {answer.status}")
                return connection, answer
            except BaseException as error:
                late, made = self.watch.end(), connection.sock is not None
                connection.close()
                if connection is kept and not late and isinstance(error, ConnectionError):
                    continue  # closed while it was idle
                raise _failed(error, late, "did not answer as a web server does" if made else "") from None
        raise AssertionError

    def _take(self, place: Place) -> Connection | None:
        while True:
            with self.lock:
                held = self.idle.get(place.origin)
                if not held:
                    return None
                connection = held.pop()
                self.count -= 1
            if connection.clean():
                return connection
            connection.close()

    def _keep(self, connection: Connection) -> None:
        connection.used = time.monotonic()
        gone = None
        with self.lock:
            self.idle.setdefault(connection.place.origin, []).append(connection)
            self.idle.move_to_end(connection.place.origin)
            self.count += 1
            while self.count > KEPT_OPEN and gone is None:
                oldest = next(iter(self.idle))
                if self.idle[oldest]:
                    gone, self.count = self.idle[oldest].pop(0), self.count - 1
                if not self.idle[oldest]:
                    del self.idle[oldest]
        if gone is not None:
            gone.close()


def _failed(error: BaseException, late: bool, then: str) -> BaseException:
    """Return what an error of the network means; one that is not of the network as it is."""
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
    if isinstance(error, http.client.HTTPException):
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
        answer = next(stream)
        reply = Reply(answer.status, answer.reason, answer.getheaders(), b"", False)
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
