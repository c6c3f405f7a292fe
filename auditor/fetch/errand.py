"""An errand is one request on the wire, and who hears of its answer."""

import threading
import time
from collections.abc import Callable, Mapping
from queue import SimpleQueue
from typing import TYPE_CHECKING

import msgspec

from auditor.fetch.answers import Answer
from auditor.fetch.guard import Place

if TYPE_CHECKING:
    from auditor.fetch.connection import Connection
    from auditor.fetch.wire import Engine

AHEAD = 1 << 20  # bytes of a stream that wait for their reader


class Failed(Exception):
    """Why there is no answer: its kind (see Ask), one sentence without the URL, and whether asking again may help."""

    def __init__(self, kind: str, why: str, again: bool = True) -> None:
        super().__init__(why)
        self.kind, self.why, self.again = kind, why, again


class Reply(msgspec.Struct, frozen=True, gc=False):
    """What one request was answered with; `cut` where the body is longer than was wanted."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes
    cut: bool

    def header(self, name: str) -> str | None:
        """Return the first header of a name, in any case."""
        return next((v for k, v in self.headers if k.lower() == name), None)


def request(place: Place, agent: str, more: Mapping[str, str], plain: bool) -> bytes:
    """Return a GET request; `more` takes the place of headers of the same name, in any case."""
    headers = {
        "user-agent": f"User-Agent: {agent}",
        "accept": "Accept: */*",
        "accept-encoding": f"Accept-Encoding: {'identity' if plain else 'gzip, deflate'}",
    }
    for name, value in more.items():
        line = f"{name}: {value}"
        if "\n" in line or "\r" in line:
            raise ValueError(f"the header {name!r} has a line break in it")
        headers[name.lower()] = line
    lines = "\r\n".join(headers.values())
    return f"GET {place.target} HTTP/1.1\r\nHost: {place.name}\r\n{lines}\r\n\r\n".encode("latin-1")


class Errand:
    """One request; a subclass says what becomes of its answer. Its methods are called in the loop's thread, and wait for nothing."""

    __slots__ = ("anew", "deadline", "head", "over", "place", "wire")

    def __init__(self, place: Place, head: bytes, seconds: float) -> None:
        self.place, self.head = place, head
        self.deadline = time.monotonic() + seconds
        self.anew = self.over = False  # anew: not on a connection that was kept
        self.wire: Connection | None = None

    def began(self, answer: Answer) -> None:
        """Hear of status and headers."""

    def came(self, piece: bytes) -> bool:
        """Take a piece of the body, as sent; return True where that is enough."""
        raise NotImplementedError

    def ended(self, answer: Answer | None, error: BaseException | None) -> None:
        """Hear that it is over, once."""
        raise NotImplementedError


class Whole(Errand):
    """An errand whose answer is kept up to `most` bytes, and handed over as it was sent: `then` gets the reply, or Failed."""

    __slots__ = ("held", "most", "size", "then")

    def __init__(
        self, place: Place, head: bytes, most: int, then: Callable[[Reply | BaseException], None], seconds: float
    ) -> None:
        super().__init__(place, head, seconds)
        self.most, self.then, self.size = most, then, 0
        self.held: list[bytes] = []

    def came(self, piece: bytes) -> bool:
        self.held.append(piece)
        self.size += len(piece)
        return self.size > self.most

    def ended(self, answer: Answer | None, error: BaseException | None) -> None:
        if answer is None:
            self.then(error or Failed("server", "did not answer"))
            return
        body = self.held[0] if len(self.held) == 1 else b"".join(self.held)
        self.then(Reply(answer.status, answer.reason, answer.headers, body[: self.most], len(body) > self.most))


class Stream(Errand):
    """An errand whose body another thread reads, as fast as it likes."""

    __slots__ = ("answer", "blocks", "engine", "lock", "paused", "ready", "waiting")

    def __init__(self, engine: "Engine", place: Place, head: bytes, seconds: float) -> None:
        super().__init__(place, head, seconds)
        self.engine, self.blocks, self.lock = engine, SimpleQueue[bytes | BaseException](), threading.Lock()
        self.ready: SimpleQueue[Answer | BaseException] = SimpleQueue()
        self.waiting, self.paused = 0, False

    def began(self, answer: Answer) -> None:
        self.ready.put(answer)

    def came(self, piece: bytes) -> bool:
        with self.lock:
            self.waiting += len(piece)
            self.paused = self.waiting > AHEAD
        self.blocks.put(piece)
        if self.paused and self.wire:
            self.wire.pause()
        return False

    def ended(self, answer: Answer | None, error: BaseException | None) -> None:
        if error is not None:
            self.ready.put(error)
        self.blocks.put(b"" if error is None else error)

    def read(self) -> bytes:
        """Return the next block of the body, or nothing at its end; in any thread but the loop's."""
        block = self.blocks.get()
        if isinstance(block, BaseException):
            self.blocks.put(block)
            raise block
        if not block:
            self.blocks.put(b"")
        with self.lock:
            self.waiting -= len(block)
            goes_on = self.paused and self.waiting <= AHEAD // 2
            self.paused = self.paused and not goes_on
        if goes_on:
            self.engine.call(self._resume)
        return block

    def _resume(self) -> None:
        if self.wire is not None and not self.over:
            self.wire.resume()
