"""Nothing that was answered is lost or asked again: kills at any moment, torn files, repeats, closed parts."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pyarrow.parquet as pq
import pytest

from auditor.errors import AuditError
from auditor.fetch import Ask, Get, journal, limits
from auditor.fetch import crawl as crawls
from auditor.fetch.ask import answered, failed, request_key
from auditor.schema import PAGE
from tests.replica.server import SITE, Asked, Host, Replica, Reply

SCRIPT = Path(__file__).parent / "crawling.py"


def page(number: int, body: bytes = b"in") -> tuple[str, Any]:
    ask = Ask(f"http://a.example/{number}", "webpage", {"keys": [f"k:{number}"]})
    headers = [("Content-Type", "text/html"), ("ETag", f'"{number}"'), ("X-Other", "no")]
    return request_key(ask), answered(ask, 200, headers, body + str(number).encode(), [[301, "http://b.example/"]])


def test_what_was_final_is_not_asked_again_and_comes_back_the_same(replica: Replica, tmp_path: Path) -> None:
    host = replica.host({"/a": "<html>é</html>", "/b": 410, "/c": 503, "/d": 404, "/e": Reply(200, b"\0\xff")})
    asks = [Ask(f"{host.url}/{x}", "webpage", {"keys": [x]}) for x in "abcde"]

    def run() -> dict[str, Any]:
        with Get(tmp_path / "s", allow=["127.0.0.1"]) as get:
            return {p.locator[-1]: p for p in get.each(asks)}

    first, before = run(), len(replica.log)
    second = run()
    assert [a.path for a in replica.log[before:] if a.path not in SITE] == ["/c"] * 5
    assert {k: v for k, v in first.items() if k != "c"} == {k: v for k, v in second.items() if k != "c"}
    assert first["e"].read() == second["e"].read() == b"\0\xff"
    with Get(tmp_path / "s", offline=True) as get:
        again = {p.locator[-1]: p for p in get.each(asks)}
    assert again["a"] == first["a"] and again["c"].context["failure_kind"] == "offline"


def test_a_request_is_written_down_before_it_leaves_and_its_page_before_it_is_handed_over(
    replica: Replica, tmp_path: Path
) -> None:
    def written(event: str, url: str) -> bool:
        line = f'"{event}":"{request_key(Ask(url, "webpage"))}"'.encode()
        return any(line in file.read_bytes() for file in tmp_path.rglob("asked-*.jsonl"))

    early: list[str] = []

    def answer(asked: Asked) -> Any:
        url = host.url + asked.path
        if asked.path in SITE:
            return None
        if not written("started", url) or written("finished", url):
            early.append(url)
        return b"in"

    host = replica.host(answer)
    with Get(tmp_path, allow=["127.0.0.1"]) as get:
        for page in get.each(Ask(f"{host.url}/{i}", "webpage") for i in range(100)):
            assert written("finished", page.locator)
    assert not early


def test_a_request_leaves_when_the_page_is_written_that_made_room_for_it(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a kill costs what was in flight, however slow the disk is."""
    monkeypatch.setattr(limits, "OWN", 1)
    real, late = journal.Journal._write, []
    monkeypatch.setattr(journal.Journal, "_write", lambda *said: (time.sleep(0.005), real(*said)))

    def answer(asked: Asked) -> Any:
        if asked.path not in SITE:
            written = b"".join(f.read_bytes() for f in tmp_path.rglob("asked-*.jsonl")).count(b'{"finished":')
            late.append(len(host.items()) - 1 > written - len(SITE))
        return None if asked.path in SITE else b"in"

    host = replica.host(answer)
    with Get(tmp_path, allow=["127.0.0.1"]) as get:
        assert len(list(get.each(Ask(f"{host.url}/{i}", "webpage") for i in range(50)))) == 50
    assert late == [False] * 50


def test_pages_that_nobody_takes_hold_the_crawl_up(replica: Replica, get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crawls, "WAITING", 200_000)
    host = replica.host(lambda a: None if "robots" in a.path else b"x" * 50_000)
    pages = get.each(Ask(f"{host.url}/{i}", "webpage") for i in range(200))
    first = next(pages)
    time.sleep(0.5)
    assert len(host.asked()) < 60  # what was in flight when enough was there
    assert len([first, *pages]) == 200


def test_pages_come_while_requests_are_still_being_thought_of(replica: Replica, get: Get) -> None:
    host = replica.host(lambda a: None if "robots" in a.path else b"in")
    thought = 0

    def asks() -> Iterator[Ask]:
        nonlocal thought
        for thought in range(1, 51):
            time.sleep(0.02)
            yield Ask(f"{host.url}/{thought}", "webpage")

    pages = get.each(asks())
    next(pages)
    assert thought < 40
    assert len(list(pages)) == 49


def test_a_feed_that_is_left_is_forgotten_and_holds_nobody_up(
    replica: Replica, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawls, "WAITING", 200_000)
    host = replica.host(lambda a: None if "robots" in a.path else b"x" * 50_000)
    for name in "abc":
        pages = get.each(Ask(f"{host.url}/{name}/{i}", "webpage") for i in range(200))
        next(pages)
        pages.close()
    assert get.one(Ask(f"{host.url}/last", "webpage")).status == 200


def test_a_feed_that_is_left_lets_the_others_go_on(replica: Replica, get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crawls, "WAITING", 200_000)
    host = replica.host(lambda a: None if a.path in SITE else b"x" * 50_000 if "long" in a.path else b"in")
    left = get.each(Ask(f"{host.url}/long/{i}", "webpage") for i in range(200))
    next(left)
    time.sleep(0.5)
    found: list[Any] = []
    other = Thread(target=lambda: found.extend(get.each(Ask(f"{host.url}/{i}", "webpage") for i in range(50))))
    other.start()
    other.join(timeout=0.5)
    assert other.is_alive(), "too much waits for it to go on"
    left.close()
    other.join(timeout=10)
    assert len(found) == 50


def test_the_same_request_twice_in_one_run_is_two_pages(replica: Replica, get: Get) -> None:
    host = replica.host({"/a": b"in"})
    assert [p.body for p in get.each(Ask(f"{host.url}/a", "webpage") for _ in range(3))] == [b"in"] * 3
    get.one(Ask(f"{host.url}/a", "webpage"))
    assert len(host.asked("/a")) <= 3


@pytest.mark.parametrize("merged", [100, 250, journal.MERGED])
def test_parts_are_pages_that_anyone_can_read(merged: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And however many of them share an index, each page is found."""
    monkeypatch.setattr(journal, "PART_ROWS", 70)
    monkeypatch.setattr(journal, "MERGED", merged)
    one = journal.Journal(tmp_path)
    made = [page(i) for i in range(500)]
    one.planned((k, p.locator, "webpage") for k, p in made)
    for key, said in made:
        one.started(key)
        one.finished(key, said)
    one.settle()
    assert all(one.get(k) == p for k, p in made)
    one.close()
    table = pq.read_table(sorted(tmp_path.glob("asked-*.parquet")))
    assert table.schema.names[: len(PAGE)] == PAGE.names and table.num_rows == 500
    assert not list(tmp_path.glob("*.jsonl")) and 1 < len(list(tmp_path.glob("*.parquet"))) <= 8
    assert sorted(table["page_key"].to_pylist()) == sorted(p.key for _, p in made)
    again = journal.Journal(tmp_path)
    assert all(again.get(k) == p for k, p in made) and again.get("0" * 16) is None
    keys = [k for k, _ in made]
    assert again.has([*keys, "0" * 16, "f" * 16]) == set(keys) and again.has([]) == again.has(["f" * 16]) == set()
    again.close()


def test_pages_are_found_while_one_journal_becomes_a_part_and_the_next_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "PART_ROWS", 10)
    one, goes_on = journal.Journal(tmp_path), Event()
    one.closer.submit(goes_on.wait)
    made = [page(i) for i in range(15)]
    for some in (made[:10], made[10:]):
        for key, said in some:
            one.finished(key, said)
        one.settle()
    assert [one.get(k) == p for k, p in made] == [True] * 15
    goes_on.set()
    one.closer.submit(lambda: None).result()
    assert len(list(tmp_path.glob("asked-*.parquet"))) == 1
    assert [one.get(k) == p for k, p in made] == [True] * 15
    one.close()


def test_an_answer_to_other_origins_is_kept_for_them_too(replica: Replica, tmp_path: Path) -> None:
    """One file answers for all items of a host: it is asked for once, and whoever reads the parts finds every origin."""
    host = replica.host({"/all.json": [1, 2]})
    for run in range(2):
        with Get(tmp_path / "s", allow=["127.0.0.1"]) as get:
            for keys in (["k:1"], ["k:2", "k:3"]):
                assert get.one(Ask(f"{host.url}/all.json", "webpage", {"keys": keys})).context["keys"] == keys
        parts = sorted((tmp_path / "s" / "asked").glob("asked-*.parquet"))
        kept = [k for p in parts for row in pq.read_table(p, columns=["keys"]).to_pylist() for k in row["keys"] or ()]
        assert set(kept) == {"k:1", "k:2", "k:3"}, run
    assert len(host.asked("/all.json")) == 1


def test_a_newer_answer_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    for body in (b"old", b"new"):
        one = journal.Journal(tmp_path)
        key, said = page(1, body)
        one.finished(key, said)
        one.close()
    one = journal.Journal(tmp_path)
    found = one.get(key)
    assert found is not None and found.body == b"new1"
    one.close()


@pytest.mark.parametrize("damage", ["cut", "zeros"])
def test_a_torn_journal_gives_back_all_that_was_whole(damage: str, tmp_path: Path) -> None:
    """What a loss of power may leave: a file that ends anywhere, or blocks of zeros at its end."""
    one = journal.Journal(tmp_path / "whole")
    made = [page(i, b"x" * 50) for i in range(40)]
    for key, said in made:
        one.finished(key, said)
    one.settle()
    (file,) = (tmp_path / "whole").glob("*.jsonl")
    raw = file.read_bytes()
    one.close()
    for turn, at in enumerate(random.Random(5).sample(range(len(raw)), 25)):
        place = tmp_path / str(turn)
        place.mkdir()
        (place / file.name).write_bytes(raw[:at] + (b"\0" * (len(raw) - at) if damage == "zeros" else b""))
        (place / "asked-00007.tmp").write_bytes(b"half a part")
        again = journal.Journal(place)
        whole = raw[:at].count(b"\n")
        assert [again.get(k) == p for k, p in made] == [True] * whole + [False] * (40 - whole)
        again.close()
        assert not list(place.glob("*.tmp"))


def test_what_was_in_flight_is_known(tmp_path: Path) -> None:
    one = journal.Journal(tmp_path)
    made = [page(i) for i in range(5)]
    one.planned((k, p.locator, "webpage") for k, p in made)
    one.started(made[0][0])
    one.finished(*made[1])
    one.close()
    again = journal.Journal(tmp_path)
    assert again.left == 4
    again.close()


def test_a_run_says_what_an_earlier_one_left(replica: Replica, tmp_path: Path) -> None:
    host = replica.host(
        lambda a: None if "robots" in a.path else Reply(200, b"in", delay=5 if a.path == "/slow" else 0)
    )
    said: list[str] = []

    def asks() -> Iterator[Ask]:
        yield from (Ask(f"{host.url}/{name}", "webpage") for name in ("fast", "slow"))

    with Get(tmp_path, allow=["127.0.0.1"]) as get:
        assert next(get.each(asks())).body == b"in"
    host.answers = lambda _: b"in"
    with Get(tmp_path, allow=["127.0.0.1"], told=said.append) as get:
        assert [p.body for p in get.each(asks())] == [b"in", b"in"]
    assert len(said) == 1 and said[0].startswith("1 requests that an earlier run")
    assert len(host.asked("/fast")) == 1


def test_failures_are_kept_as_evidence_but_not_as_answers(tmp_path: Path) -> None:
    one = journal.Journal(tmp_path)
    ask = Ask("http://a.example/", "webpage")
    one.finished(request_key(ask), failed(ask, "timeout", "it took too long."))
    one.settle()
    assert one.get(request_key(ask)) is None
    one.close()
    (row,) = pq.read_table(next(tmp_path.glob("*.parquet"))).to_pylist()
    assert row["status"] == 0 and not row["final"] and "took too long" in row["context"]


def crawl(folder: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, str(SCRIPT), str(folder / "store"), str(folder / "list"), str(folder / "out")]
    return subprocess.Popen(command, stderr=subprocess.PIPE)


def finished(run: "subprocess.Popen[bytes]") -> None:
    _, said = run.communicate(timeout=120)
    assert run.returncode == 0, said.decode()


LATENCY, KILLS = 0.02, int(os.environ.get("AUDITOR_KILLS", "20"))
IN_FLIGHT = 2 * 20  # two hosts, twenty at once


@pytest.mark.slow
def test_killed_at_random_points_a_crawl_ends_the_same_and_repeats_only_what_was_in_flight(
    replica: Replica, tmp_path: Path
) -> None:
    def answer(asked: Asked) -> Any:
        if asked.path in SITE:
            return None
        number = int(asked.path[1:])
        return Reply([200, 200, 404, 410][number % 4], b"%d" % number, {"Content-Type": "text/plain"}, LATENCY)

    def urls(hosts: list[Host], count: int) -> str:
        return "\n".join(f"{hosts[i % 2].url}/{i}" for i in range(count))

    hosts = [replica.host(answer) for _ in range(2)]
    per, count = 200, 200 * KILLS + 400
    for name in ("calm", "killed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "list").write_text(urls(hosts, count))
    finished(crawl(tmp_path / "calm"))
    begun = len(replica.log)
    dice, deaths = random.Random(), []
    for turn in range(KILLS):
        run = crawl(tmp_path / "killed")
        target = begun + per * turn + dice.randrange(20, per)
        while len(replica.log) < target and run.poll() is None:
            time.sleep(0.001)
        assert run.poll() is None, "the crawl ended before it could be killed"
        run.send_signal(signal.SIGKILL)
        run.communicate()
        deaths.append(time.monotonic())
    finished(crawl(tmp_path / "killed"))
    assert (tmp_path / "killed" / "out").read_text() == (tmp_path / "calm" / "out").read_text()
    seen: dict[tuple[str, str], Asked] = {}
    again = Counter[int]()  # by the kill that the first answer was lost in
    for asked in replica.log[begun:]:
        before = seen.get((asked.host, asked.path))
        seen[asked.host, asked.path] = asked
        if before is not None and asked.path not in SITE:
            again[sum(d < before.at for d in deaths)] += 1
    assert max(again.values(), default=0) <= IN_FLIGHT, again
    print(f"{KILLS} kills, {count} requests, {again.total()} asked again")
    assert len([a for a in seen.values() if a.path not in SITE]) == count


@pytest.mark.slow
def test_ctrl_c_stops_cleanly(replica: Replica, tmp_path: Path) -> None:
    host = replica.host(lambda a: None if "robots" in a.path else Reply(200, b"in", delay=0.1))
    (tmp_path / "list").write_text("\n".join(f"{host.url}/{i}" for i in range(400)))
    run = crawl(tmp_path)
    while len(replica.log) < 60:
        time.sleep(0.01)
    begun = time.monotonic()
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=20)
    assert time.monotonic() - begun < 5 and run.returncode and b"KeyboardInterrupt" in said
    asked = len(replica.log)
    finished(crawl(tmp_path))
    paths = [a.path for a in replica.log if a.path not in SITE]
    assert len(set(paths)) == 400 and len(paths) - 400 <= 20 and asked < 400


def test_a_full_disk_ends_every_feed_with_its_reason(
    replica: Replica, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = replica.host(lambda a: None if "robots" in a.path else b"in")
    real, left = os.write, [12]

    def write(file: int, said: Any) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        return real(file, said)

    monkeypatch.setattr(journal.os, "write", write)
    ends: list[str] = []

    def crawl(name: str) -> None:
        try:
            list(get.each(Ask(f"{host.url}/{name}/{i}", "webpage") for i in range(2000)))
        except OSError as error:
            ends.append(str(error.strerror))

    threads = [Thread(target=crawl, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert ends == ["No space left on device"] * 2


def test_who_waits_for_pages_is_told_when_asking_is_stopped(replica: Replica, get: Get) -> None:
    host = replica.host(lambda a: None if "robots" in a.path else Reply(200, b"in", delay=20))
    ends: list[str] = []

    def crawl() -> None:
        try:
            list(get.each(Ask(f"{host.url}/{i}", "webpage") for i in range(50)))
        except AuditError as error:
            ends.append(str(error))

    thread = Thread(target=crawl)
    thread.start()
    while len(replica.log) < 10:
        time.sleep(0.01)
    begun = time.monotonic()
    get.close()
    thread.join(timeout=10)
    assert ends and "stopped" in ends[0] and time.monotonic() - begun < 5


def test_many_asks_from_many_threads_are_each_answered_once(replica: Replica, get: Get) -> None:
    host = replica.host(lambda a: None if "robots" in a.path else a.path.encode())
    found: list[bytes] = []

    def crawl(name: int) -> None:
        for one in get.each(Ask(f"{host.url}/{name}/{i}", "webpage") for i in range(100)):
            inner = get.one(Ask(f"{host.url}/inner/{name}/{one.locator[-2:]}", "webpage"))
            found.extend([one.body or b"", inner.body or b""])

    threads = [Thread(target=crawl, args=(n,)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1000 and len({f for f in found if b"inner" not in f}) == 500


def test_a_page_that_can_not_be_written_down_is_an_error_and_nobody_waits(replica: Replica, get: Get) -> None:
    host = replica.host({"/a": b"in"})
    with pytest.raises(UnicodeEncodeError):
        get.one(Ask(f"{host.url}/a", "webpage", {"keys": ["\ud800"]}))
    assert get.one(Ask(f"{host.url}/a", "webpage")).body == b"in"
