"""Made-up descriptions of every version and form, and the real ones."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.resolve import best
from auditor.sources import croissant, source
from auditor.target import Target
from tests.sources.huggingface.hub import serving

CONTEXT = {
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "duo": "http://purl.obolibrary.org/obo/DUO_",
    "odrl": "http://www.w3.org/ns/odrl/2/",
}
BY = "https://creativecommons.org/licenses/by/4.0/"


def described(**more: Any) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": "Herons",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
    } | more


def rows(path: Path, said: Any, name: str = "metadata.json") -> dict[str, list[dict[str, Any]]]:
    file = path / name
    file.write_text(said if isinstance(said, str) else json.dumps(said), encoding="utf-8")
    target = Target(str(file), file)
    assert best(target) == "croissant"
    return claims_of(target, path)


def claims_of(target: Target, store: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {"dataset": [], "items": []}
    for page in croissant.fetch(target, Get(store / "store", allow=["127.0.0.1"])):
        for batch in source(page.source).parse(page):
            found[page.level] += [{k: v for k, v in row.items() if v is not None} for row in batch.to_pylist()]
    return found


def statements(claims: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(c.get("license_text"), c.get("license_url")) for c in claims]


@pytest.mark.parametrize(
    ("license_", "wanted"),
    [
        (BY, [(None, BY)]),
        ("mit", [("mit", None)]),
        ("Public", [("Public", None)]),
        (["mit", "apache-2.0"], [("mit AND apache-2.0", None)]),
        (["mit", "Public"], [("mit", None), ("Public", None)]),
        ([BY, "mit"], [("mit", None), (None, BY)]),
        ({"@type": "sc:CreativeWork", "name": "CC BY 4.0", "url": BY}, [("CC BY 4.0", BY)]),
        ({"@type": "CreativeWork", "@id": BY}, [(None, BY)]),
        ({"@value": "mit", "@language": "en"}, [("mit", None)]),
        ({"@id": "own-terms"}, [("own-terms", None)]),
        ("https://choosealicense.com/licenses/undefined/", [(None, "https://choosealicense.com/licenses/undefined/")]),
        (None, []),
        ("None", []),
        ([], []),
        ("", []),
    ],
)
@pytest.mark.parametrize("key", ["license", "sc:license", "https://schema.org/license"])
def test_a_licence_of_any_form(key: str, license_: Any, wanted: list[tuple[Any, ...]], tmp_path: Path) -> None:
    found = rows(tmp_path, described(**{key: license_}))["dataset"]
    assert statements(found) == wanted
    assert {(c["authority"], c["place"], c["title"]) for c in found} <= {("uploader", "metadata", "Herons")}


@pytest.mark.parametrize(
    "old",
    [
        {"@type": "sc:Dataset"},
        {"@type": "https://schema.org/Dataset"},
        {"@type": ["Dataset", "Thing"]},
        {"type": "Dataset"},
    ],
)
def test_types_and_versions(old: dict[str, Any], tmp_path: Path) -> None:
    said = {"@context": CONTEXT | {"ml": "http://mlcommons.org/schema/"}, "license": "mit"} | old
    assert statements(rows(tmp_path, said)["dataset"]) == [("mit", None)]


def test_the_licence_of_the_description_stays_apart(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    found = rows(
        tmp_path, described(license="cc-by-nc-4.0", sdLicense="https://creativecommons.org/publicdomain/zero/1.0/")
    )["dataset"]
    assert [(c.get("scope"), c.get("license_text")) for c in found] == [(None, "cc-by-nc-4.0"), ("metadata", None)]
    only = rows(tmp_path, described(sdLicense="cc0-1.0"))["dataset"]
    assert [c["scope"] for c in only] == ["metadata"]
    assert auditor("audit", tmp_path / "metadata.json", "-o", tmp_path / "audit").code == 0
    said = json.loads((tmp_path / "audit" / "audit.json").read_text("utf-8"))["dataset"]["conclusion"]
    assert said["verdict"] == "undetermined"


def test_data_use_conditions_of_the_specification(tmp_path: Path) -> None:
    """The two examples of the specification's section on data use conditions, with another name."""
    term = {"@type": "DefinedTerm", "name": "General Research Use", "termCode": "DUO_0000042", "url": "duo:0000042"}
    found = rows(tmp_path, described(license=BY, usageInfo=[term]))["dataset"]
    assert [(c["place"], c.get("license_text"), c.get("license_url")) for c in found] == [
        ("metadata", None, BY),
        ("usage", "General Research Use", "http://purl.obolibrary.org/obo/DUO_0000042"),
    ]
    limits = {
        "@type": "odrl:Constraint",
        "name": "Non-commercial use only",
        "odrl:operator": {"@id": "odrl:eq"},
        "odrl:rightOperand": {"@id": "duo:0000018"},
    }
    action = {"@id": "duo:0000006", "name": "Health or Medical or Biomedical Use"}
    offer = {"@type": ["CreativeWork", "odrl:Offer"], "name": "DUO Usage Policy"}
    offer["odrl:permission"] = {"@type": "odrl:Permission", "odrl:action": action, "odrl:constraint": [limits]}
    found = rows(tmp_path, described(usageInfo=offer))["dataset"]
    assert statements(found) == [
        ("Health or Medical or Biomedical Use", "http://purl.obolibrary.org/obo/DUO_0000006"),
        ("Non-commercial use only", "http://purl.obolibrary.org/obo/DUO_0000018"),
    ]


def test_a_use_condition_against_the_licence_is_a_conflict(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    rows(tmp_path, described(license=BY, usageInfo={"@type": "DefinedTerm", "name": "Non-commercial use only"}))
    assert auditor("audit", tmp_path / "metadata.json", "-o", tmp_path / "audit", "--fail-on", "conflict").code == 1
    said = json.loads((tmp_path / "audit" / "audit.json").read_text("utf-8"))["dataset"]["conclusion"]
    assert said["category"] == "non-commercial"
    assert said["verdict"] != "free"


def test_access_origins_and_people(tmp_path: Path) -> None:
    said = described(
        license="mit",
        conditionsOfAccess="Ask Ann.",
        isAccessibleForFree=False,
        creator=[{"@type": "Person", "name": "Ann"}, "Ben"],
        copyrightHolder={"name": "Bird club"},
        isBasedOn="https://x.example/pond",
        **{
            "prov:wasDerivedFrom": [
                {"@id": "urn:dataset:lake"},
                {"@id": "l", "prov:locatedAt": "https://x.example/lake"},
            ]
        },
    )
    found = rows(tmp_path, said)["dataset"]
    assert [(c["authority"], c["license_text"]) for c in found] == [
        ("uploader", "mit"),
        ("access", "Ask Ann."),
        ("access", "isAccessibleForFree: false"),
    ]
    assert found[0]["was_derived_from"] == ["urn:dataset:lake", "https://x.example/lake", "https://x.example/pond"]
    assert (found[0]["creator"], found[0]["copyright_text"]) == ("Ann, Ben", "Bird club")


def test_files_with_licences_of_their_own_are_items(tmp_path: Path) -> None:
    files = [
        {"@type": "cr:FileObject", "@id": "a.csv", "license": "mit"},
        {"@type": "cr:FileObject", "@id": "b.csv", "contentUrl": "https://x.example/b"},
    ]
    found = rows(tmp_path, described(license="cc-by-4.0", distribution=files))
    assert [(c["item_id"], c.get("license_text"), c["kind"]) for c in found["items"]] == [
        ("a.csv", "mit", "file"),
        ("b.csv", None, "file"),
    ]
    assert statements(found["dataset"]) == [("cc-by-4.0", None)]


@pytest.mark.parametrize("old", [False, True])
def test_records_with_a_licence_field_are_items(old: bool, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "h.csv").write_text(
        "id,terms,where\nh1,CC0-1.0,https://x.example/1\nh2,CC BY-NC 4.0,https://x.example/2\n"
    )
    new = {"fileObject": {"@id": "h"}, "extract": {"column": "terms"}}
    field = {"@type": "cr:Field", "@id": "r/terms", "name": "licence", "source": "#{h/terms}" if old else new}
    gone = {
        "@type": "cr:Field",
        "name": "license",
        "source": {"fileObject": {"@id": "away"}, "extract": {"column": "l"}},
    }
    files = [
        {"@id": "h", "name": "h", "contentUrl": "data/h.csv"},
        {"@id": "away", "contentUrl": "https://x.example/z.csv"},
    ]
    said = described(distribution=files, recordSet=[{"field": [field, gone, {"name": "other"}]}])
    found = rows(tmp_path, said)["items"]
    assert [(c["item_id"], c["license_text"]) for c in found] == [("h1", "CC0-1.0"), ("h2", "CC BY-NC 4.0")]


def test_files_outside_the_folder_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.csv").write_text("license\nmit\n")
    source_ = {"fileObject": {"@id": "h"}, "extract": {"column": "license"}}
    for at in ("../secret.csv", str(tmp_path / "secret.csv"), "file:///etc/passwd"):
        said = described(
            distribution=[{"@id": "h", "contentUrl": at}],
            recordSet=[{"field": [{"name": "license", "source": source_}]}],
        )
        assert rows(tmp_path / "in", said)["items"] == []


def test_several_datasets_in_a_file_are_items(tmp_path: Path) -> None:
    two = [
        {"@context": "https://schema.org/", "@type": "Dataset", "@id": f"https://x.example/{n}", "license": n}
        for n in ("mit", "isc")
    ]
    for said in (two, {"@context": "https://schema.org/", "@graph": two}):
        found = rows(tmp_path, said)
        assert [(c["item_id"], c["license_text"]) for c in found["items"]] == [
            ("https://x.example/mit", "mit"),
            ("https://x.example/isc", "isc"),
        ]
        assert found["dataset"] == []


def test_a_web_page_with_a_description(tmp_path: Path) -> None:
    said = json.dumps(described(license="mit"))
    page = f"<!doctype html><html><script type='application/ld+json'>{said}</script><script type=\"application/ld+json\">{{</script></html>"
    assert statements(rows(tmp_path, page, "page.html")["dataset"]) == [("mit", None)]


def test_an_address_of_a_description(tmp_path: Path) -> None:
    with serving({"/api/datasets/birds/herons/croissant": json.dumps(described(license="mit")).encode()}) as (host, _):
        target = Target(f"{host}/api/datasets/birds/herons/croissant")
        assert best(target) == "croissant"
        assert statements(claims_of(target, tmp_path)["dataset"]) == [("mit", None)]


@pytest.mark.parametrize(
    "body", ['{"@context": "https://schema.org/", "@type": "Dataset"', '{"@type": "Person"}', "[" * 100_000]
)
def test_what_is_no_description_is_one_sentence(body: str, tmp_path: Path) -> None:
    file = tmp_path / "croissant.json"
    file.write_text(body)
    with pytest.raises(BadInput) as caught:
        list(croissant.fetch(Target(str(file), file), Get(tmp_path)))
    assert "\n" not in str(caught.value)


def test_other_json_is_left_alone(tmp_path: Path) -> None:
    for said in (
        {"@context": "https://w3id.org/x", "@type": "Person"},
        {"images": []},
        [{"license": "mit"}],
        {"@type": "Dataset"},
    ):
        file = tmp_path / "x.json"
        file.write_text(json.dumps(said))
        assert croissant.knows(Target(str(file), file)) == 0.0


def independent(said: Any) -> list[str]:
    """Find a description's own licence with nothing but its JSON keys."""
    node = said[0] if isinstance(said, list) else said
    value = node.get("license")
    values = value if isinstance(value, list) else [value]
    return [v["name"] if isinstance(v, dict) else v for v in values if v and v != "None"]


def test_every_real_description_word_for_word(real_data: Path, tmp_path: Path) -> None:
    files = [*(real_data / "croissant").rglob("*.json"), *(real_data / "dataverse").rglob("expected/*roissant*.json")]
    assert files
    stated = 0
    for file in sorted(files):
        target = Target(str(file), file)
        assert best(target) == "croissant", file
        found = claims_of(target, tmp_path)["dataset"]
        said = [
            c.get("license_text") or c.get("license_url")
            for c in found
            if c.get("place") == "metadata" and "scope" not in c
        ]
        assert said == independent(json.loads(file.read_text("utf-8"))), file
        stated += bool(said)
    print(f"{len(files)} real descriptions, {stated} with a licence")
    assert stated


def test_the_real_origins(real_data: Path, tmp_path: Path) -> None:
    found = set()
    for file in (real_data / "croissant" / "1.1").rglob("metadata.json"):
        claims = claims_of(Target(str(file), file), tmp_path)["dataset"]
        found |= {o for c in claims for o in c.get("was_derived_from", ())}
    assert {
        "https://huggingface.co/datasets/rajpurkar/squad",
        "https://huggingface.co/datasets/allenai/WildChat-1M-Full",
    } <= found


def test_a_real_description_is_audited(real_data: Path, tmp_path: Path, auditor: Callable[..., Any]) -> None:
    file = real_data / "croissant" / "1.1" / "huggingface-wildchat" / "metadata.json"
    assert auditor("audit", file, "-o", tmp_path / "audit").code == 0
    rows_ = [r for f in (tmp_path / "audit" / "findings").glob("*.parquet") for r in pq.read_table(f).to_pylist()]
    assert [(r["level"], r["license_concluded"], r["verdict"]) for r in rows_] == [
        ("dataset", "ODC-By-1.0", "undetermined")
    ]
