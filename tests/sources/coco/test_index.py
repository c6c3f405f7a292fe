"""The index that COCO's API makes of a file, as COCO-Text is published: images and annotations by their ids."""

import json
from pathlib import Path
from typing import Any

import pytest

import auditor
from auditor.errors import BadInput

TABLE = [{"id": 1, "url": "https://creativecommons.org/licenses/by/4.0/"}, {"id": 2, "name": "CC BY-NC 4.0"}]


def index(**more: Any) -> dict[str, Any]:
    names = {n: f"COCO_train2014_{n:012d}.jpg" for n in (5, 7, 9)}
    imgs = {str(n): {"id": n, "file_name": name, "set": "train", "license": 1 + (n == 7)} for n, name in names.items()}
    anns = {str(10 * n): {"id": 10 * n, "image_id": n, "utf8_string": "stop"} for n in (5, 7)}
    return {"cats": {}, "anns": anns, "imgs": imgs, "imgToAnns": {"5": [50], "7": [70]}, "licenses": TABLE} | more


def test_every_image_is_an_item(tmp_path: Path) -> None:
    path = tmp_path / "cocotext.v2.json"
    path.write_text(json.dumps(index()))
    done = auditor.audit(str(path), tmp_path / "out")
    rows = done.findings.to_table().to_pylist()
    assert done.info["source"] == "coco"
    assert [(r["item_id"], r["license_concluded"]) for r in rows] == [
        ("coco:train2014:5", "CC-BY-4.0"),
        ("coco:train2014:7", "CC-BY-NC-4.0"),
        ("coco:train2014:9", "CC-BY-4.0"),
    ]
    done.filter(tmp_path / "free.json", form="original")
    free = json.loads((tmp_path / "free.json").read_text())
    assert (list(free["imgs"]), list(free["anns"]), free["imgToAnns"]) == (["5", "9"], ["50"], {"5": [50]})
    assert free["licenses"] == TABLE


def test_an_index_without_images_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.json"
    path.write_text(json.dumps(index(imgs={})))
    with pytest.raises(BadInput, match="no images"):
        auditor.audit(str(path), tmp_path / "out")
