"""One connection, and what comes on it."""

import asyncio
import re
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any

from auditor.fetch.answers import Answer, Nonsense
from auditor.fetch.errand import Errand, Failed
from auditor.fetch.guard import Refused

if TYPE_CHECKING:
    from auditor.fetch.wire import Engine

Key = tuple[str, str, int]  # scheme, host, port


class Connection(asyncio.BufferedProtocol):
    """One connection; at most one errand at a time."""

    def __init__(self, engine: "Engine", key: Key) -> None:
        self.engine, self.key = engine, key
        self.errand: Errand | None = None
        self.answer = Answer()
        self.used = 0  # errands that it was sent on
        self.last = time.monotonic()  # when something was sent or came
        self.closed = self.paused = False
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.engine.open.add(self)

    def send(self, errand: Errand) -> None:
        """Ask; what comes from here on is the answer."""
        self.errand, errand.wire = errand, self
        self.answer = Answer()
        self.used += 1
        self.last = time.monotonic()
        self.transport.write(errand.head)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self.engine.buffer

    def buffer_updated(self, nbytes: int) -> None:
        errand, answer = self.errand, self.answer
        if errand is None:  # nobody asked
            self.close()
            return
        self.last = time.monotonic()
        known = answer.status > 0
        try:
            piece = answer.feed(bytes(self.engine.buffer[:nbytes]))
        except Nonsense as error:
            then = "broke off" if answer.status else "did not answer as a web server does"
            self._over(Failed("server", f"{then} ({error})"))
            return
        if not known and answer.status:
            errand.began(answer)
        enough = bool(piece) and errand.came(piece)
        if answer.done or enough:
            self._over(None, keep=answer.done and answer.keep and not answer.rest)

    def eof_received(self) -> bool:
        if self.errand is not None and self.answer.end():
            self._over(None)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self.engine.forget(self)
        if self.errand is None:
            return
        ragged = isinstance(exc, ssl.SSLError) and not isinstance(exc, ssl.SSLCertVerificationError)
        if (exc is None or ragged) and self.answer.end():
            self._over(None)
            return
        errand = self.errand
        if self.used > 1 and not self.answer.begun and not errand.over:  # closed while it was idle
            self.errand, errand.anew = None, True
            self.engine.retry(errand)
            return
        then = "broke off" if self.answer.status else "did not answer as a web server does"
        self._over(failure(exc or ConnectionResetError("the connection was closed"), then))

    def _over(self, error: BaseException | None, keep: bool = False) -> None:
        errand, self.errand = self.errand, None
        if keep and error is None and not self.paused:
            self.engine.keep(self)
        else:
            self.close()
        if errand is not None:
            self.engine.end(errand, self.answer if error is None else None, error)

    def fail(self, error: BaseException) -> None:
        """End what is being answered."""
        self._over(error)

    def close(self) -> None:
        """Close at once."""
        self.closed = True
        self.engine.forget(self)
        self.transport.abort()

    def pause(self) -> None:
        """Read no more until `resume`."""
        if not self.paused and not self.closed:
            self.paused = True
            self.transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        self.last = time.monotonic()
        if self.paused and not self.closed:
            self.paused = False
            self.transport.resume_reading()


def failure(error: BaseException, then: str) -> BaseException:
    """Return what an error of the network means; one that is not of the network as it is."""
    said = " ".join(str(error).split())[:120] or type(error).__name__
    if isinstance(error, Failed):
        return error
    if isinstance(error, Refused):
        return Failed("guard", f"was not asked: {error}", again=False)
    if isinstance(error, TimeoutError):
        return Failed("timeout", "did not answer in time")
    if isinstance(error, socket.gaierror):
        lasting = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
        return Failed("dns", f"has a name that no address is known for ({said})", again=not lasting)
    if isinstance(error, UnicodeError):
        return Failed("dns", f"has a name that can't be looked up ({said})", again=False)
    if isinstance(error, ssl.SSLError):
        why = re.sub(r"\[SSL[^\]]*\] |\s*\(_ssl\.c:\d+\)", "", said)
        return Failed("tls", f"could not prove who it is ({why})", again=False)
    if isinstance(error, OSError):
        return Failed(
            "server" if then else "connect", f"{then or 'could not be connected to'} ({error.strerror or said})"
        )
    return error
