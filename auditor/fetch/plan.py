"""What asking would take, before anything is asked: hosts, requests, time at their limits, disk, missing keys."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import ceil, isfinite
from pathlib import Path

from auditor.fetch import Ask, Get, limits
from auditor.fetch.ask import failed
from auditor.fetch.guard import Refused, parsed
from auditor.schema import Page

ANSWER = 0.5  # seconds that an answer is thought to take
BYTES = {"webpage": 20_000}  # on disk, packed, an origin
OTHER_BYTES = 1_500
LONG = 7 * 86_400.0  # seconds from which another way is named
SHOWN = 10
SAMPLE = 100_000  # origins of a source whose requests are counted
NOWHERE = "addresses that are not asked"
SITE = ", besides those for robots.txt, tdmrep.json and ai.txt of each whose pages are read"
INSTEAD = (
    "audit a random sample, or the part that you need (`auditor filter` makes one), or ask the host for a bulk copy"
)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one host would be asked."""

    host: str
    source: str
    origins: int
    requests: int
    pace: str
    seconds: float
    bytes: int
    missing: str = ""  # the key that is missing, where to get one, what goes without it
    instead: str = ""


@dataclass
class _Counting(Get):
    """A door that asks nobody, and counts by host what sources would ask."""

    requests: Counter[str] = field(default_factory=Counter)
    origins: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def each(self, asks: Iterable[Ask]) -> Iterator[Page]:
        """Count requests; no answer gives more than that there is none."""
        for ask in asks:
            host = _host(ask.url)
            self.requests[host] += 1
            self.origins[host].update(ask.context["keys"])
            yield failed(ask, "offline", "nothing is asked.")

    def given(self, ask: Ask, file: Path) -> Page:
        """Return no answer of a file."""
        return failed(ask, "offline", "nothing is read.")


def estimates(source: str, batches: Iterable[list[str]], total: int, get: Get) -> list[Estimate]:
    """Return what following these origins of a source would ask at most, by host: as the source itself asks for them.

    Of more than SAMPLE origins at known hosts the first are counted (they come in no order), and the rest taken to be like them.
    """
    from auditor import sources

    known = limits.of(source)
    requests, origins, seen = Counter[str](), Counter[str](), 0
    for batch in batches:
        count = _Counting(get.store, endpoints=get.endpoints)
        for _ in sources.source(source).items(batch, count):
            pass
        requests += count.requests
        origins.update({host: len(keys) for host, keys in count.origins.items()})
        seen += len(batch)
        if seen >= SAMPLE and source != "webpage":
            break
    key, missing = known.key, ""
    if key is not None and not get.key(source):
        missing = f"{key.name} is missing (get one at {key.get}); without it: {key.without or 'nothing can be asked'}"
    times = total / max(1, seen)
    return [
        _estimate(host, source, round(origins[host] * times), round(count * times), get, missing)
        for host, count in requests.most_common()
    ]


def _host(url: str) -> str:
    try:
        return parsed(url).name
    except Refused:
        return NOWHERE


def _estimate(host: str, source: str, origins: int, requests: int, get: Get, missing: str) -> Estimate:
    known = limits.POLITE if host == NOWHERE else get.pace(parsed(f"https://{host}/"))
    seconds = max(requests * known.seconds / known.requests, requests * ANSWER / known.at_once)
    units = {1: "a second", 60: "a minute", 3600: "an hour", 86_400: "a day"}
    unit = units.get(int(known.seconds), f"in {known.seconds:g} seconds")
    pace = f"{known.requests:,g} {unit}" if isfinite(known.requests) else "as fast as it answers"
    instead = (limits.of(source).bulk or INSTEAD) if seconds > LONG else ""
    return Estimate(
        host,
        source,
        origins,
        requests,
        f"{pace}, {known.at_once} at once",
        seconds,
        origins * BYTES.get(source, OTHER_BYTES),
        missing,
        instead,
    )


def text(found: list[Estimate]) -> str:
    """Return the estimates as a user reads them."""
    if not found:
        return "Nothing would be asked: no item names an origin that is known, or all were answered before.\n"
    found = sorted(found, key=lambda e: -e.seconds)
    hosts = f"{len(found):,} host{'s' if len(found) > 1 else ''}"
    requests, size = sum(e.requests for e in found), sum(e.bytes for e in found)
    lines = [
        f"Following would make {requests:,} requests to {hosts}"
        f"{SITE if any(e.source == 'webpage' for e in found) else ''}. Hosts are asked side by side: at least "
        f"{lasts(found[0].seconds)} at their limits, and about {amount(size)} of disk. Nothing was asked."
    ]
    for one in found[:SHOWN]:
        lines.append(
            f"  {one.host} ({one.source}): {one.requests:,} requests for {one.origins:,} origins, {one.pace}: {lasts(one.seconds)}"
        )
        lines += [f"    {said}" for said in (one.missing, one.instead and f"too long? {one.instead}") if said]
    rest = found[SHOWN:]
    if rest:
        lines.append(
            f"  and {len(rest):,} more hosts: {sum(e.requests for e in rest):,} requests, at most {lasts(rest[0].seconds)} each"
        )
    if not os.environ.get("AUDITOR_CONTACT"):
        lines.append(
            "  AUDITOR_CONTACT is not set: with an e-mail address or a URL in it, hosts know whom to write to."
        )
    return "\n".join(lines) + "\n"


def lasts(seconds: float) -> str:
    """Return a duration in the unit that one would use."""
    for size, unit in (
        (86_400 * 365.25, "years"),
        (86_400 * 30.4, "months"),
        (86_400, "days"),
        (3600, "hours"),
        (60, "minutes"),
    ):
        if seconds >= 2 * size:
            return f"{seconds / size:,.1f} {unit}" if seconds < 10 * size else f"{seconds / size:,.0f} {unit}"
    return f"{max(1, ceil(seconds)):,} seconds"


def amount(size: float) -> str:
    """Return a number of bytes in the unit that one would use."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:,.0f} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"
