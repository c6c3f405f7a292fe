"""The categories of each image's annotations, without a Python object a pair beyond what decoding made."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.sources._coco_licenses import array_of, plain
from auditor.sources._coco_read import Annotation, Listing

Places = np.ndarray[Any, np.dtype[np.int64]]


def labels(listing: Listing) -> pa.Array | None:
    """Return for each image its annotations' categories by name, each once, in the table's order; None without any."""
    file = listing.file
    groups = [c for c in file.categories or [] if isinstance(c, dict)] if isinstance(file.categories, list) else []
    if not groups or not (file.annotations or listing.ids):
        return None
    images = [i.image_id if i.id is None else i.id for i in file.images or []]
    image_of, group_of = listing.ids or _flat(file.annotations or [])
    image = _places(image_of, images)
    group = _places(group_of, [c.get("id") for c in groups])
    known = (image >= 0) & (group >= 0)
    pairs = np.sort(image[known] * len(groups) + group[known])
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    names = pa.array([plain(c.get("name")) or plain(c.get("id")) for c in groups], pa.string())
    offsets = np.searchsorted(pairs // len(groups), np.arange(len(images) + 1)).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), names.take(pa.array(pairs % len(groups))))
    joined = pc.binary_join(lists, "; ")
    return pc.if_else(pc.equal(joined, ""), None, joined)


def _flat(notes: Sequence[Annotation]) -> tuple[list[Any], list[Any]]:
    """Return image and category of each annotation, or of each segment of a panoptic one."""
    if not any(map(attrgetter("segments_info"), notes)):
        return [n.image_id for n in notes], [n.category_id for n in notes]
    pairs = [(n.image_id, s.category_id) for n in notes for s in n.segments_info or ()]
    return [p[0] for p in pairs], [p[1] for p in pairs]


def _places(values: "Sequence[Any] | Places", among: Sequence[Any]) -> Places:
    """Return the place of each value among others, -1 where it isn't there; 7 and "7" are one id."""
    here, there = array_of(values), array_of(among)
    if here.type != there.type:
        here, there = here.cast(pa.string()), there.cast(pa.string())
    found = pc.index_in(here, value_set=there, skip_nulls=True)
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)
