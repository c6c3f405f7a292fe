"""One session for all that is asked: requests, whose transport adapter sends over the wire.

Files and robots.txt are asked through `Session.send`, which waits; items through the adapter itself (`Adapter.begin`), which does not.
What requests would do by itself (redirects, cookies, proxies, netrc, repeats, unpacking) is switched off: the door checks, paces and
records every hop, and unpacks in bounds. It never has a credential that stands in an address, so that no error of its own does.
"""

import hashlib
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import requests
from requests.adapters import BaseAdapter

from auditor.fetch.errand import Asked, Failed, Headers, Reply, Stream, Whole
from auditor.fetch.guard import Guard, Place
from auditor.fetch.packing import unpacked, unpacked_file
from auditor.fetch.wire import WHOLE, Engine

SLOWEST = 1 << 14, 60.0  # a file without a limit on its size brings this many bytes in this many seconds


class Body:
    """The body of an answer, as requests reads one."""

    def __init__(self, engine: Engine, errand: Stream) -> None:
        self.engine, self.errand = engine, errand
        self.held = b""

    def read(self, amount: int | None = None) -> bytes:
        """Return the next bytes, at most `amount`, as sent; nothing at the end."""
        if amount is None:
            return b"".join(iter(self.read1, b""))
        self.held = self.held or self.errand.read()
        said, self.held = self.held[:amount], self.held[amount:]
        return said

    def read1(self) -> bytes:
        """Return what has come."""
        said, self.held = self.held or self.errand.read(), b""
        return said

    def close(self) -> None:
        """Let the rest go."""
        if not self.errand.over:
            try:
                self.engine.call(self.engine.drop, self.errand)
            except Failed:  # with all others
                return


class Adapter(BaseAdapter):
    """Sends requests over the wire."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Ask; return as soon as the headers are there. Failed where they never are."""
        if not isinstance(request, Asked):
            raise TypeError("the door asks what the guard has seen, nothing else")
        errand = Stream(self.engine, request)
        self.engine.call(self.engine.begin, errand)
        answer = errand.ready.get()
        if isinstance(answer, BaseException):
            raise answer
        reply = Reply(request, answer)
        reply.raw = Body(self.engine, errand)
        return reply

    def begin(self, request: Asked, most: int, then: Callable[[Reply | BaseException], None]) -> None:
        """Ask, and wait for nothing: `then` gets the reply, its body as sent up to `most` bytes, or why there is none.

        Called in the loop's thread, where `then` is called, too.
        """
        self.engine.begin(Whole(request, most, then))

    def close(self) -> None:
        """Close all connections."""
        self.engine.close()


class Web(requests.Session):
    """requests without what it does by itself."""

    def __init__(self, adapter: Adapter) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(netscape=False, allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.mount(scheme, adapter)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return None: to learn where it leads, requests would read a redirect's body, however long."""
        return None


class Session:
    """Connections kept open between requests, for any number of threads."""

    def __init__(self, guard: Guard, agent: str) -> None:
        self.guard = guard
        self.engine = Engine(guard)
        self.adapter = Adapter(self.engine)
        self.web = Web(self.adapter)
        self.headers = Headers({"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"})
        self.plain = self.headers.with_({"Accept-Encoding": "identity"})

    def close(self) -> None:
        """End what is being answered, and close all connections."""
        self.web.close()

    def asked(
        self, place: Place, more: Mapping[str, str], plain: bool = False, seconds: float = 0.0, target: str = ""
    ) -> Asked:
        """Return a request with the session's headers; `more` takes the place of those of the same name.

        plain: no compression. seconds: for the whole answer; WHOLE unless given.
        """
        headers = self.plain if plain else self.headers
        if more:
            headers = headers.with_(more)
        return Asked(place, headers, seconds or WHOLE, target)

    def exchange(
        self, place: Place, headers: Mapping[str, str], most: int, seconds: float = 0.0, plain: bool = False
    ) -> Reply:
        """Ask once, follow nothing, and return what came; Failed where that is no whole answer in time.

        most: bytes of body, as sent and unpacked. plain: no compression, and the first bytes are all that is wanted.
        """
        reply, body = self._sent(self.asked(place, headers, plain, seconds))
        pieces, left = [], most if plain else most + 1
        try:
            while left > 0 and (piece := body.read(left)):
                pieces.append(piece)
                left -= len(piece)
        finally:
            body.close()
        said = b"".join(pieces)
        return whole(reply.of(said[:most], len(said) > most), most, plain)

    def stream(self, place: Place, headers: Mapping[str, str], target: str = "") -> Generator[Any, None, None]:
        """Ask once, and yield the reply without its body, then the blocks of the body, as sent, however many."""
        reply, body = self._sent(self.asked(place, headers, True, SLOWEST[1], target))
        body.errand.deadline = float("inf")
        try:
            yield reply
            held, since = 0, time.monotonic()
            while block := body.read1():
                yield block
                held += len(block)
                if time.monotonic() - since > SLOWEST[1]:
                    if held < SLOWEST[0]:
                        raise Failed("timeout", f"brought {held} bytes in {SLOWEST[1]:g} seconds")
                    held, since = 0, time.monotonic()
        finally:
            body.close()

    def _sent(self, asked: Asked) -> tuple[Reply, Body]:
        reply = self.web.send(asked, stream=True, allow_redirects=False)
        body: Any = reply.raw
        assert isinstance(reply, Reply) and isinstance(body, Body)
        return reply, body


def whole(reply: Reply, most: int, plain: bool) -> Reply:
    """Return a reply with its body unpacked; Failed where it is packed as was not asked for, or broken."""
    if not reply.content:
        return reply
    return reply.of(*unpacked(reply.content, reply.headers.get("content-encoding", ""), most, reply.cut or plain))


def download(
    session: Session,
    place: Place,
    into: Path,
    said: dict[str, Any],
    more: Mapping[str, str] | None = None,
    target: str = "",
) -> Reply:
    """Stream an answer into a file; an earlier, partial one is gone on with where `said` has its ETag.

    said: `etag` of the partial file, filled for the next try. The reply's body is the whole file's SHA-256, in hexadecimal.
    """
    done = into.stat().st_size if into.exists() and said.get("etag") else 0
    headers = {**(more or {}), **({"Range": f"bytes={done}-", "If-Range": said["etag"]} if done else {})}
    blocks: Iterable[bytes]
    blocks = stream = session.stream(place, headers, target)
    try:
        reply: Reply = next(stream)
        if reply.status_code not in (200, 206):
            return reply
        etag = reply.headers.get("etag", "")
        said["etag"] = etag if etag.startswith('"') else None
        goes_on = reply.status_code == 206 and reply.headers.get("content-range", "").startswith(f"bytes {done}-")
        if reply.status_code == 206 and not goes_on:
            into.unlink(missing_ok=True)
            raise Failed("server", "answered with another part of the file than was asked for")
        packed = reply.headers.get("content-encoding", "identity").strip().lower()
        if packed != "identity":  # though it was not asked for
            said["etag"] = None
            blocks = unpacked_file(blocks, packed)
        with into.open("ab" if goes_on else "wb") as out:
            for block in blocks:
                out.write(block)
        with into.open("rb") as written:
            sums = hashlib.file_digest(written, "sha256").hexdigest()
        reply.status_code = 200
        return reply.of(sums.encode(), False)
    finally:
        stream.close()
