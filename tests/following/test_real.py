"""Real photos, as Flickr answered for them, behind the replica: an ImageNet-style list and a COCO file are followed to their licences."""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

import auditor
from tests.conftest import Run
from tests.following.photos import HEAD, INFO, XML, coco, static, url_list
from tests.replica.server import Asked, Replica, Reply
from tests.sources.following import cassettes

# Flickr's numbers (flickr.photos.licenses.getInfo, recorded in TestLicenseMethods.test_get_licenses) and what they are in SPDX's words.
NUMBERS = {
    "0": "LicenseRef-All-Rights-Reserved",
    "1": "CC-BY-NC-SA-2.0",
    "2": "CC-BY-NC-2.0",
    "3": "CC-BY-NC-ND-2.0",
    "4": "CC-BY-2.0",
    "5": "CC-BY-SA-2.0",
    "6": "CC-BY-ND-2.0",
    "7": "LicenseRef-No-Known-Copyright-Restrictions",
    "8": "LicenseRef-US-Government-Work",
    "9": "CC0-1.0",
    "10": "CC-PDM-1.0",
}
LISTED = {"all-rights-reserved": "0", "nkcr": "7", "usgov": "8", "cc0-1.0": "9", "pdm": "10"}
LISTED |= {n.lower(): k for k, n in NUMBERS.items() if n.startswith("CC-BY")}


def audit(
    auditor_: Callable[..., Run], target: Path, answer: Callable[[Asked], Reply], folder: Path
) -> list[dict[str, object]]:
    with Replica() as replica:
        words = ("--follow", "--endpoint", f"flickr={replica.host(answer).url}", "--format", "json")
        done = auditor_("audit", target, "-o", folder, *words)
    assert done.code == 0, done.err
    report = json.loads(done.out)
    assert sum(o["items"] for o in report["followed"]) == report["items"]
    rows: list[dict[str, object]] = auditor.Audit(folder).findings.to_table().to_pylist()
    return rows


def test_recorded_answers(
    real_data: Path, tmp_path: Path, auditor: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLICKR_API_KEY", "made-up")
    recorded: dict[tuple[str, str], str] = {}
    for url, body in cassettes(real_data / "flickr/api_cassettes"):
        query = {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
        if query.get("photo_id", "").isdigit() and query["method"].endswith(("getInfo", "getLicenseHistory")):
            recorded[query["method"], query["photo_id"]] = body.decode()
    infos = {p: body for (m, p), body in recorded.items() if m.endswith("getInfo") and len(p) < 15}
    infos |= {p: "" for m, p in recorded if m.endswith("History") and p not in infos and len(p) < 15}
    expected = {}
    for photo, body in infos.items():
        said = re.search(r'<photo [^>]*\blicense="(\d+)"', body)
        expected[photo] = NUMBERS[said[1]] if said else None
    assert len(expected) > 30 and {"LicenseRef-All-Rights-Reserved", "CC-BY-2.0", None} <= set(expected.values())

    def answer(asked: Asked) -> Reply:
        said = recorded.get((asked.query["method"], asked.query["photo_id"]))
        if said is None and asked.query["method"].endswith("getInfo"):
            said = f'{HEAD}<rsp stat="fail"><err code="1" msg="Photo not found" /></rsp>'
        return Reply(200, (said or f'{HEAD}<rsp stat="ok"></rsp>').encode(), XML)

    target = url_list(tmp_path / "fall11_urls.txt", [static(int(p)) for p in expected])
    found = {str(r["origin"]).rsplit(":")[-1]: r for r in audit(auditor, target, answer, tmp_path / "a")}
    assert found.keys() == expected.keys()
    for photo, name in expected.items():
        finding = found[photo]
        assert finding["access_category"] == "academic-only"
        if name is None:
            assert str(finding["origin_status"]).startswith("gone: "), photo
            assert finding["verdict"] == "undetermined", photo
        else:
            assert finding["origin_status"] == "followed", photo
            assert finding["license_concluded"] == name or finding["conflict"], photo
    # Its history: all rights reserved, then the Public Domain Mark, then no known copyright restrictions, within four days of 2025.
    changed = found["54450311696"]
    assert changed["license_concluded"] == "LicenseRef-No-Known-Copyright-Restrictions"
    assert "now against earlier" in str(changed["conflict"]) and "Public Domain Mark" in str(changed["conflict"])
    assert changed["verdict"] != "free"


@pytest.mark.parametrize("form", ["list", "coco"])
def test_photos_of_recorded_lists(
    form: str, real_data: Path, tmp_path: Path, auditor: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLICKR_API_KEY", "made-up")
    numbers: dict[str, str] = {}
    sources: dict[str, str] = {}
    for file in sorted((real_data / "flickr/photo_lists").rglob("*.json")):
        listed = json.loads(file.read_text())
        for photo in listed.get("photos", [listed]):
            numbers[photo["id"]] = LISTED[photo["license"]["id"]]
            sources[photo["id"]] = photo["sizes"][-1]["source"]
    assert len(numbers) > 500

    def answer(asked: Asked) -> Reply:
        photo = asked.query["photo_id"]
        said = INFO.format(id=photo, now=numbers[photo]) if asked.query["method"].endswith("getInfo") else "<rsp/>"
        return Reply(200, (HEAD + said).encode(), XML)

    if form == "list":
        target = url_list(tmp_path / "fall11_urls.txt", list(sources.values()))
    else:
        target = coco(tmp_path / "instances_val2017.json", {int(p): 4 for p in numbers})
    found = audit(auditor, target, answer, tmp_path / "a")
    assert len(found) == len(numbers)
    concluded = {str(r["origin"]).rsplit(":")[-1]: r["license_concluded"] for r in found}
    if form == "list":
        assert concluded == {p: NUMBERS[n] for p, n in numbers.items()}
        return
    # COCO says CC BY for each: what is stricter at the host holds; a word of the host that is freer than COCO's is no such thing here.
    counted = Counter(NUMBERS[n] for n in numbers.values())
    assert Counter(concluded.values()) == counted
    assert {r["verdict"] for r in found if r["license_concluded"] == "LicenseRef-All-Rights-Reserved"} == {"non-free"}
