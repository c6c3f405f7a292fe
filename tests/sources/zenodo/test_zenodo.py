"""Made-up records of both APIs, and real ones against another reading."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auditor.fetch import Get
from auditor.resolve import best
from auditor.sources import zenodo
from auditor.target import Target
from tests.sources.huggingface.hub import serving
from tests.sources.records import claims, gates, of, stated


def legacy(**metadata: Any) -> dict[str, Any]:
    said = {
        "title": "Birds",
        "creators": [{"name": "Bird, Ann"}],
        "access_right": "open",
        "license": {"id": "cc-by-4.0"},
    }
    return {"conceptrecid": "1", "id": 2, "doi": "10.5281/zenodo.2", "metadata": said | metadata, "files": []}


INVENIO = {
    "id": "abc", "pids": {"doi": {}}, "parent": {"id": "p"}, "access": {"record": "public", "files": "restricted"},
    "metadata": {
        "title": "Birds", "creators": [{"person_or_org": {"name": "Bird, Ann"}}],
        "rights": [{"id": "cc-by-nc-4.0", "title": {"en": "Creative Commons Attribution Non Commercial 4.0 International"},
                    "props": {"url": "https://creativecommons.org/licenses/by-nc/4.0/legalcode", "scheme": "spdx"}},
                   {"title": {"en": "House rules"}, "description": {"en": "Only on Sundays."}, "link": "https://x.example/l"}],
        "related_identifiers": [{"identifier": "10.1/x", "relation_type": {"id": "isderivedfrom"}},
                                {"identifier": "10.1/y", "relation_type": {"id": "cites"}}],
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("metadata", "said", "closed"),
    [
        ({}, [("cc-by-4.0", None)], []),
        ({"license": "CC0-1.0"}, [("CC0-1.0", None)], []),
        ({"license": {"$ref": "https://dx.example/licenses/x"}}, [(None, "https://dx.example/licenses/x")], []),
        ({"license": {"id": "notspecified"}}, [], []),
        ({"license": None, "access_right": "closed"}, [], ["closed"]),
        (
            {"license": None, "access_right": "restricted", "access_conditions": "Ask Ann."},
            [],
            ["restricted", "Ask Ann."],
        ),
        ({"access_right": "embargoed"}, [("cc-by-4.0", None)], ["embargoed"]),
    ],
)
def test_records_of_the_legacy_api(
    tmp_path: Path, metadata: dict[str, Any], said: list[Any], closed: list[str]
) -> None:
    found = of(legacy(**metadata), "zenodo", tmp_path)["dataset"]
    assert stated(found) == said and gates(found) == closed


def test_a_record_of_invenio_says_all_its_rights(tmp_path: Path) -> None:
    found = of(INVENIO, "zenodo", tmp_path)["dataset"]
    assert stated(found) == [
        ("cc-by-nc-4.0", "https://creativecommons.org/licenses/by-nc/4.0/legalcode"),
        ("House rules", "https://x.example/l"),
        ("Only on Sundays.", None),
    ]
    assert gates(found) == ["restricted"]
    assert (found[0]["was_derived_from"], found[0]["creator"], found[0]["item_id"]) == (["10.1/x"], "Bird, Ann", "abc")


def test_a_search_gives_items(tmp_path: Path) -> None:
    said = of(
        {"hits": {"hits": [legacy(), legacy(license="CC0-1.0") | {"doi": "10.5281/zenodo.3"}], "total": 2}},
        "zenodo",
        tmp_path,
    )
    assert [(c["item_id"], c["license_text"]) for c in said["items"]] == [
        ("10.5281/zenodo.2", "cc-by-4.0"),
        ("10.5281/zenodo.3", "CC0-1.0"),
    ]


@pytest.mark.parametrize(
    "name",
    [
        "https://zenodo.org/records/2",
        "https://zenodo.org/record/2#files",
        "https://doi.org/10.5281/zenodo.2",
        "doi:10.5281/zenodo.2",
    ],
)
def test_a_record_by_its_url_or_doi(tmp_path: Path, name: str) -> None:
    assert best(Target(name)) == "zenodo"
    with serving({"/api/records/2": json.dumps(legacy()).encode()}) as (address, asked):
        (page,) = zenodo.fetch(Target(name), Get(tmp_path, endpoints={"zenodo": address}))
    assert asked == ["/api/records/2"] and page.level == "dataset"


def test_a_record_that_a_manifest_knows_is_audited_offline(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    run = auditor("audit", "https://zenodo.org/record/4060432", "--offline", "-o", tmp_path / "audit")
    assert run.code == 0 and "only what the manifest says" in run.err and "FSD50K" in run.out
    run = auditor("audit", "https://zenodo.org/record/1", "--offline", "-o", tmp_path / "other")
    assert run.code == 2 and "--offline" in run.err


def test_the_real_records_against_another_reading(real_data: Path, tmp_path: Path) -> None:
    seen = 0
    for place in sorted((real_data / "zenodo/records_json").glob("*.json")):
        document = json.loads(place.read_text("utf-8"))
        records = document["hits"]["hits"] if isinstance(document.get("hits"), dict) else [document]
        if not records:
            continue
        wanted = [
            m["license"]["id"] if isinstance(m["license"], dict) else m["license"]
            for m in (r["metadata"] for r in records)
        ]
        said = claims(place, "zenodo", tmp_path / "s")
        assert [
            c["license_text"] for c in said["items"] or said["dataset"] if c["authority"] == "uploader"
        ] == wanted, place
        seen += len(records)
    assert seen == 60
