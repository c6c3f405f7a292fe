"""Made-up photos in the form of Flickr's answers, and the recorded ones."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from auditor.sources import flickr
from tests.replica.server import Asked, Reply
from tests.sources.following import Followed, cassettes, follow, license_of, path_of

XML = {"Content-Type": "text/xml; charset=utf-8"}
INFO = """<?xml version="1.0" encoding="utf-8" ?>
<rsp stat="ok">
<photo id="{id}" secret="0123456789" server="1" farm="1" dateuploaded="1490376472" license="{license}" media="photo">
  <owner nsid="1@N01" username="ann" realname="{realname}" path_alias="ann"/>
  <title>A  kettle</title><description>CC BY-NC 4.0, says nobody</description>
  <urls><url type="photopage">https://www.flickr.com/photos/ann/{id}/</url></urls>
</photo>
</rsp>"""
HISTORY = '<?xml version="1.0" encoding="utf-8" ?>\n<rsp stat="ok">\n{changes}\n</rsp>'
CHANGE = '<license_history date_change="{at}" old_license="{old}" old_license_url="" new_license="{new}" new_license_url=""/>'
FAILED = '<?xml version="1.0" encoding="utf-8" ?>\n<rsp stat="fail">\n\t<err code="{code}" msg="{msg}" />\n</rsp>'


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Followed]:
    monkeypatch.setenv("FLICKR_API_KEY", "made-up")

    def of(keys: list[str], info: dict[str, str], history: dict[str, str] | None = None) -> Followed:
        def answer(asked: Asked) -> Reply:
            query = parse_qs(urlsplit(asked.path).query)
            some = info if query["method"] == [flickr.INFO] else history or {}
            missing = FAILED.format(code=1, msg="Photo not found")
            return Reply(200, some.get(query["photo_id"][0], missing).encode(), XML)

        return follow(flickr, keys, answer, tmp_path)

    return of


def test_a_photo_is_read_word_for_word(ask: Callable[..., Followed]) -> None:
    found = ask(["flickr:photo:11"], {"11": INFO.format(id=11, license=4, realname="")})
    assert found.rows == [
        {
            "item_id": "flickr:photo:11",
            "row": 0,
            "item_url": "https://www.flickr.com/photos/ann/11/",
            "title": "A kettle",
            "creator": "ann",
            "kind": "photo",
            "license_text": "4",
            "vocabulary": "flickr",
            "authority": "host",
            "place": "flickr",
        }
    ]
    assert license_of(found.rows[0]) == "CC-BY-2.0"


def test_a_history_is_a_claim_an_entry_with_its_time(ask: Callable[..., Followed]) -> None:
    changes = CHANGE.format(at=1295918034, old="All Rights Reserved", new="Attribution License")
    changes += CHANGE.format(at=1598990519, old="Attribution License", new="All Rights Reserved")
    found = ask(
        ["flickr:photo:1"], {"1": INFO.format(id=1, license=0, realname="Ann")}, {"1": HISTORY.format(changes=changes)}
    )
    assert sorted((r.get("as_of", "now"), license_of(r)) for r in found.rows) == [
        ("2011-01-25T01:13:53Z", "LicenseRef-All-Rights-Reserved"),
        ("2011-01-25T01:13:54Z", "CC-BY-2.0"),
        ("2020-09-01T20:01:59Z", "LicenseRef-All-Rights-Reserved"),
        ("now", "LicenseRef-All-Rights-Reserved"),
    ]


def test_a_photo_that_never_changed_has_its_first_licence_since_its_upload(ask: Callable[..., Followed]) -> None:
    changes = CHANGE.format(at=1253741816, old="No known copyright restrictions", new="")
    found = ask(
        ["flickr:photo:1"], {"1": INFO.format(id=1, license=7, realname="")}, {"1": HISTORY.format(changes=changes)}
    )
    assert [r["as_of"] for r in found.rows if "as_of" in r] == ["2009-09-23T21:36:56Z"]
    assert {license_of(r) for r in found.rows} == {"LicenseRef-No-Known-Copyright-Restrictions"}


@pytest.mark.parametrize(
    ("answer", "begins"),
    [
        (FAILED.format(code=1, msg="Photo &quot;1&quot; not found (invalid ID)"), "gone: "),
        (FAILED.format(code=2, msg="Permission denied"), "private: "),
        (FAILED.format(code=100, msg="Invalid API Key (Key has invalid format)"), "not reached: "),
        ("<html>sorry", "not reached: "),
        ('<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><rsp>&a;</rsp>', "not reached: "),
        ('<rsp stat="ok"/>', "not reached: "),
    ],
)
def test_what_is_not_a_photo_is_one_claim_with_an_error(ask: Callable[..., Followed], answer: str, begins: str) -> None:
    (row,) = ask(["flickr:photo:1"], {"1": answer}).rows
    assert row["error"].startswith(begins)
    assert "license_text" not in row


def test_a_number_that_flickr_does_not_have_yet_is_unread(ask: Callable[..., Followed]) -> None:
    (row,) = ask(["flickr:photo:1"], {"1": INFO.format(id=1, license=99, realname="")}).rows
    assert license_of(row) == "NOASSERTION"


OEMBED = {
    "type": "photo",
    "title": "A kettle",
    "author_name": "ann",
    "web_page": "https://www.flickr.com/photos/ann/286000639/",
}
NC = "https://creativecommons.org/licenses/by-nc/2.0/"
PAGE = f'<div class="photo-license-info"><a href="{NC}" class="photo-license-url" rel="license">Some rights reserved</a></div>'
RESERVED = '<div class="photo-license-info"><a class="photo-license-url"><span>All rights reserved</span></a></div>'


@pytest.mark.parametrize(
    ("oembed", "page", "expected"),
    [
        (OEMBED | {"license": "All Rights Reserved", "license_id": 0}, None, "LicenseRef-All-Rights-Reserved"),
        (
            OEMBED | {"license_id": "5", "license_url": "https://creativecommons.org/licenses/by-sa/2.0/"},
            None,
            "CC-BY-SA-2.0",
        ),
        (OEMBED, PAGE, "CC-BY-NC-2.0"),
        (400, PAGE, "CC-BY-NC-2.0"),
        (401, PAGE, "private"),
        (404, PAGE, "gone"),
        (400, 404, "gone"),
        (400, RESERVED, "LicenseRef-All-Rights-Reserved"),
        (400, "<p>Sign in", "not reached"),
    ],
)
def test_without_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, oembed: Any, page: Any, expected: str) -> None:
    monkeypatch.delenv("FLICKR_API_KEY", raising=False)
    found = follow(flickr, ["flickr:photo:286000639"], {"/services/oembed": oembed, "/photo.gne": page}, tmp_path)
    (row,) = found.rows
    assert (license_of(row) if "error" not in row else row["error"].split(":")[0]) == expected
    assert parse_qs(urlsplit(found.asked[0].path).query)["url"] == ["https://flic.kr/p/rgQ2v"]


def test_recorded_answers(real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every recorded photo has its licence, every missing one says so, and histories agree with what holds now."""
    monkeypatch.setenv("FLICKR_API_KEY", "made-up")
    recorded = {path_of(u): b for u, b in cassettes(real_data / "flickr") if "photo_id=" in u}
    ids = {parse_qs(urlsplit(p).query)["photo_id"][0] for p in recorded if flickr.INFO in p}

    def answer(asked: Asked) -> Reply | None:
        body = recorded.get(re.sub("&api_key=[^&]*", "", asked.path))
        return None if body is None else Reply(200, body, XML)

    found = follow(flickr, [f"flickr:photo:{i}" for i in sorted(ids)], answer, tmp_path)
    now = {r["item_id"]: r for r in found.rows if "as_of" not in r}
    assert len(now) == len(ids) >= 25
    expected = Counter()
    for path, body in recorded.items():
        if flickr.INFO in path:
            text = body.decode()
            expected[text.split(' license="')[1].split('"')[0] if ' license="' in text else "gone"] += 1
    assert Counter(r.get("license_text", "gone") for r in now.values()) == expected
    assert all(license_of(r) != "NOASSERTION" for r in now.values() if "error" not in r)
    assert now["flickr:photo:16062734376"]["error"].startswith("gone: ")
    changed = [license_of(r) for r in sorted(found.of("flickr:photo:54450311696"), key=lambda r: r.get("as_of", "z"))]
    assert changed == [
        "LicenseRef-All-Rights-Reserved",
        "CC-PDM-1.0",
        "LicenseRef-No-Known-Copyright-Restrictions",
        "LicenseRef-No-Known-Copyright-Restrictions",
    ]
