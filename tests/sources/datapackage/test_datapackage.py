"""Made-up data packages of every version of the specification, and the real ones."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import auditor
from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.resolve import best
from auditor.sources import datapackage
from auditor.target import Target

BY = {"name": "CC-BY-4.0", "title": "Attribution 4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}
NC = {"name": "CC-BY-NC-4.0", "path": "https://creativecommons.org/licenses/by-nc/4.0/"}


def run(path: Path, descriptor: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what is said of the whole and of the items, without the columns that say nothing."""
    file = path / "datapackage.json"
    file.write_text(json.dumps(descriptor), encoding="utf-8")
    target = Target(str(file), file)
    assert best(target) == "datapackage"
    said: dict[str, list[dict[str, Any]]] = {"dataset": [], "items": []}
    for page in datapackage.fetch(target, Get(path / "store", offline=True)):
        for batch in datapackage.parse(page):
            said[page.level] += [{k: v for k, v in row.items() if v is not None} for row in batch.to_pylist()]
    return said["dataset"], said["items"]


def statements(items: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(i["row"], i["authority"], i.get("license_text"), i.get("license_url")) for i in items]


def test_a_resource_is_read_word_for_word(tmp_path: Path) -> None:
    resource = {
        "name": "herons",
        "title": "Herons of Exampleland",
        "path": "data/herons.csv",
        "format": "csv",
        "licenses": [BY],
        "sources": [{"title": "Bird club", "path": "https://birds.example/x"}, {"title": "A book"}],
        "contributors": [{"title": "Ann Example"}, {"title": "Ben Example", "role": "author"}],
    }
    whole, items = run(tmp_path, {"name": "birds", "licenses": [NC], "resources": [resource]})
    assert items == [
        {
            "item_id": "herons",
            "row": 0,
            "title": "Herons of Exampleland",
            "kind": "csv",
            "creator": "Ann Example, Ben Example",
            "was_derived_from": ["https://birds.example/x", "A book"],
            "license_text": "CC-BY-4.0",
            "license_url": BY["path"],
            "vocabulary": "opendefinition",
            "authority": "uploader",
        }
    ]
    assert statements(whole) == [(0, "dataset", "CC-BY-NC-4.0", NC["path"])]


def test_a_resources_licences_stand_in_place_of_the_packages(tmp_path: Path) -> None:
    resources = [{"name": "a", "path": "a"}, {"name": "b", "path": "b", "licenses": [NC]}]
    resources += [{"name": "c", "path": "c", "licenses": []}, {"name": "d", "path": "d", "licenses": [{"odd": 1}]}]
    _, items = run(tmp_path, {"licenses": [BY], "resources": resources})
    assert statements(items) == [
        (0, "dataset", "CC-BY-4.0", BY["path"]),
        (1, "uploader", "CC-BY-NC-4.0", NC["path"]),
        (2, "uploader", None, None),  # said to have none: the package's is not put in its place
        (3, "uploader", '{"odd": 1}', None),
    ]


def test_several_licences_are_a_claim_each(tmp_path: Path) -> None:
    _, items = run(tmp_path, {"resources": [{"name": "a", "path": "a", "licenses": [BY, NC, BY]}]})
    assert statements(items) == [
        (0, "uploader", "CC-BY-4.0", BY["path"]),
        (0, "uploader", "CC-BY-NC-4.0", NC["path"]),
    ]


@pytest.mark.parametrize(
    ("said", "text", "url"),
    [
        ({"license": "PDDL-1.0"}, "PDDL-1.0", None),
        ({"license": "http://opendatacommons.org/licenses/by/"}, None, "http://opendatacommons.org/licenses/by/"),
        ({"license": {"type": "ODC-BY", "url": "http://odc.example/by"}}, "ODC-BY", "http://odc.example/by"),
        (
            {"licenses": [{"id": "odc-pddl", "name": "A name", "url": "http://odc.example/"}]},
            "odc-pddl",
            "http://odc.example/",
        ),
        ({"licenses": [{"title": "Own terms", "path": "LICENSE.txt"}]}, "Own terms", None),
        ({"licenses": [{"path": "LICENSE.txt"}]}, "LICENSE.txt", None),
        ({"licenses": BY}, "CC-BY-4.0", BY["path"]),
        ({"licenses": ["MIT"]}, "MIT", None),
        ({"licenses": [{"title": {"": "Public domain", "es": "Dominio público"}}]}, "Public domain", None),
        ({"licenses": [{"name": "notspecified", "title": "Club rules"}]}, "Club rules", None),
        ({"licenses": [{"name": "notspecified"}]}, "notspecified", None),
    ],
)
def test_every_spelling_of_the_key_is_read(said: dict[str, Any], text: str, url: str | None, tmp_path: Path) -> None:
    whole, items = run(tmp_path, said | {"resources": [{"name": "a", "path": "a"}]})
    assert statements(whole) == [(0, "dataset", text, url)]
    assert statements(items) == [(0, "dataset", text, url)]


def test_the_title_counts_where_the_name_names_no_licence(tmp_path: Path) -> None:
    said = [{"name": "other-nc", "title": "For members", "path": "https://club.example/terms"}]
    _, items = run(tmp_path, {"resources": [{"path": "a.csv", "licenses": said}]})
    assert [(i["item_id"], i["license_text"]) for i in items] == [("a.csv", "other-nc"), ("a.csv", "For members")]


def test_odd_resources_are_items_too(tmp_path: Path) -> None:
    _, items = run(tmp_path, {"license": "MIT", "resources": ["x", {}, {"path": ["b1.csv", "b2.csv"]}, None]})
    assert [(i["row"], i["item_id"].rsplit("/", 1)[-1]) for i in items] == [
        (0, "datapackage.json#0"),
        (1, "datapackage.json#1"),
        (2, "b1.csv"),
        (3, "datapackage.json#3"),
    ]
    assert [i.get("error") for i in items] == [
        "resource 0 is not a JSON object",
        None,
        None,
        "resource 3 is not a JSON object",
    ]


@pytest.mark.parametrize("body", ['{"resources": [', "[1]", '{"resources": {"a": 1}}', '{"a": 1}x'])
def test_a_broken_descriptor_is_one_sentence(body: str, tmp_path: Path, auditor: Callable[..., Any]) -> None:
    file = tmp_path / "datapackage.json"
    file.write_text(body)
    with pytest.raises(BadInput, match=r"datapackage\.json is no .*\.$"):
        for page in datapackage.fetch(Target(str(file), file), Get(tmp_path)):
            list(datapackage.parse(page))
    if body.startswith("{"):
        done = auditor("audit", file, "-o", tmp_path / "out")
        assert (done.code, done.out, len(done.err.strip().splitlines())) == (2, "", 1)
        assert not (tmp_path / "out").exists()


def test_a_json_file_is_known_by_its_profile_and_others_are_not(tmp_path: Path) -> None:
    for body, known in (
        ('{"profile": "tabular-data-package", "resources": []}', True),
        ('{"$schema": "https://datapackage.org/profiles/2.0/datapackage.json", "resources": []}', True),
        ('{"resources": [], "license_id": "cc-by"}', False),
    ):
        file = tmp_path / "meta.json"
        file.write_text(body)
        assert (datapackage.knows(Target(str(file), file)) > 0.5) is known


def test_an_audit_of_a_package_counts_its_resources(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    resources = [{"name": "a", "path": "a"}, {"name": "b", "path": "b", "licenses": [NC]}, {"name": "a", "path": "c"}]
    (tmp_path / "datapackage.json").write_text(json.dumps({"licenses": [BY], "resources": resources}))
    done = auditor("audit", tmp_path / "datapackage.json", "-o", tmp_path / "out")
    assert done.code == 0, done.err
    rows = pq.read_table(tmp_path / "out/findings", columns=["item_id", "license_concluded", "verdict"]).to_pylist()
    assert sorted(tuple(r.values()) for r in rows) == [
        ("a", "CC-BY-4.0", "free"),
        ("a~2", "CC-BY-4.0", "free"),
        ("b", "CC-BY-NC-4.0", "non-free"),
    ]


def test_real_descriptors_give_an_item_a_resource(real_data: Path, tmp_path: Path) -> None:
    files = sorted((real_data / "frictionless").rglob("datapackage.json"))
    assert len(files) > 20
    for file in files:
        rows: dict[int, list[Any]] = {}
        for page in datapackage.fetch(Target(str(file), file), Get(tmp_path)):
            for batch in datapackage.parse(page):
                for row in batch.to_pylist() if page.level == "items" else []:
                    assert row["error"] is None
                    rows.setdefault(row["row"], []).append(row)
        whole = json.loads(file.read_text(encoding="utf-8"))
        assert len(rows) == len(whole["resources"])
        stated = [bool(r.get("licenses") or r.get("license")) for r in whole["resources"]]
        assert [rows[i][0]["authority"] == "uploader" for i in range(len(rows))] == stated


def test_a_description_that_speaks_of_terms_can_only_restrict(tmp_path: Path) -> None:
    package = {
        "name": "p",
        "licenses": [{"name": "CC0-1.0"}],
        "resources": [
            {"name": "a", "path": "a.csv", "description": "Counts. For non-commercial use only."},
            {"name": "b", "path": "b.csv", "description": "Counts of birds."},
        ],
    }
    (tmp_path / "datapackage.json").write_text(json.dumps(package))
    found = auditor.audit(str(tmp_path / "datapackage.json"), tmp_path / "out").findings.to_table().to_pylist()
    assert [(r["item_id"], r["verdict"], r["category"]) for r in found] == [
        ("a", "undetermined", "non-commercial"),
        ("b", "free", "free"),
    ]
