"""How a host is treated: how often it is asked again, how long it is left in peace, what is only asked for where it has changed."""

import random
import time
from email.utils import parsedate_to_datetime

from auditor.schema import Page

TRIES, BACKOFF, LONGEST_BACKOFF = 5, 1.0, 60.0
PATIENCE = 3600.0  # seconds; a host that asks to wait longer is not asked again in this run
DEAD = 6  # requests in a row that a host did not answer
REDIRECTS, HOPS = (301, 302, 303, 307, 308), 10


def pause(tries: int) -> float:
    """Return the seconds to wait after so many tries."""
    return min(LONGEST_BACKOFF, BACKOFF * 2.0 ** (tries - 1)) * random.uniform(0.5, 1.5)


def conditions(page: Page, url: str) -> dict[str, str]:
    """Return the headers that ask for an answer only where it differs from this page of an earlier audit."""
    hops = page.context.get("hops") or []
    if (hops[-1][1] if hops else page.locator) != url:
        return {}
    said = {k.lower(): v for k, v in (page.context.get("headers") or {}).items()}
    headers = {"If-None-Match": said["etag"]} if "etag" in said else {}
    return headers | ({"If-Modified-Since": said["last-modified"]} if "last-modified" in said else {})


def after(said: str | None) -> float | None:
    """Return the seconds that a Retry-After means, a number or a date; None where it says nothing that can be read."""
    if said is None:
        return None
    said = said.strip()
    if said.isascii() and said.isdigit():
        return float(min(int(said[:12]), 10**9))
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except (ValueError, OverflowError, TypeError):
        return None
