"""SPDX 3.0.1, Croissant and RO-Crate: taken by each format's own library, and read back to the same licences."""

import collections
import json
from collections.abc import Callable
from pathlib import Path

import mlcroissant
import pytest
from rocrate.rocrate import ROCrate
from spdx_python_model import v3_0_1 as spdx

import auditor as library
from tests.conftest import Run

SAID = [
    *("CC BY 4.0", "CC BY", "CC0", "", "see the web site", "http://creativecommons.org/licenses/by/2.1/jp/"),
    *("MIT AND CC-BY-SA-4.0", "CC BY-NC 4.0", "For non-commercial research purposes only", 'evil </script> "MIT"'),
]


@pytest.fixture
def audited(tmp_path: Path, auditor: Callable[..., Run]) -> Path:
    rows = [{"id": f"i{n}", "license": SAID[n % len(SAID)]} for n in range(40)]
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    assert auditor("audit", tmp_path / "t.jsonl", "-o", tmp_path / "a").code == 0
    return tmp_path / "a"


def concluded(folder: Path) -> collections.Counter[str]:
    return collections.Counter(library.Audit(folder).findings.to_table()["license_concluded"].to_pylist())


def loaded(text: str) -> spdx.SHACLObjectSet:
    held = spdx.SHACLObjectSet()
    spdx.JSONLDDeserializer().deserialize_data(json.loads(text), held)
    return held


def licenses(held: spdx.SHACLObjectSet, package: spdx.dataset_DatasetPackage, kind: str) -> list[str]:
    """Return the licence expressions that a package is related to by relationships of a kind."""
    wanted = getattr(spdx.RelationshipType, kind)
    found = []
    for one in held.foreach_type(spdx.Relationship):
        if one.from_ is package and one.relationshipType == wanted:
            found += [
                to.rsplit("/", 1)[-1] if isinstance(to, str) else to.simplelicensing_licenseExpression for to in one.to
            ]
    return found


NAMES = {"NoneLicense": "NONE", "NoAssertionLicense": "NOASSERTION"}


def test_spdx3_reads_back_to_the_same_licences(audited: Path, auditor: Callable[..., Run]) -> None:
    run = auditor("export", audited, "--format", "spdx3")
    assert run.code == 0, run.err
    held = loaded(run.out)
    totals: collections.Counter[str] = collections.Counter()
    packages = list(held.foreach_type(spdx.dataset_DatasetPackage))
    for package in packages:
        ours, declared = (licenses(held, package, k) for k in ("hasConcludedLicense", "hasDeclaredLicense"))
        assert len(ours) == len(declared) == 1, "the Dataset profile asks for exactly one of each"
        # What the class asks for beyond the model's own checks: "External properties cardinality updates" of DatasetPackage.
        assert package.dataset_datasetType and package.builtTime and package.releaseTime and package.originatedBy
        assert package.software_downloadLocation and package.software_primaryPurpose
        if package.name.startswith("t.jsonl: "):
            totals[NAMES.get(ours[0].replace("expandedlicensing_", ""), ours[0])] += package.dataset_datasetSize
    assert totals == concluded(audited)
    document = next(iter(held.foreach_type(spdx.SpdxDocument)))
    assert [r.dataset_datasetSize for r in document.rootElement] == [40]
    texts = {t.spdxId: t for t in held.foreach_type(spdx.simplelicensing_SimpleLicensingText)}
    for one in held.foreach_type(spdx.simplelicensing_LicenseExpression):
        assert one.simplelicensing_licenseListVersion == library.Audit(audited).info["spdx_list"]
        refs = {r for r in one.simplelicensing_licenseExpression.split() if r.startswith("LicenseRef-")}
        assert {e.key for e in one.simplelicensing_customIdToUri} == refs
        assert all(texts[e.value].simplelicensing_licenseText for e in one.simplelicensing_customIdToUri)
    evidence = [h.hashValue for f in held.foreach_type(spdx.software_File) for h in f.verifiedUsing]
    pages = library.Audit(audited).folder / "pages"
    assert len(evidence) == 1 and len(evidence[0]) == 64 and pages.is_dir()
    assert len(packages) == 1 + len({tuple(r.values()) for r in grouped(audited)})


def grouped(folder: Path) -> list[dict[str, str]]:
    names = ["license_concluded", "license_declared", "verdict", "category"]
    rows: list[dict[str, str]] = library.Audit(folder).findings.to_table(columns=names).to_pylist()
    return rows


def test_the_same_audit_is_the_same_document(audited: Path) -> None:
    done = library.Audit(audited)
    for form in ("spdx-json", "spdx3", "croissant", "rocrate"):
        assert done.export(form) == done.export(form)


@pytest.mark.parametrize("form", ["spdx3", "croissant", "rocrate", "spdx-json"])
def test_a_dataset_without_items(form: str, tmp_path: Path, auditor: Callable[..., Run]) -> None:
    assert auditor("audit", "imagenet-1k", "--offline", "-o", tmp_path / "a").code == 0
    run = auditor("export", tmp_path / "a", "--format", form)
    assert run.code == 0, run.err
    if form == "spdx3":
        held = loaded(run.out)
        (package,) = held.foreach_type(spdx.dataset_DatasetPackage)
        found = [licenses(held, package, k) for k in ("hasConcludedLicense", "hasDeclaredLicense")]
        assert [NAMES[f[0].replace("expandedlicensing_", "")] for f in found] == ["NOASSERTION", "NONE"]
    else:
        assert "NOASSERTION" in run.out
    if form == "croissant":
        assert "academic or research use only" in run.out, "the terms of access forbid more than research"


# mlcroissant reads Parquet through pandas and etils, which warn of what is theirs.
@pytest.mark.filterwarnings("ignore")
def test_croissant_is_loaded_and_reads_back(audited: Path, tmp_path: Path, auditor: Callable[..., Run]) -> None:
    out = audited / "croissant.json"
    assert auditor("export", audited, "--format", "croissant", "-o", out).code == 0
    dataset = mlcroissant.Dataset(jsonld=out)
    assert not dataset.metadata.ctx.issues.errors
    records = list(dataset.records("items"))
    assert collections.Counter(r["items/license_concluded"].decode() for r in records) == concluded(audited)
    uses = {u["name"] for u in json.loads(out.read_text())["usageInfo"]}
    assert uses == {"non-commercial use only", "academic or research use only"}
    run = auditor("audit", out, "-o", tmp_path / "back")
    assert run.code == 0, run.err
    assert library.Audit(tmp_path / "back").info["source"] == "croissant"
    assert concluded(tmp_path / "back") == concluded(audited)
    whole = library.Audit(tmp_path / "back").info["dataset"]["conclusion"]
    assert whole["verdict"] != "free", "not all of its items are"
    assert auditor("verify", audited).code == 0, "an export in the audit's folder does it no harm"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("place", ["a/croissant.json", "croissant.json"])
def test_croissant_of_several_parts(place: str, tmp_path: Path, auditor: Callable[..., Run]) -> None:
    (tmp_path / "d").mkdir()
    for name, said in (("a", "MIT"), ("b", "CC BY-NC 4.0")):
        (tmp_path / "d" / f"{name}.csv").write_text("id,license\n" + "".join(f"{name}{n},{said}\n" for n in range(7)))
    assert auditor("audit", tmp_path / "d", "-o", tmp_path / "a").code == 0
    out = tmp_path / place
    assert auditor("export", tmp_path / "a", "--format", "croissant", "-o", out).code == 0
    dataset = mlcroissant.Dataset(jsonld=out)
    assert collections.Counter(r["items/license_concluded"].decode() for r in dataset.records("items")) == {
        "MIT": 7,
        "CC-BY-NC-4.0": 7,
    }
    assert auditor("audit", out, "-o", tmp_path / "back").code == 0
    assert concluded(tmp_path / "back") == {"MIT": 7, "CC-BY-NC-4.0": 7}


def test_croissant_tells_what_it_was_derived_from(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    assert auditor("audit", "redpajama-1t", "--offline", "-o", tmp_path / "a").code == 0
    out = tmp_path / "croissant.json"
    assert auditor("export", tmp_path / "a", "--format", "croissant", "-o", out).code == 0
    origins = json.loads(out.read_text())["prov:wasDerivedFrom"]
    lineage = library.Audit(tmp_path / "a").report().lineage
    assert [o["@id"] for o in origins] == [s.parent for s in lineage.parents(lineage.root)] and origins
    assert auditor("audit", out, "-o", tmp_path / "back").code == 0
    again = library.Audit(tmp_path / "back").report().lineage
    assert {s.parent for s in again.parents(again.root)} == {o["@id"] for o in origins}


def test_rocrate_is_loaded_and_reads_back(audited: Path, tmp_path: Path, auditor: Callable[..., Run]) -> None:
    out = audited / "ro-crate-metadata.json"
    assert auditor("export", audited, "--format", "rocrate", "-o", out).code == 0
    crate = ROCrate(audited)
    inside = {e.id for e in crate.data_entities if e.type == "File"}
    assert {"audit.json", "parts.jsonl", "pages/pages-00000.parquet"} < inside
    assert all((audited / name).is_file() for name in inside)
    found = next(crate.get(f"findings/{f.name}") for f in library.Audit(audited).files)
    assert len(found["sha256"]) == 64
    action = crate.get("#audit")
    assert action.type == "CreateAction" and action["instrument"]["version"] == library.__version__
    (dataset,) = [e for e in crate.data_entities if e.type == "Dataset"]
    assert {entity["name"] for entity in dataset["license"]} == set(concluded(audited))
    assert auditor("audit", out, "-o", tmp_path / "back").code == 0
    back = library.Audit(tmp_path / "back")
    assert back.info["source"] == "rocrate"
    (item,) = [r for r in back.findings.to_table().to_pylist() if r["item_id"] == dataset.id]
    assert item["verdict"] != "free"


def test_a_crate_around_the_audit(audited: Path, auditor: Callable[..., Run]) -> None:
    out = audited.parent / "ro-crate-metadata.json"
    assert auditor("export", audited, "--format", "rocrate", "-o", out).code == 0
    inside = [e.id for e in ROCrate(audited.parent).data_entities if e.type == "File"]
    assert "a/audit.json" in inside and all((audited.parent / name).is_file() for name in inside)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("place", ["coco", "freesound", "mteb"])
def test_real_data_read_back(place: str, real_data: Path, tmp_path: Path, auditor: Callable[..., Run]) -> None:
    assert auditor("audit", real_data / place, "-o", tmp_path / "a").code == 0
    out = tmp_path / "a" / "croissant.json"
    assert auditor("export", tmp_path / "a", "--format", "croissant", "-o", out).code == 0
    assert auditor("audit", out, "-o", tmp_path / "back").code == 0
    assert concluded(tmp_path / "back") == concluded(tmp_path / "a")
    held = loaded(library.Audit(tmp_path / "a").export("spdx3"))
    sizes = [p.dataset_datasetSize for p in held.foreach_type(spdx.dataset_DatasetPackage)]
    assert 2 * sum(concluded(tmp_path / "a").values()) == sum(sizes)
