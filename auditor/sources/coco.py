"""COCO-format JSON, and the iNaturalist competitions' in the same form: every image is an item.

Read: instances, captions, keypoints, panoptic, image_info, LVIS, and what Roboflow, CVAT, Label Studio and others
export. A licence is an id of the file's own table; what exporters do with it is in the fixtures of the tests.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from auditor import manifests
from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.schema import Page, claims
from auditor.sources import _repository_whole as whole
from auditor.sources._coco_claims import batches
from auditor.sources._coco_licenses import SILENCE, Licenses, words
from auditor.sources._coco_look import KIND, LICENSE, Look, first, look, look_at, part_of, split_of, stated
from auditor.sources._coco_read import Image
from auditor.sources._coco_text import load
from auditor.sources._table_sniff import suffix_of
from auditor.target import Target

SUMMARY = "COCO-format JSON (instances, captions, panoptic, LVIS, Roboflow, CVAT) and iNaturalist competitions: images"
HOSTED = True
HOLDS = (
    "The items are the images, each with the licence that the file states; annotations are licensed apart from them."
)
BESIDE = True
MERGE = True  # captions and instances of one split list the same images
TABLES = (".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".parquet")  # a folder with one is `folder`'s to take apart
TRIED = 200  # JSON files of a folder looked at before it is taken for none


def knows(target: Target) -> float:
    """An image list by its keys, a folder of such (less where it holds tables too), or a URL called as COCO's files are."""
    if target.url is not None and target.path is None:
        return 0.6 if target.filename.endswith(".json") and KIND.search(target.filename) else 0.0
    if target.path is not None and target.path.is_file():
        seen = look(target.head)
        return 0.95 if seen.is_coco(target.path) else 0.6 if seen.result else 0.0
    looks = [(f, look_at(f)) for f in _json_files(target)[:TRIED]]
    if not any(seen.is_coco(f) for f, seen in looks):
        return 0.0
    others = any(suffix_of(f.name) in TABLES for f in target.files)
    return 0.5 if others or not all(seen.result or seen.is_coco(f) for f, seen in looks) else 0.6


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield a page for each file: first what the files say of themselves, then their images."""
    if target.url is not None and target.path is None:
        path = Path(str(get.file(target.name, "coco").path))
        found = [(path, target.name, path.name, look_at(path))]
    elif target.path is not None and target.path.is_file():
        found = [(target.path, target.name, target.path.name, look(target.head))]
    else:
        found = [(f, target.at(f).name, target.place(f), look_at(f)) for f in _json_files(target)]
    good = [f for f in found if f[3].is_coco(f[0])]
    if not good:
        raise BadInput(_refused(target, found[0][3] if len(found) == 1 else Look()))
    for path, locator, place, seen in found:
        if not seen.is_coco(path):
            target.told(f"{place} lists no images and was left aside{' (results for images)' if seen.result else ''}")
        elif said := stated(seen.info):
            yield Page.of_file("coco", path, locator, level="dataset", context={"stated": said})
    if target.path is not None and target.path.is_dir():
        yield from whole.beside(target)
        yield from whole.below(target, {folder for path, *_ in good for folder in path.parents})
    parts = Counter(part_of(place) for _, _, place, _ in good)
    for path, locator, place, seen in sorted(
        good, key=lambda f: ("categories" not in f[3].top and "instances" not in f[2], f[2])
    ):
        _tell(target, place, seen)
        # The ids of one file are made to differ (`apart`); those of several are compared.
        context = _context(target, path, place, seen) | {
            "several": parts[part_of(place)] > 1,
            "unique_ids": len(good) == 1,
        }
        yield Page.of_file("coco", path, locator, context=context)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Turn a file's images into claims; a page of level `dataset` gives what `info` states, of the annotations."""
    if page.level == "dataset":
        shared = {"item_id": page.locator, "row": 0, "scope": "annotations", "authority": "dataset"}
        yield from claims(shared | said for said in page.context["stated"])
        return
    listing = load(page)
    if not listing.file.images:
        raise BadInput(f"{page.locator} lists no images: there is nothing to audit in it.")
    yield from batches(page, listing)


def subset(pages: Sequence[Page], kept: Any, out: Path) -> None:
    """Write a file anew with only the images that pass (auditor.subset.original): by id, as one may stand in several."""
    from auditor.sources._coco_subset import write

    ids = kept.ids()
    rows: list[int] = []
    for batch in parse(pages[0]):
        some = batch.filter(pc.is_in(batch.column("item_id"), value_set=ids))
        rows += some.column("row").to_pylist()
    write(pages[0], rows, out)


def _json_files(target: Target) -> list[Path]:
    suffixes = (".json", ".json.gz", ".json.bz2", ".json.xz", ".json.zst")
    return [f for f in target.files if f.name.lower().endswith(suffixes)]


def _refused(target: Target, seen: Look) -> str:
    if seen.result:
        return f"{target.name} holds COCO results, for images that an annotation file lists: audit that file."
    return f"{target.name} holds no COCO-format JSON that lists images: give its annotation file."


def _context(target: Target, path: Path, place: str, seen: Look) -> dict[str, Any]:
    """Return what parsing needs beside the file: its place, and what makes ids the same wherever the file lies."""
    manifest = target.manifest or _manifest(seen)
    part = part_of(place)
    folder = path.resolve().parent.name
    if not part and split_of(folder):
        part = folder
    return {
        "place": place,
        "part": part,
        "split": split_of(part),
        "namespace": manifest.namespace if manifest is not None else None,
        "manifest": manifest.name if manifest is not None else None,
    }


def _manifest(seen: Look) -> "manifests.Manifest | None":
    """Return the dataset that the file says it is, by its `info.url`; some repositories hold one dataset a year."""
    url, year = seen.info.get("url"), seen.info.get("year")
    if not isinstance(url, str):
        return None
    return manifests.find(f"{url.rstrip('/')}/tree/master/{year}") or manifests.find(url)


def _tell(target: Target, place: str, seen: Look) -> None:
    """Say what of the file looks like a licence statement and was not used."""
    image = seen.image or {}
    known = set(Image.__struct_fields__)
    for name in (k for k in image if LICENSE.search(k) and k not in known):
        target.told(f"{place}: `{name}` of its images looks like a licence statement and was not used")
    table = seen.top.get("licenses")
    silent = Licenses(table).said(image.get("license")) == [SILENCE] and not any(
        LICENSE.search(k) for k in image if k != "license"
    )
    if silent and words(first(table) or {}) != SILENCE:
        target.told(f"{place}: it has a table of licences, but its first image refers to none of them")
