"""Hosts on the loopback that answer as recorded: paging, batches, 429, slow and broken answers, redirects; and a log.

    with Replica() as replica:
        flickr = replica.host({"/services/rest/?method=x": {"stat": "ok"}, "/gone": 410})
        pages = replica.host(Path("tests/replica/pages"))          # a file a path
        odd = replica.host(lambda asked: Reply(429, headers={"Retry-After": "1"}) if asked.again < 2 else "<html>")
        flickr.url, replica.log, flickr.asked("/gone")

An answer is bytes, text (HTML), a dict or list (JSON), a number (that status, no body), a `Reply`, a function of `Asked` that
returns one of these, or None (404). A dict's key is the path with its query, or the path alone for any query.
"""

import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

SITE = ("/robots.txt", "/.well-known/tdmrep.json", "/ai.txt")  # asked for once a host, before its items
TYPES = {".html": "text/html; charset=utf-8", ".json": "application/json", ".jpg": "image/jpeg", ".txt": "text/plain"}


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    host: str  # the replica host's address, 127.0.0.1:4321
    path: str  # with its query
    headers: Mapping[str, str]  # names in lower case
    at: float  # monotonic seconds
    again: int  # how often this path was asked before

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters; the first of repeated ones."""
        return {k: v[0] for k, v in parse_qs(urlsplit(self.path).query, keep_blank_values=True).items()}


@dataclass
class Reply:
    """An answer in full. `raw` is written as it is, in place of everything else; then the connection closes."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0  # seconds before the first byte
    raw: bytes | list[bytes] | None = None  # a list: one after another, `pause` apart
    pause: float = 0.0


Answer = Any


class Host:
    """One host of the replica, at an address of its own."""

    def __init__(self, answers: Answer, log: list[Asked], address: str) -> None:
        self.answers, self.log = answers, log
        self.counts: dict[str, int] = {}
        self.lock = threading.Lock()
        self.stopped = threading.Event()
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_GET(self) -> None:
                host.answer(self)

            def do_HEAD(self) -> None:
                host.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 512

            def handle_error(self, *_: object) -> None:
                pass  # a client that hangs up is what some tests are about

        self.server = Server((address, 0), Handler)
        self.name = f"{address}:{self.server.server_port}"
        self.url = f"http://{self.name}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def asked(self, path: str | None = None) -> list[Asked]:
        """Return what this host was asked, or how often one path was."""
        return [a for a in self.log if a.host == self.name and path in (None, a.path)]

    def items(self) -> list[Asked]:
        """Return what this host was asked but for the files that speak of the whole site."""
        return [a for a in self.asked() if a.path not in SITE]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        with self.lock:
            again = self.counts.get(handler.path, 0)
            self.counts[handler.path] = again + 1
        headers = {k.lower(): v for k, v in handler.headers.items()}
        asked = Asked(self.name, handler.path, headers, time.monotonic(), again)
        self.log.append(asked)
        reply = _reply(self._find(asked), asked)
        if reply.delay:
            self.stopped.wait(reply.delay)
        try:
            self._write(handler, reply)
        except OSError:
            handler.close_connection = True

    def _find(self, asked: Asked) -> Answer:
        answers = self.answers
        if callable(answers):
            return answers(asked)
        path = asked.path.split("?", 1)[0]
        if isinstance(answers, Path):
            file = answers / path.lstrip("/")
            return Reply(200, file.read_bytes(), _type(file)) if file.is_file() else None
        return answers.get(asked.path, answers.get(path))

    def _write(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.raw is not None:
            handler.close_connection = True
            for block in [reply.raw] if isinstance(reply.raw, bytes) else reply.raw:
                handler.wfile.write(block)
                handler.wfile.flush()
                if self.stopped.wait(reply.pause):
                    return
            return
        handler.send_response(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(reply.body)

    def close(self) -> None:
        self.stopped.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def _type(file: Path) -> dict[str, str]:
    return {"Content-Type": TYPES.get(file.suffix, "application/octet-stream")}


def _reply(answer: Answer, asked: Asked) -> Reply:
    if isinstance(answer, Reply):
        return answer
    if answer is None:
        return Reply(404, b"not found", {"Content-Type": "text/plain"})
    if isinstance(answer, int):
        return Reply(answer)
    if isinstance(answer, str):
        return Reply(200, answer.encode(), {"Content-Type": TYPES[".html"]})
    if isinstance(answer, bytes):
        return Reply(200, answer, {"Content-Type": "application/octet-stream"})
    if isinstance(answer, Callable):  # type: ignore[arg-type]
        return _reply(answer(asked), asked)
    return Reply(200, json.dumps(answer).encode(), {"Content-Type": TYPES[".json"]})


class Replica:
    """Hosts that live as long as the `with` block; `log` has every request to any of them, in order."""

    def __init__(self) -> None:
        self.log: list[Asked] = []
        self.hosts: list[Host] = []

    def host(self, answers: Answer, address: str = "127.0.0.1") -> Host:
        """Start a host; more addresses of the loopback (127.0.0.2 …) are more hosts to a client."""
        self.hosts.append(Host(answers, self.log, address))
        return self.hosts[-1]

    def __enter__(self) -> "Replica":
        return self

    def __exit__(self, *_: object) -> None:
        for host in self.hosts:
            host.close()


def closed_port() -> int:
    """Return a port of the loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
