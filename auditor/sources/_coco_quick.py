"""Large COCO files without decoding their annotations, nine tenths of the bytes: everything else is decoded strictly.

Of the annotations only `image_id` and `category_id` are wanted, for labels: numpy finds them by their letters while
the rest is decoded. Where the text is not as plain as COCO's own, the answer is None and typed decoding takes over;
only objects inside annotations that themselves repeat both keys would be counted with them.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import numpy as np

from auditor.sources._coco_read import STRICT, Listing, Pairs, flat, notes

LEAST = 8 << 20  # bytes; below it decoding whole is as fast
TAIL = 4 << 20  # where the keys after the annotations are looked for
STEP = 1 << 22  # so that a step's arrays stay in the processor's cache
DIGITS = 16  # two words of eight letters
OTHERS = (b'"categories"', b'"licenses"', b'"images"', b'"info"')
Array = np.ndarray[Any, np.dtype[Any]]


def quick(text: Any) -> Listing | None:
    """Return the file, its annotations still being read by another thread; None where it is not so plain."""
    if len(text) < LEAST:
        return None
    bounds = _annotations(text)
    if bounds is None:
        return None
    aside = ThreadPoolExecutor(1)  # numpy lets the decoder go on
    pairs = aside.submit(pairs_in, text, *bounds)
    aside.shutdown(wait=False)
    start, end = bounds
    try:
        file = STRICT.decode(text[:start] + b"[]" + text[end:])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if not file.licenses or not file.images:  # they may lie in what was taken for annotations
        return None
    return Listing(file, later=lambda: pairs.result() or flat(notes(text[start:end])))


def _annotations(text: Any) -> tuple[int, int] | None:
    """Return where the list of annotations begins and ends, by the keys around it; whether it is so, decoding tells."""
    key = text.find(b'"annotations"')
    start = text.find(b"[", key)
    if key < 0 or start < 0 or text[key + len(b'"annotations"') : start].strip() != b":":
        return None
    after = [p for k in OTHERS if (p := text.find(k, max(start, len(text) - TAIL))) >= 0]
    end = text.rfind(b"]", start, min(after, default=len(text))) + 1
    return (start, end) if end > start else None


def pairs_in(text: Any, start: int, end: int) -> Pairs | None:
    """Return image and category of each annotation; None unless every one gives both, once, as plain numbers."""
    if end + 2 * DIGITS > len(text):
        return None
    letters = np.frombuffer(text, dtype=np.uint8)
    found: list[tuple[Array, Array]] = []
    for begin in range(start, end, STEP):
        marks = _marks(letters, max(begin, start + 9), min(begin + STEP, end))
        if marks is None:
            return None
        found.append(marks)
    image, value = (np.concatenate([f[place] for f in found]) for place in (0, 1))
    first, second = image[0::2], image[1::2]
    if not len(image) or len(first) != len(second) or (first != first[0]).any() or (second == first[0]).any():
        return None
    return (value[0::2], value[1::2]) if first[0] else (value[1::2], value[0::2])


def _marks(letters: Array, begin: int, end: int) -> tuple[Array, Array] | None:
    """Return, for a stretch of text, which marks are `image_id` (else `category_id`), and the numbers after them."""
    words = np.ndarray(len(letters) - 7, dtype="<u8", buffer=letters, strides=(1,))  # eight letters from each place on
    at = np.flatnonzero(letters[begin:end] == ord("_")) + begin
    tail = words[at]
    marked = (tail & np.uint64(0xFFFFFFFFFF)) == _word(b'_id":')
    at, tail = at[marked], tail[marked]
    image = words[at - 6] == _word(b'"image_i')
    known = image | (words[at - 9] == _word(b'"categor'))
    at, tail, image = at[known], tail[known], image[known]
    spaced = ((tail >> np.uint64(40)) & np.uint64(255)) == ord(" ")
    numbers = _numbers(words, at + 5 + spaced)
    return None if numbers is None else (image, numbers)


def _word(letters: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(letters, "little"))


def _numbers(words: Array, at: Array) -> Array | None:
    """Return the whole numbers that begin at these places; None where something else stands at one of them."""
    value, live, good = np.zeros(len(at), dtype=np.int64), np.ones(len(at), dtype=bool), np.zeros(len(at), dtype=bool)
    for place in range(DIGITS):
        if place % 8 == 0:
            word = words[at + place]
        letter = (word >> np.uint64(8 * (place % 8))).astype(np.uint8)
        digit = letter - np.uint8(ord("0"))
        if place:
            good |= live & ENDS[letter]
        live &= digit < 10
        if not live.any():
            break
        value = np.where(live, value * 10 + digit, value)
    return value if bool(good.all()) else None


ENDS = np.isin(np.arange(256), list(b",}] \r\n\t"))  # what may stand after a number
