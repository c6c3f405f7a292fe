"""One request on its way, over all its hops and tries: what is sent, and what its answers mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import Any
from urllib.parse import urljoin

import msgspec

from auditor.fetch import keys, robots
from auditor.fetch.ask import Ask, answered, failed, shown
from auditor.fetch.errand import Asked, Reply
from auditor.fetch.guard import Guard, Place, Refused
from auditor.fetch.manners import HOPS, conditions
from auditor.fetch.session import Session, whole
from auditor.schema import Page

UNCHANGED = "unchanged_since"


@dataclass(slots=True, eq=False)
class Feed:
    """One call of `each`, and where its pages go: some at once, or why there are no more."""

    out: SimpleQueue[list[Page] | BaseException] = field(default_factory=SimpleQueue)
    given: int = 0  # bytes of bodies, by the loop
    taken: int = 0  # by who asked
    cancelled: bool = False


class Task(msgspec.Struct, eq=False, gc=False):
    """One request, asked at `place` next."""

    ask: Ask
    key: str
    feed: Feed
    place: Place
    url: str
    hops: list[list[Any]] = msgspec.field(default_factory=list)
    tries: int = 0
    earlier: Page | None = None

    @property
    def most(self) -> int:
        """Bytes of body that are wanted."""
        return self.ask.most if self.ask.part is None else min(self.ask.part, self.ask.most)

    @property
    def site(self) -> tuple[str, bool]:
        """Which rules of its host it is under: the scheme, and whether it is a page, of which the site's other files speak, too."""
        return self.place.scheme, self.ask.source == "webpage"

    def request(self, session: Session, endpoints: Mapping[str, str]) -> Asked:
        """Return what is sent; the credential goes to its own host only."""
        ask, place = self.ask, self.place
        headers: dict[str, str] = {}
        if ask.headers:
            mine = not self.hops or place.origin == session.guard.place(ask.url).origin
            headers = {k: v for k, v in ask.headers.items() if mine or k.lower() in ("accept", "accept-language")}
        if ask.part is not None:
            headers["Range"] = (
                f"bytes={ask.start}-{ask.start + ask.part - 1}" if ask.last is None else f"bytes=-{ask.part}"
            )
        if self.earlier is not None:
            headers |= conditions(self.earlier, self.url)
        target, signed = keys.signed(ask.source, place, endpoints)
        return session.asked(place, headers | signed, plain=ask.part is not None, target=target)

    def answered(self, reply: Reply) -> Page:
        """Return the page of an answer that is final; Failed where its body can't be unpacked."""
        ask, source = self.ask, self.ask.source
        reply = whole(reply, self.most, plain=ask.part is not None)
        headers = [(k, keys.hide(source, v)) for k, v in reply.headers.items()]
        page = answered(ask, reply.status_code, headers, keys.hide_bytes(source, reply.content), self.hops)
        if reply.cut and ask.part is None:
            why = f"{shown(self.url)} is longer than {ask.most:,} bytes, so only its beginning was kept."
            page = page.with_(status=0, context={**page.context, "failure": why, "failure_kind": "size", "cut": True})
        return page

    def with_site(self, page: Page, rules: robots.Rules | None) -> Page:
        """Return a page with what its site says of mining and training."""
        said = rules.site.of(self.place.url) if rules else {}
        return page.with_(context={**page.context, "site": said}) if said else page

    def unchanged(self, old: Page) -> Page:
        """Return the page of an earlier audit, which still holds."""
        now = datetime.now(UTC).replace(microsecond=0)
        context = {**old.context, **self.ask.context, "hops": self.hops, UNCHANGED: old.retrieved.isoformat()}
        return old.with_(retrieved=now, context=context)

    def redirected(self, reply: Reply, guard: Guard) -> Page | None:
        """Go where an answer leads; a page where that is not gone to."""
        said = reply.headers.get("location")
        if not said:
            return self.gave_up("server", f"answered {reply.status_code} without saying where to")
        location = said.encode("latin-1", "replace").decode("utf-8", "replace")
        if keys.hide(self.ask.source, location) != location:
            return self.gave_up("credential", "leads on to an address that has the credential in it")
        try:
            url = urljoin(self.url, location)
            place = guard.place(url)
        except (Refused, ValueError) as error:
            self.hops.append([reply.status_code, shown(location)[:2000]])
            return self.gave_up("guard", f"leads on to an address that is not asked: {error}")
        self.hops.append([reply.status_code, shown(url)])
        if len(self.hops) > HOPS:
            return self.gave_up("server", f"leads on more than {HOPS} times")
        if place.url in (guard.place(self.ask.url).url, *(h[1] for h in self.hops[:-1])):
            return self.gave_up("server", "leads in a circle")
        self.place, self.url, self.tries = place, url, 0
        return None

    def gave_up(self, kind: str, why: str) -> Page:
        """Return the page of a request that was not answered."""
        hop = f" (from {shown(self.ask.url)})" if self.hops else ""
        said = keys.hide(self.ask.source, f"{shown(self.url)}{hop} {why}.")
        return failed(self.ask, kind, said, self.hops)
