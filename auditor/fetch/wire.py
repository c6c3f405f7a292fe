"""The wire: one event loop in a thread of its own has all connections, each to an address that the guard has checked.

The loop's thread never waits for a look-up or a reader, nor for the disk (a crawl gives its journal's lines to the system). Names are
looked up and connections made in threads, by the guard. A connection is kept for the next errand to its host unless something about it was odd.
"""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from auditor.fetch.answers import Answer
from auditor.fetch.connection import Connection, Key, failure
from auditor.fetch.errand import Errand, Failed
from auditor.fetch.guard import Guard, Place

CONNECT, READ, WHOLE = 10.0, 30.0, 120.0  # seconds: to connect, between two reads, for the whole answer
CONNECTING = 256  # connections that are being made at once
KEPT_OPEN, IDLE = 512, 20.0  # connections open in all, and seconds that one without a request stays
BLOCK = 1 << 18  # bytes read at once
SWEEP = 0.2  # seconds between two looks at what is late


@cache
def _context() -> ssl.SSLContext:
    import os

    import certifi

    made = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or certifi.where())
    made.set_alpn_protocols(["http/1.1"])
    return made


class Engine:
    """The loop, its connections, and what is being asked on them."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self.buffer = memoryview(bytearray(BLOCK))  # what one connection has read, until the next reads
        self.kept: dict[Key, list[Connection]] = {}  # without an errand, by host; the last one used last
        self.open: set[Connection] = set()
        self.live: set[Errand] = set()
        self.fresh: set[socket.socket] = set()  # connected, and not yet the loop's
        self.lock = threading.Lock()  # of `loop`, `stopped` and, until they are the loop's, `fresh`
        self.loop: asyncio.AbstractEventLoop | None = None
        self.thread: threading.Thread | None = None
        self.stopped = self.sweeping = False

    def call(self, what: Callable[..., None], *given: Any) -> None:
        """Have something done in the loop's thread; Failed where that has ended."""
        with self.lock:
            if self.stopped:
                raise Failed("connect", "was not asked, since asking was stopped")
            if self.loop is None:
                self.loop = asyncio.new_event_loop()
                self.thread = threading.Thread(target=self._run, args=(self.loop,), name="wire", daemon=True)
                self.thread.start()
            self.loop.call_soon_threadsafe(what, *given)

    def close(self) -> None:
        """End all that is being answered, and all connections."""
        with self.lock:
            if self.stopped or self.loop is None or self.thread is None:
                self.stopped = True
                return
            self.stopped = True
            self.loop.call_soon_threadsafe(self._stop)
        self.thread.join()

    # -- in the loop's thread

    def soon(self, what: Callable[[], None]) -> None:
        """Have something done when all that has come by now is looked at."""
        self._loop.call_soon(what)

    def at(self, when: float, what: Callable[[], None]) -> asyncio.TimerHandle:
        """Have something done at a time (of time.monotonic)."""
        return self._loop.call_at(when, what)

    def begin(self, errand: Errand) -> None:
        """Ask, on a connection that is open or a new one."""
        self.live.add(errand)
        if not self.sweeping:
            self.sweeping = True
            self._loop.call_later(SWEEP, self._sweep)
        self.retry(errand)

    def retry(self, errand: Errand) -> None:
        """Ask, be it again."""
        place = errand.place
        kept = None if errand.anew else self.kept.get((place.scheme, place.host, place.port))
        while kept:
            one = kept.pop()
            if not one.closed and time.monotonic() - one.last < IDLE and not one.transport.is_closing():
                one.send(errand)
                return
            one.close()
        if len(self.open) + len(self.tasks) >= KEPT_OPEN and (idle := next(filter(None, self.kept.values()), None)):
            idle.pop(0).close()
        task = self._loop.create_task(self._connect(errand))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def keep(self, one: Connection) -> None:
        """Keep a connection for the next errand to its host, where not too many are open."""
        if len(self.open) > KEPT_OPEN:
            one.close()
        else:
            self.kept.setdefault(one.key, []).append(one)

    def forget(self, one: Connection) -> None:
        """Count a connection as open no more."""
        self.open.discard(one)

    def end(self, errand: Errand, answer: Answer | None, error: BaseException | None) -> None:
        """Say that an errand is over."""
        if not errand.over:
            errand.over = True
            self.live.discard(errand)
            errand.ended(answer, error)

    def drop(self, errand: Errand) -> None:
        """Let an errand go that nobody waits for any more."""
        self._fail(errand, Failed("connect", "was let go"))

    def _fail(self, errand: Errand, error: BaseException) -> None:
        if errand.wire is not None and errand.wire.errand is errand:
            errand.wire.fail(error)
        else:  # it is being connected
            self.end(errand, None, error)

    async def _connect(self, errand: Errand) -> None:
        place = errand.place
        try:
            wire, context = await self._loop.run_in_executor(self.pool, self._connected, place)
            key = (place.scheme, place.host, place.port)
            name, patience = (place.host, CONNECT) if context else (None, None)
            try:
                _, made = await self._loop.create_connection(
                    lambda: Connection(self, key),
                    sock=wire,
                    ssl=context,
                    server_hostname=name,
                    ssl_handshake_timeout=patience,
                )
            finally:
                self.fresh.discard(wire)
        except Exception as error:
            self.end(errand, None, failure(error, ""))
            return
        if errand.over:  # it took too long
            made.close()
        else:
            made.send(errand)

    def _connected(self, place: Place) -> tuple[socket.socket, ssl.SSLContext | None]:
        """Connect, in a thread: the one look-up is the guard's, and what it has checked is connected to."""
        context = _context() if place.scheme == "https" else None
        wire = self.guard.connect(place, CONNECT)
        with self.lock:
            if not self.stopped:
                wire.setblocking(False)
                self.fresh.add(wire)
                return wire, context
        wire.close()
        raise ConnectionAbortedError("asking was stopped")

    def _sweep(self) -> None:
        """End what is late, and close what has been idle; a timer a request would cost more than the request."""
        now = time.monotonic()
        for errand in list(self.live):
            wire = errand.wire
            silent = wire is not None and wire.errand is errand and not wire.paused and now - wire.last > READ
            if now >= errand.deadline or silent:
                self._fail(errand, Failed("timeout", "did not answer in time"))
        for key, kept in list(self.kept.items()):
            while kept and (kept[0].closed or now - kept[0].last > IDLE):
                kept.pop(0).close()
            if not kept:
                del self.kept[key]
        self.sweeping = bool(self.live or self.kept)
        if self.sweeping:
            self._loop.call_later(SWEEP, self._sweep)

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        assert self.loop is not None
        return self.loop

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        self.pool = ThreadPoolExecutor(CONNECTING, "connect")
        self.tasks: set[asyncio.Task[None]] = set()
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
            for task in self.tasks:
                task.cancel()
            loop.run_until_complete(self._closed())
        finally:
            for wire in self.fresh:
                wire.close()
            self.pool.shutdown(wait=False, cancel_futures=True)
            loop.close()

    def _stop(self) -> None:
        for errand in list(self.live):
            self._fail(errand, Failed("connect", "was not answered before asking was stopped"))
        for one in list(self.open):
            one.close()
        self._loop.stop()

    async def _closed(self) -> None:
        """Let what was cancelled and closed come to its end."""
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for _ in range(3):
            await asyncio.sleep(0)
