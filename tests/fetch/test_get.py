"""The door as sources use it: one page an ask, whatever the host does."""

from pathlib import Path

from auditor.fetch import Ask, Get
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
