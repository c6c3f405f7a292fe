"""The sentences that all forms of the appendix share; a form only dresses them."""

import re
from collections.abc import Iterator

from auditor.appendix import Head, asks
from auditor.appendix.credits import Credit, Credits
from auditor.appendix.text import link, safe
from auditor.report.section import counted, number

NO_AUTHOR = "no author named"
DEGREES = {"supplied": " (where given)", "kept": " (where there is one)", "should": " (recommended)"}
_PART = re.compile(r"\([A-Z]\)(\([ivx]+\))?$")  # of a clause the part that is one element's
NAMES = {
    "license": "licence",
    "text": "text of the licence",
    "notice": "copyright notice",
    "disclaimer": "notice of the disclaimer",
}


def title(head: Head) -> str:
    """Return the heading."""
    return f"Credits and licences of {safe(head.title)}"


def intro(head: Head, found: Credits) -> list[str]:
    """Return the sentences under the heading; the counts add up."""
    return [
        _counts(head, found),
        f"Changes made to the items: {safe(head.changes)}"
        if head.changes
        else "Changes made to the items: none stated. Where a release changed them, most licences ask to say so.",
        *wikis(found),
        f"Made by auditor {head.auditor} from the audit of {head.when}. It repeats what was found, and is not legal advice.",
    ]


def _counts(head: Head, found: Credits) -> str:
    under = f"the policy {safe(head.policy)} by the route {head.route}"
    passing = found.complete + found.incomplete
    if not passing:
        return f"Of {counted(found.of)} none passes {under}: there is nothing to credit."
    apart = f"; {number(found.incomplete)} lack something and are listed apart" if found.incomplete else ""
    return (
        f"{number(passing)} of {counted(found.of)} pass {under}; only they are listed. "
        f"The credits of {number(found.complete)} have all that their licences ask for{apart}."
    )


def wikis(found: Credits) -> list[str]:
    """Say by what right a wiki's page is credited by addresses, where there are such pages."""
    if not found.histories:
        return []
    told = asks.wikimedia()
    credited = [_quoted(a) for a in told if a.element == "creator"]
    also = [_quoted(a) for a in told if a.degree == "also" and a.clause in found.ids]
    return [
        f"Pages of wikis are credited by their address and their history's: {'; '.join(credited)}.",
        *(f"Their text may be had under another licence besides: {one}." for one in also),
    ]


def _quoted(one: asks.Ask) -> str:
    return f"“{one.words}” ({one.source})"


def hint(found: Credits) -> str:
    """Say where what is missing may be had."""
    return (
        f"Of {counted(found.incomplete)} the audit does not hold all that the licences ask for. "
        "A run of auditor audit with --follow asks the items' hosts, where they can be asked; the rest has to be looked up, or left out of a release."
    )


def asked(one: asks.License) -> str:
    """Say what a licence asks for, and where it says so."""
    if one.asks is None:
        return "What this licence asks for was not read."
    if not one.asks:
        return "It asks for no credit."
    said = [f"{NAMES.get(a.element, a.element)}{DEGREES.get(a.degree, '')}" for a in one.asks if a.degree != "changed"]
    changed = [NAMES.get(a.element, a.element) for a in one.asks if a.degree == "changed"]
    clauses = dict.fromkeys(_PART.sub("", a.clause) for a in one.asks if a.clause)
    where = f" ({'; '.join(clauses)})" if clauses else ""
    more = f"; of changed items also {', '.join(dict.fromkeys(changed))}" if changed else ""
    return f"It asks for {', '.join(dict.fromkeys(said))}{more}{where}."


def stated(credit: Credit) -> str:
    """Say under which licences the item stands, where that is more than the one made use of."""
    said = []
    if credit.license != credit.used:
        said.append(f"licensed {safe(credit.license)}")
    if credit.declared:
        said.append(f"stated as {safe(credit.declared)}")
    return ", ".join(said)


def author(credit: Credit) -> str:
    """Return the author, or of a wiki's page who wrote in it last: its history names all."""
    if credit.history:
        last = f"; last contributor: {safe(credit.creator)}" if credit.creator else ""
        return f"all contributors, see the page's history{last}"
    return safe(credit.creator) or NO_AUTHOR


def by(shown: str) -> str:
    """Return an author, shown in any form, as the end of a sentence."""
    return shown if shown == NO_AUTHOR else f"by {shown}"


def name(credit: Credit) -> str:
    """Return the title in quotes, or the id where there is none."""
    return f"“{safe(credit.title)}”" if credit.title else safe(credit.item_id)


def after(credit: Credit) -> Iterator[str]:
    """Yield what stands behind an item's name: its id, notice, licences as stated."""
    if credit.title:
        yield safe(credit.item_id)
    if credit.notice:
        yield safe(credit.notice)
    if said := stated(credit):
        yield said


def source(credit: Credit) -> str:
    """Return the source's address, safe to print: percent-encoded where it can be followed."""
    return link(credit.source) or safe(credit.source)


def plain(credit: Credit) -> str:
    """Return the whole credit as one sentence of plain text."""
    parts = [f"{name(credit)} {by(author(credit))}" if author(credit) != NO_AUTHOR else name(credit)]
    parts += [x for x in (source(credit), link(credit.history)) if x]
    parts += [x for x in (safe(credit.notice), stated(credit)) if x]
    licensed = "; ".join(
        f"{one.name}{f' ({one.url})' if one.url else ''}" for one in map(asks.license_of, asks.licenses(credit.used))
    )
    return f"{', '.join(parts)}, licensed under {licensed}"


def missing(what: str) -> str:
    """Return what is missing, in words."""
    return f"missing: {what}"


def no_text(one: asks.License) -> str:
    """Say what is shown in place of a licence's text."""
    return one.definition or "Its text is not known to auditor: take it from its address."
