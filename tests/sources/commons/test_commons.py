"""Made-up files in the form of MediaWiki's answers, and the recorded ones."""

import json
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from auditor.fetch.ask import Ask, answered
from auditor.licensing import read
from auditor.policy import FORBIDDING
from auditor.sources import commons
from tests.replica.server import Asked
from tests.sources.following import follow, license_of, parsed, recorded_files

BY_SA = {
    "LicenseShortName": "CC BY-SA 3.0 de",
    "LicenseUrl": "https://creativecommons.org/licenses/by-sa/3.0/de/deed.en",
}


def file(number: int, title: str, **said: str) -> dict[str, Any]:
    values = {name: {"value": value, "source": "commons-desc-page"} for name, value in said.items()}
    info = {"descriptionurl": f"https://wiki.example/{number}", "mediatype": "BITMAP", "extmetadata": values}
    return {"pageid": number, "ns": 6, "title": title, "imagerepository": "local", "imageinfo": [info]}


def answer(*pages: dict[str, Any], **more: Any) -> dict[str, Any]:
    normalized = [{"from": p["title"].replace(" ", "_"), "to": p["title"]} for p in pages if " " in p["title"]]
    query = {"normalized": normalized, "pages": {str(p.get("pageid", -n)): p for n, p in enumerate(pages, 1)}}
    return {"batchcomplete": "", "query": query} | more


def test_files_are_read_word_for_word(tmp_path: Path) -> None:
    one = file(1, "File:A kettle.jpg", Artist='<a href="//x">Ann &amp; Ben</a>', ObjectName="A kettle", **BY_SA)
    gone = {"ns": 6, "title": "File:Gone.jpg", "missing": ""}
    keys = ["commons:file:A_kettle.jpg", "commons:file:Gone.jpg"]
    found = follow(commons, keys, {"/w/api.php": answer(one, gone)}, tmp_path)
    assert found.rows == [
        {
            "item_id": "commons:file:A_kettle.jpg",
            "row": 0,
            "item_url": "https://wiki.example/1",
            "title": "A kettle",
            "creator": "Ann & Ben",
            "kind": "BITMAP",
            "license_text": "CC BY-SA 3.0 de",
            "license_url": BY_SA["LicenseUrl"],
            "vocabulary": "commons",
            "authority": "host",
            "place": "commons",
        },
        {
            "item_id": "commons:file:Gone.jpg",
            "row": 1,
            "authority": "host",
            "place": "commons",
            "error": "gone: commons.wikimedia.org has no file File:Gone.jpg.",
        },
    ]
    assert license_of(found.rows[0]) == "CC-BY-SA-3.0-DE"
    (asked,) = found.asked
    assert parse_qs(urlsplit(asked.path).query)["titles"] == ["File:A_kettle.jpg|File:Gone.jpg"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"LicenseShortName": "Public domain"}, "LicenseRef-public-domain"),
        (
            {"LicenseShortName": "No restrictions", "UsageTerms": "No known copyright restrictions"},
            "LicenseRef-No-Known-Copyright-Restrictions",
        ),
        (
            {"LicenseShortName": "CC0", "LicenseUrl": "http://creativecommons.org/publicdomain/zero/1.0/deed.en"},
            "CC0-1.0",
        ),
        ({"LicenseShortName": "Fair use", "NonFree": "true"}, "LicenseRef-proprietary"),
        ({**BY_SA, "NonFree": "true"}, "LicenseRef-proprietary"),
        ({**BY_SA, "DeletionReason": "copyright violation"}, "NOASSERTION"),
        ({}, "NOASSERTION"),
    ],
)
def test_what_is_said_of_a_licence(tmp_path: Path, said: dict[str, str], expected: str) -> None:
    (row,) = follow(
        commons, ["commons:file:A.jpg"], {"/w/api.php": answer(file(1, "File:A.jpg", **said))}, tmp_path
    ).rows
    assert license_of(row) == (expected if said else "NONE")


def test_where_templates_name_no_licence_structured_data_may(tmp_path: Path) -> None:
    def entity(*items: str) -> dict[str, Any]:
        return {
            "statements": {
                "P275": [{"mainsnak": {"property": "P275", "datavalue": {"value": {"id": i}}}} for i in items]
            }
        }

    def host(asked: Asked) -> Any:
        if asked.path == "/robots.txt":
            return None
        if asked.query["action"] == "wbgetentities":
            return {"entities": {"M1": entity("Q6938433"), "M2": entity("Q1", "Q2"), "M3": {"missing": ""}}}
        return answer(*(file(n, f"File:{n}.jpg") for n in (1, 2, 3)), file(4, "File:4.jpg", **BY_SA))

    keys = [f"commons:file:{n}.jpg" for n in (1, 2, 3, 4)]
    found = follow(commons, keys, host, tmp_path)
    stated = {k[-5]: [license_of(r) for r in found.of(k)] for k in keys}
    assert stated == {"1": ["NONE", "CC0-1.0"], "2": ["NONE", "NOASSERTION"], "3": ["NONE"], "4": ["CC-BY-SA-3.0-DE"]}
    assert [a.query["ids"] for a in found.asked if "ids" in a.query] == ["M1|M2|M3"]


def test_moved_files_and_localized_names_are_found(tmp_path: Path) -> None:
    page = file(1, "Datei:Neu.jpg", **BY_SA)
    query = {
        "normalized": [{"from": "File:Alt_1.jpg", "to": "Datei:Alt 1.jpg"}],
        "redirects": [{"from": "Datei:Alt 1.jpg", "to": "Datei:Neu.jpg"}],
        "pages": {"1": page},
    }
    (row,) = follow(commons, ["wikipedia:de:file:Alt_1.jpg"], {"/w/api.php": {"query": query}}, tmp_path).rows
    assert (row["item_id"], license_of(row)) == ("wikipedia:de:file:Alt_1.jpg", "CC-BY-SA-3.0-DE")


def test_an_answer_that_goes_on_is_followed_to_its_end(tmp_path: Path) -> None:
    def host(asked: Asked) -> dict[str, Any] | int:
        if asked.path == "/robots.txt":
            return 404
        bare = {"pageid": 2, "ns": 6, "title": "File:B.jpg"}
        if "iicontinue" in asked.path:
            return answer({"pageid": 1, "ns": 6, "title": "File:A.jpg"}, file(2, "File:B.jpg", **BY_SA))
        return answer(file(1, "File:A.jpg", **BY_SA), bare, **{"continue": {"iicontinue": "B.jpg|2", "continue": "||"}})

    found = follow(commons, ["commons:file:A.jpg", "commons:file:B.jpg"], host, tmp_path)
    assert [(r["item_id"][-5:], license_of(r)) for r in found.rows] == [
        ("A.jpg", "CC-BY-SA-3.0-DE"),
        ("B.jpg", "CC-BY-SA-3.0-DE"),
    ]
    assert len(found.asked) == 2


def test_batches_hold_fifty_titles_of_one_wiki_at_most(tmp_path: Path) -> None:
    def host(asked: Asked) -> dict[str, Any] | int:
        if asked.path == "/robots.txt":
            return 404
        titles = parse_qs(urlsplit(asked.path).query)["titles"][0].split("|")
        return answer(*(file(n, t.replace("_", " "), **BY_SA) for n, t in enumerate(titles)))

    keys = [f"commons:file:A_{n}.jpg" for n in range(120)] + [
        f"wikipedia:de:file:{'ü' * 100}_{n}.jpg" for n in range(30)
    ]
    found = follow(commons, keys, host, tmp_path)
    assert Counter(r["item_id"] for r in found.rows) == dict.fromkeys(keys, 1)
    assert {license_of(r) for r in found.rows} == {"CC-BY-SA-3.0-DE"}
    assert all(len(a.path) < 8000 for a in found.asked)


@pytest.mark.parametrize(
    ("field", "words", "said", "authority"),
    [
        (
            "Permission",
            "<p>This photo may not be used commercially.</p>",
            "This photo may not be used commercially.",
            "mention",
        ),
        ("ImageDescription", "A kettle. For educational purposes only!", "For educational purposes only!", "mention"),
        ("Credit", "Foto: Ann. Kommerzielle Nutzung ist untersagt", "Kommerzielle Nutzung ist untersagt", "host"),
    ],
)
def test_words_that_restrict_beside_the_licence_are_told(
    tmp_path: Path, field: str, words: str, said: str, authority: str
) -> None:
    found = follow(
        commons,
        ["commons:file:A.jpg"],
        {"/w/api.php": answer(file(1, "File:A.jpg", **BY_SA, **{field: words}))},
        tmp_path,
    )
    own, beside = found.rows
    assert (beside["authority"], beside["place"], beside["license_text"]) == (authority, f"commons: {field}", said)
    assert FORBIDDING.intersection(read(said).restrictions)
    assert not FORBIDDING.intersection(read(own["license_text"]).restrictions)


def test_a_category_of_files_in_doubt_binds_and_others_say_nothing(tmp_path: Path) -> None:
    categories = "Kettles|OTRS pending as of 2 May 2024|Self-published work"
    said = {
        "/w/api.php": answer(
            file(1, "File:A.jpg", Categories=categories, ImageDescription="A commercial kettle", **BY_SA)
        )
    }
    own, part = follow(commons, ["commons:file:A.jpg"], said, tmp_path).rows
    assert (part["scope"], part["license_text"]) == ("part", "Category:OTRS pending as of 2 May 2024")
    assert license_of(part) == "NOASSERTION" and license_of(own) == "CC-BY-SA-3.0-DE"


@pytest.mark.parametrize("reply", [400, "<html>sorry", {"error": {"code": "maxlag", "info": "Waiting for a server"}}])
def test_an_answer_that_says_nothing_is_an_error_for_every_file(tmp_path: Path, reply: Any) -> None:
    found = follow(commons, ["commons:file:A.jpg", "commons:file:B.jpg"], {"/w/api.php": reply}, tmp_path)
    assert [r["error"].split(":")[0] for r in found.rows] == ["not reached", "not reached"]


def test_recorded_answers(real_data: Path) -> None:
    """Every recorded file has the licence that its machine-readable `License` names."""
    recorded = list(recorded_files(real_data))
    assert len(recorded) > 200
    seen, restricted = Counter(), 0
    for page in recorded:
        key = "commons:file:" + page["title"].split(":", 1)[1].replace(" ", "_")
        title = {"normalized": [{"from": "File:" + key.split(":", 2)[2], "to": page["title"]}], "pages": {"1": page}}
        ask = Ask("https://commons.wikimedia.org/w/api.php", "commons", {"keys": [key]})
        row, *beside = parsed(commons, [answered(ask, 200, [], json.dumps({"query": title}).encode(), [])])
        assert {r["authority"] for r in beside} <= {"mention"}
        restricted += any(read(r["license_text"]).restrictions for r in beside)
        machine = page["imageinfo"][0]["extmetadata"].get("License", {}).get("value")
        said = row.get("license_text") or row.get("license_url")
        if machine not in (None, "pd"):
            spelt = "CC0-1.0" if machine == "cc0" else machine.upper()
            assert license_of(row).removeprefix("LicenseRef-") == spelt
        assert bool(said) == any(n in str(page) for n in ("LicenseShortName", "LicenseUrl"))
        seen[license_of(row)] += 1
    assert seen["NOASSERTION"] == 0
    assert restricted == 0
    assert seen["CC-BY-SA-4.0"] > 50
