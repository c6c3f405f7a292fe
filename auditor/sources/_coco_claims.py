"""From typed COCO records to CLAIM batches: a column at a time, each distinct licence looked up once."""

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from operator import attrgetter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.origins import canonical_array
from auditor.schema import CLAIM, Page, constant
from auditor.sources._coco_labels import labels
from auditor.sources._coco_licenses import BESIDE, Licenses, array_of, coded
from auditor.sources._coco_look import part_of, split_of
from auditor.sources._coco_read import Image, Listing

ROWS = 1 << 17
# Where COCO's own images are told from others: the URL, or the name that COCO gave its files of 2014 and 2015.
COCO_URL = r"^https?://(?:images\.cocodataset\.org|(?:www\.)?mscoco\.org/images)/(?P<part>[a-z]+20[0-9]{2})/"
COCO_URL += r"(?:COCO_[a-z]+20[0-9]{2}_)?0*(?P<id>[1-9][0-9]*)\.[a-z]+$"
COCO_NAME = r"(?:^|/)COCO_(?P<part>[a-z]+20[0-9]{2})_0*(?P<id>[1-9][0-9]*)\.[a-z]+$"
PARTS_2017 = ("train2017", "val2017", "test2017", "unlabeled2017")  # their files are called by number only
RARE = (
    *("licence", "license_id", "license_name", "license_url"),
    *("original_url", "url", "rights_holder", "author", *BESIDE),
)
OWN_WORDS = ("licence", "license_id", "license_name", "license_url", *BESIDE)


def batches(page: Page, listing: Listing) -> Iterator[pa.RecordBatch]:
    """Yield the claims of every image, in the file's order, those of one image under one `row`."""
    images, errors = listing.file.images or [], listing.errors
    licenses = Licenses(listing.file.licenses)
    with ThreadPoolExecutor(1) as aside:  # numpy and Arrow let other threads go on
        said = aside.submit(labels, listing)
        ids, parts = item_ids(page, images)
        for start in range(0, len(images), ROWS):
            some = images[start : start + ROWS]
            given = fields(some)
            columns = _columns(some, given)
            columns["item_id"], columns["split"] = ids.slice(start, ROWS), _splits(page, parts.slice(start, ROWS))
            columns["row"] = pa.array(np.arange(start, start + len(some), dtype=np.int64))
            wrong = [errors.get(r) for r in range(start, start + len(some))] if errors else None
            columns["error"] = pa.array(wrong, pa.string()) if wrong else pa.nulls(len(some), pa.string())
            columns["label"] = said.result().slice(start, ROWS)
            yield _stated(columns, some, given, licenses)


def _columns(images: Sequence[Image], given: Collection[str]) -> dict[str, pa.Array]:
    urls = {n: texts(images, n, given) for n in ("coco_url", "flickr_url", "original_url", "url")}
    origin = pc.coalesce(urls["flickr_url"], urls["original_url"], urls["url"])
    holder = pc.coalesce(texts(images, "rights_holder", given), texts(images, "author", given))
    others = pc.or_(pc.is_valid(pc.coalesce(origin, urls["coco_url"])), pc.is_valid(holder))
    return {
        "item_url": pc.coalesce(urls["coco_url"], urls["url"], origin),
        "title": texts(images, "file_name"),
        "creator": holder,
        "kind": constant("image", len(images)),
        "scope": constant("media", len(images)),
        "vocabulary": constant("coco", len(images)),
        "copyright_text": texts(images, "copyright", given),
        "was_derived_from": _lists(pc.coalesce(canonical_array(origin), origin)),
        # Who gathers others' images states what those others granted; else it is the word of whoever made the file.
        "authority": pc.if_else(others, "aggregator", "uploader"),
    }


def _stated(
    columns: dict[str, pa.Array], images: Sequence[Image], given: Collection[str], licenses: Licenses
) -> pa.RecordBatch:
    """Give each image its statements; one of several stands once for each."""
    several = any(n in given for n in OWN_WORDS)
    every = [{n: getattr(i, n) for n in ("license", *OWN_WORDS)} for i in images] if several else None
    codes, distinct = coded([i.license for i in images] if every is None else every)
    own = ({"license": v} if every is None else v or {} for v in distinct)
    said = [licenses.of_image(v) for v in own]
    starts = np.cumsum([0, *map(len, said)])
    counts = np.array([len(s) for s in said])[codes]
    places = starts[codes]
    if (counts > 1).any():
        again = np.repeat(np.arange(len(codes)), counts)
        within = np.arange(len(again)) - np.repeat(np.cumsum(counts) - counts, counts)
        columns = {n: c.take(pa.array(again)) for n, c in columns.items()}
        places = places[again] + within
    for place, name in enumerate(("license_text", "license_url", "place")):
        pairs = pa.array([s[place] for each in said for s in each], pa.string()).dictionary_encode()
        columns[name] = pa.DictionaryArray.from_arrays(pairs.indices.take(pa.array(places)), pairs.dictionary)
    columns["authority"] = pc.if_else(columns["place"].is_valid(), "mention", columns["authority"])
    order = [n for n in CLAIM.names if n in columns]
    return pa.RecordBatch.from_arrays([columns[n] for n in order], names=order)


def texts(images: Sequence[Image], name: str, given: Collection[str] | None = None) -> pa.Array:
    """Return a field as strings, empty ones null; `given`: the fields that are not null everywhere, where known."""
    if given is not None and name not in given:
        return pa.nulls(len(images), pa.string())
    array = array_of(list(map(attrgetter(name), images)))
    if not pa.types.is_string(array.type):
        return array.cast(pa.string())
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(array), ""), None, array)


def fields(images: Sequence[Image]) -> Collection[str]:
    """Return the fields that may have values: most files give none of the rarer ones."""
    try:
        rare = set(map(attrgetter(*RARE), images)) - {(None,) * len(RARE)}
    except TypeError:  # a list or an object among them
        rare = {()}
    return Image.__struct_fields__ if rare else set(Image.__struct_fields__) - set(RARE)


def _lists(array: pa.Array) -> pa.Array:
    """Return lists of one each; null where there is none."""
    offsets = np.concatenate(([0], np.cumsum(array.is_valid().to_numpy(zero_copy_only=False)))).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), array.drop_null())
    return pc.if_else(array.is_valid(), lists, None)


def item_ids(page: Page, images: Sequence[Image]) -> tuple[pa.Array, pa.Array]:
    """Return an id for each image, none twice, and the part of COCO that it stands in (null: not COCO's).

    The same image has the same id whichever file lists it: COCO's own are `coco:val2017:397133` by their URL or file
    name; others go by the dataset's namespace, the part that the file's name tells, and their id there, with the
    image's file name where several files say that they list that part.
    """
    context = page.context
    found = pc.extract_regex(texts(images, "coco_url"), COCO_URL)
    part, number = pc.struct_field(found, "part"), pc.struct_field(found, "id")
    if not part.null_count:
        return apart(pc.binary_join_element_wise("coco", part, number, ":")), part
    names, own = texts(images, "file_name"), pc.coalesce(texts(images, "id"), texts(images, "image_id"))
    part, number = _by_name(part, number, names, own, context["part"])
    folder = part_of(f"{context['folder']}/.json") if context.get("folder") and not context["namespace"] else ""
    space = ":".join(dict.fromkeys(w for w in (context["namespace"], folder, context["part"]) if w)) or "images"
    if (
        context.get("several") and not context["namespace"]
    ):  # files of one name and folder need not list the same images
        own = pc.coalesce(pc.binary_join_element_wise(own, names, "/"), own)
    rows = pc.binary_join_element_wise(f"{context['place']}#", pa.array(np.arange(len(images))).cast(pa.string()), "")
    ids = pc.coalesce(
        pc.binary_join_element_wise("coco", part, number, ":"),
        pc.binary_join_element_wise(space, pc.coalesce(own, names), ":"),
        rows,
    )
    return apart(ids), part


def _by_name(
    parts: pa.Array, numbers: pa.Array, names: pa.Array, own: pa.Array, part: str
) -> tuple[pa.Array, pa.Array]:
    """Add the part of COCO and the number of each image whose file name shows that it is one of COCO's."""
    found = pc.extract_regex(names, COCO_NAME)
    parts, numbers = (
        pc.coalesce(parts, pc.struct_field(found, "part")),
        pc.coalesce(numbers, pc.struct_field(found, "id")),
    )
    last = part.rsplit("/", 1)[-1]
    if last not in PARTS_2017:
        return parts, numbers
    same = pc.equal(pc.binary_join_element_wise(pc.utf8_lpad(own, 12, "0"), ".jpg", ""), names)
    return pc.coalesce(parts, pc.if_else(same, last, None)), pc.coalesce(numbers, pc.if_else(same, own, None))


def apart(ids: pa.Array) -> pa.Array:
    """Give ids that come again in one file `~2`, `~3`: there they are different items."""
    while True:
        codes = ids.dictionary_encode().indices.to_numpy(zero_copy_only=False)
        counts = np.bincount(codes) if len(codes) else np.zeros(0, dtype=np.int64)
        if not (counts > 1).any():
            return ids
        order = np.argsort(codes, kind="stable")
        nth = np.empty(len(codes), dtype=np.int64)
        nth[order] = np.arange(len(codes)) - (np.cumsum(counts) - counts)[codes[order]] + 1
        again = pc.binary_join_element_wise(ids, pa.array(nth).cast(pa.string()), "~")
        ids = pc.if_else(pa.array(nth > 1), again, ids)


def _splits(page: Page, parts: pa.Array) -> pa.Array:
    """The split that the annotation file's name tells, else that of COCO's part."""
    if page.context["split"] is not None:
        return constant(page.context["split"], len(parts))
    pairs = parts.dictionary_encode()
    return pa.array([split_of(p) for p in pairs.dictionary.to_pylist()], pa.string()).take(pairs.indices)
