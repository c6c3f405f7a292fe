"""What a reading rests on, in words: the line of `licenses/` that decided, and what was read for it."""

from collections.abc import Iterator

from auditor.licensing import spdx_list, tables, urls, vocabularies
from auditor.licensing.fold import key
from auditor.licensing.reading import NOASSERTION, NONE, Reading

_MEANING = {
    "doubt": "something beside the licence may limit it",
    "unclear": "the licence named is not what holds, or not as it stands",
    "negated": "what is named does not hold",
}
_SAID = {
    "spdx-id": "It is an id of the SPDX License List {version}.",
    "spdx-expression": "It is an expression of ids of the SPDX License List {version}.",
    "spdx": "It is a word that SPDX itself defines.",
    "cc-url": "A URL of Creative Commons, read by its grammar (licenses/cc/tools.tsv).",
    "cc-name": "A name of Creative Commons, read by its grammar of elements, version and jurisdiction (licenses/cc).",
    "cc": "Creative Commons is named, but none of its licences.",
    "name": "The name of a licence (SPDX License List {version}; licenses/names.tsv, ours.tsv, families.tsv).",
    "text": "The text of a licence, compared word for word by SPDX's guidelines (licenses/texts.tsv).",
    "notice": "A standard notice (licenses/notices.tsv).",
    "several": "Several licences are named: bare words that offer a choice make OR, what holds together AND.",
    "beside": "Every word near a free licence is to be accounted for (licenses/beside.tsv); one that is not may limit it.",
    "conflict": "What the statement says of itself does not go together; what any of it restricts is kept.",
    "no-such-license": "It has a licence's form, but no such licence was ever published.",
    "unread": "No line of licenses/ reads it.",
}


def of_rule(rule: str) -> str | None:
    """Return in a sentence what a rule is, with the line of data where it is one line."""
    head, _, rest = rule.partition(":")
    if head == "wikitext":
        return of_rule(rest) or "A template of a wiki."
    if head == "phrase":
        return _phrase(*rest.split(":"))
    if head == "alias":
        return _alias(*rest.split(":", 1))
    if head == "link":
        row = next((r for r in tables.rows("links.tsv") if r["link"] in (rest, urls.bare(rest).rstrip("/"))), None)
        return (
            f"A page that is a licence: {row['link']} (licenses/links.tsv; read in {row['source']})." if row else None
        )
    if head == "url":
        row = list(tables.rows("urls.tsv"))[int(rest.rpartition(":")[2]) - 2]
        return f"A URL of {row['host']}, read by its path (licenses/urls.tsv; read in {row['source']})."
    said = _SAID.get(head)
    return said and said.format(version=spdx_list.version())


def _phrase(kind: str, line: str = "0") -> str:
    meaning = next((r["meaning"] for r in tables.rows("marks.tsv") if r["mark"] == kind), _MEANING.get(kind))
    row = dict(enumerate(tables.rows("phrases.tsv"), 2)).get(int(line))
    source = f"licenses/phrases.tsv, line {line}; read in {row['source']}" if row else "licenses/public_domain.tsv"
    return f"Words that say “{meaning or kind}” ({source})."


def _alias(vocabulary: str, text: str) -> str | None:
    rows = tables.rows(f"vocabularies/{vocabulary}.tsv")
    row = next((r for r in rows if key(r["alias"]) == key(text)), None)
    title = vocabularies.settings().get(vocabulary, {}).get("title", vocabulary)
    return (
        f"A spelling of “{title}” (licenses/vocabularies/{vocabulary}.tsv; read in {row['source']}: {row['words']})."
        if row
        else None
    )


def of_terms(got: Reading) -> Iterator[tuple[str, str]]:
    """Yield each licence of a reading with what it asks and the words that say so."""
    from auditor.policy import properties

    ids = [w.strip("()") for w in got.license.split() if w not in ("AND", "OR", "WITH", NONE, NOASSERTION)]
    for identifier in dict.fromkeys(ids):
        found = properties.terms(identifier)
        asked = ", ".join(sorted(found.restrictions)) or ("nothing" if found.known else "not known")
        if found.source:
            yield identifier, f"{asked} — {found.words} ({found.source})"
