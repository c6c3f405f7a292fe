"""The content of a 7z archive as a stream of blocks, in flat memory (py7zr, an optional dependency)."""

import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from auditor.errors import BadInput

HELD = 8  # blocks between the decompressing thread and the reader


def members(path: Path) -> Iterator[bytes]:
    """Yield the bytes of the archive's files, one after another; BadInput where it is broken or py7zr is missing."""
    try:
        import py7zr
    except ImportError:
        raise BadInput(
            f"{path} is a 7z archive and py7zr, which reads them, is missing: install auditor[sevenzip], or unpack it."
        ) from None
    pipe, stop = queue.Queue[Any](HELD), threading.Event()
    thread = threading.Thread(target=_unpack, args=(path, pipe, stop, py7zr), daemon=True)
    thread.start()
    try:
        while (got := pipe.get()) is not None:
            if isinstance(got, Exception):
                raise BadInput(f"{path}: its 7z data is damaged or ends too early ({_words(got)}): get the file again.")
            yield got
    finally:
        stop.set()
        while thread.is_alive():
            _drained(pipe)
            thread.join(0.01)


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__


def _drained(pipe: "queue.Queue[Any]") -> None:
    try:
        while True:
            pipe.get_nowait()
    except queue.Empty:
        return


def _unpack(path: Path, pipe: "queue.Queue[Any]", stop: threading.Event, py7zr: Any) -> None:
    class StoppedError(Exception):
        pass

    class Sink(py7zr.io.Py7zIO):  # type: ignore[misc]  # py7zr is untyped
        def __init__(self) -> None:
            self.length = 0

        def write(self, data: bytes | bytearray) -> int:
            if stop.is_set():
                raise StoppedError
            self.length += len(data)
            pipe.put(bytes(data))
            return len(data)

        def read(self, size: int | None = None) -> bytes:
            return b""

        def seek(self, offset: int, whence: int = 0) -> int:
            return offset

        def flush(self) -> None:
            return None

        def size(self) -> int:
            return self.length

    class Sinks(py7zr.io.WriterFactory):  # type: ignore[misc]  # py7zr is untyped
        def create(self, filename: str) -> Sink:
            return Sink()

    ended: Exception | None = None
    try:
        with py7zr.SevenZipFile(path) as archive:
            archive.extractall(factory=Sinks())
    except Exception as error:  # py7zr raises many kinds on broken archives; the reader says it in one sentence
        ended = error
    while not stop.is_set():
        try:
            pipe.put(ended, timeout=0.1)
            return
        except queue.Full:
            continue
