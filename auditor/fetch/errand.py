"""An errand is one request on the wire, and who hears of its answer. Requests and replies are those of requests."""

import threading
import time
from collections.abc import Callable, Mapping
from queue import SimpleQueue
from typing import TYPE_CHECKING

import requests
from requests.structures import CaseInsensitiveDict

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


class Asked(requests.PreparedRequest):
    """A GET request for a place that the guard has taken apart.

    target: what is asked for, where that is more than the place says: with a credential, which requests itself never has.
    """

    def __init__(self, place: Place, headers: "Headers", seconds: float, target: str = "") -> None:
        super().__init__()
        self.method, self.url, self.headers, self.lines = "GET", place.url, headers, headers.lines
        self.place, self.seconds, self.target = place, seconds, target or place.target

    def head(self) -> bytes:
        """Return the request as it is sent."""
        return f"GET {self.target} HTTP/1.1\r\nHost: {self.place.name}\r\n{self.lines}\r\n".encode("latin-1")


class Headers(CaseInsensitiveDict[str]):
    """A request's headers, and how they are sent; shared by many requests, and never changed."""

    def __init__(self, said: Mapping[str, str]) -> None:
        super().__init__(said)
        self.lines = "".join(f"{name}: {value}\r\n" for name, value in self.items())
        if self.lines.count("\n") > len(self) or self.lines.count("\r") > len(self):
            raise ValueError(f"a header of {', '.join(self)} has a line break in it")

    def with_(self, more: Mapping[str, str]) -> "Headers":
        """Return these headers with more of them, or others in the place of those of the same name."""
        said = CaseInsensitiveDict(self)
        said.update(more)
        return Headers(said)


class Reply(requests.Response):
    """What one request was answered with; `cut` where the body is longer than was wanted."""

    def __init__(self, asked: Asked, answer: Answer, content: bytes = b"", cut: bool = False) -> None:
        super().__init__()
        self.request, self.url = asked, asked.url or ""
        self.status_code, self.reason, self.headers = answer.status, answer.reason, joined(answer.headers)
        self._content, self.cut = content, cut

    def of(self, content: bytes, cut: bool) -> "Reply":
        """Return this reply with another body."""
        self._content, self.cut = content, cut
        return self


def joined(headers: list[tuple[str, str]]) -> CaseInsensitiveDict[str]:
    """Return headers as requests has them: repeated ones joined with a comma, the same said twice once."""
    found: dict[str, tuple[str, str]] = {}
    for name, value in headers:
        held = found.get(lower := name.lower())
        if held is None:
            found[lower] = name, value
        elif held[1] != value:
            found[lower] = held[0], f"{held[1]}, {value}"
    return CaseInsensitiveDict(found.values())


class Errand:
    """One request; a subclass says what becomes of its answer. Its methods are called in the loop's thread, and wait for nothing."""

    __slots__ = ("anew", "asked", "deadline", "head", "over", "place", "wire")

    def __init__(self, asked: Asked) -> None:
        self.asked, self.place, self.head = asked, asked.place, asked.head()
        self.deadline = time.monotonic() + asked.seconds
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

    def __init__(self, asked: Asked, most: int, then: Callable[[Reply | BaseException], None]) -> None:
        super().__init__(asked)
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
        self.then(Reply(self.asked, answer, body[: self.most], len(body) > self.most))


class Stream(Errand):
    """An errand whose body another thread reads, as fast as it likes."""

    __slots__ = ("answer", "blocks", "engine", "lock", "paused", "ready", "waiting")

    def __init__(self, engine: "Engine", asked: Asked) -> None:
        super().__init__(asked)
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
