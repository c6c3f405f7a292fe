"""Lineages from made-up manifests and audits, generated graphs, and the manifests that come with auditor."""

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor import manifests, origins
from auditor.errors import AuditError, BadOption
from auditor.licensing import read
from auditor.lineage import Lineage, Node, Stated, Step, lineage, readme
from auditor.lineage.trace import hosts_of
from auditor.origins import called
from auditor.policy import CATEGORIES, known

Make = Callable[..., None]
PROOF = 'quote = "{0}"\nevidence = "read: page"\nhow = "publisher page"\n'


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Write manifests of their own: name, statements by scope, origins, whose items they are."""
    held = tmp_path / "manifests"
    held.mkdir()

    def clear() -> None:
        manifests._paths.cache_clear()
        manifests._index.cache_clear()

    def one(name: str, said: dict[str, str], origins: tuple[str, ...] = (), items: str = "own") -> None:
        parts = [f'title = "{name.title()}"\n\n[items]\nfrom = "{items}"\n' + PROOF.format("its items")]
        parts += [f'[[statement]]\nscope = "{s}"\nsays = "{t}"\n' + PROOF.format(t) for s, t in said.items()]
        parts += [f'[[origin]]\nname = "{o}"\n' + PROOF.format(f"made from {o}") for o in origins]
        (held / f"{name}.toml").write_text("\n".join(parts), encoding="utf-8")
        clear()

    monkeypatch.setattr(manifests, "folder", lambda _: held)
    clear()
    yield one
    monkeypatch.undo()
    clear()


def test_the_whole_lineage_as_text(make: Make) -> None:
    make("photos", {"media": "CC BY-NC 4.0", "access": "For research use only"})
    make("captions", {"text": "CC-BY-SA-4.0"}, ("photos", "some website"))
    make("tuned", {"text": "MIT License", "software": "Apache-2.0"}, ("captions",))
    assert lineage("tuned").render() == (
        "tuned: Tuned\n"
        "   text: MIT (restricts: attribution) “MIT License”\n"
        "   software: Apache-2.0 (restricts: attribution) “Apache-2.0”\n"
        "   from captions: Captions\n"
        "      “made from captions” (page; brings share-alike)\n"
        "      text: CC-BY-SA-4.0 (restricts: attribution, share-alike) “CC-BY-SA-4.0”\n"
        "      from photos: Photos\n"
        "         “made from photos” (page; brings non-commercial)\n"
        "         media: CC-BY-NC-4.0 (restricts: attribution, non-commercial) “CC BY-NC 4.0”\n"
        "         access: LicenseRef-academic-only (restricts: academic-only) “For research use only”\n"
        "      from some website: no manifest knows it, so what it restricts is not known\n"
        "         “made from some website” (page)\n"
        "\n"
        "What binds tuned: non-commercial\n"
        "   attribution enters at tuned: text, MIT\n"
        "   attribution enters at tuned < captions: text, CC-BY-SA-4.0\n"
        "   attribution enters at tuned < captions < photos: media, CC-BY-NC-4.0\n"
        "   non-commercial enters at tuned < captions < photos: media, CC-BY-NC-4.0\n"
        "   share-alike enters at tuned < captions: text, CC-BY-SA-4.0\n"
        "   terms of access at tuned < captions < photos, apart from its licence: academic-only “For research use only”\n"
        "\n"
        "Laundering: tuned declares MIT, freer than captions, which it was derived from.\n"
        "   captions states CC-BY-SA-4.0; lost on the way tuned < captions: share-alike\n"
        "\n"
        "Laundering: tuned declares MIT, freer than photos, which it was derived from.\n"
        "   photos states CC-BY-NC-4.0; lost on the way tuned < captions < photos: non-commercial\n"
        "\n"
        "Laundering: captions declares CC-BY-SA-4.0, freer than photos, which it was derived from.\n"
        "   photos states CC-BY-NC-4.0; lost on the way captions < photos: non-commercial\n"
        "\n"
        "Not known\n"
        "   what some website restricts\n"
    )


def test_a_stricter_licence_or_none_is_no_laundering(make: Make) -> None:
    make("photos", {"media": "CC-BY-4.0"})
    make("stricter", {"text": "CC BY-NC 4.0"}, ("photos",))
    make("silent", {"software": "MIT"}, ("stricter",))
    assert lineage("silent").laundering == ()
    assert lineage("silent").category == "non-commercial"


def test_cycles_gaps_and_unknown_ancestors(make: Make) -> None:
    make("one", {"text": "CC0-1.0"}, ("two",))
    make("two", {"text": "CC0-1.0"}, ("three",))
    make("three", {"text": "CC0-1.0"}, ("two", "Elsewhere", "ELSEWHERE"), "mixed")
    make("lost", {"text": "CC0-1.0"}, items="third-party")
    found = lineage("one")
    assert found.cycles == (("two", "three", "two"),)
    assert found.unknown == ("Elsewhere",)
    assert found.category == "unknown"
    assert "   a cycle: two < three < two\n" in found.render()
    assert "from two: Two (see above)\n" in found.render()
    assert lineage("lost").gaps == ("lost has items that are others' works, and nothing says where they come from.",)
    assert lineage("lost").category == "unknown"


def test_mermaid_and_dot(make: Make) -> None:
    make("photos", {"media": "CC BY-NC 4.0"})
    make("captions", {"text": "CC0-1.0"}, ("photos",))
    found = lineage("captions")
    assert found.render("mermaid") == (
        "flowchart BT\n"
        '    n0["captions: nothing restricted"]\n'
        '    n1["photos: attribution, non-commercial"]\n'
        '    n1 -->|"attribution, non-commercial"| n0\n'
        '    n1 -.->|"lost: non-commercial"| n0\n'
    )
    assert found.render("dot") == (
        "digraph lineage {\n"
        "  rankdir=BT;\n"
        '  "captions" [label="captions: nothing restricted"];\n'
        '  "photos" [label="photos: attribution, non-commercial"];\n'
        '  "photos" -> "captions" [label="attribution, non-commercial"];\n'
        '  "photos" -> "captions" [style=dashed, label="lost: non-commercial"];\n'
        "}\n"
    )


def test_prov_json_is_read_back_by_its_own_library(make: Make) -> None:
    from prov.model import ProvDerivation, ProvDocument, ProvEntity

    make("photos", {"media": "CC BY-NC 4.0"})
    make("captions", {"text": "CC0-1.0"}, ("photos", "a site (so to say), with spaces/and: ü more"))
    written = lineage("captions").render("prov-json")
    document = ProvDocument.deserialize(content=written, format="json")
    assert len(list(document.get_records(ProvEntity))) == 3
    assert len(list(document.get_records(ProvDerivation))) == 2
    said = json.loads(written)
    assert said["entity"]["dataset:photos"]["auditor:restriction"] == ["attribution", "non-commercial"]
    pairs = {(d["prov:generatedEntity"], d["prov:usedEntity"]) for d in said["wasDerivedFrom"].values()}
    assert ("dataset:captions", "dataset:photos") in pairs


def test_terms_of_access_are_drawn_and_are_no_licence(make: Make) -> None:
    make("photos", {"media": "CC BY 4.0", "access": "For research use only"})
    found = lineage("photos")
    assert 'n0["photos: attribution; terms of access: academic-only"]' in found.render("mermaid")
    assert '[label="photos: attribution; terms of access: academic-only"]' in found.render("dot")
    entity = json.loads(found.render("prov-json"))["entity"]["dataset:photos"]
    assert (entity["auditor:license"], entity["auditor:access"]) == ("CC-BY-4.0", "academic-only")


def test_names_that_could_break_a_drawing() -> None:
    name = 'a "b" <c> \\ #1\n| d'
    found = Lineage(name, {name: Node(name)}, (Step(name, name),))
    assert found.render("dot").count("\n") == 5
    assert '"a \\"b\\" <c> \\\\ #1 | d"' in found.render("dot")
    assert 'n0["a #quot;b#quot; #lt;c#gt; \\ #35;1 | d: not known"]' in found.render("mermaid")
    assert found.cycles == ((name, name),)


def test_another_form_is_refused(make: Make) -> None:
    make("photos", {"media": "CC0-1.0"})
    with pytest.raises(BadOption, match="take one of text, mermaid, dot, prov-json"):
        lineage("photos").render("svg")
    with pytest.raises(AuditError, match="nothing-of-the-kind"):
        lineage("nothing-of-the-kind")


def test_items_to_their_origins(tmp_path: Path) -> None:
    """An audit's items are counted by the host they come from; those that say nothing are a gap."""
    from auditor import audit

    table = tmp_path / "photos.csv"
    table.write_text(
        "id,license,origin\n"
        "1,CC-BY-4.0,https://www.flickr.com/photos/someone/12345\n"
        "2,CC-BY-4.0,https://farm4.staticflickr.com/3175/67890_0123456789.jpg\n"
        "3,CC-BY-4.0,https://example.org/a.jpg\n"
        "4,CC-BY-4.0,\n",
        encoding="utf-8",
    )
    out = tmp_path / "audit"
    audit(
        str(table),
        out,
        columns={"item_id": "id", "license_text": "license", "was_derived_from": "origin"},
        offline=True,
    )
    found = lineage(str(out))
    hosts = {n.name: n.number for n in found.nodes.values() if n.kind == "items"}
    assert hosts == {"flickr:photo": 2, "example.org": 1}
    assert found.gaps == (f"1 of the 4 items of {table} say nothing of where they come from.",)
    assert "from photos on Flickr (flickr:photo), 2 origins, each under its own licence\n" in found.render()
    assert all("photos on Flickr" in found.render(form) for form in ("mermaid", "dot", "prov-json"))


def test_every_place_of_origins_is_called_what_it_is() -> None:
    for prefix, *_ in (*origins.PLAIN, ("commons:file:",), ("wikipedia:de:",)):
        assert called(prefix.removesuffix(":")), prefix
    assert called("wikipedia:de") == "files on de.wikipedia.org"
    assert called("example.org") == called("a book") == ""


def test_where_origins_lie() -> None:
    lie = {
        "https://live.staticflickr.com/3175/67890_0123456789.jpg": "flickr:photo",
        "commons:file:A: b/c.jpg": "commons:file",
        "https://upload.wikimedia.org/wikipedia/en/a/a9/Example.jpg": "wikipedia:en",
        "HTTPS://User@Example.ORG:8080/x:y": "example.org",
        "a:b": "a:b",
        "a book": "a book",
    }
    assert hosts_of(pa.array(lie)).to_pylist() == list(lie.values())


TEXTS = ("CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "All rights reserved", "see the website")


def stated(text: str) -> Stated:
    found = read(text)
    return Stated("text", text, found.license, frozenset(found.restrictions), known(found.license))


@st.composite
def graphs(draw: st.DrawFn) -> Lineage:
    """Any graph of up to six datasets, cycles and loops included."""
    names = [f"d{i}" for i in range(draw(st.integers(1, 6)))]
    said = {n: tuple(map(stated, draw(st.lists(st.sampled_from(TEXTS), max_size=2)))) for n in names}
    pairs = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), unique=True, max_size=10))
    return Lineage("d0", {n: Node(n, stated=s) for n, s in said.items()}, tuple(Step(*p) for p in pairs))


@given(graphs(), st.sampled_from(TEXTS))
def test_one_more_ancestor_never_frees(found: Lineage, text: str) -> None:
    """Rules 6 and 7."""
    more = Lineage(
        found.root,
        {**found.nodes, "new": Node("new", stated=(stated(text),))},
        (*found.steps, Step(found.root, "new", "", "")),
    )
    assert more.restrictions == found.restrictions | stated(text).restrictions
    free = ("free", "free-sharealike")
    assert found.category in free or more.category not in free
    if "unknown" not in (found.category, more.category):
        assert CATEGORIES.index(more.category) >= CATEGORIES.index(found.category)
    assert set(found.laundering) <= set(more.laundering)


@given(graphs())
def test_what_is_told_follows_from_the_graph(found: Lineage) -> None:
    reached = {found.root}
    while grown := {s.parent for s in found.steps if s.child in reached} - reached:
        reached |= grown
    assert found.restrictions == {r for n in reached for r in found.nodes[n].restrictions}
    pairs = {(s.child, s.parent) for s in found.steps}
    for way in (*(e.path for e in found.entered), *(x.path for x in found.laundering), *found.cycles):
        assert set(pairwise(way)) <= pairs
    assert bool(found.cycles) == cyclic(found.root, pairs)
    for form in ("text", "mermaid", "dot", "prov-json"):
        assert all(n in found.render(form) for n in reached)


def cyclic(root: str, pairs: set[tuple[str, str]]) -> bool:
    """Whether a way from the root meets itself; by walking every way."""

    def meets(path: tuple[str, ...]) -> bool:
        return any(b in path or meets((*path, b)) for a, b in pairs if a == path[-1])

    return meets((root,))


def test_every_manifest_has_a_lineage() -> None:
    """What is known: Apache-2.0 over Wikipedia's share-alike text, found without being told."""
    for known_ in manifests.every():
        found = lineage(known_.name)
        assert found.root == known_.name
        assert found.render().startswith(f"{known_.name}: ")
        if known_.name == "redpajama-1t":
            assert any(x.path[-1] == "wikipedia" and "share-alike" in x.restrictions for x in found.laundering)


def test_what_a_real_croissant_file_was_derived_from(real_data: Path) -> None:
    """Croissant 1.1's prov:wasDerivedFrom names a page; behind it go the manifests."""
    found = lineage(str(real_data / "croissant" / "1.1" / "huggingface-squad_v2" / "metadata.json"), offline=True)
    assert [s.parent for s in found.parents(found.root)] == ["squad"]
    assert any(e.path[1:] == ("squad", "wikipedia") and e.restriction == "share-alike" for e in found.entered)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The sentences were randomly sampled from German Wikipedia and News Corpora.", ["wikipedia"]),
        ("A translation of the SQuAD dataset.\nIt was derived from SQuAD, too.", ["squad"]),
        ("Questions sampled from the [Natural Questions](https://ai.google.com/research/NaturalQuestions).", ["natural-questions"]),
        ("A subset of\nthe Simple English Wikipedia; extracted from Common Crawl.", ["simplewiki", "common-crawl"]),
        ("It was not derived from Wikipedia.", []),
        ("Wikipedia is a website. We collected from many places. SQuAD is better.", []),
        ("derived from coco, a subset of the binary version, extracted from the wikipedia", []),
        ("work that is based on (or derived from) the Work", []),
    ],
)  # fmt: skip
def test_what_a_readme_says_it_was_made_from(text: str, names: list[str]) -> None:
    assert [m.name for m, words in readme.origins(text) if words in " ".join(text.split())] == names


@given(st.text(), st.sampled_from(("derived from ", "a subset of the ", "extracted from [x](")))
def test_any_readme_can_be_read(text: str, words: str) -> None:
    assert all(m.name and said for m, said in readme.origins(text + words + text))


def test_what_a_real_card_was_made_from(real_data: Path) -> None:
    """squad_v1_pt and wiki_auto, in the words of their own cards."""
    cards = real_data / "huggingface" / "cards_datasets-1.18.4"
    for name, origin in (("squad_v1_pt", "squad"), ("wiki_auto", "simplewiki")):
        found = lineage(str(cards / name), offline=True)
        assert origin in [s.parent for s in found.parents(found.root)]
        assert "share-alike" in found.restrictions
