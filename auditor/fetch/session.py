"""One session for whole files and for what is asked one at a time (robots.txt): requests, on the wire that all else goes over.

What requests would do by itself (redirects, cookies, proxies, netrc, repeats, unpacking) is switched off: the door checks, paces and
records every hop, and unpacks in bounds. It is given each host only, so that no error of its own has a key; the adapter knows path and query.
"""

import hashlib
import time
from collections.abc import Generator, Iterable, Mapping
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import requests
from requests.adapters import BaseAdapter

from auditor.fetch.answers import Answer
from auditor.fetch.errand import Failed, Reply, Stream, request
from auditor.fetch.guard import Guard, Place
from auditor.fetch.packing import unpacked, unpacked_file
from auditor.fetch.wire import WHOLE, Engine

SLOWEST = 1 << 14, 60.0  # a file without a limit on its size brings this many bytes in this many seconds


class Asked(requests.PreparedRequest):
    """A GET request as the guard has it; of its address requests itself knows the host."""

    def __init__(self, place: Place, head: bytes, seconds: float) -> None:
        super().__init__()
        self.place, self.head, self.seconds = place, head, seconds
        self.prepare_method("GET")
        self.url = f"{place.origin}/"
        self.prepare_headers({})


class Body:
    """The body of an answer, as requests reads one."""

    def __init__(self, engine: Engine, errand: Stream, answer: Answer) -> None:
        self.engine, self.errand, self.answer = engine, errand, answer
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
        errand = Stream(self.engine, request.place, request.head, request.seconds)
        self.engine.call(self.engine.begin, errand)
        answer = errand.ready.get()
        if isinstance(answer, BaseException):
            raise answer
        response = requests.Response()
        response.request, response.url = request, request.url or ""
        response.status_code, response.reason = answer.status, answer.reason
        response.raw = Body(self.engine, errand, answer)
        return response

    def close(self) -> None:
        """Close all connections."""
        self.engine.close()


class Web(requests.Session):
    """requests without what it does by itself."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(netscape=False, allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.mount(scheme, Adapter(engine))

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return None: to learn where it leads, requests would read a redirect's body, however long."""
        return None


class Session:
    """Connections kept open between requests, for any number of threads."""

    def __init__(self, guard: Guard, agent: str) -> None:
        self.guard, self.agent = guard, agent
        self.engine = Engine(guard)
        self.web = Web(self.engine)

    def close(self) -> None:
        """End what is being answered, and close all connections."""
        self.web.close()

    def exchange(
        self, place: Place, headers: Mapping[str, str], most: int, seconds: float = WHOLE, plain: bool = False
    ) -> Reply:
        """Ask once, follow nothing, and return what came; Failed where that is no whole answer in time.

        most: bytes of body, as sent and unpacked. plain: no compression, and the first bytes are all that is wanted.
        """
        body = self._ask(place, headers, seconds, plain)
        pieces, left = [], most if plain else most + 1
        try:
            while left > 0 and (piece := body.read(left)):
                pieces.append(piece)
                left -= len(piece)
        finally:
            body.close()
        said, answer = b"".join(pieces), body.answer
        return whole(Reply(answer.status, answer.reason, answer.headers, said[:most], len(said) > most), most, plain)

    def stream(self, place: Place, headers: Mapping[str, str]) -> Generator[Any, None, None]:
        """Ask once, and yield the reply without its body, then the blocks of the body, as sent, however many."""
        body = self._ask(place, headers, SLOWEST[1], plain=True)
        body.errand.deadline = float("inf")
        try:
            yield Reply(body.answer.status, body.answer.reason, body.answer.headers, b"", False)
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

    def _ask(self, place: Place, headers: Mapping[str, str], seconds: float, plain: bool) -> Body:
        asked = Asked(place, request(place, self.agent, headers, plain), seconds)
        body: Any = self.web.send(asked, stream=True, allow_redirects=False).raw
        assert isinstance(body, Body)
        return body


def whole(reply: Reply, most: int, plain: bool) -> Reply:
    """Return a reply with its body unpacked; Failed where it is packed as was not asked for, or broken."""
    packing = [v for k, v in reply.headers if k.lower() == "content-encoding"]
    if not reply.body:
        return reply
    body, cut = unpacked(reply.body, packing, most, reply.cut or plain)
    return Reply(reply.status, reply.reason, reply.headers, body, cut)


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
            blocks = unpacked_file(blocks, packed)
        with into.open("ab" if goes_on else "wb") as out:
            for block in blocks:
                out.write(block)
        with into.open("rb") as written:
            sums = hashlib.file_digest(written, "sha256").hexdigest()
        return Reply(200, reply.reason, reply.headers, sums.encode(), False)
    finally:
        stream.close()
