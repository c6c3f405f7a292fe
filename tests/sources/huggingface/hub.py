"""A replica of the Hub on the loopback: the paths and the shape of answers of its API, with made-up datasets."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote


@contextmanager
def serving(answers: dict[str, bytes]) -> Iterator[tuple[str, list[str]]]:
    """Serve path (with its query) -> body; yield the address, and the list of what was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(self.path)
            asked.append(path)
            body = answers.get(path)
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer(**more: object) -> bytes:
    """Return what `/api/datasets/{id}` answers, with the fields of the Hub's type ApiDatasetInfo."""
    said = {
        "_id": "6210", "id": "birds/herons", "author": "birds", "disabled": False, "gated": False, "private": False,
        "lastModified": "2024-01-02T03:04:05.000Z", "likes": 1, "downloads": 2, "sha": "abc123", "createdAt": "2023-01-01T00:00:00.000Z",
        "tags": ["language:en", "license:cc-by-4.0"], "cardData": {"license": "cc-by-4.0", "pretty_name": "Herons"},
        "siblings": [{"rfilename": ".gitattributes"}, {"rfilename": "README.md"}, {"rfilename": "LICENSE.txt"}, {"rfilename": "load.py"}],
    }  # fmt: skip
    return json.dumps(said | more).encode()
