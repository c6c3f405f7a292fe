"""Lists of real photos and files followed through the replica, which answers as their hosts were recorded: each right, in both routes."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

import auditor
from tests.conftest import Run
from tests.following.photos import HEAD, INFO, XML, coco, static, url_list
from tests.replica.server import Asked, Replica, Reply
from tests.sources.following import cassettes, path_of, recorded_files

NUMBERS = {  # Flickr's own table of licences, as recorded (flickr.photos.licenses.getInfo)
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
    "11": "CC-BY-4.0",
    "12": "CC-BY-SA-4.0",
}


@pytest.fixture
def flickr(real_data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, dict[str, str]]]:
    """Serve the recorded answers; yield the address, and photo → licence (or `gone`) as its answer has it."""
    monkeypatch.setenv("FLICKR_API_KEY", "made-up")
    recorded = {path_of(u): b for u, b in cassettes(real_data / "flickr") if "photo_id=" in u}
    expected = {}
    for path, body in recorded.items():
        query = parse_qs(urlsplit(path).query)
        number = re.search(rb'<photo id="\d+"[^>]* license="(\d+)"', body)
        if query["method"] == ["flickr.photos.getInfo"] and query["photo_id"][0].isdigit():
            expected[query["photo_id"][0]] = NUMBERS[number[1].decode()] if number else "gone"

    def answer(asked: Asked) -> Reply | None:
        body = recorded.get(re.sub("&api_key=[^&]*", "", asked.path))
        return None if body is None else Reply(200, body, XML)

    with Replica() as replica:
        yield replica.host(answer).url, expected


def concluded(folder: Path) -> dict[str, dict[str, Any]]:
    return {str(r["item_id"]): r for r in auditor.Audit(folder).findings.to_table().to_pylist()}


def test_an_imagenet_list_of_recorded_photos(
    flickr: tuple[str, dict[str, str]], auditor: Callable[..., Run], tmp_path: Path
) -> None:
    url, expected = flickr
    photos = sorted(expected)
    listed = url_list(tmp_path / "fall11_urls.txt", [static(int(p)) for p in photos])
    done = auditor("audit", listed, "-o", tmp_path / "a", "--follow", "--endpoint", f"flickr={url}", "--format", "json")
    assert done.code == 0, done.err
    found = concluded(tmp_path / "a")
    assert len(found) == len(photos) >= 25
    got = {p: found[f"n00004475_{i}"] for i, p in enumerate(photos)}
    for photo, row in got.items():
        if expected[photo] == "gone":
            assert (row["license_concluded"], row["verdict"]) == ("NOASSERTION", "undetermined"), photo
        else:
            assert row["license_concluded"] == expected[photo], photo
        assert row["access_category"] == "academic-only", photo
    kinds = Counter(expected.values())
    assert (
        kinds["gone"]
        and kinds["LicenseRef-All-Rights-Reserved"]
        and kinds["LicenseRef-No-Known-Copyright-Restrictions"]
    )
    assert {r["verdict"] for p, r in got.items() if expected[p] == "LicenseRef-All-Rights-Reserved"} == {"non-free"}
    # Public domain mark, then no known restrictions: what was once said stays evidence, and frees nothing now.
    assert got["54450311696"]["verdict"] == "undetermined"
    # Attribution, then share-alike: the earlier grant cannot be taken back; the host's word now is concluded.
    assert got["54049228596"]["license_concluded"] == "CC-BY-SA-2.0"
    routes = json.loads(done.out)["routes"]
    assert routes["collection"]["academic-only"] == len(photos)


def test_a_coco_file_of_recorded_photos(
    flickr: tuple[str, dict[str, str]], auditor: Callable[..., Run], tmp_path: Path
) -> None:
    """The file says attribution of every photo: its host's word ranks above it, and what is stricter there is never lost."""
    url, expected = flickr
    listed = tmp_path / "annotations" / "instances_val2017.json"
    coco(listed, dict.fromkeys(map(int, expected), 4))
    done = auditor("audit", listed, "-o", tmp_path / "a", "--follow", "--endpoint", f"flickr={url}", "--format", "json")
    assert done.code == 0, done.err
    found = concluded(tmp_path / "a")
    assert len(found) == len(expected)
    for row in found.values():
        photo = str(int(re.findall(r"\d+", row["item_id"])[-1]))
        if expected[photo] == "LicenseRef-All-Rights-Reserved":
            assert row["verdict"] == "non-free", photo
        elif expected[photo] != "gone":
            assert row["license_concluded"] in (expected[photo], "NOASSERTION"), photo


def test_a_list_of_recorded_files_of_commons(real_data: Path, auditor: Callable[..., Run], tmp_path: Path) -> None:
    every = {
        p["title"]: p
        for p in recorded_files(real_data)
        if "LicenseShortName" in str(p) and p["title"].startswith("File:")
    }
    pages = {t: p for t, p in every.items() if not set(t) & set("#?&")}
    assert len(pages) > 20

    def answer(asked: Asked) -> Any:
        if asked.path == "/robots.txt":
            return None
        titles = asked.query["titles"].split("|")
        names = [{"from": t, "to": t.replace("_", " ")} for t in titles if "_" in t]
        return {"query": {"normalized": names, "pages": {t: pages[t.replace("_", " ")] for t in titles}}}

    urls = [f"https://commons.wikimedia.org/wiki/{quote(t.replace(' ', '_'))}" for t in pages]
    with Replica() as replica:
        given = ("--follow", "--endpoint", f"commons={replica.host(answer).url}")
        done = auditor("audit", url_list(tmp_path / "urls.txt", urls), "-o", tmp_path / "a", *given)
    assert done.code == 0, done.err
    found = concluded(tmp_path / "a")
    for number, page in enumerate(pages.values()):
        said = page["imageinfo"][0]["extmetadata"]
        row = found[f"n00004475_{number}"]
        if said.get("License", {}).get("value", "pd") != "pd":
            spelt = {"cc0": "CC0-1.0"}.get(said["License"]["value"], said["License"]["value"].upper())
            assert row["license_concluded"].removeprefix("LicenseRef-") == spelt, page["title"]
        assert row["license_concluded"] != "NOASSERTION"


LISTED = {"all-rights-reserved": "0", "usgov": "8", "cc0-1.0": "9", "pdm": "10"}  # as the recorded lists call them
LISTED |= {n.lower(): k for k, n in NUMBERS.items() if n.startswith("CC-BY")}


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
    with Replica() as replica:
        done = auditor(
            "audit", target, "-o", tmp_path / "a", "--follow", "--endpoint", f"flickr={replica.host(answer).url}"
        )
    assert done.code == 0, done.err
    found = concluded(tmp_path / "a").values()
    assert len(found) == len(numbers)
    got = {str(r["origin"]).rsplit(":")[-1]: r["license_concluded"] for r in found}
    if form == "list":
        assert got == {p: NUMBERS[n] for p, n in numbers.items()}
        return
    # COCO says CC BY for each: what is stricter at the host holds; a word of the host that is freer than COCO's is no such thing here.
    counted = Counter(NUMBERS[n] for n in numbers.values())
    assert Counter(got.values()) == counted
    assert {r["verdict"] for r in found if r["license_concluded"] == "LicenseRef-All-Rights-Reserved"} == {"non-free"}
