"""A new audit asks whether what the earlier one was answered still holds; files go on where they broke off."""

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auditor.errors import NotReachable
from auditor.fetch import Ask, Get, files, packing, session
from tests.conftest import Run
from tests.replica.server import Asked, Replica, Reply


class Changing:
    """Answers with an ETag, and 304 to who has it already; `state` is what there is now."""

    def __init__(self, state: dict[str, bytes]) -> None:
        self.state = state

    def __call__(self, asked: Asked) -> Any:
        if asked.path not in self.state:
            return None
        body = self.state[asked.path]
        tag = f'"{hashlib.sha256(body).hexdigest()[:8]}"'
        if asked.headers.get("if-none-match") == tag:
            return Reply(304, headers={"ETag": tag})
        return Reply(
            200, body, {"ETag": tag, "Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT", "Content-Type": "text/html"}
        )


def test_what_has_not_changed_is_taken_over_and_the_rest_is_new(replica: Replica, tmp_path: Path) -> None:
    now = Changing({"/a": b"one", "/b": b"two", "/to": b""})
    host = replica.host(now)
    asks = [Ask(f"{host.url}{p}", "webpage", {"keys": [p]}) for p in ("/a", "/b", "/c")]
    with Get(tmp_path / "x", allow=["127.0.0.1"], asked=tmp_path / "one") as get:
        first = {p.context["keys"][0]: p for p in get.each(asks)}
    now.state["/b"] = b"three"
    before = len(replica.log)
    with Get(tmp_path / "x", allow=["127.0.0.1"], asked=tmp_path / "two", earlier=tmp_path / "one") as get:
        second = {p.context["keys"][0]: p for p in get.each(asks)}
    asked = {a.path: a.headers for a in replica.log[before:]}
    assert "if-none-match" in asked["/a"] and asked["/a"]["if-modified-since"].endswith("GMT")
    assert "if-none-match" not in asked["/c"]
    assert second["/a"].body == b"one" and second["/a"].status == 200 and second["/a"].key == first["/a"].key
    assert second["/a"].context["unchanged_since"] == first["/a"].retrieved.isoformat()
    assert second["/b"].body == b"three" and "unchanged_since" not in second["/b"].context
    with Get(tmp_path / "x", offline=True, asked=tmp_path / "two") as get:
        assert get.one(asks[0]) == second["/a"], "the new audit stands alone"


def test_refresh_opens_a_new_audit_beside_the_old_one(
    replica: Replica, tmp_path: Path, auditor: Callable[..., Run]
) -> None:
    now = Changing({"/set.csv": b"id,license\n1,CC0-1.0\n2,MIT\n"})
    host = replica.host(now)
    words = ("audit", f"{host.url}/set.csv", "-o", tmp_path / "a", "--format", "json")
    assert auditor(*words, "--refresh").code == 2
    assert auditor(*words).code == 0
    same = auditor(*words, "--refresh")
    assert same.code == 0 and "a.2" in same.err and json.loads(same.out)["items"] == 2
    assert host.asked()[-1].headers["if-none-match"] and (tmp_path / "a.2" / "findings").is_dir()
    now.state["/set.csv"] += b"3,CC BY-NC 4.0\n"
    third = auditor(*words, "--refresh")
    assert third.code == 0 and "a.3" in third.err and json.loads(third.out)["items"] == 3
    assert json.loads(auditor("report", tmp_path / "a", "--format", "json").out)["items"] == 2


def test_a_file_that_broke_off_is_gone_on_with(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = bytes(range(256)) * 4000

    def answer(asked: Asked) -> Any:
        start = int(asked.headers.get("range", "bytes=0-")[6:-1])
        head = {"ETag": '"v1"', "Content-Length": str(len(whole) - start)}
        if start:
            assert asked.headers["if-range"] == '"v1"'
            return Reply(206, whole[start:], head | {"Content-Range": f"bytes {start}-{len(whole) - 1}/{len(whole)}"})
        lines = "".join(f"{k}: {v}\r\n" for k, v in head.items())
        return Reply(raw=f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode() + whole[: len(whole) // 3])

    host = replica.host(answer)
    page = Get(tmp_path, allow=["127.0.0.1"]).file(f"{host.url}/data.bin", "table")
    assert page.read() == whole and page.sha256 == hashlib.sha256(whole).hexdigest()
    assert [("range" in a.headers) for a in host.asked()] == [False, True]
    monkeypatch.setattr(files, "TRIES", 1)
    with pytest.raises(NotReachable, match="broke off"):
        Get(tmp_path / "b", allow=["127.0.0.1"]).file(f"{host.url}/data.bin", "table")
    assert Get(tmp_path / "b", allow=["127.0.0.1"]).file(f"{host.url}/data.bin", "table").read() == whole


def test_a_file_that_changed_meanwhile_is_begun_anew(replica: Replica, tmp_path: Path) -> None:
    def answer(asked: Asked) -> Any:
        if asked.again:
            return Reply(200, b"new " * 1000, {"ETag": '"v2"'})
        return Reply(raw=b'HTTP/1.1 200 OK\r\nETag: "v1"\r\nContent-Length: 4000\r\n\r\n' + b"old " * 500)

    host = replica.host(answer)
    assert Get(tmp_path, allow=["127.0.0.1"]).file(f"{host.url}/x", "table").read() == b"new " * 1000


@pytest.mark.parametrize("name", ["..", ".", "answer.json", "", "a" * 300 + ".csv", "%2e%2e", "partial.json"])
def test_a_file_stays_in_its_folder(name: str, replica: Replica, tmp_path: Path) -> None:
    host = replica.host(lambda asked: b"id,license\n1,MIT\n")
    page = Get(tmp_path / "s", allow=["127.0.0.1"]).file(f"{host.url}/d/{name}", "table")
    assert page.path is not None and Path(page.path).resolve().parent.parent == (tmp_path / "s").resolve()
    assert page.read() == b"id,license\n1,MIT\n"


def test_a_file_is_not_had_from_a_private_address_by_a_redirect(replica: Replica, tmp_path: Path) -> None:
    host = replica.host(lambda asked: Reply(302, headers={"Location": "http://169.254.169.254/latest"}))
    with pytest.raises(NotReachable, match="link-local"):
        Get(tmp_path, trusted=[host.name]).file(f"{host.url}/x", "table")


def test_a_file_that_is_stored_packed_is_unpacked_and_a_bomb_is_not(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = b"id,license\n" + b"1,CC0-1.0\n" * 50_000
    host = replica.host({"/a.csv": Reply(200, gzip.compress(rows), {"Content-Encoding": "gzip", "ETag": '"v1"'})})
    assert Get(tmp_path, allow=["127.0.0.1"]).file(f"{host.url}/a.csv", "table").read() == rows
    monkeypatch.setattr(packing, "SWELL", (1 << 16, 20))
    with pytest.raises(NotReachable, match="more than 20 times"):
        Get(tmp_path / "b", allow=["127.0.0.1"]).file(f"{host.url}/a.csv", "table")


@pytest.mark.parametrize(("later", "asked"), [("3600", 1), ("1", 2)])
def test_a_host_of_a_file_that_asks_to_be_left_alone_is(
    later: str, asked: int, replica: Replica, tmp_path: Path
) -> None:
    host = replica.host(lambda a: b"id\n1\n" if a.again else Reply(429, headers={"Retry-After": later}))
    get = Get(tmp_path, allow=["127.0.0.1"])
    if asked == 1:
        with pytest.raises(NotReachable, match="left alone for 3,600 seconds"):
            get.file(f"{host.url}/a.csv", "table")
    else:
        assert get.file(f"{host.url}/a.csv", "table").status == 200
    times = [a.at for a in host.asked("/a.csv")]
    assert len(times) == asked and times[-1] - times[0] >= asked - 1


def test_a_file_that_hardly_comes_is_given_up(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "SLOWEST", (1000, 0.2))
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    host = replica.host({"/a.csv": Reply(raw=[head, *[b"id\n"] * 200], pause=0.05)})
    with pytest.raises(NotReachable, match=r"brought \d+ bytes in 0\.2 seconds"):
        Get(tmp_path, allow=["127.0.0.1"]).file(f"{host.url}/a.csv", "table")
