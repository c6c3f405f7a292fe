"""Made-up Dataverse datasets of every age, and the real samples."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sources.records import claims, gates, of, stated

CC0 = "http://creativecommons.org/publicdomain/zero/1.0"
FIELDS = [
    {"typeName": "title", "multiple": False, "value": "Birds"},
    {
        "typeName": "author",
        "multiple": True,
        "value": [{"authorName": {"typeName": "authorName", "value": "Bird, Ann"}}],
    },
]


def dataset(**version: Any) -> dict[str, Any]:
    blocks = {"citation": {"fields": FIELDS}}
    return {
        "persistentUrl": "https://doi.org/10.1/b",
        "datasetVersion": {"datasetPersistentId": "doi:10.1/b", "metadataBlocks": blocks} | version,
    }


@pytest.mark.parametrize(
    ("version", "said", "closed"),
    [
        ({"license": {"name": "CC0 1.0", "uri": CC0}}, [("CC0 1.0", CC0)], []),
        ({"license": "CC0"}, [("CC0", None)], []),
        ({"license": "NONE", "termsOfUse": "For research only."}, [("For research only.", None)], []),
        (
            {"termsOfUse": "N/A", "restrictions": "No redistribution.", "conditions": ""},
            [("No redistribution.", None)],
            [],
        ),
        ({"license": {"name": "CC0 1.0", "uri": CC0}, "termsOfAccess": "Ask Ann."}, [("CC0 1.0", CC0)], ["Ask Ann."]),
        (
            {"license": "CC0", "files": [{"restricted": True}, {"restricted": False}]},
            [("CC0", None)],
            ["restricted: 1 of 2 files"],
        ),
    ],
)
def test_licences_and_terms_of_every_age(
    tmp_path: Path, version: dict[str, Any], said: list[Any], closed: list[str]
) -> None:
    for document in (
        dataset(**version),
        {"status": "OK", "data": {"latestVersion": dataset(**version)["datasetVersion"]}},
    ):
        found = of(document, "dataverse", tmp_path)["dataset"]
        assert stated(found) == said and gates(found) == closed
        assert {(c["title"], c["creator"], c["item_id"]) for c in found} == {("Birds", "Bird, Ann", "doi:10.1/b")}


def test_many_datasets_are_items(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(dataset(license=name)) for name in ("CC0", "CC BY 4.0"))
    assert [c["license_text"] for c in of(lines, "dataverse", tmp_path)["items"]] == ["CC0", "CC BY 4.0"]


def test_the_real_datasets(real_data: Path, tmp_path: Path) -> None:
    places = sorted((real_data / "dataverse").rglob("in/datasetJson.json"))
    for place in places:
        version = json.loads(place.read_text("utf-8"))["datasetVersion"]
        found = claims(place, "dataverse", tmp_path)["dataset"]
        assert stated(found) == [(version["license"]["name"], version["license"]["uri"])], place
        assert len(gates(found)) == any(f["restricted"] for f in version.get("files", []))
    assert len(places) == 6
    (claim,) = claims(real_data / "dataverse/pyDataverse/dataset_upload_min_default.json", "dataverse", tmp_path)[
        "dataset"
    ]
    assert (claim["license_text"], claim["title"]) == ("CC BY 4.0", "Darwin's Finches")
