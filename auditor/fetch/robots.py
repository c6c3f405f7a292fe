"""robots.txt as RFC 9309 has it: what it forbids is not asked; where it can't be had, nothing is."""

from dataclasses import dataclass, field
from typing import Any

from auditor.fetch.errand import Failed
from auditor.fetch.guard import Place
from auditor.signals import Site

AGENT = "auditor"
MOST = 512_000  # bytes that are read; RFC 9309, 2.5: at least 500 kibibytes
SHORT_DELAY = 10.0  # seconds; a host that asks for more is not asked for these
SMALL = 64_000  # bytes of each of these
OPT_OUTS = ("/.well-known/tdmrep.json", "/ai.txt")  # W3C TDMRep, section 5.1; Spawning
HOPS = 5  # RFC 9309, 2.3.1.2: at least five consecutive redirects
LONGEST_DELAY = 300.0  # seconds; a host that asks for more is not asked item by item


@dataclass(frozen=True, slots=True)
class Rules:
    """What a host's robots.txt says to us; `closed`: why nothing at all may be asked, with the kind of failure."""

    parsed: Any = None
    delay: float = 0.0
    closed: tuple[str, str] | None = None
    site: Site = field(default_factory=Site)  # opt-outs, which are no rules for us

    def forbids(self, place: Place) -> str | None:
        """Return why an address is not asked, or None."""
        if self.parsed is None or self.parsed.can_fetch(place.url, AGENT):
            return None
        return f"{place.name} forbids it in its robots.txt"

    def refuses(self, place: Place) -> tuple[str, str] | None:
        """Return the kind of failure, and why, of an address that is not asked; None of one that may be."""
        if self.closed or not (why := self.forbids(place)):
            return self.closed
        return "robots", f"was not asked, since {why}"


def unanswered(error: Failed) -> Rules:
    """Return the rules where /robots.txt was not answered: nothing is asked (2.3.1.4)."""
    if error.kind in ("connect", "timeout", "dns", "tls", "guard"):  # what is wrong is the host itself
        return Rules(closed=(error.kind, error.why))
    return Rules(closed=("robots", f"its host's robots.txt {error.why}"))


def read(status: int, body: bytes) -> Rules:
    """Return the rules that the answer to /robots.txt gives.

    4xx: there is none, all is allowed (2.3.1.3); 5xx and 429: nothing is asked (2.3.1.4).
    """
    if status == 429 or status >= 500:
        return Rules(closed=("robots", f"its host's robots.txt answered {status}, so what it forbids is not known"))
    if not 200 <= status < 300:
        return Rules()
    from protego import Protego

    text = body.decode("utf-8-sig", "replace").replace("\0", "")
    parsed = Protego.parse(text)
    delay = float(parsed.crawl_delay(AGENT) or 0.0)
    rate = parsed.request_rate(AGENT)
    if rate is not None and rate.requests > 0:
        delay = max(delay, rate.seconds / rate.requests)
    if delay > LONGEST_DELAY:
        return Rules(closed=("robots", f"its host's robots.txt asks for {delay:g} seconds between two requests"))
    return Rules(parsed, delay, site=Site(text, parsed))
