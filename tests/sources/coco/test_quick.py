"""Large files are read another way than small ones: with the same result, or not that way at all."""

import itertools
import json
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.schema import Page
from auditor.sources import _coco_quick, coco

CATEGORIES = [{"id": 3, "name": "kite"}, {"id": 70, "name": "boat"}, {"id": 123456789012, "name": "crane"}]
IMAGES = [{"id": n, "file_name": f"{n}.jpg", "license": 4} for n in (5, 60, 700, 123456789012345)]
LICENSES = [{"id": 4, "name": "Attribution License", "url": "http://creativecommons.org/licenses/by/2.0/"}]


def rows(text: str | bytes, least: int, step: int = 1 << 22) -> list[dict[str, Any]]:
    context = {"place": "x.json", "part": "", "split": None, "namespace": None, "manifest": None}
    body = text.encode() if isinstance(text, str) else text
    with mock.patch.object(_coco_quick, "LEAST", least), mock.patch.object(_coco_quick, "STEP", step):
        return [r for b in coco.parse(Page("coco", "x.json", body=body, context=context)) for r in b.to_pylist()]


def both(text: str, step: int = 1 << 22) -> list[dict[str, Any]]:
    whole = rows(text, len(text) + 1)
    assert rows(text, 0, step) == whole
    return whole


def written(notes: Any, order: Any = ("info", "licenses", "images", "annotations", "categories"), **how: Any) -> str:
    every = {"info": {}, "licenses": LICENSES, "images": IMAGES, "annotations": notes, "categories": CATEGORIES}
    return json.dumps({k: every[k] for k in order}, **how)


PLAIN = [
    {"segmentation": [[1.5, 2.25]], "image_id": 5, "bbox": [1, 2], "category_id": 70, "id": 1},
    {"image_id": 700, "category_id": 3},
    {"image_id": 123456789012345, "category_id": 123456789012, "note": 'é \\ " image_id category_id'},
    {"image_id": 5, "category_id": 3},
]


@pytest.mark.parametrize(
    "how", [{}, {"separators": (",", ":")}, {"indent": 1}, {"ensure_ascii": False}, {"indent": "\t"}]
)
def test_labels_however_it_is_written(how: dict[str, Any]) -> None:
    text = written(PLAIN, **how)
    bounds = _coco_quick._annotations(text.encode())
    assert bounds is not None and _coco_quick.pairs_in(text.encode(), *bounds) is not None, "read the quick way"
    assert [r["label"] for r in both(text)] == ["kite; boat", None, "kite", "crane"]
    assert all(both(text, step) for step in (7, 16, 64, 100))


@pytest.mark.parametrize("order", list(itertools.permutations(["licenses", "images", "annotations", "categories"])))
def test_keys_in_any_order(order: tuple[str, ...]) -> None:
    assert [r["label"] for r in both(written(PLAIN, order))] == ["kite; boat", None, "kite", "crane"]


@pytest.mark.parametrize(
    "odd",
    [
        {"image_id": 5},
        {"category_id": 3},
        {"image_id": "5", "category_id": "3"},
        {"image_id": 5.0, "category_id": 3},
        {"image_id": 5.5, "category_id": 3},
        {"image_id": -5, "category_id": 3},
        {"image_id": 5e2, "category_id": 3},
        {"image_id": None, "category_id": 3},
        {"image_id": 12345678901234567, "category_id": 3},
        {"image_id": 5, "category_id": [3, 70]},
        {"image_id": 5, "segments_info": [{"category_id": 3}, {"category_id": 70}]},
        {"category_id": 3, "image_id": 5},
        {"image_id": 5, "caption": '"image_id": 700, "category_id": 3'},
        {"image_id": 5, "category_id": 3, "caption": 'x], "categories": [{"id": 3, "name": "lie"}], "y": ['},
        {"image_id": 5, "category_id": 3, "categories": [], "images": [1], "licenses": []},
        {"image_id": 5, "category_id": 3, "sub_image_id": 9, "image_idx": 7},
        3,
        None,
        [],
    ],
)
@pytest.mark.parametrize("place", [0, 2, 4])
def test_odd_annotations_give_the_same_either_way(odd: Any, place: int) -> None:
    both(written([*PLAIN[:place], odd, *PLAIN[place:]]))


def test_no_annotations_no_categories_no_table() -> None:
    assert {r["label"] for r in both(written([]))} == {None}
    assert {r["label"] for r in both(written(PLAIN, ("images", "annotations")))} == {None}
    text = written(PLAIN, ("images", "licenses", "annotations"))
    assert {r["license_url"] for r in both(text)} == {LICENSES[0]["url"]}


def test_nan_in_annotations_does_not_matter() -> None:
    notes = [n | {"area": float("nan")} for n in PLAIN]
    assert [r["label"] for r in both(written(notes))] == ["kite; boat", None, "kite", "crane"]


NOTE = st.fixed_dictionaries(
    {
        "image_id": st.sampled_from([i["id"] for i in IMAGES] + [9]),
        "category_id": st.sampled_from([3, 70, 123456789012, 8]),
    },
    optional={"bbox": st.lists(st.floats(0, 9), max_size=4), "caption": st.text(max_size=20), "id": st.integers()},
)


@settings(deadline=None)
@given(st.lists(NOTE, max_size=20), st.integers(1, 300), st.sampled_from([None, 1]))
def test_any_plain_annotations(notes: list[dict[str, Any]], step: int, indent: int | None) -> None:
    got = both(written(notes, indent=indent), step)
    names = {c["id"]: str(c["name"]) for c in CATEGORIES}
    for image, row in zip(IMAGES, got, strict=True):
        tied = {n["category_id"] for n in notes if n["image_id"] == image["id"]}
        assert row["label"] == ("; ".join(name for key, name in names.items() if key in tied) or None)
