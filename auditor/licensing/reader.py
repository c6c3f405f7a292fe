"""Reading one statement: what is exact first, then what it mentions, then what the words around say; never a guess."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from auditor import policy
from auditor.licensing import leftover, marks, merge, spdx_list, tables
from auditor.licensing.counting import NOTICE, another, counting, strangers_of, unfinished
from auditor.licensing.fold import MAX, Tokens
from auditor.licensing.marks import LICENSE, Mark
from auditor.licensing.reading import NOASSERTION, NONE, Reading, of, terms, undetermined
from auditor.licensing.scan import Mention, Scan, scan

LONG = 1_000  # characters from which a licence's text is more likely than a statement
_LEGAL = re.compile(
    "permission|permitted|redistribut|hereby|licensor|warrant|copying|send a letter|free software foundation"
)
_HEADED = re.compile(r"^(?:#+ ?licen|licen\w+\n[=-])", re.MULTILINE)
SHORTEST_TEXT = 120  # characters: texts of licences shorter than this are left to `read_text` itself


def read(
    text: str | None,
    url: str | None = None,
    version: str | None = None,
    vocabulary: str | None = None,
    as_of: str | None = None,
) -> Reading:
    """Read one statement; NONE where nothing was said, NOASSERTION where it was not determined."""
    return _read((text or "").strip(), (url or "").strip(), (version or "").strip(), vocabulary or "", as_of or "")


@lru_cache(maxsize=16_384)
def _read(text: str, url: str, version: str, vocabulary: str, as_of: str) -> Reading:
    if not text and not url:
        return Reading(NONE, "unknown", (), "nothing", None, None, "No licence statement was given.")
    summed = _summed(text, version, vocabulary, as_of)
    if summed is not None:
        return _both(summed, _statement(url)) if url and summed.license != NOASSERTION else summed
    if vocabulary:
        from auditor.licensing import vocabularies

        known = vocabularies.read(vocabulary, text, version, as_of)
        if known is not None:
            return _both(known, _statement(url)) if url else known
    if not text or not url:
        return _statement(_versioned(text, version) or url)
    return _both(_statement(_versioned(text, version)), _statement(url))


def _summed(text: str, version: str, vocabulary: str, as_of: str) -> Reading | None:
    """Read `A AND B` part by part where it is no clean expression: what is unread in a sum binds all of it."""
    if len(text) > LONG or text.startswith("{{") or "SPDX-License-Identifier" in text:
        return None
    if " AND " not in text or _expression(text):
        return None
    if (whole := _text(text)) is not None and " AND " not in (whole.ignored or ""):
        return None  # the word stands inside a licence's text
    if " AND " in (_prose(text).span or "").upper():
        return None  # the word stands inside a licence's name set in capitals
    if " OR " in text:
        return undetermined("several:mixed", "AND and OR stand together, and not all of their parts are ids.", (), text)
    parts = [p.strip(" ()") for p in re.split(r"\sAND\s", text)]
    read_ones = [_read(p, "", version, vocabulary, as_of) for p in parts]
    union = {r for one in read_ones for r in one.restrictions}
    for part, one in zip(parts, read_ones, strict=True):
        if one.license in (NONE, NOASSERTION):
            return undetermined("several:unread-part", f"“{part}” beside the others is not read.", union, text)
    names = dict.fromkeys(f"({r.license})" if " OR " in r.license else r.license for r in read_ones)
    return of(" AND ".join(names), "several:and", text)


def _versioned(text: str, version: str) -> str:
    return f"{text} {version}" if text and version and version not in text else text


def _both(said: Reading, linked: Reading) -> Reading:
    """Return the more exact of text and URL, or their contradiction (rule 4)."""
    if linked.license == NOASSERTION and not linked.restrictions:
        return _named_by(linked, said)
    if said.license == NOASSERTION and not said.restrictions and said.rule in ("unread", "cc"):
        return _unnamed(said, linked)
    if policy.refines(said.license, linked.license):
        return said
    if policy.refines(linked.license, said.license):
        return linked
    loose = said.rule.startswith("phrase:public-domain") and said.category == "free"
    if loose and linked.category == "free" and not linked.restrictions:
        return linked  # the words leave open why it is in the public domain, and the URL says why: a dedication, a mark
    union = {*said.restrictions, *linked.restrictions}
    return undetermined(
        "conflict:text-url",
        f"The words say {said.license}, the URL says {linked.license}.",
        union,
        f"{said.span} | {linked.span}",
    )


def _unnamed(said: Reading, linked: Reading) -> Reading:
    """Return what the URL says, unless the words beside it name no licence but leave it in doubt: "Private"."""
    if policy.FORBIDDING.intersection(linked.restrictions) or not said.ignored or not linked.span:
        return linked
    whole = _prose(f"{said.ignored} {linked.span}"[:MAX])
    return whole if whole.license == NOASSERTION and whole.rule.startswith("phrase") else linked


def _named_by(linked: Reading, said: Reading) -> Reading:
    """Return what the words say, unless the address that is not known says in its own words that it forbids."""
    words = re.sub(r"[\W_]+", " ", re.sub(r"^\w+://[^/]*", "", linked.ignored or "")).strip()
    told = _prose(words[:MAX]) if words else linked
    if not policy.FORBIDDING.intersection(told.restrictions) or policy.FORBIDDING.intersection(said.restrictions):
        return said
    union = {*said.restrictions, *told.restrictions}
    note = f"The words say {said.license}, the URL {linked.ignored} names what says {told.license}."
    return undetermined("conflict:text-url", note, union, f"{said.span} | {linked.ignored}")


def _statement(text: str) -> Reading:
    return _expression(text) or _whole(text) or _text(text) or _prose(text[:MAX])


def _text(text: str) -> Reading | None:
    """Read a whole licence text, a standard notice, or a text that holds one."""
    if "SPDX-License-Identifier" not in text and (len(text) < SHORTEST_TEXT or not _legal(text.lower())):
        return None
    from auditor.licensing.texts import read_text

    return read_text(text)


def _legal(lower: str) -> bool:
    return bool(_LEGAL.search(lower)) or ("licen" in lower and bool(_HEADED.search(lower)))


def _expression(text: str) -> Reading | None:
    """Read an SPDX id or expression whose ids all exist; case does not matter, nothing is repaired."""
    if text in (NONE, NOASSERTION):
        return Reading(text, "unknown", (), "spdx", text, None, "SPDX's own word.")
    if len(text) > 500 or not text.isascii():
        return None
    one = _spdx_id(text)
    if one:
        return of(one, "spdx-id", text)
    upper = text.upper()
    if "LICENSEREF-" not in upper and " AND " not in upper and " OR " not in upper and " WITH " not in upper:
        return None
    words = text.replace("(", " ").replace(")", " ").split()
    if not all(w.upper() in ("AND", "OR", "WITH") or _spdx_id(w) or _exception(w) for w in words):
        return None
    tree = policy.expression.parse(
        " ".join(
            w.upper() if w.upper() in ("AND", "OR", "WITH") else w
            for w in text.replace("(", " ( ").replace(")", " ) ").split()
        )
    )
    return of(policy.expression.write(tree), "spdx-expression", text) if tree else None


def _spdx_id(word: str) -> str | None:
    found = spdx_list.folded().get(word.lower())
    if found and spdx_list.load()[found].kind == "license":
        return spdx_list.current(found)
    if word.endswith("+") and spdx_list.folded().get(word[:-1].lower()):
        base = spdx_list.current(spdx_list.folded()[word[:-1].lower()])
        return base.replace("-only", "-or-later") if base.endswith("-only") else f"{base}+"
    if word.lower().startswith("licenseref-") and word.isascii() and all(c.isalnum() or c in ".-+" for c in word):
        return tables.ours().get(word.lower(), "LicenseRef-" + word[11:])
    return None


def _exception(word: str) -> bool:
    found = spdx_list.folded().get(word.lower())
    return bool(found) and spdx_list.load()[found or ""].kind == "exception"


def _whole(text: str) -> Reading | None:
    """Read a statement that is, as a whole, a spelling of a list that every reader may use, or a wiki's template."""
    from auditor.licensing import vocabularies

    if text.startswith("{{") and text.endswith("}}"):
        from auditor.licensing.wikitext import read_wikitext

        return read_wikitext(text, read, None)
    return vocabularies.general(text)


def _prose(text: str) -> Reading:
    found = scan(text)
    strangers = strangers_of(found) if found.mentions else []
    mentions = counting(found, strangers)
    masked = _mask(found, mentions)
    said, rest = marks.apart(masked, bool(mentions))
    unclear = [m for m in said if m.kind in ("unclear", "negated")]
    kept = merge.distinct([m for m in mentions if m.license is not None])
    broken = [m for m in mentions if m.license is None and not _repeated(m, kept)]
    broken += unfinished(found, mentions, strangers)
    said = _without_public_domain(said, kept)
    stated = _restrictions(said).union(*(terms(m.license)[1] for m in kept if m.license))
    if not stated & policy.FORBIDDING:
        doubts = ("doubt", "none") if kept else ("doubt",)
        unclear += [m for m in said if m.kind in doubts]  # words that may restrict matter where nothing else does
    if unclear or broken:
        return _unclear(found, kept, said, unclear, broken)
    if kept and not stated & policy.FORBIDDING:
        unknown, rule = another(found, mentions, strangers), "several:unread-part"
        if not unknown:
            named = [m for m in mentions if m.license != NOASSERTION] or mentions
            unknown, rule = leftover.unread(found, named, strangers, rest), "beside:unread"
        if unknown:
            note = f"“{unknown}” beside what it names is not read."
            return undetermined(rule, note, stated, _words(found, kept), unknown)
    if kept and all(m.license == NOASSERTION for m in kept):
        return undetermined(
            kept[0].rule,
            "A licence family is named, but not which licence of it.",
            _restrictions(said),
            _words(found, kept),
        )
    kept = [m for m in kept if m.license != NOASSERTION] or kept
    if not kept:
        return _marks_only(text, found, masked, said, rest)
    return _one(found, kept[0], said) if len(kept) == 1 else _several(found, kept, said)


def _repeated(mention: Mention, kept: Iterable[Mention]) -> bool:
    """Return whether a title that ports share goes on to be said exactly: Nimeä-JaaSamoin 3.0 (CC BY-SA 3.0)."""
    return mention.rule == "cc-shared" and any(k.tool and set(k.elements) == set(mention.elements) for k in kept)


def _mask(found: Scan, mentions: Iterable[Mention]) -> str:
    """Return the folded text with each counting mention replaced by one sign."""
    pieces, at = [], 0
    for m in mentions:
        start, end = found.tokens.start(m.start), found.tokens.end(m.end - 1)
        pieces += [found.folded_at(at, start), LICENSE]
        at = end
    return " ".join("".join([*pieces, found.folded_at(at, len(found.text))]).split())


def _without_public_domain(said: list[Mark], kept: Sequence[Mention]) -> list[Mark]:
    """Drop the words "public domain" beside a licence that dedicates or marks: CC0, PDDL, the Unlicense."""
    if any(m.license and m.license != NOASSERTION and not terms(m.license)[1] for m in kept):
        return [m for m in said if m.kind not in ("public-domain", "no-known-copyright")]
    return said


def _restrictions(said: Iterable[Mark]) -> set[str]:
    found: set[str] = set()
    for mark in said:
        found |= marks.meanings().get(mark.kind, ("", frozenset()))[1]
    return found


def _words(found: Scan, mentions: Sequence[Mention]) -> str:
    return " | ".join(found.span(m.start, m.end) for m in mentions)


def _unclear(
    found: Scan, kept: Sequence[Mention], said: list[Mark], unclear: Sequence[Mark], broken: Sequence[Mention]
) -> Reading:
    union = _restrictions(said)
    for m in kept:
        if m.license and m.license != NOASSERTION:
            union |= set(terms(m.license)[1]) & policy.FORBIDDING
    if unclear:
        mark = unclear[0]
        named = ", ".join(m.license for m in kept if m.license) or "what it says"
        note = f"The words “{mark.words}” say that {named} is not what holds, or not as it stands."
        if mark.kind == "doubt":
            note = f"“{mark.words}” may limit {named}."
        return undetermined(f"phrase:{mark.kind}:{mark.line}", note, union, mark.words)
    for m in broken:
        union |= _of_elements(m)
    return undetermined(
        "no-such-license",
        "It has a licence's form, but no such licence was ever published.",
        union,
        _words(found, broken),
    )


def _of_elements(mention: Mention) -> set[str]:
    from auditor.policy.properties import table

    listed = table()
    return {r for e in mention.elements if f"element:{e}" in listed for r in listed[f"element:{e}"].restrictions}


def _one(found: Scan, mention: Mention, said: list[Mark]) -> Reading:
    license_ = mention.license or NOASSERTION
    span = _words(found, [mention])
    unread = _unread_part(found.text) if span != found.text else None
    if unread:
        note = f"It names {license_}, and “{unread}” beside it is not read."
        return undetermined("several:unread-part", note, {*terms(license_)[1], *_restrictions(said)}, span)
    listed = _listed(found.text) if span != found.text else []
    if listed and not said:
        names = dict.fromkeys(f"({r.license})" if " OR " in r.license else r.license for r in listed)
        return of(" AND ".join(sorted(names)), "several:and", found.text)
    own = set(terms(license_)[1])
    against = _riders(found, mention, said, own)
    if against:
        union = own | _restrictions(said)
        words = "; ".join(f"“{m.words}”" for m in against)
        return undetermined(
            "conflict:rider", f"It names {license_}, but also says {words}.", union, f"{span} | {against[0].words}"
        )
    beside = merge.beside(found, mention)
    if beside:
        note = f"It says {license_} of the {beside}; of the items themselves it says nothing."
        return replace(undetermined(f"scope:{beside}", note, own, span), parts=((beside, license_),))
    return of(license_, mention.rule, span, _ignored(found, [mention]))


def _riders(found: Scan, mention: Mention, said: Iterable[Mark], own: set[str]) -> list[Mark]:
    """Return the marks that the licence named does not already say."""
    against, american = [], mention.license == marks.meanings()["us-government"][0]
    for m in said:
        if american and m.kind in ("us-government", "public-domain", "public-domain-somewhere"):
            continue
        if m.kind == "reserved" and not mention.tool and any(w in NOTICE for w in found.tokens):
            continue  # "Copyright …. All rights reserved." heads many free software notices
        restricts = marks.meanings().get(m.kind, ("", frozenset()))[1]
        if (
            restricts - own
            or (m.kind == "commercial" and "non-commercial" in own)
            or (m.kind == "public-domain" and own)
        ):
            against.append(m)
    return against


def _several(found: Scan, kept: Sequence[Mention], said: list[Mark]) -> Reading:
    licenses = [m.license for m in kept if m.license]
    span = _words(found, kept)
    union = _restrictions(said).union(*(terms(i)[1] for i in licenses))
    how = merge.joined(found, kept)
    scopes = [merge.scope_of(found, m, kept[i - 1].end if i else 0) for i, m in enumerate(kept)]
    parts: tuple[tuple[str, str], ...] = ()
    if None not in scopes and len(set(scopes)) == len(scopes):
        how, parts = how or "AND", tuple((s or "", i) for s, i in zip(scopes, licenses, strict=True))
    unread = _unread_part(found.text)
    if how and unread:
        return undetermined("several:unread-part", f"“{unread}” beside what it names is not read.", union, span)
    if how is None:
        return undetermined(
            "conflict:several", f"It names {', '.join(licenses)} and does not say how they go together.", union, span
        )
    expression = f" {how} ".join(f"({i})" if " " in i else i for i in sorted(licenses))
    against = _restrictions(said) - set(terms(expression)[1])
    if against:
        return undetermined(
            "conflict:rider", f"It names {expression}, but also restricts: {', '.join(sorted(against))}.", union, span
        )
    return of(expression, f"several:{how.lower()}", span, _ignored(found, kept), None, parts)


_NAMES = re.compile(r"[\w.+-]+(?:,? (?:and/or|and|or|with|, ?) ?[\w.+-]+)+", re.IGNORECASE)
_WORD, _ADDRESS = re.compile(r"[^\W\d_]{2}"), re.compile(r"https?://\S+|www\.\S+")
_SENTENCES = re.compile(r"\n|\w\w\. ")  # a bar in them lists no licences
_BETWEEN = re.compile(r",? (?:and/or|and|or|with) |, ?", re.IGNORECASE)


def _nothing_or_read(part: str) -> bool:
    """Say whether a part of a list with bars is a licence that is read, or an address alone."""
    return bool(_ADDRESS.fullmatch(part)) or _read(part, "", "", "", "").license != NOASSERTION


def _unread_part(text: str) -> str | None:
    """Return the first name of a list that sums up short names (Debian's DEP-5) and that is not read by itself."""
    if _COMMAS.fullmatch(text) and len(text) < LONG:
        return next(
            (p for p in map(str.strip, re.split("[,;]", text)) if _read(p, "", "", "", "").license == NOASSERTION), None
        )
    if "|" in text and len(text) < LONG and not _SENTENCES.search(text):
        parts = [p.strip() for p in text.split("|")]
        return next((p for p in parts if _WORD.search(p) and not _nothing_or_read(p)), None)
    if len(text) > LONG or not _NAMES.fullmatch(text) or not re.search(r"\band\b", text):
        return None
    return next((p for p in _BETWEEN.split(text) if p and _read(p, "", "", "", "").license == NOASSERTION), None)


_COMMAS = re.compile(r"[\w.+-]+(?:[,;] ?[\w.+-]+)+")


def _listed(text: str) -> list[Reading]:
    """Return what each name of a bare list says, "MIT, BSD"; nothing where it is no list, or a name is not read."""
    if len(text) > LONG or not _COMMAS.fullmatch(text):
        return []
    parts = [_read(p.strip(), "", "", "", "") for p in re.split("[,;]", text)]
    return [] if any(r.license in (NONE, NOASSERTION) for r in parts) else parts


def _ignored(found: Scan, kept: Sequence[Mention]) -> str | None:
    at, left = 0, []
    for m in [*sorted(kept, key=lambda m: m.start), None]:
        end = len(found.tokens) if m is None else m.start
        words = found.span(at, end)
        if any(c.isalnum() for c in words):
            left.append(words)
        at = at if m is None else m.end
    return " … ".join(left) or None


_LIMITS = ("academic-only", "non-commercial", "no-derivatives", "no-redistribution", "use-restricted")
_CHOICE = (
    *_LIMITS,
    "permission",
    "reserved",
    "proprietary",
)


def _claim(found: Scan, claim: Mark, rest: str) -> str | None:
    """Return the words beside a claim that nothing accounts for, as beside a licence named in its place."""
    words, said = found.tokens, Tokens(claim.words)
    first = [i for i, w in enumerate(words) if w == said[0]] if said else []
    at = next((i for i in first if words[i : i + len(said)] == said), None)
    if at is None:
        return None
    place = Mention(marks.meanings()[claim.kind][0], at, at + len(said), "phrase")
    known = [s and not at <= i < place.end for i, s in enumerate(strangers_of(found))]
    return leftover.unread(found, [place], known, rest)


def _marks_only(text: str, found: Scan, masked: str, said: list[Mark], rest: str) -> Reading:
    kinds = {m.kind: m for m in reversed(said)}
    closed = kinds.get("reserved") or kinds.get("proprietary")
    if closed and kinds.keys() & set(_LIMITS):
        note = f"It says “{closed.words}”, and yet words that limit some use, as if other use were granted."
        return undetermined(f"conflict:{closed.kind}", note, _restrictions(said), closed.words)
    for kind in _CHOICE:
        if kind in kinds and not (kind == "non-commercial" and "commercial" in kinds):
            mark, (license_, _) = kinds[kind], marks.meanings()[kind]
            if "public-domain" in kinds or ("none" in kinds and kind == "reserved"):
                return undetermined(
                    f"conflict:{kind}",
                    f"It says both “{mark.words}” and “{kinds.get('public-domain', mark).words}”.",
                    _restrictions(said),
                    mark.words,
                )
            return of(license_, f"phrase:{kind}:{mark.line}", mark.words, None, None)
    if "ask" in kinds:
        mark = kinds["ask"]
        return undetermined(
            f"phrase:ask:{mark.line}",
            f"“{mark.words}”: someone is to be asked first; no licence is named.",
            _restrictions(said),
            mark.words,
        )
    for kind in (
        "us-government",
        "public-domain-somewhere",
        "public-domain",
        "no-known-copyright",
    ):  # the narrower claim first
        if kind in kinds:
            doubt = marks.doubt(masked, kinds[kind].words)
            if doubt is not None:
                note = f"It says “{kinds[kind].words}”, and the words “{doubt.words}” beside it may limit that."
                return undetermined(f"phrase:{doubt.kind}:{doubt.line}", note, _restrictions(said), doubt.words)
            unread = _claim(found, kinds[kind], rest)
            if unread:
                note = f"It says “{kinds[kind].words}”, and “{unread}” beside it is not read."
                return undetermined("beside:unread", note, _restrictions(said), kinds[kind].words, unread)
            return of(marks.meanings()[kind][0], f"phrase:{kind}:{kinds[kind].line}", kinds[kind].words)
    if "attribution" in kinds and not kinds.keys() & {"unclear", "none"}:
        mark = kinds["attribution"]
        return of(marks.meanings()["attribution"][0], f"phrase:attribution:{mark.line}", mark.words)
    return Reading(NOASSERTION, "unknown", (), "unread", None, text[:500], "No licence could be read in it.")
