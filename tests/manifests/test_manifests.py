"""What a manifest may say, and what it may rest on."""

import csv
import json
import re
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor import manifests, sources
from auditor.data import folder
from auditor.manifests import Manifest, find, plain
from auditor.schema import AUTHORITIES, CLAIM

FILES = sorted(folder("manifests").glob("*.toml"))
SCHEMA = jsonschema.Draft202012Validator(json.loads((folder("manifests") / "schema.json").read_text("utf-8")))
NAMED = (  # datasets that a release manager must get an answer for, offline
    *(
        "imagenet-1k",
        "cifar-10",
        "coco-2017",
        "open-images-v7",
        "simplewiki",
        "enwiki",
        "wikidata",
        "common-voice",
        "fsd50k",
    ),
    *("inaturalist-2021", "librispeech", "yfcc100m", "laion-400m", "the-stack", "common-pile", "dolly-15k", "alpaca"),
)
MARKS = str.maketrans("", "", "|\r\n\t ")


def flat(words: str) -> str:
    """Words without the blanks and table bars that a page puts between them."""
    return words.translate(MARKS)


def proofs(raw: dict) -> list[dict]:
    return [*raw.get("statement", ()), *raw.get("origin", ()), *([raw["items"]] if "items" in raw else [])]


@pytest.fixture(params=FILES, ids=lambda p: p.stem)
def raw(request: pytest.FixtureRequest) -> dict:
    return tomllib.loads(request.param.read_text("utf-8"))


def test_schema(raw: dict) -> None:
    assert [f"{e.json_path}: {e.message}" for e in SCHEMA.iter_errors(raw)] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"title": "x", "licence": "MIT"},
        {"title": "x", "urls": ["https://example.org/x"]},
        {"title": "x", "statement": [{"scope": "media", "says": "MIT"}]},
        {
            "title": "x",
            "statement": [{"scope": "items", "says": "MIT", "quote": "MIT", "evidence": "read: p", "how": "hub card"}],
        },
        {
            "title": "x",
            "statement": [
                {"scope": "media", "says": "MIT", "quote": "MIT", "evidence": "I know it", "how": "hub card"}
            ],
        },
        {"title": "x", "items": {"from": "own"}},
    ],
)
def test_schema_refuses(wrong: dict) -> None:
    assert list(SCHEMA.iter_errors(wrong))


def test_quotes_are_short(raw: dict) -> None:
    assert [p["quote"] for p in proofs(raw) if len(p["quote"].split()) > 25] == []


def test_says_stands_in_the_quote(raw: dict) -> None:
    """What the reader is given are the quote's words; only of software's long licence texts the id is given."""
    loose = [
        s["says"]
        for s in raw.get("statement", ())
        if s["scope"] != "software" and "until" not in s and plain(s["says"]) not in plain(s["quote"])
    ]
    assert loose == []


def test_third_parties_are_named(raw: dict) -> None:
    assert [s["quote"] for s in raw.get("statement", ()) if s["how"] == "third party" and not s.get("by")] == []


def test_no_path_of_a_machine(raw: dict) -> None:
    assert not re.search(r"(^|[\s\"'])/(work|home|tmp|usr|root)\b", "\n".join(map(str, proofs(raw))))


def test_missing_is_missing(raw: dict) -> None:
    """A part whose statement could not be verified has no whole, verified statement but `unknown`."""
    verified = {
        s["scope"]
        for s in raw.get("statement", ())
        if s["how"] != "third party" and "part" not in s and s.get("reads") != "NOASSERTION"
    }
    allowed = {"media"} if any("public domain" in s["says"] for s in raw.get("statement", ())) else set()
    assert set(raw.get("missing", ())) & (verified - allowed) == set()


def test_names_and_aliases_are_unique() -> None:
    owners: dict[str, str] = {}
    for m in manifests.every():
        for name in dict.fromkeys(plain(n) for n in (m.name, *m.aliases)):
            assert owners.setdefault(name, m.name) == m.name, name


def test_urls_are_unique_and_nested_only_with_reason() -> None:
    owners = [(tuple(u.casefold().split("/")), m) for m in manifests.every() for u in m.urls]
    for inner, mine in owners:
        for outer, other in owners:
            if mine is not other and inner[: len(outer)] == outer:
                assert inner != outer and mine.part_of == other.name, "/".join(inner)


def test_sources_named_are_there() -> None:
    assert {m.source for m in manifests.every()} - {None} <= set(sources.names())


@pytest.mark.parametrize("name", NAMED)
def test_named_datasets_answer_or_say_what_is_missing(name: str) -> None:
    m = find(name)
    assert m is not None and m.name == name
    assert m.verified or m.missing
    assert m.items_from == "unknown" or (m.items_proof is not None and m.items_proof.verified)


def test_items_from_rests_on_evidence() -> None:
    for m in manifests.every():
        if m.items_from != "unknown":
            assert m.items_proof is not None and m.items_proof.verified, m.name


def test_collections_of_others_works_are_third_party() -> None:
    for name in (
        "imagenet-1k",
        "imagenet-21k",
        "coco-2017",
        "open-images-v7",
        "laion-400m",
        "laion-5b",
        "yfcc100m",
        "the-stack",
    ):
        assert find(name).items_from == "third-party"


def test_claims_hold_only_what_is_verified() -> None:
    for m in manifests.every():
        unverified = {(s.scope, s.says, s.url) for s in m.unverified} - {(s.scope, s.says, s.url) for s in m.verified}
        claims = m.claims()
        assert not unverified & {(c["scope"], c["license_text"], c["license_url"]) for c in claims}
        for c in claims:
            assert set(c) <= set(CLAIM.names) and c["authority"] in AUTHORITIES
            assert (c["authority"] == "access") == (c["scope"] == "access")


def test_licence_of_code_beside_the_data_is_not_the_datas() -> None:
    """A LICENSE of loading code must never reach the items: it has a scope of its own."""
    for name in ("fma", "coco-2017", "ms-marco", "inaturalist-2021", "alpaca"):
        claims = find(name).claims()
        assert [c for c in claims if c["scope"] == "software"]
        assert not [c for c in claims if c["scope"] not in ("software", "text") and c["license_text"] == "MIT"]


def test_contradictions_stand_side_by_side() -> None:
    for name, said in {
        "alpaca": {"CC-BY-NC-4.0", "ODC-By-1.0"},
        "snli": {"CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0"},
        "squad": {"CC-BY-4.0", "CC-BY-SA-4.0"},
        "ultrachat": {"MIT", "CC-BY-NC-4.0"},
    }.items():
        assert {s.reads for s in find(name).verified if s.scope == "text"} >= said


def write(folder_: Path, text: str) -> Manifest:
    path = folder_ / "made-up.toml"
    path.write_text('title = "Made up"\n' + text, "utf-8")
    return manifests.load(path)


def statement(scope: str, says: str, how: str = "publisher page", more: str = "") -> str:
    said = f'scope = "{scope}"\nsays = "{says}"\nquote = "{says}"\nhow = "{how}"\nevidence = "read: a page"'
    return f"[[statement]]\n{said}\n{more}\n"


def test_a_part_counts_only_where_the_whole_is_silent(tmp_path: Path) -> None:
    part = statement("media", "CC0-1.0", more='part = "the first ten"')
    assert [c["license_text"] for c in write(tmp_path, part).claims()] == ["CC0-1.0"]
    manifests.load.cache_clear()
    assert [c["license_text"] for c in write(tmp_path, part + statement("media", "CC-BY-NC-4.0")).claims()] == [
        "CC-BY-NC-4.0"
    ]
    manifests.load.cache_clear()


def test_history_and_third_parties_have_no_effect(tmp_path: Path) -> None:
    text = statement("text", "MIT", "third party") + statement("text", "CC0-1.0", more='until = "2020-01-01"')
    m = write(tmp_path, text + statement("access", "no mirroring"))
    assert [(c["authority"], c["license_text"]) for c in m.claims()] == [("access", "no mirroring")]
    assert [s.says for s in m.unverified] == ["MIT"]
    manifests.load.cache_clear()


def test_a_curation_is_a_claim_of_its_own_rank(tmp_path: Path) -> None:
    said = (
        'scope = "media"',
        'says = "CC-BY-4.0"',
        'who = "A. Body"',
        'when = "2026-01-02"',
        'why = "asked the author"',
    )
    curation = "\n".join(("[[curation]]", *said))
    (claim,) = write(tmp_path, curation).claims()
    assert (claim["authority"], claim["license_text"], claim["as_of"]) == ("curation", "CC-BY-4.0", "2026-01-02")
    manifests.load.cache_clear()


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("imagenet-1k", "imagenet-1k"),
        ("ImageNet 1K", "imagenet-1k"),
        ("COCO_2014", "coco-2017"),
        ("MS-COCO", "coco-2017"),
        ("fall11", "imagenet-21k"),
        ("tatsu-lab/alpaca", "alpaca"),
        ("https://www.image-net.org/", "imagenet-21k"),
        ("http://image-net.org/challenges/LSVRC/2012/index", "imagenet-1k"),
        ("https://huggingface.co/datasets/ILSVRC/imagenet-1k/tree/main", "imagenet-1k"),
        ("hf://datasets/squad", "squad"),
        ("https://huggingface.co/datasets/squad_v2/", "squad"),
        ("https://dumps.wikimedia.org/simplewiki/20260101/", "simplewiki"),
        ("https://huggingface.co/datasets/common-pile/stackexchange", "common-pile"),
        ("dewiki", "dewiki"),
        ("de.wikipedia.org", "dewiki"),
        ("zh-min-nan.wiktionary.org", "zh_min_nanwiktionary"),
        ("https://dumps.wikimedia.org/frwikisource/20260101/", "frwikisource"),
        ("enwikinews", "enwikinews"),
    ],
)
def test_find(asked: str, name: str) -> None:
    found = find(asked)
    assert found is not None and found.name == name
    assert find(found.name) == found


def test_of_an_edition_is_said_what_is_said_of_its_like(auditor: Callable[..., Any], tmp_path: Path) -> None:
    done = auditor("audit", "dewiki", "--offline", "-o", tmp_path / "dewiki")
    assert done.code == 0 and "Text: CC-BY-SA-4.0, free." in done.out
    assert "auditor audit PATH --manifest dewiki" in " ".join(done.out.split())
    news = auditor("audit", "frwikinews", "--offline", "-o", tmp_path / "news")
    assert "CC-BY-2.5" in news.out and "CC-BY-4.0" in news.out, "what was published before keeps its licence"
    assert [line.split("\t")[0] for line in manifests.listed("dewiki")] == ["dewiki"]
    assert find("dewikinews") is None, "not under the licence of the others"


@pytest.mark.parametrize(
    "asked",
    [
        "https://dumps.wikimedia.org/dewiki/20240101/dewiki-20240101-pages-articles.xml.bz2",
        "dumps.wikimedia.org/dewiki/latest/dewiki-latest-pages-articles.xml.bz2",
        "http://images.cocodataset.org/annotations/annotations_trainval2017.zip",
    ],
)
def test_a_url_of_a_known_datasets_file_is_answered_offline(
    asked: str, auditor: Callable[..., Any], tmp_path: Path
) -> None:
    done = auditor("audit", asked, "--offline", "-o", tmp_path / "out")
    assert done.code == 0, done.err
    assert "only what the manifest says is audited" in done.err and "--offline" in done.err
    assert "NOT SHOWN TO BE FREE by what is said of the dataset as a whole" in done.out
    unknown = auditor("audit", "https://unknown.example/a.csv", "--offline", "-o", tmp_path / "none")
    assert unknown.code == 2 and "--offline" in unknown.err


@pytest.mark.parametrize(
    "asked",
    [
        *(
            "",
            "nothing-of-the-kind",
            "image",
            "https://image-net.org.evil.example/",
            "https://evil.example/image-net.org",
        ),
        *(
            "https://image-net.org@evil.example/",
            "https://evil.example\\@image-net.org/",
            "ftp://image-net.org/",
            "https://",
        ),
        *(
            "https://huggingface.co/datasets/squad/../evil",
            "https://huggingface.co/datasets/squad%2f..%2fevil",
            "http://[broken",
        ),
        *(
            "https://huggingface.co/datasets/squadron",
            "https://huggingface.co/",
            "https://dumps.wikimedia.org/enwikifoo/",
        ),
    ],
)
def test_find_is_not_deceived(asked: str) -> None:
    assert find(asked) is None


@given(st.text())
def test_find_takes_any_text(asked: str) -> None:
    found = find(asked)
    assert found is None or plain(asked) in {plain(n) for n in (found.name, *found.aliases)} or "://" in asked


def test_search_and_listing() -> None:
    assert [m.name for m in manifests.search("inat 2021")] == ["inaturalist-2021"]
    assert manifests.search("no such words") == []
    (line,) = manifests.listed("cifar 100 small")
    assert line.split("\t") == [
        "cifar-100",
        "CIFAR-100, 60,000 small images in 100 classes",
        "items: third-party",
        'database: "unknown"; not verified: media, database',
    ]
    assert len(list(manifests.listed())) == len(FILES) >= 30


def test_tables_are_told_apart_by_their_header() -> None:
    found = manifests.of_header(["fname", "label", "manually_verified", "freesound_id", "license"])
    assert found is not None and found.name == "fsdkaggle2018"
    roles = find("commoncrawl-cc-links").roles(
        ["provider_domain", "content_path", "content_query_string", "cc_domain", "cc_license", "warc_segment"]
    )
    assert roles is not None and roles["license_url"] == "https://{cc_domain}{cc_license}"
    assert manifests.of_header(["title", "url", "license", "author"]) is None
    for m in manifests.every():
        for t in (t for t in m.tables if t.header):
            assert manifests.of_header(t.header) is m
            said = [c for role, c in t.columns.items() if role not in ("vocabulary", "authority")]
            named = {w.split("}")[0] for c in said for w in c.split("{")[1:]} | set(said)
            templates = {c for c in said if "{" in c}
            assert named - templates - set(t.header) <= {"openmoji_author", "annotation"}, m.name


def test_reader_reads_what_a_manifest_says() -> None:
    """Each statement whose meaning is known is read as that."""
    from auditor.licensing import read

    if read("CC-BY-4.0").license != "CC-BY-4.0":
        pytest.skip("the licence reader is not there yet")
    wrong = []
    for m in manifests.every():
        for s in m.statements:
            got = read(s.says, s.url, s.version, s.vocabulary, s.as_of).license
            if s.reads is not None and got != s.reads:
                wrong.append(f"{m.name}: {s.says!r} {s.url or ''}: {got}, not {s.reads}")
    assert wrong == []


@cache
def listed_words(folder_: Path) -> dict[str, list[str]]:
    """The words of the lists of evidence, by list and page."""
    words: dict[str, list[str]] = {}
    for name in ("datasets.tsv", "wikimedia.tsv"):
        with (folder_ / name).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                words.setdefault(f"{name}: {row['url']}", []).append(row["quote"])
    return words


def test_evidence_holds_the_quote(raw: dict, real_data: Path) -> None:
    words = listed_words(real_data.parent / "evidence")
    for proof in proofs(raw):
        where, _, what = proof["evidence"].partition(": ")
        if where == "read":
            continue  # a page or file that a search returned; not kept here
        read = (
            [(real_data / what).read_text("utf-8", errors="replace")]
            if where == "real-data"
            else words.get(proof["evidence"], [])
        )
        assert any(flat(proof["quote"]) in flat(r) for r in read), (proof["evidence"], proof["quote"])


def test_loading_is_fast() -> None:
    import time

    manifests._index.cache_clear()
    manifests.load.cache_clear()
    start = time.perf_counter()
    assert find("no such dataset") is None
    assert time.perf_counter() - start < 0.2


def clear() -> None:
    manifests._paths.cache_clear()
    manifests._index.cache_clear()


def test_a_datasets_own_word_does_not_free_it_from_what_it_was_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule 6, from manifests to the finding: CC0 of its publisher over an origin that forbids, and one nobody knows."""
    from auditor import audit

    proof = 'quote = "x"\nhow = "publisher page"\nevidence = "read: a page"\n'
    for name, origins in (("made-of-nc", ("strict",)), ("made-of-unknown", ("Nobody",)), ("made-alone", ())):
        parts = ['title = "Made"\n\n[items]\nfrom = "own"\n' + proof, statement("text", "CC0-1.0")]
        parts += [f'[[origin]]\nname = "{o}"\n{proof}' for o in origins]
        (tmp_path / f"{name}.toml").write_text("\n".join(parts), "utf-8")
    (tmp_path / "strict.toml").write_text('title = "Strict"\n' + statement("text", "CC BY-NC 4.0"), "utf-8")
    monkeypatch.setattr(manifests, "folder", lambda _: tmp_path)
    clear()
    try:
        verdicts = {
            n: audit(n, tmp_path / f"{n}.audit", offline=True).info["dataset"]["conclusion"]["verdict"]
            for n in ("made-alone", "made-of-nc", "made-of-unknown")
        }
    finally:
        monkeypatch.undo()
        clear()
    assert verdicts == {"made-alone": "free", "made-of-nc": "non-free", "made-of-unknown": "undetermined"}
