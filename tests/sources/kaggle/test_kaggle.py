"""Made-up Kaggle metadata of both shapes, and the real ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sources.records import claims, of, stated

NAME = "dataset-metadata.json"
UPLOADED = {"title": "Birds", "id": "ann/birds", "licenses": [{"name": "CC0-1.0"}]}
FETCHED = {
    "info": {
        "titleNullable": "Birds",
        "ownerUserNullable": "ann",
        "datasetSlugNullable": "birds",
        "licenses": [{"nameNullable": "Apache 2.0"}],
    }
}


@pytest.mark.parametrize(
    ("document", "said"),
    [(UPLOADED, [("CC0-1.0", None)]), (FETCHED, [("Apache 2.0", None)]), (UPLOADED | {"licenses": []}, [])],
)
def test_both_shapes(tmp_path: Path, document: Any, said: list[Any]) -> None:
    found = of(document, "kaggle", tmp_path, NAME)["dataset"]
    assert stated(found) == said
    assert {(c["item_id"], c["title"], c["item_url"], c["vocabulary"]) for c in found} <= {
        ("ann/birds", "Birds", "https://www.kaggle.com/datasets/ann/birds", "kaggle")
    }


def test_the_uploaders_description_speaks_too(tmp_path: Path) -> None:
    found = of(UPLOADED | {"description": "# Birds\n\n## License\n\nCC BY-NC 4.0\n"}, "kaggle", tmp_path, NAME)[
        "dataset"
    ]
    assert [(c["place"], c["license_text"]) for c in found] == [("metadata", "CC0-1.0"), ("readme", "CC BY-NC 4.0")]


def test_an_answer_of_the_search_gives_items(tmp_path: Path) -> None:
    listed = [
        {"datasetUrl": f"/datasets/ann/{n}", "licenseName": "CC0: Public Domain", "ownerName": "Ann"} for n in "ab"
    ]
    items = of({"totalResults": 2, "items": listed}, "kaggle", tmp_path, "search.json")["items"]
    assert [(c["item_id"], c["license_text"]) for c in items] == [
        ("ann/a", "CC0: Public Domain"),
        ("ann/b", "CC0: Public Domain"),
    ]


def test_a_comma_too_many_does_no_harm(tmp_path: Path) -> None:
    found = of('{"title": "a ,} b", "licenses": [{"name": "CC0-1.0"},],}', "kaggle", tmp_path, NAME)["dataset"]
    assert [(c["title"], c["license_text"]) for c in found] == [("a ,} b", "CC0-1.0")]


def test_the_real_files(real_data: Path, tmp_path: Path) -> None:
    found = {
        p.parent.name: claims(p, "kaggle", tmp_path)["dataset"] for p in sorted((real_data / "kaggle").rglob(NAME))
    }
    assert {name.partition("__")[0]: c[0]["license_text"] for name, c in found.items()} == {
        "Unanimad": "CC0-1.0",
        "adiamaan92": "CC0-1.0",
        "fferegrino": "CC-BY-SA-3.0",
        "neomatrix369": "Apache 2.0",
    }
    place = real_data / "kaggle/kaggle_search_response_extract.jsonl"
    lines = [json.loads(line) for line in place.read_text("utf-8").splitlines()]
    items = claims(place, "kaggle", tmp_path)["items"]
    assert [(c["item_id"], c["license_text"]) for c in items] == [
        (x["datasetUrl"].removeprefix("/datasets/"), x["licenseName"]) for x in lines
    ]
