"""Opt-outs as their makers write them, and the recorded ones."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from lxml.html import document_fromstring

from auditor import signals
from auditor.fetch import Get
from auditor.licensing import tables
from auditor.sources import webpage
from tests.replica.server import Replica, Reply
from tests.sources.following import parsed

URL = "https://a.example/pictures/1.jpg"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-robots-tag": "noai, noimageai"}, {"x-robots-tag": ["noai", "noimageai"]}),
        ({"x-robots-tag": "otherbot: NOAI, noindex"}, {"x-robots-tag": ["otherbot: noai", "otherbot: noindex"]}),
        ({"x-robots-tag": "unavailable_after: 25 Jun 2030 15:00:00 PST, nosnippet"}, {}),
        ({"content-signal": "search=yes, ai-input=yes, ai-train=no"}, {"content-signal": {"search": "yes", "ai-input": "yes", "ai-train": "no"}}),
        ({"content-usage": "train-ai=n"}, {"content-usage": {"train-ai": "n"}}),
        ({"tdm-reservation": "1", "tdm-policy": "https://a.example/p.json"}, {"tdm-reservation": 1, "tdm-policy": "https://a.example/p.json"}),
        ({"tdm-reservation": "0"}, {"tdm-reservation": 0}),
        ({"tdm-reservation": "yes"}, {}),
        ({"link": '<https://a.example/license.xml>; rel="license"; type="application/rsl+xml"'}, {"rsl": "https://a.example/license.xml"}),
        ({"link": '<https://a.example/next>; rel="next"'}, {}),
        ({}, {}),
    ],
)  # fmt: skip
def test_headers(headers: dict[str, str], expected: dict[str, Any]) -> None:
    assert signals.of_headers(headers) == expected


def test_meta_elements() -> None:
    page = '<meta name="ROBOTS" content="noai, follow"><meta name="robots" content="noimageai"><meta name="tdm-reservation" content="1">'
    assert signals.of_html(document_fromstring(page)) == {"meta robots": ["noai", "noimageai"], "tdm-reservation": 1}


ROBOTS = """User-agent: GPTBot
User-agent: CCBot   # a comment
Disallow: /pictures/
Content-Usage: train-ai=n

User-agent: Googlebot
Disallow: /

User-agent: *
Allow: /
Content-Signal: search=yes, ai-train=no
License: https://a.example/license.xml
"""


def test_robots_txt_names_agents_of_ai_only() -> None:
    found = signals.of_robots(ROBOTS, URL)
    assert found == {
        "robots.txt": ["CCBot", "GPTBot"],
        "content-signal": {"search": "yes", "ai-train": "no"},
        "content-usage": {"train-ai": "n"},
        "rsl": "https://a.example/license.xml",
    }
    assert "robots.txt" not in signals.of_robots(ROBOTS, "https://a.example/about")


@pytest.mark.parametrize(
    ("path", "train"), [("/test", "n"), ("/ai-ok/test", "y"), ("/ai-ok/not/test", "n"), ("/ai-ok", "n"), ("", "n")]
)
def test_a_usage_is_of_its_path_and_a_refusal_is_not_lost_to_a_leave_elsewhere(path: str, train: str) -> None:
    """The example of draft-ietf-aipref-attach, with a third path; another group's leave for the same path takes nothing back."""
    text = (
        "User-Agent: *\nAllow: /\nContent-Usage: / train-ai=n, search=y\nContent-Usage: /ai-ok/ train-ai=y\n"
        "Content-Usage: /ai-ok/n*t/ train-ai=n\n\nUser-Agent: ExampleBot\nAllow: /\nContent-Usage: / train-ai=y\n"
    )
    found = signals.of_robots(text, f"https://a.example{path}")
    assert found["content-usage"] == {"train-ai": train, "search": "y"}


def test_an_rsl_licence_in_a_page_is_told() -> None:
    root = document_fromstring('<head><script type="application/rsl+xml"><rsl xmlns="x"/></script></head>')
    assert signals.of_html(root) == {"rsl": "in the page"}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([{"location": "/", "tdm-reservation": 1}], {"tdm-reservation": 1}),
        ([{"location": "/*", "tdm-reservation": 0}], {"tdm-reservation": 0}),
        ([{"location": "/pictures/*.jpg$", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}], {"tdm-reservation": 0}),
        ([{"location": "/texts/", "tdm-reservation": 1}], {}),
        ({"@context": "http://www.w3.org/ns/tdmrep#", "type": "Reservation"}, {}),
        ([1, None], {}),
        ([{"location": "/" + "*a" * 5000 + "b$", "tdm-reservation": 1}], {}),
        ([{"location": "/*/*.jpg$", "tdm-reservation": 1}], {"tdm-reservation": 1}),
        ([{"location": "/pictures/1.jpg$", "tdm-reservation": 1}], {"tdm-reservation": 1}),
        ([{"location": "/pictures/1$", "tdm-reservation": 1}], {}),
    ],
)  # fmt: skip
def test_tdmrep(rules: Any, expected: dict[str, Any]) -> None:
    assert signals.of_tdmrep(rules, URL) == expected


def test_ai_txt() -> None:
    text = "User-Agent: *\nDisallow: *.jpg\nAllow: *.txt\nDisallow: /private/\n"
    assert signals.of_ai_txt(text, URL) == {"ai.txt": "disallow"}
    assert signals.of_ai_txt(text, "https://a.example/a.txt") == {}


@pytest.mark.parametrize("robots", ["User-agent: GPTBot\nDisallow: /a\n", "User-agent: *\nDisallow: /private\n", None])
def test_a_sites_own_files_stand_beside_each_of_its_pages(robots: str | None, tmp_path: Path) -> None:
    """Whether or not its robots.txt speaks of mining, or there is one."""
    files = {
        "/robots.txt": robots and Reply(200, robots.encode()),
        "/.well-known/tdmrep.json": [{"location": "/", "tdm-reservation": 1}],
        "/ai.txt": "<html>not found",
        "/a": "<title>a</title>",
        "/b": Reply(200, b"<title>b</title>", {"Content-Type": "text/html", "TDM-Reservation": "0"}),
    }
    with Replica() as replica, Get(tmp_path, allow=["127.0.0.1"]) as get:
        host = replica.host(files)
        rows = parsed(webpage, webpage.items([f"web:{host.url}/a", f"web:{host.url}/b"], get))
    assert {r["title"]: json.loads(r["signals"]) for r in rows} == {
        "a": ({"robots.txt": ["GPTBot"]} if robots and "GPTBot" in robots else {}) | {"tdm-reservation": 1},
        "b": {"tdm-reservation": 0},
    }
    assert len(host.asked("/ai.txt")) == len(host.asked("/.well-known/tdmrep.json")) == 1


def test_a_site_whose_files_break_off_is_asked_for_one_of_them_and_its_pages_are_had(tmp_path: Path) -> None:
    with Replica() as replica, Get(tmp_path, allow=["127.0.0.1"]) as get:
        host = replica.host(
            {"/.well-known/tdmrep.json": Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Le"), "/a": "<title>a</title>"}
        )
        (row,) = parsed(webpage, webpage.items([f"web:{host.url}/a"], get))
    assert row["title"] == "a" and "signals" not in row and not host.asked("/ai.txt")


@pytest.mark.parametrize(
    "text", ["\n" * 400_000, "User-agent:" * 40_000, "license:" + " " * 400_000, "User-agent: GPTBot\n" * 20_000]
)
def test_hostile_files_of_a_site_are_read_in_bounded_time(text: str) -> None:
    begun = time.monotonic()
    signals.of_robots(text, URL)
    signals.of_ai_txt(text, URL)
    assert time.monotonic() - begun < 5


def test_boxes_that_are_cut_or_wild_say_nothing() -> None:
    for boxes in (
        b"",
        b"\0\0\0\1jumb",
        b"\xff\xff\xff\xffjumb" + bytes(50),
        bytes(100),
        b"\0\0\0\x10jumb\0\0\0\x10jumb",
    ):
        assert "training-mining" not in signals.of_metadata({}, boxes)


@pytest.mark.parametrize("name", ["ai_agents", "camera_strings", "placeholders"])
def test_every_line_about_hosts_names_what_was_read(name: str) -> None:
    rows = list(tables.rows(f"hosts/{name}.tsv", "manifests"))
    assert rows
    assert all(len(r["source"]) > 8 and r["words"].strip() for r in rows)
    assert len({next(iter(r.values())).lower() for r in rows}) == len(rows)


def test_recorded_opt_outs(real_data: Path) -> None:
    folder = real_data / "spawning_tdm" / "ai-training-opt-out"
    meta = signals.of_html(document_fromstring((folder / "meta-tags.html").read_text("utf-8")))
    assert meta == {"meta robots": ["noai", "noimageai"], "tdm-reservation": 1}
    assert signals.of_ai_txt((folder / "ai.txt").read_text("utf-8"), URL) == {"ai.txt": "disallow"}
    assert signals.of_tdmrep(json.loads((folder / ".well-known" / "tdmrep.json").read_text("utf-8")), URL) == {
        "tdm-reservation": 1
    }
    assert len(
        signals.of_robots((real_data / "ai_robots" / "robots.txt").read_text("utf-8"), URL)["robots.txt"]
    ) == len(signals.agents())
    barred = {}
    for path in sorted((real_data / "robots_txt" / "protego").iterdir()):
        found = signals.of_robots(path.read_bytes().decode("utf-8", "replace"), f"https://{path.name}/a")
        if "robots.txt" in found:
            barred[path.name] = found["robots.txt"]
    assert len(barred) > 10
    assert all("googlebot" not in a.lower() for some in barred.values() for a in some)
