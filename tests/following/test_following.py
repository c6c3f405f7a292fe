"""Lists and collections followed to the items' own licence through the replica: each right, in both routes, nothing asked twice."""

import json
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import auditor
from auditor import reach, sources
from auditor.fetch import Ask, Get
from auditor.schema import Page, claims
from tests.conftest import Run
from tests.following.photos import BY, BY_NC, RESERVED, Photos, coco, static, url_list
from tests.replica.server import Host, Replica, Reply

LONG_AGO, LATER = 1253741816, 1598990519


@pytest.fixture
def replica(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replica]:
    monkeypatch.setenv("FLICKR_API_KEY", "made-up")
    with Replica() as one:
        yield one


@pytest.fixture
def follow(auditor: Callable[..., Run], tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Audit with --follow, and return the report; nothing is written but the audit `a`."""

    def run(target: Path, flickr: Host, *words: object, code: int = 0) -> dict[str, Any]:
        more = words if "--offline" in words else ("--follow", *words)
        given = ("audit", target, "-o", tmp_path / "a", "--endpoint", f"flickr={flickr.url}", "--format", "json")
        done = auditor(*given, *more)
        assert done.code == code, done.err
        report: dict[str, Any] = json.loads(done.out)
        adds_up(report)
        return report

    return run


def adds_up(report: dict[str, Any]) -> None:
    for counts in (report["verdicts"], report["categories"]):
        assert sum(counts.values()) == report["items"]
    for route in report["routes"].values():
        assert sum(n for c, n in route.items() if c != "free under the policy") == report["items"]
    if report["followed"]:
        assert sum(o["items"] for o in report["followed"]) == report["items"]
    for origin in report["followed"]:
        assert sum(n for _, n, _ in origin["reasons"]) == origin["items"]


def statuses(report: dict[str, Any]) -> dict[str, int]:
    return {o["status"]: o["items"] for o in report["followed"]}


def findings(folder: Path) -> dict[str, dict[str, Any]]:
    table = auditor.Audit(folder).findings.to_table()
    assert len(set(table["item_id"].to_pylist())) == table.num_rows
    return {r["item_id"].removeprefix("n00004475_"): r for r in table.to_pylist()}


def without_times(folder: Path) -> pa.Table:
    table = auditor.Audit(folder).findings.to_table()
    return table.sort_by([("item_id", "ascending")])


def test_an_imagenet_list_has_both_answers(
    follow: Callable[..., dict[str, Any]], replica: Replica, tmp_path: Path, auditor: Callable[..., Run]
) -> None:
    photos = Photos(
        {101: 9, 102: 0, 103: 7, 104: 0, 105: 4, 107: 5},
        {104: [(LONG_AGO, RESERVED, "CC0"), (LATER, "CC0", RESERVED)], 105: [(LONG_AGO, RESERVED, BY)]},
        private={108},
    )
    flickr = replica.host(photos)
    urls = [static(p) for p in (101, 102, 103, 104, 105, 106, 107, 108, 101)] + ["ftp://nowhere.example/a.jpg"]
    report = follow(url_list(tmp_path / "fall11_urls.txt", urls), flickr, "--contact", "ann@a.example")
    found = findings(tmp_path / "a")
    assert {i: (f["license_concluded"], f["verdict"]) for i, f in found.items()} == {
        "0": ("CC0-1.0", "free"),
        "1": ("LicenseRef-All-Rights-Reserved", "non-free"),
        "2": ("LicenseRef-No-Known-Copyright-Restrictions", "undetermined"),
        "3": ("LicenseRef-All-Rights-Reserved", "undetermined"),  # an earlier CC0 cannot be taken back: rule 7
        "4": ("CC-BY-2.0", "non-free"),
        "5": ("NOASSERTION", "undetermined"),
        "6": ("CC-BY-SA-2.0", "non-free"),
        "7": ("NOASSERTION", "undetermined"),
        "8": ("CC0-1.0", "free"),
        "9": ("NOASSERTION", "undetermined"),
    }
    assert {f["access_category"] for f in found.values()} == {"academic-only"}
    assert found["0"]["creator"] == "Ann Made-Up" and found["0"]["title"] == "Kettle 101"
    assert found["0"]["item_url"] == static(101) and found["0"]["origin"] == "flickr:photo:101"
    assert found["5"]["origin_status"].startswith("gone:") and found["7"]["origin_status"].startswith("private:")
    assert "CC0" in found["3"]["conflict"]
    assert statuses(report) == {"followed": 7, "gone": 1, "private": 1, "not asked": 1}
    assert report["routes"]["collection"] == {"academic-only": 10, "free under the policy": 0}
    assert report["routes"]["origin"]["free under the policy"] == 2
    assert {a.headers["user-agent"].rsplit(";")[-1] for a in replica.log} == {" ann@a.example)"}
    asked = [a.path for a in replica.log]
    assert len(asked) == len(set(asked)) == 2 * 8, "a photo is asked once, however many items share it"
    shown = auditor("report", tmp_path / "a").out
    assert "7 (70 %) were followed there. Of the others: 1 gone, 1 private, 1 not asked." in " ".join(shown.split())
    assert "Photo not found" in shown and "Permission denied" in shown
    shown = auditor("explain", "--audit", tmp_path / "a", "n00004475_3").out
    assert "flickr:photo:104: followed" in shown and "2009" in shown and shown.count("SHA-256") == 3
    assert "made-up" not in shown and not any(b"made-up" in f.read_bytes() for f in (tmp_path / "a").rglob("*.*"))


def test_a_collections_word_beside_its_origins(
    follow: Callable[..., dict[str, Any]], replica: Replica, tmp_path: Path
) -> None:
    """COCO says a licence itself: the photo's host comes before it, and a freer word needs a history that explains it."""
    photos = Photos({1: 4, 2: 4, 3: 0, 4: 2, 6: 4}, {2: [(LONG_AGO, RESERVED, BY_NC), (LATER, BY_NC, BY)]})
    target = coco(tmp_path / "set" / "instances_val2017.json", {1: 2, 2: 2, 3: 4, 4: 2, 5: 2, 6: 4})
    coco(tmp_path / "set" / "captions_val2017.json", {1: 2, 2: 2})
    report = follow(target.parent, replica.host(photos))
    found = {r["title"].removesuffix(".jpg").lstrip("0"): r for r in findings(tmp_path / "a").values()}
    assert {i: f["license_concluded"] for i, f in found.items()} == {
        "1": "NOASSERTION",  # the host is freer than COCO, and nothing explains it
        "2": "CC-BY-2.0",  # its history does
        "3": "LicenseRef-All-Rights-Reserved",
        "4": "CC-BY-NC-2.0",
        "5": "CC-BY-NC-2.0",  # gone: the licence last seen stays
        "6": "CC-BY-2.0",
    }
    assert found["1"]["conflict"] and found["1"]["verdict"] != "free"
    assert found["3"]["conflict"] and found["3"]["authority"] == "host"
    assert "last seen: gone" in found["5"]["license_comments"] and found["5"]["authority"] == "aggregator"
    assert "last seen" not in found["4"]["license_comments"]
    assert statuses(report) == {"followed": 5, "gone": 1}


def test_what_is_final_is_not_asked_again_and_what_was_not_had_is(
    follow: Callable[..., dict[str, Any]], replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditor.fetch.manners.BACKOFF", 0.01)
    photos = Photos({p: p % 8 for p in range(1, 30)}, busy={7, 8})
    flickr, target = replica.host(photos), url_list(tmp_path / "fall11_urls.txt", [static(p) for p in range(1, 35)])
    report = follow(target, flickr)
    assert statuses(report) == {"followed": 27, "gone": 5, "not reached": 2}
    assert "503" in next(o for o in report["followed"] if o["status"] == "not reached")["reasons"][0][0]
    first = len(replica.log)
    photos.busy.clear()
    report = follow(target, flickr)
    assert statuses(report) == {"followed": 29, "gone": 5}
    assert {a.query["photo_id"] for a in replica.log[first:]} == {"7", "8"}
    again = len(replica.log)
    before = without_times(tmp_path / "a")
    follow(target, flickr)
    follow(target, flickr, "--offline", "--policy", "osi")  # other conclusions, from the stored answers
    assert len(replica.log) == again
    follow(target, flickr, "--offline")
    assert without_times(tmp_path / "a").equals(before)
    (tmp_path / "calm").mkdir()
    photos = Photos({p: p % 8 for p in range(1, 30)})
    with Replica() as calm:
        auditor.audit(str(target), tmp_path / "calm" / "a", follow=True, endpoints={"flickr": calm.host(photos).url})
    assert without_times(tmp_path / "calm" / "a").equals(before)


def test_offline_nothing_is_asked_and_the_report_says_so(
    follow: Callable[..., dict[str, Any]], replica: Replica, tmp_path: Path
) -> None:
    flickr, target = replica.host(Photos({1: 9})), url_list(tmp_path / "fall11_urls.txt", [static(1), static(2)])
    report = follow(target, flickr, "--follow", "--offline")
    assert statuses(report) == {"not asked": 2} and not replica.log
    assert {f["license_concluded"] for f in findings(tmp_path / "a").values()} == {"NOASSERTION"}
    assert statuses(follow(target, flickr)) == {"followed": 1, "gone": 1}


def test_items_of_the_same_id_keep_their_own_origins(
    follow: Callable[..., dict[str, Any]], replica: Replica, tmp_path: Path
) -> None:
    (tmp_path / "set").mkdir()
    for photo in (1, 2, 3):
        (tmp_path / "set" / f"{photo}.csv").write_text(f"id,url\nx,{static(photo)}\ny{photo},{static(9)}\n")
    follow(tmp_path / "set", replica.host(Photos({1: 4, 2: 9, 3: 0})))
    found = findings(tmp_path / "a")
    assert {i: f["license_concluded"] for i, f in found.items() if i.startswith("x")} == {
        "x": "CC-BY-2.0",
        "x~2": "CC0-1.0",
        "x~3": "LicenseRef-All-Rights-Reserved",
    }


def test_any_executor_and_any_folder_give_the_same(replica: Replica, tmp_path: Path) -> None:
    flickr = replica.host(Photos({p: p % 8 for p in range(1, 40)}))
    (tmp_path / "set").mkdir()
    for number in range(3):
        url_list(tmp_path / "set" / f"fall11_{number}.txt", [static(p) for p in range(1 + number, 45)])
    found = []
    for name, pool in (("a", None), ("it's [a] *", ProcessPoolExecutor(2))):
        given = {"follow": True, "endpoints": {"flickr": flickr.url}, "executor": pool}
        auditor.audit(str(tmp_path / "set"), tmp_path / name, **given)
        found.append(without_times(tmp_path / name))
        if pool is not None:
            pool.shutdown()
    assert found[0].num_rows == 44 + 43 + 42 and found[0].equals(found[1])


def test_the_html_report_names_the_answers_of_each_origin(
    follow: Callable[..., dict[str, Any]], replica: Replica, tmp_path: Path
) -> None:
    from tests.report.test_html import column, data

    flickr = replica.host(Photos({p: p % 8 for p in range(1, 6)}))
    report = follow(url_list(tmp_path / "fall11_urls.txt", [static(p) for p in range(1, 8)]), flickr)
    found = data(auditor.audit(str(tmp_path / "fall11_urls.txt"), tmp_path / "a").report().render("html"))
    origins = column(found, "origin")
    assert sorted(origins) == [f"flickr:photo:{p}" for p in range(1, 8)] and set(origins) == {*found["answers"]}
    for origin, answers in found["answers"].items():
        photo = origin.rpartition(":")[2]
        assert all(a[0].endswith(f"photo_id={photo}") and len(a[2]) == 64 and a[3] == "flickr" for a in answers)
    asked = sum(n for _, n in report["retrieved"]["Answers of origins"])
    assert asked == sum(len(a) for a in found["answers"].values()) > 7


def test_any_other_address_is_a_web_page(
    follow: Callable[..., dict[str, Any]], replica: Replica, tmp_path: Path
) -> None:
    licensed = (
        '<html><body><a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC BY</a></body></html>'
    )
    pages = replica.host({"/a.html": licensed, "/b.html": "<html><body>Nothing</body></html>", "/c.html": 410})
    urls = [f"{pages.url}/{n}.html" for n in "abcd"]
    report = follow(url_list(tmp_path / "fall11_urls.txt", urls), replica.host({}), "--allow-host", pages.name)
    found = findings(tmp_path / "a")
    assert (found["0"]["license_concluded"], found["0"]["verdict"]) == ("CC-BY-4.0", "free")
    assert (found["1"]["license_concluded"], found["1"]["origin_status"]) == ("NOASSERTION", "followed")
    assert statuses(report) == {"followed": 2, "gone": 2}


def test_an_address_that_must_not_be_asked_is_not_reached(
    follow: Callable[..., dict[str, Any]], replica: Replica, tmp_path: Path
) -> None:
    inside = replica.host({"/secret": "x"})
    report = follow(url_list(tmp_path / "fall11_urls.txt", [f"{inside.url}/secret"]), replica.host({}))
    assert statuses(report) == {"not reached": 1} and not inside.asked()


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A source that is followed to: its answers name where things come from in turn."""
    module: Any = types.ModuleType("auditor.sources.catalogue")

    def items(keys: Iterable[str], get: Get) -> Iterator[Page]:
        base = get.base("catalogue", "")
        yield from get.each(Ask(f"{base}/{k.rsplit(':')[-1]}", "catalogue", {"keys": [k]}) for k in keys)

    def parse(page: Page) -> Iterator[pa.RecordBatch]:
        rows = [{"item_id": page.context["keys"][0], "row": 0, **row} for row in json.loads(page.read())]
        return iter(claims(rows))

    module.SUMMARY, module.ORIGINS, module.items, module.parse = "test", ("catalogue:",), items, parse
    monkeypatch.setitem(sys.modules, module.__name__, module)
    names = (*sources.names(), "catalogue")
    monkeypatch.setattr(sources, "names", lambda: names)
    reach.served.cache_clear()
    yield
    sources.source.cache_clear()
    reach.served.cache_clear()


def test_what_an_origin_comes_from_binds_it_and_a_catalogues_record_names_its_host(
    catalogue: None, follow: Callable[..., dict[str, Any]], replica: Replica, tmp_path: Path
) -> None:
    by, nc = (
        {"license_url": f"https://creativecommons.org/licenses/{x}/4.0/", "authority": "host"} for x in ("by", "by-nc")
    )
    answers = {
        "/derived": [by | {"was_derived_from": ["catalogue:nc"]}],
        "/silent": [{"authority": "host", "was_derived_from": ["catalogue:by"]}],
        "/record": [nc | {"authority": "aggregator", "was_derived_from": ["catalogue:by"], "creator": "the catalogue"}],
        "/circle": [by | {"was_derived_from": ["catalogue:circle", "catalogue:deep"]}],
        "/deep": [by | {"was_derived_from": ["catalogue:nc"]}],
        "/nc": [nc],
        "/by": [by | {"creator": "the host"}],
    }
    host = replica.host({k: Reply(200, json.dumps(v).encode()) for k, v in answers.items()})
    (tmp_path / "t.jsonl").write_text(
        "".join(
            json.dumps({"id": k, "was_derived_from": f"catalogue:{k}"}) + "\n"
            for k in ("derived", "silent", "record", "circle")
        )
    )
    report = follow(tmp_path / "t.jsonl", replica.host({}), "--endpoint", f"catalogue={host.url}")
    found = findings(tmp_path / "a")
    assert found["derived"]["verdict"] == "non-free" and found["derived"]["category"] == "non-commercial"
    assert found["silent"]["verdict"] != "free", "an ancestor never makes a verdict freer"
    assert found["silent"]["creator"] is None, "what an ancestor's creator is called is not said of the item"
    assert found["record"]["authority"] == "host" and found["record"]["verdict"] != "free", (
        "freer than the record: a conflict"
    )
    assert found["circle"]["license_concluded"] == "CC-BY-4.0", "a third round was not asked for"
    assert statuses(report) == {"followed": 4}
    asked = [a.path for a in host.asked()]
    assert len(asked) == len(set(asked))
    follow(tmp_path / "t.jsonl", replica.host({}), "--endpoint", f"catalogue={host.url}", "--rounds", 3)
    assert findings(tmp_path / "a")["circle"]["verdict"] == "non-free"
    follow(tmp_path / "t.jsonl", replica.host({}), "--endpoint", f"catalogue={host.url}", "--rounds", 1)
    assert findings(tmp_path / "a")["derived"]["license_concluded"] == "CC-BY-4.0"
    assert len(host.asked()) == len(set(asked)), "what was had for another item is not asked again"


def test_a_source_that_breaks_over_an_answer_says_so_of_its_item(
    catalogue: None, follow: Callable[..., dict[str, Any]], replica: Replica, tmp_path: Path
) -> None:
    host = replica.host({"/a": Reply(200, b"no JSON"), "/b": []})
    (tmp_path / "t.jsonl").write_text(
        '{"id":"a","was_derived_from":"catalogue:a"}\n{"id":"b","was_derived_from":"catalogue:b"}\n'
    )
    report = follow(tmp_path / "t.jsonl", replica.host({}), "--endpoint", f"catalogue={host.url}")
    assert statuses(report) == {"followed": 1, "not reached": 1}
    assert "could not be read" in findings(tmp_path / "a")["a"]["origin_status"]


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (static(5), "flickr:photo:5"),
        ("flickr:photo:5", "flickr:photo:5"),
        (" https://a.example/x.jpg ", "web:https://a.example/x.jpg"),
        ("ftp://a.example/x.jpg", None),
        ("some-dataset", None),
        ("http://", None),
        (None, None),
    ],
)
def test_the_origin_that_is_asked(given: str | None, key: str | None) -> None:
    assert reach.keys_of(pa.array([given], pa.string())).to_pylist() == [key]


def test_what_an_item_was_made_from_only_restricts_it(
    follow: Callable[..., dict[str, Any]], replica: Replica, tmp_path: Path
) -> None:
    """debian/copyright names the upstream page of the files: its licence is not theirs, but where it forbids, it binds."""
    link = '<html><body><a rel="license" href="https://creativecommons.org/licenses/{}/">licence</a></body></html>'
    pages = replica.host({"/free": link.format("by/4.0"), "/nc": link.format("by-nc/4.0")})
    head = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
    stanza = "Files: {0}/*\nCopyright: Ann\nLicense: {1}\nSource: " + pages.url + "/{2}\n\n"
    stanzas = [
        ("a", "Expat", "free"),
        ("b", "never-heard-of", "free"),
        ("c", "Expat", "nc"),
        ("d", "CC-BY-NC-4.0", "free"),
    ]
    (tmp_path / "copyright").write_text(head + "".join(stanza.format(*s) for s in stanzas))
    report = follow(tmp_path / "copyright", replica.host({}), "--allow-host", pages.name)
    assert statuses(report) == {"followed": 4}
    found = {r["item_id"].rsplit("/", 2)[-2][-1]: r for r in findings(tmp_path / "a").values()}
    assert {i: f["verdict"] for i, f in found.items()} == {
        "a": "free",
        "b": "undetermined",
        "c": "non-free",
        "d": "non-free",
    }
    assert found["c"]["category"] == "non-commercial" and found["a"]["license_concluded"] == "MIT AND CC-BY-4.0"


def test_a_page_that_a_row_links_to_is_not_the_row(
    follow: Callable[..., dict[str, Any]], replica: Replica, tmp_path: Path
) -> None:
    pages = replica.host(
        {"/home": '<a rel="license" href="https://creativecommons.org/licenses/by/4.0/">x</a>', "/a.jpg": b"x"}
    )
    (tmp_path / "t.csv").write_text(f"id,url\nx,{pages.url}/home\ny,{pages.url}/a.jpg?x=1\n")
    report = follow(tmp_path / "t.csv", replica.host({}), "--allow-host", pages.name)
    assert statuses(report) == {"followed": 1, "none named": 1}
    assert [a.path for a in pages.items()] == ["/a.jpg?x=1"]


def test_the_licence_last_seen_of_a_photo_stays_over_audits(
    follow: Callable[..., dict[str, Any]], replica: Replica, tmp_path: Path, auditor: Callable[..., Run]
) -> None:
    """Asked anew, a photo that is gone has the licence that its host gave it before, marked; one that is back its own of now."""
    photos = Photos({101: 9, 102: 4, 103: 4})
    flickr, target = replica.host(photos), url_list(tmp_path / "fall11_urls.txt", [static(p) for p in (101, 102, 103)])

    def concluded(folder: str) -> dict[str, tuple[str, str, bool]]:
        assert auditor("verify", tmp_path / folder).code == 0
        return {
            k: (r["license_concluded"], r["origin_status"].split(":")[0], "last seen: gone" in r["license_comments"])
            for k, r in findings(tmp_path / folder).items()
        }

    follow(target, flickr)
    del photos.now[101], photos.now[102]
    follow(target, flickr, "--refresh")
    assert concluded("a.2") == {
        "0": ("CC0-1.0", "gone", True),
        "1": ("CC-BY-2.0", "gone", True),
        "2": ("CC-BY-2.0", "followed", False),
    }
    photos.now[102] = 0
    del photos.now[103]
    follow(target, flickr, "--refresh")
    third = concluded("a.3")
    assert third["0"] == ("CC0-1.0", "gone", True) and third["2"] == ("CC-BY-2.0", "gone", True)
    assert third["1"][1:] == ("followed", False) and third["1"][0] != "CC-BY-2.0"
    asked = len(replica.log)
    follow(target, flickr, "-o", tmp_path / "a.3")
    assert concluded("a.3") == third and len(replica.log) == asked
