"""The categories of each image's annotations, without a Python object a pair beyond what decoding made."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.sources._coco_licenses import array_of, plain
from auditor.sources._coco_read import Listing

Places = np.ndarray[Any, np.dtype[np.int64]]


def labels(listing: Listing) -> pa.Array:
    """Return for each image its annotations' categories by name, each once, in the table's order; null without any.

    The annotations are let go: nothing else asks for them.
    """
    images = [i.image_id if i.id is None else i.id for i in listing.file.images or []]
    table = listing.file.categories
    groups = [c for c in table if isinstance(c, dict)] if isinstance(table, list) else []
    image_of, group_of = listing.pairs() if groups else ([], [])
    listing.file.annotations = listing.later = None
    if not len(image_of):
        return pa.nulls(len(images), pa.string())
    image, group = _places(image_of, images), _places(group_of, [c.get("id") for c in groups])
    known = (image >= 0) & (group >= 0)
    pairs = np.sort(image[known] * len(groups) + group[known])
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    names = pa.array([plain(c.get("name")) or plain(c.get("id")) for c in groups], pa.string())
    offsets = np.searchsorted(pairs // len(groups), np.arange(len(images) + 1)).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), names.take(pa.array(pairs % len(groups))))
    joined = pc.binary_join(lists, "; ")
    return pc.if_else(pc.equal(joined, ""), None, joined)


def _places(values: "Sequence[Any] | Places", among: Sequence[Any]) -> Places:
    """Return the place of each value among others, -1 where it isn't there; 7 and "7" are one id."""
    here, there = array_of(values), array_of(among)
    if here.type != there.type:
        here, there = here.cast(pa.string()), there.cast(pa.string())
    found = pc.index_in(here, value_set=there, skip_nulls=True)
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)
