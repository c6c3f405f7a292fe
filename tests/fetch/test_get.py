"""The door as sources use it: one page an ask, whatever the host does."""

from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.fetch import Ask, Get
from tests.conftest import Run
from tests.replica.server import Replica, Reply


def test_every_ask_is_one_page_with_its_context(replica: Replica, tmp_path: Path) -> None:
    host = replica.host({f"/{i}": {"id": i} for i in range(50)} | {"/7": 404, "/8": 410})
    get = Get(tmp_path, allow=["127.0.0.1"])
    asks = [Ask(f"{host.url}/{i}", "webpage", {"keys": [f"k:{i}"]}) for i in range(50)]
    pages = {p.context["keys"][0]: p for p in get.each(asks)}
    assert len(pages) == 50
    assert pages["k:3"].read() == b'{"id": 3}' and pages["k:3"].media_type == "application/json"
    assert (pages["k:7"].status, pages["k:8"].status, pages["k:3"].status) == (404, 410, 200)


def test_an_answer_that_is_too_long_is_cut_and_says_so(replica: Replica, tmp_path: Path) -> None:
    host = replica.host({"/": Reply(body=b"x" * 5000)})
    with Get(tmp_path, allow=["127.0.0.1"]) as get:
        page = get.one(Ask(f"{host.url}/", "webpage", most=1000))
    assert page.body == b"x" * 1000 and page.status == 0 and page.context["failure_kind"] == "size"


def test_offline_nothing_is_asked(tmp_path: Path) -> None:
    page = Get(tmp_path, offline=True).one(Ask("http://a.example/", "webpage"))
    assert page.status == 0 and page.context["failure_kind"] == "offline"


def test_an_endpoint_takes_the_place_of_a_sources_own_address(tmp_path: Path) -> None:
    get = Get(tmp_path, endpoints={"flickr": "http://127.0.0.1:1/x/"})
    assert get.base("flickr", "https://api.flickr.com") == "http://127.0.0.1:1/x"
    assert get.base("gbif", "https://api.gbif.org/") == "https://api.gbif.org"


def test_dirty_bytes_in_an_address_are_asked_as_they_stand(replica: Replica, get: Get) -> None:
    """Lists are Latin-1 as often as not: what was read with surrogateescape goes out as the byte it was."""
    host = replica.host(lambda a: None if "robots" in a.path else a.path.encode())
    urls = [f"{host.url}/caf\udce9.jpg", f"{host.url}/ a b%zz.jpg", f"{host.url}/é?q=ü#part", "http://a.example/\ud800"]
    pages = {p.locator: p for p in get.each(Ask(u, "webpage") for u in urls)}
    assert len(pages) == 4
    bodies = {p.body for p in pages.values() if p.status == 200}
    assert bodies == {b"/caf%E9.jpg", b"/%20a%20b%25zz.jpg", b"/%C3%A9?q=%C3%BC"}


def test_what_was_refused_is_in_the_pages_too(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    with Get(tmp_path, asked=tmp_path / "pages") as get:
        list(get.each([Ask("ftp://a.example/x", "webpage", {"keys": ["web:ftp://a.example/x"]})]))
    (row,) = pq.read_table(next((tmp_path / "pages").glob("asked-*.parquet"))).to_pylist()
    assert row["keys"] == ["web:ftp://a.example/x"] and "only http and https" in row["context"]


@pytest.mark.parametrize(
    "words",
    [
        ("--endpoint", "flickr=localhost:80"),
        ("--endpoint", "flickr=http://me:pw@a.example"),
        ("--allow-host", "http://a.example"),
        ("--allow-host", "a.example/x"),
        ("--allow-host", "a b"),
        ("--allow-host", ""),
    ],
)
def test_what_is_vouched_for_is_a_url_or_a_host(
    words: tuple[str, str], tmp_path: Path, auditor: Callable[..., Run]
) -> None:
    (tmp_path / "a.csv").write_text("id,license\n1,MIT\n")
    run = auditor("audit", tmp_path / "a.csv", "-o", tmp_path / "a", *words)
    assert run.code == 2 and words[0] in run.err and "give" in run.err and not (tmp_path / "a").exists()


def test_a_host_is_vouched_for_in_any_case_and_with_its_port(replica: Replica, tmp_path: Path) -> None:
    host = replica.host({"/a": b"in"})
    port = host.server.server_port
    for allow in ("LocalHost", f"localhost:{port}"):
        with Get(tmp_path / allow, allow=[allow]) as get:
            assert get.one(Ask(f"http://localhost:{port}/a", "webpage")).status == 200
    with Get(tmp_path / "other", allow=[f"localhost:{port + 1}"]) as get:
        assert get.one(Ask(f"http://localhost:{port}/a", "webpage")).context["failure_kind"] == "guard"
