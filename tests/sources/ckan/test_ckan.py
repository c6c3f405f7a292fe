"""Made-up CKAN packages, and real answers against an independent count."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from auditor.errors import BadInput
from auditor.resolve import best
from auditor.target import Target
from tests.sources.records import claims, gates, of, stated

BY = "http://www.opendefinition.org/licenses/cc-by"
PACKAGE = {
    "id": "1", "name": "birds", "title": "Birds", "author": "Ann", "license_id": "cc-by", "license_title": "Creative Commons Attribution",
    "license_url": BY, "isopen": True, "resources": [{"id": "r1", "format": "CSV"}],
}  # fmt: skip


def test_one_package_speaks_of_the_whole(tmp_path: Path) -> None:
    said = of({"help": "…", "success": True, "result": PACKAGE}, "ckan", tmp_path)
    assert stated(said["dataset"]) == [("cc-by", BY), ("Creative Commons Attribution", BY)] and not said["items"]
    assert {(c["item_id"], c["title"], c["creator"], c["vocabulary"]) for c in said["dataset"]} == {
        ("birds", "Birds", "Ann", "ckan")
    }


def test_a_lexicon_with_the_same_words_is_no_package(tmp_path: Path) -> None:
    words = {"license": 181, "notes": 7, "resources": 12, "tags": 3, "title": 5, "license_title": 4}
    path = tmp_path / "words.json"
    path.write_text(json.dumps(words), encoding="utf-8")
    assert best(Target(path.name, path)) != "ckan"


def test_many_packages_are_the_items(tmp_path: Path) -> None:
    more = [PACKAGE, PACKAGE | {"name": "owls", "license_id": None, "license_title": None, "license_url": None}]
    for document in (
        {"result": {"count": 2, "results": more}},
        {"result": more},
        more,
        "\n".join(map(json.dumps, more)),
    ):
        said = of(document, "ckan", tmp_path)
        assert Counter(c["item_id"] for c in said["items"]) == {"birds": 2, "owls": 1} and not said["dataset"]
        assert [c for c in said["items"] if c["item_id"] == "owls"] == [
            {"item_id": "owls", "row": 1, "title": "Birds", "creator": "Ann"}
        ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"license_id": "uk-x", "license_title": "CC BY-NC 4.0", "license_url": None}, [("CC BY-NC 4.0", None)]),
        (
            {"license_id": "notspecified", "license_title": "License not specified", "license_url": None},
            [("notspecified", None)],
        ),
        ({"license_id": "", "license_title": "", "license_url": BY}, [(None, BY)]),
        ({"license_id": None, "license_title": None, "license_url": None}, []),
    ],
)
def test_a_name_that_says_nothing_gives_way_to_the_title(
    tmp_path: Path, more: dict[str, str | None], said: list[object]
) -> None:
    found = stated(of(PACKAGE | more, "ckan", tmp_path)["dataset"])
    assert [f for f in found if f[0] != "License not specified"] == said


def test_resources_with_licences_of_their_own_are_items(tmp_path: Path) -> None:
    resources = [
        {"id": "r1", "url": "https://x.example/a.csv", "format": "CSV", "license": "http://creativecommons.org/licenses/by/3.0/",
         "rights": "http://publications.europa.eu/resource/authority/access-right/PUBLIC"},
        {"id": "r2", "url": "https://x.example/b.csv", "rights": "Ask Ann."},
        {"id": "r3"},
    ]  # fmt: skip
    package = {
        "title": "Birds",
        "notes": "n",
        "tags": [],
        "resources": resources,
        "extras": [{"key": "access_rights", "value": "Members only"}],
    }
    said = of(package, "ckan", tmp_path)
    assert gates(said["dataset"]) == ["Members only"] and not stated(said["dataset"])
    assert [(c["item_id"], *stated([c])) for c in said["items"]] == [
        ("r1", (None, "http://creativecommons.org/licenses/by/3.0/")),
        ("r2", ("Ask Ann.", None)),
        ("r3",),
    ]


def test_an_empty_search_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no record"):
        of('{"license_id": 0, "resources": 0, "result": {"results": []}}', "ckan", tmp_path)


def test_urls_of_the_api() -> None:
    assert best(Target("https://data.example.org/api/3/action/package_show?id=birds")) == "ckan"
    assert best(Target("https://data.example.org/dataset/birds")) != "ckan"


def test_the_real_answers_against_an_independent_count(real_data: Path, tmp_path: Path) -> None:
    place = real_data / "ckan/api_json/package_search_800.json.gz"
    packages = json.loads(gzip.decompress(place.read_bytes()))["result"]["results"]
    found = claims(place, "ckan", tmp_path)["items"]
    assert len({c["row"] for c in found}) == len(packages) == 800
    by_row = {c["row"]: c for c in reversed(found)}
    for row, package in enumerate(packages):
        assert by_row[row].get("license_text") == (package["license_id"] or None), package["name"]
