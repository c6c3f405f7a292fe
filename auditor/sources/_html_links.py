"""Licence links of an HTML page that speak of the page itself: which are, and which may be of something else on it.

A link belongs to something else, or it is not clear, where it stands in a reader's comment, a quotation, a figure or caption, beside
a picture of its own block, in one of several articles, or under RDFa that names another subject (`about`, `resource`, `src`).
HTML's own rule: rel=license is of "the main content of the current document" (HTML, 4.6.7.9 Link type "license").
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

Node = Any  # lxml.html.HtmlElement: lxml has no types of its own

LICENSE_REL = re.compile(
    r"^(?:(?:cc|dc|dct|dcterms|xhv|schema|so):)?licen[sc]e$|^https?://\S+[#/]license$", re.IGNORECASE
)
COMMENT = re.compile(
    r"(?:^|[-_\s])(?:comments?|commentlist|disqus\w*|replies|trackbacks?|pingbacks?)(?:$|[-_\s])", re.IGNORECASE
)
OTHERS = re.compile(
    r"(?:^|[-_\s])(?:caption|credits?|wp-caption\w*|thumb(?:nail)?|sidebar|widget)(?:$|[-_\s])", re.IGNORECASE
)
BUTTON = re.compile(r"creativecommons\.org|licensebuttons\.net|opendatacommons\.org|gnu\.org", re.IGNORECASE)
APART = frozenset(
    ("blockquote", "q", "pre", "code", "textarea", "figure", "figcaption", "aside", "template", "del", "nav")
)
FRAMES = ("article", "aside", "blockquote", "body", "figcaption", "figure", "footer", "header", "main", "section")
BLOCKS = frozenset((*FRAMES, "address", "dd", "div", "dt", "form", "li", "p", "td", "th"))
OWN_TYPES = re.compile(r"Dataset|DataCatalog|CreativeWork|WebSite|Blog|Page$|Article|Book|Work$", re.IGNORECASE)
MANY = 100  # licence links of one page that are looked at; a page with more is a list of others' works
CREATIVE_COMMONS = re.compile(
    r"^(?:https?:)?//(?:www\.)?creativecommons\.org/(?:licenses|publicdomain)/\S", re.IGNORECASE
)
# "This work is licensed under …": only a sentence whose subject is the page, or all of it. A picture or the code on it is not the page.
OF_THE_PAGE = re.compile(
    r"^(?:(?:except|unless|where)\b[^,]{0,80},\s*)?"
    r"(?:(?:this|these|the|all|our)\s+(?:(?!of\b|[io]n\b|at\b|from\b|by\b|for\b|within\b)[\w-]+\s+){0,2}?)?"
    r"(?:works?|pages?|sites?|web\s?sites?|contents?|texts?|articles?|posts?|blogs?|data\s?sets?|data|databases?|documents?|materials?|wikis?"
    r"|collections?|books?|recordings?|tracks?|corpus|corpora)"
    r"(?:\s+(?:on|of|in)\s+(?:this|the|our)\s+(?:[\w-]+\s+){0,2}?[\w-]+|\s+by\s+[^,.;]{1,60}?)?"
    r"\s+(?:is|are|was|were|has|have|may|can|will)\s+(?:(?!not\b|never\b|no\b)[\w-]+\s+){0,3}?"
    r"(?:licen[sc]ed|available|released|published|distributed|shared|provided|offered|used)\b[^.!?]{0,80}?\bunder\b",
    re.IGNORECASE,
)
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"“(])")


def rels(node: Node) -> list[str]:
    """Return what a link's rel (and RDFa property) says, each word apart."""
    return f"{node.get('rel') or ''} {node.get('property') or ''}".split()


def links(root: Node, url: str) -> Iterator[tuple[str, str | None]]:
    """Yield URL and words of each licence link that speaks of the page itself."""
    articles = len(list(root.iter("article")))
    nodes = [n for n in root.iter("a", "link", "area") if n.get("href") and any(LICENSE_REL.match(r) for r in rels(n))]
    for node in nodes if len(nodes) <= MANY else ():
        signal = "rsl" in (node.get("type") or "").lower()  # told in `auditor.signals`
        if not signal and of_the_page(node, url, articles):
            yield joined(url, node.get("href").strip()), line(node) or node.get("title")


def sentences(root: Node, url: str) -> Iterator[tuple[str, str]]:
    """Yield URL and sentence of each plain Creative Commons link whose sentence says that the page is under it."""
    articles = len(list(root.iter("article")))
    nodes = [n for n in root.iter("a") if CREATIVE_COMMONS.match((n.get("href") or "").strip())]
    for node in nodes if len(nodes) <= MANY else ():
        sentence = None if any(LICENSE_REL.match(r) for r in rels(node)) else around(node)
        if sentence and OF_THE_PAGE.match(sentence) and of_the_page(node, url, articles):
            yield joined(url, node.get("href").strip()), sentence


def attributed(root: Node) -> str | None:
    """Return whom the page asks to name: cc:attributionName (CC REL)."""
    return next((line(n) for n in root.iter("a", "span") if "cc:attributionName" in rels(n)), None)


def sources(root: Node, url: str) -> list[str]:
    """Return what the page says it is based on: links of rel dct:source (CC REL)."""
    named = (n for n in root.iter("a", "link") if n.get("href") and {"dct:source", "dc:source"} & set(rels(n)))
    return list(dict.fromkeys(joined(url, n.get("href").strip()) for n in named))


def of_the_page(node: Node, url: str, articles: int = 1) -> bool:
    """Say whether what a node says is clearly said of the page."""
    block = next((a for a in _up(node) if a.tag in BLOCKS), None)
    if block is not None and block.tag not in ("body", "footer") and _pictured(block, node):
        return False
    named = False  # the nearest subject counts
    for one in _up(node):
        names_one = ("about",) if one is node else ("about", "resource", "src")
        subject = next((one.get(n) for n in names_one if one.get(n) is not None), None)
        if subject is not None and not named:
            if not same(subject, url) or subject.strip().rstrip("#").count("#"):
                return False
            named = True
        if one.tag in APART or (one.tag == "article" and articles > 1):
            return False
        types = one.get("typeof") or one.get("itemtype")
        if types and not OWN_TYPES.search(types):
            return False
        names = f"{one.get('class') or ''} {one.get('id') or ''}"
        if one.tag not in ("html", "body") and (COMMENT.search(names) or OTHERS.search(names)):
            return False
    return True


def same(subject: str, url: str) -> bool:
    """Say whether a subject of markup is the page: empty, or its URL but for scheme, `www.`, fragment and a last slash."""
    return _bare(joined(url, subject.strip().strip("[]"))) == _bare(url)


def _bare(url: str) -> str:
    return re.sub(r"^https?://(?:www\.)?", "", url.split("#", 1)[0]).rstrip("/")


def joined(url: str, href: str) -> str:
    """Return an address on a page as a whole one; as it stands where it is none (`http://[`)."""
    try:
        return urljoin(url, href)
    except ValueError:
        return href


def _up(node: Node) -> Iterator[Node]:
    yield node
    yield from node.iterancestors()


def _pictured(block: Node, node: Node) -> bool:
    """Say whether a block shows a picture other than a licence's button."""
    for image in block.iter("img", "picture", "video", "audio"):
        button = BUTTON.search(image.get("src") or "") or any(a is node for a in image.iterancestors())
        if not button and not any(LICENSE_REL.match(r) for a in image.iterancestors("a") for r in rels(a)):
            return True
    return False


def line(node: Node) -> str | None:
    """Return the text of an element as one line; None where it has none."""
    return " ".join(" ".join(node.itertext()).split()) or None


def around(node: Node) -> str | None:
    """Return the sentence of a node's block that holds it."""
    block = next((a for a in node.iterancestors() if a.tag in BLOCKS), None)
    if block is None or block.tag == "body":
        return None
    mark = "\ue000"
    before = "".join(_before(block, node))
    whole = f"{before}{mark}{line(node) or ''}{''.join(_after(block, node))}"
    one = next((s for s in SENTENCE.split(" ".join(whole.split())) if mark in s), "")
    return one.replace(mark, " ").strip()[:1000] or None


def _before(block: Node, node: Node) -> Iterator[str]:
    yield block.text or ""
    for one in block.iterdescendants():
        if one is node:
            return
        if isinstance(one.tag, str):
            yield one.text or ""
        if not any(a is node for a in one.iterdescendants()):
            yield one.tail or ""


def _after(block: Node, node: Node) -> Iterator[str]:
    for one in _up(node):
        if one is block:
            return
        yield one.tail or ""
        for later in one.itersiblings():
            yield " ".join(later.itertext()) if isinstance(later.tag, str) else ""
            yield later.tail or ""
