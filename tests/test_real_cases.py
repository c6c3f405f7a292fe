"""What auditor must find by itself, in real datasets: contradictions of each kind, laundering, a database licence over
unlicensed contents, terms of access over free items. Each case says whose words they are."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auditor import Audit, audit, manifests, unpack
from auditor.conclude import conclude
from auditor.licensing import read
from auditor.lineage import lineage
from auditor.sources import _package_get as registry
from auditor.statements import Dataset, Said
from tests.following.photos import url_list
from tests.replica.server import Replica, Reply
from tests.sources.media.pictures import jpeg


def conclusion(target: str | Path, out: Path, policy: str = "dfsg") -> dict[str, Any]:
    found: dict[str, Any] = audit(str(target), out, offline=True, policy=policy).info["dataset"]["conclusion"]
    return found


@pytest.mark.parametrize(
    ("name", "kind", "category"),
    [
        ("polemo2", "tag against dataset_infos and readme", "non-commercial"),
        ("deal_or_no_dialog", "tag against dataset_infos and readme", "non-commercial"),
        ("acronym_identification", "tag against readme", "non-commercial"),
        ("bbaw_egyptian", "tag against dataset_infos", "free-sharealike"),
        ("financial_phrasebank", "tag and dataset_infos against readme", "non-commercial"),
        ("cord19", "tag against itself", "non-commercial"),
    ],
)
def test_a_hub_tag_against_the_words_beside_it(
    name: str, kind: str, category: str, real_data: Path, tmp_path: Path
) -> None:
    """Cards of the Hugging Face Hub, in the samples that come with `datasets` 1.18.4."""
    found = conclusion(real_data / "huggingface" / "cards_datasets-1.18.4" / name, tmp_path / "audit")
    assert found["conflict"].partition(";")[0] == kind
    assert (found["license_concluded"], found["category"]) == ("NOASSERTION", category)
    assert found["verdict"] != "free"


def test_a_readme_against_the_licence_file(tmp_path: Path) -> None:
    """microsoft/msmarco: its README's notice on the datasets beside the licence of the repository (words in the manifest)."""
    known = manifests.find("ms-marco")
    assert known is not None
    notice = next(s.quote for s in known.verified if "non-commercial" in s.quote)
    granted = next(s.quote for s in known.verified if s.reads == "CC-BY-4.0")
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository" / "README.md").write_text(f"# MS MARCO\n\n## Terms and Conditions\n\n{notice}.\n", "utf-8")
    (tmp_path / "repository" / "LICENSE").write_text(f"Microsoft and any contributors {granted}.\n", "utf-8")
    found = conclusion(tmp_path / "repository", tmp_path / "audit")
    assert found["conflict"].partition(";")[0] == "readme against license-file"
    assert (found["license_concluded"], found["category"]) == ("NOASSERTION", "academic-only")


def test_a_hub_tag_against_the_publishers_licence_file(tmp_path: Path) -> None:
    """KorNER: the tag of its card, and the LICENSE of kmounlp/NER (words in the manifest)."""
    found = conclusion("kor_ner", tmp_path / "audit")
    assert "tag against license-file and hub card; " in found["conflict"]
    assert "DO NOT use this dataset for commercial use." in found["conflict"]
    assert (found["license_concluded"], found["category"]) == ("NOASSERTION", "non-commercial")


def test_words_against_their_url(real_data: Path, tmp_path: Path) -> None:
    """vega-datasets' data package: `other-pd` with the address of the terms of works of the United States government."""
    path = real_data / "frictionless" / "vega-datasets" / "datapackage.json"
    rows = audit(str(path), tmp_path / "audit", offline=True).findings.to_table().to_pylist()
    odd = [r for r in rows if r["conflict"] and r["conflict"].startswith("text against url; ")]
    assert odd
    assert {r["license_concluded"] for r in odd} == {"NOASSERTION"}
    assert any("usa.gov/government-works" in str(r["statement_url"]) for r in odd)


def test_what_a_host_says_now_against_what_it_said_before(real_data: Path) -> None:
    """Flickr's licence history of photo 54049228596, as its API answered: CC BY 2.0, then CC BY-SA 2.0."""
    name = "TestGetLicenseHistory.test_photo_with_single_license_change.yml"
    text = (real_data / "flickr" / "api_cassettes" / name).read_text("utf-8")
    (old, new), *_ = re.findall(r'old_license_url="([^"]+)"\s+new_license="[^"]+"\s+new_license_url="([^"]+)"', text)
    history = [
        Said(read(None, url), None, url, "host", None, "flickr", day)
        for url, day in ((old, "2024-10-07"), (new, "2025-05-01"))
    ]
    for claims in (history, history[::-1]):
        found = conclude(claims, Dataset("third-party"), "open-definition")
        assert found.license_concluded == "CC-BY-SA-2.0"
        assert found.conflict is not None and found.conflict.startswith("now against earlier; ")


def concluded(folder: Path) -> dict[str, dict[str, Any]]:
    return {r["item_id"]: r for r in Audit(folder).findings.to_table().to_pylist()}


def test_what_is_embedded_against_what_the_archive_says(real_data: Path, tmp_path: Path) -> None:
    """Debian's openclipart-svg says public domain of all its drawings; two of them say GPL 2.0 of themselves."""
    drawings = real_data / "svg_rdf" / "openclipart"
    audit(str(drawings), tmp_path / "audit", manifest="openclipart", offline=True)
    found = concluded(tmp_path / "audit")
    odd = {i: f for i, f in found.items() if f["conflict"]}
    assert set(odd) == {"computer__8port_switch_denco.svg", "computer__hardware__8port_switch_denco.svg"}
    for one in odd.values():
        assert one["conflict"].startswith("embedded against dataset; embedded: http://creativecommons.org/licenses/GPL")
        assert (one["license_concluded"], one["authority"]) == ("GPL-2.0-only", "embedded")


@pytest.mark.registry
@pytest.mark.slow
def test_what_is_embedded_against_what_a_package_says(auditor: Callable[..., Any], tmp_path: Path) -> None:
    """lxqt-themes: LGPL and CC BY-SA by Debian's copyright file, and by XMP in its wallpapers CC BY-NC-SA.

    https://github.com/lxqt/lxqt-themes/issues/91: "EXIF data in some of stefonarch's photos contains conflicting licensing
    information"; beam.png, fog.jpg and this-is-not-windows.jpg are named there.
    """
    done = auditor("audit", "pkg:deb/debian/lxqt-themes@1.2.0-1", "-o", tmp_path / "audit")
    if "knows no version" in done.err:
        pytest.skip("this Debian has another version of lxqt-themes, whose pictures were corrected")
    assert done.code == 0, done.err
    found = {Path(i).name: f for i, f in concluded(tmp_path / "audit").items() if f["conflict"]}
    assert {"beam.png", "fog.jpg", "this-is-not-windows.jpg"} <= set(found)
    for name in ("beam.png", "fog.jpg", "this-is-not-windows.jpg"):
        assert found[name]["conflict"].startswith("embedded against aggregator"), name
        assert "LGPL-2.1+ (LGPL-2.1-or-later)" in found[name]["conflict"]
        assert (found[name]["license_concluded"], found[name]["verdict"]) == ("CC-BY-NC-SA-2.0", "non-free")
    assert "NOT FREE as a whole" in done.out and "embedded against aggregator" in done.out


def test_an_items_host_against_what_is_embedded(auditor: Callable[..., Any], tmp_path: Path) -> None:
    """fog.jpg of lxqt-themes: where it is published it is CC BY-SA 3.0, by its own XMP CC BY-NC-SA 2.0.

    https://github.com/lxqt/lxqt-themes/issues/91 names the file, both licences, and who took the photo; the picture is made up.
    """
    words = "Creative Commons www.creativecommons.org/licenses/by-nc-sa/2.0/"  # as in the picture of Debian's 1.2.0-1
    picture = jpeg(xmp=f'<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">{words}</rdf:li></rdf:Alt></dc:rights>')
    link = {"Link": '<https://creativecommons.org/licenses/by-sa/3.0/>; rel="license"', "Content-Type": "image/jpeg"}
    with Replica() as replica:
        host = replica.host({"/wallpapers/fog.jpg": Reply(200, picture, link)})
        listed = url_list(tmp_path / "fall11_urls.txt", [f"{host.url}/wallpapers/fog.jpg"])
        done = auditor("audit", listed, "-o", tmp_path / "a", "--follow", "--allow-host", host.name)
    assert done.code == 0, done.err
    (found,) = concluded(tmp_path / "a").values()
    assert found["conflict"].startswith("host against embedded; ")
    assert "by-sa/3.0/ (CC-BY-SA-3.0)" in found["conflict"] and "(CC-BY-NC-SA-2.0)" in found["conflict"]
    assert (found["license_concluded"], found["category"]) == ("NOASSERTION", "non-commercial")
    assert found["verdict"] != "free"


def logos(folder: Path, file: Path, data: Path, auditor: Callable[..., Any]) -> dict[str, dict[str, Any]]:
    """Follow an Iconify set of Simple Icons to Simple Icons' own data file, and compare every finding with an independent reading."""
    done = auditor("audit", file, "-o", folder, "--follow", "--endpoint", f"simple_icons={data}")
    assert done.code == 0, done.err
    found = concluded(folder)
    said = {i["slug"].replace("_", "-"): i.get("license", {}).get("type") for i in json.loads(data.read_text("utf-8"))}
    for item, one in found.items():
        licence = said.get(one["origin"].rpartition(":")[2])
        if licence in (
            None,
            "custom",
        ):  # Iconify's CC0-1.0 does not make them free: Simple Icons says that it is not its icons'
            assert (one["license_concluded"], one["verdict"]) == ("NOASSERTION", "undetermined"), item
            continue
        assert (one["license_concluded"], one["authority"]) == (licence, "host"), item
        assert (one["verdict"] == "non-free") >= bool({"NC", "ND"} & set(licence.split("-"))), item
        if licence == "CC0-1.0":
            assert one["conflict"] is None, item
        else:
            assert one["conflict"].startswith(
                f"host against aggregator; host: {licence} ({licence}) / aggregator: CC0-1.0 "
            )
    return found


@pytest.mark.registry
@pytest.mark.slow
@pytest.mark.parametrize(
    ("prefix", "said"),
    [
        ("gg", "MIT"),  # css.gg: for personal, non-commercial purposes
        ("uil", "Apache-2.0"),  # Unicons: not to be resold
    ],
)  # fmt: skip
def test_an_aggregator_against_those_it_takes_from(
    prefix: str, said: str, auditor: Callable[..., Any], tmp_path: Path
) -> None:
    """Sets of Iconify as published today, against what their makers' own packages say (words in the manifests)."""
    done = auditor("audit", f"pkg:npm/@iconify-json/{prefix}", "-o", tmp_path / "a")
    assert done.code == 0, done.err
    found = concluded(tmp_path / "a").values()
    assert len(found) > 500 and {(f["license_declared"], f["verdict"]) for f in found} == {(said, "non-free")}
    assert all(f["conflict"].startswith(f"aggregator against dataset; aggregator: {said} ") for f in found)


def test_an_items_host_against_an_aggregator(real_data: Path, auditor: Callable[..., Any], tmp_path: Path) -> None:
    """Iconify says CC0-1.0 of all of Simple Icons' logos, Simple Icons' data file of some CC BY-NC, CC BY-ND, MIT …

    The block of Iconify's list and the data file are real; the set is written here of its names, the drawings left out.
    """
    data = real_data / "icons" / "simple-icons.json"
    listed = json.loads((real_data / "icons" / "iconify_collections.json").read_text("utf-8"))
    names = [i["slug"].replace("_", "-") for i in json.loads(data.read_text("utf-8"))]
    made = {"prefix": "simple-icons", "info": listed["simple-icons"], "icons": {n: {"body": ""} for n in names}}
    (tmp_path / "simple-icons.json").write_text(json.dumps(made))
    found = logos(tmp_path / "a", tmp_path / "simple-icons.json", data, auditor)
    assert len(found) == len(names)
    for name, licence in (("cocoapods", "CC-BY-NC-4.0"), ("tauri", "CC-BY-NC-ND-4.0"), ("jpeg", "CC-BY-ND-4.0")):
        one = found[f"simple-icons:{name}"]
        assert (one["license_concluded"], one["verdict"]) == (licence, "non-free")
    (tmp_path / "b").mkdir()
    done = auditor("audit", tmp_path / "simple-icons.json", "-o", tmp_path / "b" / "audit")  # not followed
    assert "0 free (0 %)" in done.out and {f["verdict"] for f in concluded(tmp_path / "b" / "audit").values()} == {
        "undetermined"
    }


@pytest.mark.registry
@pytest.mark.slow
def test_an_items_host_against_an_aggregator_in_their_own_packages(auditor: Callable[..., Any], tmp_path: Path) -> None:
    """npm @iconify-json/simple-icons against npm simple-icons, both as published today."""
    for name in ("host", "set"):
        (tmp_path / name).mkdir()
    host = registry.fetch(registry.parse("pkg:npm/simple-icons"), tmp_path / "host")
    unpack.unpack(tmp_path / "host" / host.file, tmp_path / "host" / "tree")
    data = tmp_path / "host" / "tree" / "package" / "data" / "simple-icons.json"
    found = logos(tmp_path / "a", Path("pkg:npm/@iconify-json/simple-icons"), data, auditor)
    (icons,) = (tmp_path / "a").rglob("package/icons.json")
    held = json.loads(icons.read_text("utf-8"))
    assert len(found) == len(held["icons"]) + len(held.get("aliases", {}))
    assert sum(f["conflict"] is not None for f in found.values()) > 150
    assert found["simple-icons:cocoapods"]["verdict"] == "non-free"
    assert auditor("verify", tmp_path / "a").code == 0


@pytest.mark.parametrize(
    ("name", "origin", "lost"),
    [("redpajama-1t", "wikipedia", "share-alike"), ("redpajama-1t", "stackexchange", "share-alike"),
     ("common-voice", "enwiki", "share-alike")],
)  # fmt: skip
def test_laundering(name: str, origin: str, lost: str) -> None:
    """Apache-2.0 over Wikipedia's and Stack Exchange's texts; CC0 over sentences scraped from Wikipedia."""
    found = lineage(name)
    assert any(x.path[0] == name and x.path[-1] == origin and lost in x.restrictions for x in found.laundering)
    assert f"Laundering: {name} declares" in found.render()


def test_laundering_is_in_the_report_of_an_audit(real_data: Path, tmp_path: Path) -> None:
    """squad_v1_pt: tagged MIT, and by its own card a translation of SQuAD, which is under CC BY-SA."""
    card = real_data / "huggingface" / "cards_datasets-1.18.4" / "squad_v1_pt" / "README.md"
    copy = tmp_path / "squad_v1_pt" / "README.md"
    copy.parent.mkdir()
    copy.write_bytes(card.read_bytes())
    done = audit(str(copy.parent), tmp_path / "audit", offline=True)
    told = " ".join(done.report().render().split())
    assert "Laundering: what it declares is freer than what it was made from: squad, wikipedia, enwiki." in told
    assert "squad: “translation of the SQuAD dataset.”" in told and "brings share-alike" in told
    assert json.loads(done.report().render("json"))["lineage"]["laundering"][0]["restrictions"] == ["share-alike"]
    copy.unlink()
    assert "README.md is no longer there" in str(done.report().lineage.gaps)


@pytest.mark.parametrize(
    ("name", "kind", "licences"),
    [
        ("alpaca", "readme against datasheet.md", {"CC-BY-NC-4.0", "ODC-By-1.0"}),
        ("ultrachat", "", {"MIT", "CC-BY-NC-4.0", "LicenseRef-academic-only"}),
    ],
)
def test_a_permissive_word_beside_a_restriction(name: str, kind: str, licences: set[str], tmp_path: Path) -> None:
    """Alpaca's and UltraChat's own pages contradict themselves; what they were generated with is not known to allow it."""
    found = conclusion(name, tmp_path / "audit")
    assert found["verdict"] == "non-free"
    assert found["conflict"].startswith(kind)
    assert all(x in found["conflict"] for x in licences)
    assert lineage(name).unknown


def test_a_database_licence_over_unlicensed_contents(tmp_path: Path) -> None:
    """C4: ODC-By over web pages of others."""
    for policy in ("dfsg", "open-definition"):
        done = audit("c4", tmp_path / policy, offline=True, policy=policy)
        assert done.info["dataset"]["conclusion"]["verdict"] == "undetermined"
        assert "It covers the compilation, not the items in it." in done.report().render().replace("\n", " ")
    item = conclude([], Dataset("own", (Said(read("ODC-By-1.0"), "ODC-By-1.0", None, "dataset"),)), "open-definition")
    assert (item.license_concluded, item.verdict) == ("NOASSERTION", "undetermined")


def test_terms_of_access_over_free_items(real_data: Path, tmp_path: Path) -> None:
    """iNaturalist's competition of 2019: photos under CC BY behind terms for non-commercial research."""
    path = real_data / "inaturalist" / "inat2019" / "val2019.json"
    done = audit(str(path), tmp_path / "audit", offline=True, policy="open-definition")
    rows = done.findings.to_table(columns=["license_concluded", "verdict", "access_category"]).to_pylist()
    free = [r for r in rows if r["verdict"] == "free"]
    assert len(free) > 200
    assert {r["access_category"] for r in rows} == {"academic-only"}
    assert done.report().render().split("\n")[2].startswith("NOT FREE as a whole")


@pytest.mark.parametrize("name", ["imagenet-1k", "inaturalist-2021"])
def test_terms_of_access_make_a_collection_not_free(name: str, auditor: Callable[..., Any], tmp_path: Path) -> None:
    done = auditor("audit", name, "--offline", "-o", tmp_path / "audit", "--fail-on", "academic-only")
    assert done.code == 1
    assert "NOT FREE" in done.out and "Terms of access: academic-only" in done.out


def test_a_tag_taken_from_a_toolkit_does_not_free_its_data(tmp_path: Path) -> None:
    """ADE20K: terms of use against the BSD licence of the toolkit; MS MARCO: non-commercial over passages of the web."""
    ade20k, ms_marco = conclusion("ade20k", tmp_path / "a"), conclusion("ms-marco", tmp_path / "m")
    assert (ade20k["license_concluded"], ade20k["verdict"]) == ("NOASSERTION", "undetermined")
    assert "BSD-3-Clause, stated beside it, does not decide" in ade20k["reason"]
    assert (ms_marco["category"], ms_marco["verdict"] != "free") == ("academic-only", True)


def test_parts_under_licences_of_their_own_do_not_contradict_each_other(tmp_path: Path) -> None:
    """Stack Exchange: 2.5, 3.0, 4.0 by the day of the post; all of them bind the whole."""
    found = conclusion("stackexchange", tmp_path / "audit", "open-definition")
    assert found["conflict"] is None
    assert found["license_concluded"] == "CC-BY-SA-3.0 AND CC-BY-SA-4.0 AND CC-BY-SA-2.5"
    assert "text (posts of before 2011-04-08): CC-BY-SA-2.5" in found["reason"]


def test_what_could_not_be_verified_is_said(auditor: Callable[..., Any], tmp_path: Path) -> None:
    """ModelNet: the publisher's words were found in others' copies only, so they are told and have no effect."""
    done = auditor("audit", "modelnet", "--offline", "-o", tmp_path / "audit")
    assert "NOT SHOWN TO BE FREE" in done.out
    assert "Not verified: no statement on media or annotations or access could be read at its source." in done.out
    assert "convenience of academic research only" in done.out


def test_a_collection_made_from_what_is_not_free_does_not_show_its_rows_to_be_free(tmp_path: Path) -> None:
    """MS MARCO is for research only; a card that says it extends it, and rows that say CC BY."""
    (tmp_path / "README.md").write_text("---\nlicense: apache-2.0\nsource_datasets:\n- extended|ms_marco\n---\n")
    (tmp_path / "train.csv").write_text("id,text,license\n1,a,cc-by-4.0\n2,b,cc-by-nc-4.0\n")
    found = audit(str(tmp_path), tmp_path.with_name("a")).findings.to_table().to_pylist()
    assert [(r["license_concluded"], r["verdict"]) for r in found] == [
        ("CC-BY-4.0", "undetermined"),
        ("CC-BY-NC-4.0", "non-free"),
    ]
    assert "derived from ms-marco" in found[0]["reason"]
