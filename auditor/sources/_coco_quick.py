"""Large COCO files without decoding their annotations, nine tenths of the bytes: everything else is decoded strictly.

Of the annotations only `image_id` and `category_id` are wanted, for labels. They are found by their letters with
numpy, at the speed of memory; where the text is not as plain as COCO's own, the answer is None and the file is decoded whole.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from auditor.sources._coco_read import STRICT, File, Ids

LEAST = 8 << 20  # bytes; below it decoding whole is as fast
TAIL = 4 << 20  # where the keys after the annotations are looked for
STEP, MARGIN = 1 << 24, 64
OTHERS = (b'"categories"', b'"licenses"', b'"images"', b'"info"')
LETTER = {c: ord(c) for c in '_id":0 '}


def quick(text: Any) -> tuple[File, Ids | None] | None:
    """Return the file without its annotations, and image and category of each of these; None where that can't be told."""
    if len(text) < LEAST:
        return None
    bounds = _annotations(text)
    if bounds is None:
        return None
    try:
        file = STRICT.decode(text[: bounds[0]] + b"[]" + text[bounds[1] :])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if not file.licenses or not file.images:  # they may lie in what was taken for annotations
        return None
    if not file.categories:
        return file, None
    ids = _ids(text, *bounds)
    return None if ids is None else (file, ids)


def _annotations(text: Any) -> tuple[int, int] | None:
    """Return where the list of annotations begins and ends, by the keys around it; whether it is so, decoding tells."""
    key = text.find(b'"annotations"')
    start = text.find(b"[", key)
    if key < 0 or start < 0 or text[key + len(b'"annotations"') : start].strip() != b":":
        return None
    after = [p for k in OTHERS if (p := text.find(k, max(start, len(text) - TAIL))) >= 0]
    end = text.rfind(b"]", start, min(after, default=len(text))) + 1
    return (start, end) if end > start else None


def _ids(text: Any, start: int, end: int) -> Ids | None:
    """Return image and category of each annotation; None unless every one gives both, once, as plain numbers."""
    found = list(_marks(np.frombuffer(text, dtype=np.uint8), start, end))
    if any(f is None for f in found):
        return None
    image, value = (np.concatenate([f[place] for f in found if f is not None]) for place in (0, 1))
    first, second = image[0::2], image[1::2]
    if not len(image) or len(first) != len(second) or (first != first[0]).any() or (second == first[0]).any():
        return None
    pair = (value[0::2], value[1::2])
    return pair if first[0] else pair[::-1]


def _marks(text: "np.ndarray[Any, Any]", start: int, end: int) -> Iterator["tuple[Any, Any] | None"]:
    """Yield, for each stretch of text, which marks are `image_id` (else `category_id`) and the numbers after them."""
    words = np.ndarray(len(text) - 7, dtype="<u8", buffer=text, strides=(1,))  # eight letters from each place on
    for begin in range(start, end, STEP):
        at = np.flatnonzero(text[begin : min(begin + STEP, end)] == LETTER["_"]) + begin
        at = at[(at >= start + 9) & (at + MARGIN < len(text))]
        image = words[at - 6] == _word(b'"image_i')
        at, image = _kept(image | (words[at - 9] == _word(b'"categor')), at, image)
        closed = (text[at + 2] == LETTER["d"]) & (text[at + 3] == LETTER['"']) & (text[at + 4] == LETTER[":"])
        at, image = _kept(closed & (text[at + 1] == LETTER["i"]), at, image)
        number = _numbers(text, at + 5 + (text[at + 5] == LETTER[" "]))
        yield None if number is None else (image, number)


def _kept(which: Any, *arrays: Any) -> "list[Any]":
    return [a[which] for a in arrays]


def _word(letters: bytes) -> "np.uint64":
    return np.frombuffer(letters, dtype="<u8")[0]  # type: ignore[no-any-return]


def _numbers(text: "np.ndarray[Any, Any]", at: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any] | None":
    """Return the whole numbers that begin at these places; None where something else does."""
    value = np.zeros(len(at), dtype=np.int64)
    live = np.ones(len(at), dtype=bool)
    length = np.zeros(len(at), dtype=np.int64)
    for place in range(19):
        digit = text[at + place] - np.uint8(LETTER["0"])
        live &= digit < 10
        if not live.any():
            break
        value = np.where(live, value * 10 + digit, value)
        length += live
    ends = np.isin(text[at + length], np.frombuffer(b",}] \r\n\t", dtype=np.uint8))
    return value if bool((ends & (length > 0) & (length < 19)).all()) else None
