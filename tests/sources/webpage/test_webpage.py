"""Made-up pages and media: what is said of the page, and what is said of something else on it."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from auditor.fetch import Get
from auditor.fetch.ask import Ask, answered, failed
from auditor.licensing import tables
from auditor.sources import webpage
from tests.replica.server import SITE, Asked, Replica, Reply
from tests.sources.following import license_of, parsed
from tests.sources.media.pictures import jpeg, png, webp

URL = "https://a.example/things/1"
BY, NC = "https://creativecommons.org/licenses/by/4.0/", "https://creativecommons.org/licenses/by-nc/4.0/"
BUTTON = '<img alt="CC" src="https://i.creativecommons.org/l/by/4.0/88x31.png">'
WORDS = "<p>A long story about kettles.</p>"


def page(body: str | bytes, url: str = URL, headers: dict[str, str] | None = None, **more: Any) -> list[dict[str, Any]]:
    given = {"Content-Type": "text/html; charset=utf-8"} | (headers or {})
    ask = Ask(url, "webpage", {"keys": [f"web:{url}"]})
    content = body.encode() if isinstance(body, str) else body
    return parsed(webpage, [answered(ask, 200, given.items(), content, more.get("hops", []))])


def said(body: str | bytes, **more: Any) -> list[tuple[str | None, str | None]]:
    """Return the licence and where it stands, of each statement."""
    rows = page(body, **more)
    return [(license_of(r), r["place"]) for r in rows if r.get("license_text") or r.get("license_url")]


def ld(*nodes: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps(nodes[0] if len(nodes) == 1 else list(nodes))}</script>'


DATASET = {"@context": "https://schema.org/", "@type": "Dataset", "name": "Kettles", "license": BY}
ABOUT = "CC-BY-4.0"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # links of rel license
        (f'<a rel="license" href="{BY}">{BUTTON}</a><br>Licensed under <a rel="license" href="{BY}">CC BY 4.0</a>.', [(ABOUT, "rel=license")]),
        (f'<head><link rel="License" href="{BY}"></head>{WORDS}', [(ABOUT, "rel=license")]),
        ('<p><a rel="noopener license" href="//creativecommons.org/licenses/by/4.0/deed.de">Lizenz</a></p>', [(ABOUT, "rel=license")]),
        (f'<footer><a rel="license" href="{BY}">CC</a><img src="/logo.png"></footer>', [(ABOUT, "rel=license")]),
        (f'<p><a rel="license" href="{BY}">a</a></p><p><a rel="license" href="{NC}">b</a></p>', [(ABOUT, "rel=license"), ("CC-BY-NC-4.0", "rel=license")]),
        (f'<head><link rel="license" type="application/rsl+xml" href="/rsl.xml"></head><a rel="license" href="{BY}">x</a>', [(ABOUT, "rel=license")]),
        ('<a rel="license" href="/terms">Terms</a>', [("NOASSERTION", "rel=license")]),
        # RDFa and CC REL
        (f'<div about=""><a rel="cc:license" href="{BY}">x</a></div>', [(ABOUT, "rel=license")]),
        (f'<div about="{URL}"><a property="http://creativecommons.org/ns#license" href="{BY}">x</a></div>', [(ABOUT, "rel=license")]),
        (f'<div about="https://a.example/other.jpg"><a rel="license" href="{BY}">x</a></div>', []),
        (f'<span about="img/1.jpg"><a rel="license" href="{BY}">x</a></span>', []),
        (f'<span about="#kettle"><a rel="license" href="{BY}">x</a></span>', []),
        (f'<blockquote><div about=""><a rel="license" href="{BY}">x</a></div></blockquote>', []),
        # JSON-LD
        (ld(DATASET), [(ABOUT, "json-ld")]),
        (ld(DATASET | {"license": {"@type": "CreativeWork", "url": BY, "name": "CC BY"}}), [(ABOUT, "json-ld")]),
        (ld({"@graph": [{"@type": "WebSite", "name": "A"}, DATASET]}), [(ABOUT, "json-ld")]),
        (ld(DATASET | {"license": None, "distribution": [{"@type": "DataDownload", "license": BY}]}), [(ABOUT, "json-ld")]),
        (ld(DATASET | {"url": "https://a.example/things/2"}), []),
        (ld(DATASET | {"url": "http://www.a.example/things/1/"}), [(ABOUT, "json-ld")]),
        (ld(DATASET, DATASET | {"license": NC}), []),
        (ld({"@type": "Article", "image": {"@type": "ImageObject", "license": BY}}), []),
        (ld({"@type": "ImageObject", "contentUrl": "https://a.example/1.jpg", "license": BY}), []),
        (ld({"@graph": [{"@type": "ImageObject", "@id": f"{URL}#primaryimage", "license": BY}, {"@type": "Article", "@id": f"{URL}#article"}]}), []),
        (ld({"@type": "Article", "@id": f"{URL}#article", "license": BY}), [(ABOUT, "json-ld")]),
        (ld({"@type": "ImageObject", "mainEntityOfPage": URL, "license": BY}), [(ABOUT, "json-ld")]),
        (ld({"@type": "ImageObject", "url": URL, "acquireLicensePage": "https://a.example/buy"}), [("NOASSERTION", "json-ld")]),
        (ld({"@type": "WebPage", "mainEntity": {"@type": "Dataset", "license": BY}}), [(ABOUT, "json-ld")]),
        (ld(DATASET).replace("{", "<!-- {", 1).replace("</script>", " --></script>"), [(ABOUT, "json-ld")]),
        (ld({"@type": "Comment", "url": URL, "license": BY}), []),
        ('<script type="application/ld+json">{"@type": "Dataset", "license": </script>', []),
        # microdata
        (f'<div itemscope itemtype="https://schema.org/Dataset"><a itemprop="license" href="{BY}">x</a></div>', [(ABOUT, "microdata")]),
        (f'<div itemscope itemtype="https://schema.org/ImageObject"><a itemprop="license" href="{BY}">x</a></div>', []),
        # Dublin Core and other meta
        (f'<meta name="DC.rights" content="{BY}">', [(ABOUT, "meta")]),
        ('<meta name="dcterms.license" content="CC BY 4.0">', [(ABOUT, "meta")]),
        (f'<meta property="og:license" content="{BY}">', [(ABOUT, "meta")]),
        ('<meta name="DC.rights" content="The Kettle Society">', []),
        # the sentence around a link
        (f'<p>Tea. This work is licensed under a <a href="{BY}">Creative Commons Attribution 4.0 International License</a>. More.</p>', [(ABOUT, "text")]),
        (f'<p>The data are available under <a href="{NC}">this licence</a>.</p>', [("CC-BY-NC-4.0", "text")]),
        (f'<p>Except where noted, content on this site is licensed under <a href="{BY}">CC BY 4.0</a>.</p>', [(ABOUT, "text")]),
        (f'<p>Photo by Ann, <a href="{BY}">CC BY 4.0</a>.</p>', []),
        (f'<p>This photo is licensed under <a href="{BY}">CC BY 4.0</a>.</p>', []),
        (f'<p>The images on this page are licensed under <a href="{BY}">CC BY 4.0</a>.</p>', []),
        (f'<p>Photos in this article are available under <a href="{BY}">CC BY 4.0</a>.</p>', []),
        (f'<p>The code of this site is released under <a href="{BY}">CC BY 4.0</a>.</p>', []),
        (f'<p>This page is not licensed under <a href="{BY}">CC BY 4.0</a>.</p>', []),
        (f'<li>Text is available under the <a href="{BY}">Creative Commons Attribution License</a>; additional terms may apply.</li>', [(ABOUT, "text")]),
        (f'<p>This work by Ann Example is licensed under a <a href="{BY}">Creative Commons Attribution 4.0 International License</a>.</p>', [(ABOUT, "text")]),
        (f'<p>See <a href="{BY}">the licence of Creative Commons</a> for how it works.</p>', []),
        (f'<p>This work is great. Ann offers hers under <a href="{BY}">CC BY 4.0</a>.</p>', []),
        # not the page's
        (f'<!-- <a rel="license" href="{BY}">x</a> -->{WORDS}', []),
        (f"<script>var a = '<a rel=\"license\" href=\"{BY}\">x</a>'</script>{WORDS}", []),
        (f'<template><a rel="license" href="{BY}">x</a></template>', []),
        (f'<figure><img src="1.jpg"><figcaption><a rel="license" href="{BY}">CC BY</a></figcaption></figure>', []),
        (f'<div><img src="1.jpg"><a rel="license" href="{BY}">CC BY</a></div>', []),
        (f'<ol class="comment-list"><li>Mine: <a rel="license" href="{BY}">CC BY</a></li></ol>', []),
        (f'<section id="comments"><p>This work is licensed under <a href="{BY}">CC BY</a>.</p></section>', []),
        (f'<blockquote><p>This work is licensed under <a href="{BY}">CC BY</a>.</p></blockquote>', []),
        (f'<article><a rel="license" href="{BY}">CC BY</a></article><article>Another</article>', []),
        (f'<p class="photo-credit">By Ann <a rel="license" href="{BY}">CC BY</a></p>', []),
        (WORDS, []),
        ("", []),
    ],
)  # fmt: skip
def test_what_is_said_of_a_page(body: str, expected: list[tuple[str, str]]) -> None:
    assert said(body) == expected


def test_a_page_that_says_nothing_is_one_claim_without_a_licence() -> None:
    (row,) = page("<title>Kettles</title><meta name=author content=Ann><p>Hello</p>")
    assert row == {
        "item_id": f"web:{URL}",
        "row": 0,
        "item_url": URL,
        "title": "Kettles",
        "creator": "Ann",
        "authority": "host",
        "place": "webpage",
    }


def test_creative_commons_own_markup_names_author_and_source() -> None:
    body = (
        f'<p xmlns:cc="http://creativecommons.org/ns#"><span property="cc:attributionName">Ann Example</span>: this work is licensed under '
        f'<a rel="license" href="{BY}">CC BY 4.0</a>. Based on a work at <a rel="dct:source" href="/old">a.example/old</a>.</p>'
    )
    (row,) = page(body)
    assert (license_of(row), row["creator"], row["was_derived_from"]) == (
        "CC-BY-4.0",
        "Ann Example",
        ["https://a.example/old"],
    )


def test_link_headers_speak_of_the_answer_itself() -> None:
    both = f'<{BY}>; rel="license", <{NC}>; rel="license"; anchor="https://b.example/"'
    assert said(WORDS, headers={"Link": both}) == [(ABOUT, "link-header")]
    assert said(
        b"\x00\x01", headers={"Link": f'<{BY}>; rel="license"', "Content-Type": "application/octet-stream"}
    ) == [(ABOUT, "link-header")]


def test_opt_outs_stand_beside_the_licence_and_never_in_it() -> None:
    body = f'<meta name="robots" content="index, noai"><meta name="tdm-reservation" content="1"><a rel="license" href="{BY}">CC BY</a>'
    (row,) = page(body, headers={"X-Robots-Tag": "noimageai", "Content-Signal": "ai-train=no, search=yes"})
    assert license_of(row) == "CC-BY-4.0"
    assert json.loads(row["signals"]) == {
        "meta robots": ["noai"],
        "tdm-reservation": 1,
        "x-robots-tag": ["noimageai"],
        "content-signal": {"ai-train": "no", "search": "yes"},
    }


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
def test_pages_in_any_encoding(encoding: str) -> None:
    body = f'<title>Kesselübersicht</title><p><a rel="license" href="{BY}">frei</a></p>'.encode(encoding)
    rows = page(body, headers={"Content-Type": f"text/html; charset={encoding}"})
    assert [(r["title"], license_of(r)) for r in rows] == [("Kesselübersicht", "CC-BY-4.0")]


@pytest.mark.parametrize(
    "body",
    [
        "<" * 50_000,
        "<div>" * 20_000 + "x",
        b"\xff\xfe\x00",
        f'<a rel=license href="{BY}"' + " a" * 50_000,
        f'<p>This work is licensed under <a href="{BY}">CC BY</a>.' + f'<a href="{BY}">x</a>' * 20_000,
        f'<p><a rel=license href="{BY}">x</a>' * 9_000,
        '<script type="application/ld+json">-->' + " " * 500_000 + "x</script>",
        '<a rel=license href="http://[x">y</a><div about="http://[z"><a rel=license href="//[">y</a></div>',
        '<meta name=DC.rights content="//[">',
        '<script type="application/ld+json">{"@type": "Dataset", "url": "http://[", "license": "//["}</script>',
    ],
)
def test_hostile_pages_end_in_a_claim_and_in_bounded_time(body: str | bytes) -> None:
    begun = time.monotonic()
    assert len(page(body)) >= 1
    assert time.monotonic() - begun < 5


def test_an_address_that_is_none_is_asked_as_it_is(tmp_path: Path) -> None:
    key = "web:http://[x/a.jpg"
    with Get(tmp_path) as get:
        (row,) = parsed(webpage, webpage.items([key], get))
    assert row["error"].startswith("not reached: ")


def test_what_is_gone_private_or_not_reached() -> None:
    ask = Ask(URL, "webpage", {"keys": [f"web:{URL}"]})
    unavailable = [[302, "https://s.yimg.com/pw/images/en-us/photo_unavailable_z.png"]]
    pages = [
        answered(ask, 404, [], b"", []),
        answered(ask, 410, [], b"", []),
        answered(ask, 451, [], b"", []),
        answered(ask, 200, [("Content-Type", "image/png")], b"\x89PNG\r\n\x1a\n", unavailable),
        failed(ask, "dns", "a.example has no address: check it."),
    ]
    rows = parsed(webpage, pages)
    assert [r["error"].split(":")[0] for r in rows] == ["gone", "gone", "gone", "placeholder", "not reached"]
    assert not any(r.keys() & {"license_text", "license_url"} for r in rows)


@pytest.mark.parametrize(
    ("url", "hops"),
    [
        ("https://a.example/kettle.jpg", []),
        ("https://a.example/kettle.JPG?size=2", [[301, "https://a.example/gone"]]),
        (URL, [[302, "https://www.a.example/"]]),
        ("https://a.example/show?id=1", [[301, "https://a.example"]]),
    ],
)
def test_a_page_in_place_of_what_was_asked_for_says_nothing_of_it(url: str, hops: list[Any]) -> None:
    """A dead picture's address often leads to a page under a free licence, which is not the picture's."""
    (row,) = page(f'<link rel="license" href="{BY}">', url=url, hops=hops)
    assert row["error"].startswith("placeholder: ")
    assert not row.keys() & {"license_url", "license_text"}


@pytest.mark.parametrize("title", ["404 Not Found", "Page not found | Kettles", "Error 404", "Kettles - Not found"])
def test_a_page_that_says_it_is_not_there_is_gone(title: str) -> None:
    (row,) = page(f'<title>{title}</title><link rel="license" href="{BY}">')
    assert row["error"].startswith("gone: ")
    assert not row.keys() & {"license_url", "license_text"}


@pytest.mark.parametrize("shown", [r["words"] for r in tables.rows("hosts/placeholders.tsv", "manifests")])
def test_hosts_pictures_for_what_is_gone_are_placeholders(shown: str) -> None:
    """Each line's own words name the address that it stands for."""
    leads_to = re.findall(r"https?://\S+", shown)[-1]
    (row,) = page(jpeg(xmp=f'<cc:license rdf:resource="{BY}"/>'), url="https://a.example/1", hops=[[302, leads_to]])
    assert row["error"].startswith("placeholder: ")


def test_a_wikis_page_on_a_file_speaks_of_its_text() -> None:
    body = (
        f'<link rel="license" href="{BY}"><body class="mediawiki ltr ns-6 ns-subject page-File_A.jpg">A kettle</body>'
    )
    assert said(body) == []
    assert said(body.replace("ns-6", "ns-0")) == [(ABOUT, "rel=license")]


def test_of_a_picture_only_its_first_bytes_are_asked_and_its_metadata_kept(tmp_path: Path) -> None:
    picture = jpeg(xmp=f'<cc:license rdf:resource="{BY}"/>', pixels=300_000)

    def host(asked: Asked) -> Reply:
        if asked.path == "/robots.txt":
            return Reply(404)
        first = int(asked.headers["range"].split("-")[1])
        return Reply(206, picture[: first + 1], {"Content-Type": "image/jpeg"})

    with Replica() as replica:
        key = f"web:{replica.host(host).url}/a.JPG"
        with Get(tmp_path, allow=["127.0.0.1"]) as get:
            (kept,) = webpage.items([key], get)
    (row,) = parsed(webpage, [kept])
    assert (license_of(row), row["authority"]) == ("CC-BY-4.0", "embedded")
    assert kept.body is not None
    assert len(kept.body) < 2_000
    assert kept.context["received"]["bytes"] == webpage.HEAD


STATED = f'<cc:license rdf:resource="{BY}"/>'


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (png({"Comment": "x"}, STATED, late=True, pixels=400_000), "CC-BY-4.0"),
        (png({"Copyright": "Licensed under CC BY 4.0"}, late=True, pixels=400_000), "CC-BY-4.0"),
        (webp(STATED, pixels=400_000), "CC-BY-4.0"),
        (webp(STATED, pixels=400_001), "CC-BY-4.0"),
        (png(xmp=STATED, pixels=400_000), "CC-BY-4.0"),  # at its front: asked once
        (png(pixels=400_000), "between them"),
        (png(pixels=400_000, noise=png(xmp=STATED)[33:-40]), "between them"),  # in its pixels, its sum not right
        (webp("", pixels=400_000), None),
        (png(xmp=STATED, late=True), "CC-BY-4.0"),
    ],
)
@pytest.mark.parametrize("ranges", [True, False])
def test_of_a_picture_that_says_nothing_at_its_front_the_last_bytes_are_asked(
    picture: bytes, expected: str | None, ranges: bool, tmp_path: Path
) -> None:
    def host(asked: Asked) -> Reply | None:
        if asked.path in SITE:
            return None
        first, last = asked.headers["range"].removeprefix("bytes=").split("-")
        part = picture[-int(last) :] if not first else picture[: int(last) + 1]
        return Reply(206 if ranges else 200, part if ranges else picture, {"Content-Type": "image/png"})

    with Replica() as replica:
        place = replica.host(host)
        with Get(tmp_path, allow=["127.0.0.1"]) as get:
            (kept,) = webpage.items([f"web:{place.url}/a.png"], get)
    (row,) = parsed(webpage, [kept])
    assert kept.body is not None and len(kept.body) < 3_000
    front = len(picture) < webpage.HEAD or STATED.encode() in picture[: webpage.HEAD]
    if not ranges and not front:
        assert "behind them" in row["error"] if expected else "error" not in row
    elif expected and expected.startswith("CC"):
        assert (license_of(row), row["authority"]) == (expected, "embedded")
    else:
        assert expected in row["error"] if expected else "error" not in row
    assert len(place.items()) == (1 if front or not ranges or expected is None else 2)


@pytest.mark.parametrize(
    ("body", "came", "begins"),
    [
        (webp("<dc:title>A</dc:title>"), webpage.HEAD, "not reached"),
        (webp("<dc:title>A</dc:title>"), 500, None),
        (b"%PDF-1.7\n" + bytes(300), 309, "not reached"),
        (jpeg(pixels=5), webpage.HEAD, None),
    ],
)
def test_what_lies_behind_the_first_bytes_is_not_said_to_be_nothing(body: bytes, came: int, begins: str | None) -> None:
    url = "https://a.example/a.bin"
    answer = answered(Ask(url, "webpage", {"keys": [f"web:{url}"]}), 206, [], body, [])
    (row,) = parsed(webpage, [answer.with_(context=answer.context | {"received": {"bytes": came}})])
    assert (row["error"].split(":")[0] if "error" in row else None) == begins


def test_a_picture_without_a_pictures_name_is_read_from_its_beginning(tmp_path: Path) -> None:
    picture = Reply(
        200, jpeg(xmp=f'<cc:license rdf:resource="{BY}"/>', pixels=3_000_000), {"Content-Type": "image/jpeg"}
    )
    with Replica() as replica:
        key = f"web:{replica.host({'/show': picture}).url}/show?id=1"
        with Get(tmp_path, allow=["127.0.0.1"]) as get:
            (kept,) = webpage.items([key], get)
    (row,) = parsed(webpage, [kept])
    assert (license_of(row), row["kind"]) == ("CC-BY-4.0", "jpeg")
    assert kept.body is not None
    assert len(kept.body) < 2_000


def test_recorded_pages_of_commons(real_data: Path) -> None:
    """Real pages of files: nothing is said of the page where its licence is only a table for the file."""
    for path in sorted((real_data / "wikimedia" / "commons_file_html").glob("*.html")):
        rows = page(path.read_bytes(), url=f"https://commons.wikimedia.org/wiki/{path.stem}")
        assert {license_of(r) for r in rows} <= {"NONE", "NOASSERTION"}, path.name
