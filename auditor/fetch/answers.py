"""An HTTP/1 answer taken apart as its bytes come, as leniently as browsers do where nothing depends on it.

By hand and not by httptools (llhttp), which refuses what is common and harmless: a header without a colon, a space in a header's name, a
Content-Length that is no number. Framing is RFC 9112, section 6.
"""

import re

HEADERS, HEAD, LINE = 256, 1 << 17, 1 << 12  # at most: headers, bytes of all of them, bytes of a chunk's own line
INTERIM = 16  # answers that only say that another comes
END = re.compile(rb"\n\r?\n")
NUMBER, HEX = re.compile(r"[0-9]{1,18}"), re.compile(rb"[0-9A-Fa-f]{1,15}")


class Nonsense(Exception):
    """What about an answer is not HTTP, in a word or two."""


class Answer:
    """One answer: `feed` it bytes and it gives back those of the body; `rest` is what came after its end."""

    __slots__ = (
        "begun",
        "chunked",
        "done",
        "headers",
        "held",
        "interim",
        "keep",
        "left",
        "reason",
        "rest",
        "status",
        "step",
    )

    def __init__(self) -> None:
        self.held = self.rest = b""
        self.status, self.reason = 0, ""
        self.headers: list[tuple[str, str]] = []
        self.begun = self.done = self.keep = self.chunked = False  # begun: a byte has come
        self.left: int | None = (
            0  # bytes of the body, or of its chunk, that are still to come; None: all until the connection ends
        )
        self.step, self.interim = "size", 0  # of chunks: the line that comes next

    def feed(self, data: bytes) -> bytes:
        """Take bytes as they come; return those of the body, as sent. Nonsense where they are not HTTP."""
        self.begun = True
        if not self.status:
            data = self.held + data if self.held else data
            end, size = data.find(b"\r\n\r\n"), 4
            if (end < 0 or b"\n\n" in data[:end]) and (found := END.search(data)):
                end, size = found.start(), found.end() - found.start()
            if end < 0 and len(data) <= HEAD:
                if not b"HTTP/".startswith(data[:5]):
                    raise Nonsense("no status line")
                self.held = data
                return b""
            if end < 0 or end > HEAD:
                raise Nonsense(f"headers of more than {HEAD} bytes")
            self.held = b""
            self._head(data[:end])
            data = data[end + size :]
            if 100 <= self.status < 200:
                return self._interim(data)
        return self._body(data)

    def end(self) -> bool:
        """Say, when the connection has ended, whether the answer has, too."""
        self.done = self.done or (self.status > 0 and self.left is None)
        return self.done

    def _interim(self, data: bytes) -> bytes:
        self.interim += 1
        status, self.status, self.headers = self.status, 0, []
        if status == 101 or self.interim > INTERIM:
            raise Nonsense(f"status {status}")
        return self.feed(data) if data else b""

    def _head(self, head: bytes) -> None:
        first, *lines = head.decode("latin-1").split("\n")
        version, _, said = first.rstrip("\r").partition(" ")
        code, _, self.reason = said.strip(" ").partition(" ")
        if not version.startswith("HTTP/1.") or not (len(code) == 3 and code.isascii() and code.isdigit()):
            raise Nonsense("no status line")
        if len(lines) > HEADERS:
            raise Nonsense(f"more than {HEADERS} headers")
        if int(code) < 100:
            raise Nonsense(f"status {code}")
        framing = {"content-length": "", "transfer-encoding": "", "connection": ""}
        headers = self.headers
        for line in lines:
            name, colon, value = line.partition(":")
            if line[:1] in (" ", "\t") and headers:
                headers[-1] = (headers[-1][0], f"{headers[-1][1]} {line.strip()}")
            elif colon:
                headers.append((name.strip(), value.strip(" \t\r")))
        for name, value in headers:
            if (lower := name.lower()) in framing:
                framing[lower] = f"{framing[lower]},{value}".strip(",").lower()
        connection = framing["connection"]
        self.status = int(code)
        self.keep = "close" not in connection and (version != "HTTP/1.0" or "keep-alive" in connection)
        self._frame(framing["content-length"], framing["transfer-encoding"])

    def _frame(self, length: str, coding: str) -> None:
        """Find out where the body ends."""
        if self.status in (204, 304) or self.status < 200:
            return
        self.left = None
        if coding == "chunked":
            self.chunked, self.left = True, 0
        elif coding not in ("", "identity"):
            raise Nonsense(f"Transfer-Encoding {coding[:60]}")
        elif length:
            said = {one.strip() for one in length.split(",")}
            if len(said) > 1:
                raise Nonsense("several lengths")
            self.left = int(length.split(",")[0]) if NUMBER.fullmatch(said.pop()) else None
        self.keep = self.keep and self.left is not None

    def _body(self, data: bytes) -> bytes:
        if self.chunked:
            return self._chunks(data)
        if self.left is None:
            return data
        body = data[: self.left]
        self.left -= len(body)
        if not self.left:
            self.done, self.rest = True, data[len(body) :]
        return body

    def _chunks(self, data: bytes) -> bytes:
        data, at, pieces = self.held + data, 0, []
        while not self.done:
            if self.left:
                piece = data[at : at + self.left]
                pieces.append(piece)
                at, self.left = at + len(piece), self.left - len(piece)
                if self.left:
                    break
                self.step = "end"
                continue
            end = data.find(b"\n", at)
            if end < 0 or end - at > LINE:
                if len(data) - at > LINE:
                    raise Nonsense("a chunk without a size")
                break
            self._line(data[at:end].strip(b"\r \t"))
            at = end + 1
        self.held, self.rest = data[at:], data[at:] if self.done else b""
        return b"".join(pieces)

    def _line(self, line: bytes) -> None:
        """Take one line between chunks: what ends one, the size of the next, or what follows the last."""
        if self.step == "end":
            if line:
                raise Nonsense("a chunk longer than its size")
            self.step = "size"
        elif self.step == "size":
            size = line.partition(b";")[0].strip()
            if not HEX.fullmatch(size):
                raise Nonsense("a chunk without a size")
            self.left = int(size, 16)
            self.step = "size" if self.left else "trailer"
        elif not line:
            self.done = True
