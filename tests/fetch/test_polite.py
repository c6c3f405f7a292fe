"""How a host is treated: its pace, its wish to be left in peace, its robots.txt; and one that answers no more."""

import time
from email.utils import formatdate
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from auditor.fetch import Ask, Get, crawl, limits, robots, session, sites, wire
from tests.fetch.test_hostile import failure
from tests.replica.server import SITE, Asked, Replica, Reply


def test_a_host_that_stops_answering_is_left_alone(replica: Replica, get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "WHOLE", 0.3)
    host = replica.host(lambda a: None if a.path in SITE else Reply(delay=20) if a.path != "/0" else b"in")
    pages = list(get.each(Ask(f"{host.url}/{i}", "webpage") for i in range(300)))
    assert len(pages) == 300 and sorted({p.status for p in pages}) == [0, 200]
    assert {failure(p)[0] for p in pages if not p.status} == {"timeout"}
    assert len(host.items()) < 100


def test_a_host_that_falls_silent_is_not_waited_for(
    replica: Replica, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "READ", 0.2)
    begun = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfew"
    host = replica.host({"/x": Reply(raw=[begun, b"more"], pause=20)})
    since = time.monotonic()
    assert failure(get.one(Ask(f"{host.url}/x", "webpage")))[0] == "timeout"
    assert time.monotonic() - since < 10


def test_a_host_that_answers_now_and_then_is_asked_to_the_end(
    replica: Replica, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "OWN", 1)
    monkeypatch.setattr(session, "WHOLE", 0.2)
    host = replica.host(lambda a: None if a.path in SITE else b"in" if int(a.path[1:]) % 2 else Reply(delay=20))
    pages = {p.locator[-1]: p for p in get.each(Ask(f"{host.url}/{i}", "webpage") for i in range(8))}
    assert {n: p.status for n, p in pages.items()} == {str(i): 200 * (i % 2) for i in range(8)}
    assert all("before it" not in failure(p)[1] for p in pages.values() if not p.status)
    assert [len(host.asked(f"/{i}")) for i in range(8)] == [2, 1] * 4


@pytest.mark.parametrize(("status", "form"), [(429, "seconds"), (503, "date")])
def test_a_host_is_left_in_peace_as_long_as_it_asks_for(status: int, form: str, replica: Replica, get: Get) -> None:
    def answer(asked: Asked) -> Any:
        if asked.path in SITE or asked.again:
            return None if asked.path in SITE else b"in"
        said = "1" if form == "seconds" else formatdate(time.time() + 2, usegmt=True)  # a date has whole seconds only
        return Reply(status, headers={"Retry-After": said}) if asked.path == "/0" else b"in"

    host = replica.host(answer)
    assert get.one(Ask(f"{host.url}/0", "webpage")).status == 200
    first, again = host.items()
    assert again.at - first.at > 0.9


@pytest.mark.parametrize("path", ["//[abc/1.jpg", "//x:99999/1", "//me@x/1", "/%zz", "//private/x"])
def test_a_path_that_looks_like_a_host_is_a_path_to_robots_txt_too(path: str, replica: Replica, get: Get) -> None:
    rules = b"User-agent: *\nDisallow: /1.jpg\nDisallow: /x\n\nUser-agent: GPTBot\nDisallow: /\n"
    host = replica.host(lambda a: rules if a.path == "/robots.txt" else None if a.path in SITE else b"in")
    page = get.one(Ask(host.url + path, "webpage"))
    assert page.status == 200 and page.context["site"] == {"robots.txt": ["GPTBot"]}
    assert failure(get.one(Ask(f"{host.url}/x", "webpage")))[0] == "robots"


def test_the_files_of_a_site_are_asked_at_its_pace_too(
    replica: Replica, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "own", lambda source: structs.replace(limits.POLITE, requests=4.0))
    host = replica.host({"/1": b"in", "/2": b"in"})
    assert {p.status for p in get.each(Ask(f"{host.url}/{i}", "webpage") for i in (1, 2))} == {200}
    times = [a.at for a in host.asked()]
    assert len(times) == 5 and min(b - a for a, b in pairwise(times)) > 0.2


def test_an_api_of_documented_limits_is_asked_and_the_pages_beside_it_only_as_robots_txt_allows(
    replica: Replica, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = structs.replace(limits.of("commons"), requests=float("inf"))
    monkeypatch.setattr(limits, "own", lambda source: api)
    host = replica.host({"/robots.txt": b"User-agent: *\nDisallow: /w", "/w/api.php": b"in", "/wiki/A": b"in"})
    assert get.one(Ask(f"{host.url}/w/api.php?a", "commons")).status == 200 and not host.asked("/robots.txt")
    assert failure(get.one(Ask(f"{host.url}/wiki/A", "webpage")))[0] == "robots"
    assert get.one(Ask(f"{host.url}/w/api.php?b", "commons")).status == 200


def test_a_host_that_is_asked_too_often_is_never_asked_faster_than_its_robots_txt_says(
    replica: Replica, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawl, "LONGEST_BACKOFF", 0.05)
    often = Reply(429, headers={"Retry-After": "0"})
    calm = {f"/{i}": b"in" for i in range(4)} | {"/0": lambda a: b"in" if a.again else often}
    host = replica.host({"/robots.txt": b"User-agent: *\nCrawl-delay: 0.3", **calm})
    assert {p.status for p in get.each(Ask(f"{host.url}/{i}", "webpage") for i in range(4))} == {200}
    times = [a.at for a in host.items()]
    assert len(times) == 5 and min(b - a for a, b in pairwise(times)) > 0.25


def test_a_host_is_not_forgotten_while_it_is_to_be_left_in_peace(
    replica: Replica, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawl, "HOSTS", 10)
    slow = replica.host({"/robots.txt": b"User-agent: *\nCrawl-delay: 0.8", "/1": b"in", "/2": b"in"})
    later = {"Retry-After": "9999"}
    alone = replica.host({"/1": Reply(503, headers=later), "/2": Reply(503, headers=later)})
    others = [replica.host({"/1": b"in"}) for _ in range(12)]
    for url in (f"{slow.url}/1", f"{alone.url}/1", *(f"{o.url}/1" for o in others), f"{slow.url}/2", f"{alone.url}/2"):
        get.one(Ask(url, "webpage"))
    first, second = (slow.asked(path)[0].at for path in ("/1", "/2"))
    assert second - first > 0.7
    assert len(alone.items()) == 1 and len(get._crawl.hosts) < 14


@pytest.mark.parametrize("forbidden", SITE[1:])
def test_a_file_of_a_site_that_its_robots_txt_forbids_is_not_asked(forbidden: str, replica: Replica, get: Get) -> None:
    host = replica.host({"/robots.txt": f"User-agent: *\nDisallow: {forbidden}".encode(), "/1": b"in"})
    assert get.one(Ask(f"{host.url}/1", "webpage")).status == 200
    assert [len(host.asked(path)) for path in SITE] == [int(path != forbidden) for path in SITE]


def test_a_host_that_another_source_asked_first_is_asked_for_its_opt_outs_by_pages(replica: Replica, get: Get) -> None:
    reserved = [{"location": "/", "tdm-reservation": 1}]
    host = replica.host({"/1": b"in", "/2": b"in", "/.well-known/tdmrep.json": reserved})
    assert "site" not in get.one(Ask(f"{host.url}/1", "gbif")).context and not host.asked("/ai.txt")
    assert get.one(Ask(f"{host.url}/2", "webpage")).context["site"] == {"tdm-reservation": 1}
    assert [len(host.asked(path)) for path in SITE] == [1, 1, 1]


@pytest.mark.parametrize("first", [503, Reply(raw=b"nonsense")])
def test_a_robots_txt_that_is_not_had_at_once_is_asked_for_once_more(first: Any, replica: Replica, get: Get) -> None:
    host = replica.host({"/robots.txt": lambda a: b"User-agent: *\nAllow: /" if a.again else first, "/1": b"in"})
    assert get.one(Ask(f"{host.url}/1", "webpage")).status == 200


def test_a_host_that_wants_long_pauses_is_not_asked_for_more_files(
    replica: Replica, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robots, "SHORT_DELAY", 0.1)
    host = replica.host({"/robots.txt": b"User-agent: *\nCrawl-delay: 0.3", "/1": b"in"})
    assert get.one(Ask(f"{host.url}/1", "webpage")).status == 200
    assert [a.path for a in host.asked()] == ["/robots.txt", "/1"]


def test_a_robots_txt_holds_for_a_day(replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = replica.host({"/robots.txt": b"User-agent: *\nDisallow: /x", "/1": b"in", "/2": b"in"})

    def run(path: str) -> int:
        with Get(tmp_path, allow=["127.0.0.1"]) as get:
            get.one(Ask(host.url + path, "webpage"))
        return len(host.asked("/robots.txt"))

    assert [run("/1"), run("/2"), run("/x")] == [1, 1, 1] and not host.asked("/x")
    monkeypatch.setattr(sites, "ROBOTS_FOR", -1.0)
    host.answers["/robots.txt"] = b"User-agent: *\nAllow: /"
    assert run("/x") == 2 and host.asked("/x")


def test_a_host_that_is_led_to_is_tried_as_often_as_any(replica: Replica, get: Get) -> None:
    def often(then: Any) -> Any:
        return lambda asked: Reply(503) if asked.again < 3 else then

    host = replica.host({"/0": often(Reply(302, headers={"Location": "/1"})), "/1": often(b"in")})
    page = get.one(Ask(f"{host.url}/0", "webpage"))
    assert (page.status, page.context["hops"]) == (200, [[302, f"{host.url}/1"]])


def test_no_more_is_asked_at_once_than_may_be_in_flight_in_all(
    replica: Replica, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawl, "FLYING", 3)
    flying: list[int] = [0, 0]

    def answer(asked: Asked) -> Any:
        if asked.path in SITE:
            return None
        flying[0] += 1
        flying[1] = max(flying)
        time.sleep(0.05)
        flying[0] -= 1
        return b"in"

    hosts = [replica.host(answer) for _ in range(4)]
    assert len(list(get.each(Ask(f"{h.url}/{i}", "webpage") for i in range(5) for h in hosts))) == 20
    assert flying[1] == 3
