"""What a host has packed (Content-Encoding) is unpacked here, in bounds: a bomb costs no memory."""

import zlib
from collections.abc import Iterable, Iterator

from auditor.fetch.errand import Failed

BLOCK = 1 << 18  # bytes unpacked at once
SWELL = 1 << 30, 200  # a file that unpacks to more bytes than this, and more times its size, is a bomb


def unpacked(body: bytes, encodings: str, most: int, cut: bool) -> tuple[bytes, bool]:
    """Undo Content-Encoding, never beyond `most` bytes; Failed where it is not what was asked for, or broken."""
    named = [e.strip().lower() for e in encodings.split(",")]
    named = [e for e in named if e not in ("", "identity")]
    if len(named) > 2 or any(e not in ("gzip", "x-gzip", "deflate") for e in named):
        shown = ", ".join(named)[:60]
        raise Failed("decoding", f"was packed in a way that was not asked for ({shown})", again=False)
    longer = cut
    for encoding in reversed(named):
        body, more = _inflated(body, encoding, most, longer)
        longer = longer or more
    return body, longer


def _inflated(body: bytes, encoding: str, most: int, cut: bool) -> tuple[bytes, bool]:
    made = b""
    try:
        for block in inflated([body], encoding, most + 1):
            made += block
            if len(made) > most:
                return made[:most], True
    except Failed as error:
        if not (cut and error.again):  # of the beginning of something packed, the beginning
            raise
    return made, False


def inflated(blocks: Iterable[bytes], encoding: str, step: int = BLOCK) -> Iterator[bytes]:
    """Unpack gzip (of any number of members) or deflate, in blocks of at most `step` bytes, so that a bomb costs no memory."""
    engine, members = None, 0
    for block in blocks:
        while block:
            if engine is None:
                bare = encoding == "deflate" and (block[0] & 0x0F) != 8
                engine = zlib.decompressobj(-15 if bare else 47)
            try:
                made = engine.decompress(block, step)
            except zlib.error as error:
                if members and "header" in str(error):  # padding after the last member
                    return
                raise Failed("decoding", f"can't be unpacked ({error})", again=False) from None
            yield made
            block = engine.unconsumed_tail or engine.unused_data
            if engine.eof:
                engine, members = None, members + 1
    if engine is not None or not members:
        raise Failed("decoding", "is packed, and breaks off", again=True)


def unpacked_file(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Unpack a file's blocks as they come; Failed where they swell as no data do."""
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise Failed("decoding", f"was packed in a way that was not asked for ({encoding[:60]})", again=False)
    came = made = 0

    def counted() -> Iterator[bytes]:
        nonlocal came
        for block in blocks:
            came += len(block)
            yield block

    for block in inflated(counted(), encoding):
        made += len(block)
        if made > SWELL[0] and made > SWELL[1] * came:
            raise Failed("size", f"unpacks to more than {SWELL[1]} times its size", again=False)
        yield block
