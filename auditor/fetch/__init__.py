"""The one door out: every byte that is not already on this machine comes in through `Get`, and is kept."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from auditor import __version__
from auditor.errors import BadOption, NotReachable
from auditor.fetch.ask import Ask, answered, failed, request_key, shown
from auditor.schema import Page

if TYPE_CHECKING:
    from auditor.fetch.crawl import Crawl
    from auditor.fetch.guard import Guard, Place
    from auditor.fetch.journal import Journal
    from auditor.fetch.limits import Limits
    from auditor.fetch.session import Session

__all__ = ["Ask", "Get", "typed", "vouched"]


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:20]


def agent(contact: str = "") -> str:
    """Return the User-Agent: tool, version and, given or from AUDITOR_CONTACT, whom a host can write to."""
    said = contact or os.environ.get("AUDITOR_CONTACT", "")
    contact = " ".join(c for c in said.split() if c.isascii() and c.isprintable())
    return f"auditor/{__version__} (licence metadata of datasets{f'; {contact}' if contact else ''})"


def typed(target: str) -> tuple[str, ...]:
    """Return HOST:PORT of a URL that the user typed: a target is asked where it is, also on the user's own network."""
    from auditor.fetch.guard import Refused, parsed

    if not target.startswith(("http://", "https://")):
        return ()
    try:
        place = parsed(target)
    except Refused:
        return ()
    return (f"[{place.host}]:{place.port}" if ":" in place.host else f"{place.host}:{place.port}",)


def vouched(endpoints: Mapping[str, str], allow: Collection[str]) -> None:
    """BadOption where an endpoint is no URL, or a host no HOST or HOST:PORT."""
    for source, url in endpoints.items():
        if not typed(url) and not Path(url).is_file():  # a file: an answer that was had otherwise
            raise BadOption(
                f"--endpoint {source}={url}: give an http or https URL without a user's name in it, or a file."
            )
    for host in allow:
        if not typed(f"http://{host}/") or "/" in host:
            raise BadOption(f"--allow-host {host}: give HOST or HOST:PORT, without http:// and path.")


@dataclass
class Get:
    """Fetches into `store` (an audit's `pages/files`) and `asked` (its `pages`), once: what is there is not asked for again.

    offline: never ask the network; NotReachable for what is not in the store.
    """

    store: Path
    offline: bool = False
    told: Callable[[str], None] = lambda _: None
    endpoints: Mapping[str, str] = field(default_factory=dict)  # --endpoint SOURCE=URL
    allow: Collection[
        str
    ] = ()  # --allow-host: HOST or HOST:PORT, asked whatever address they have, as fast as they answer
    trusted: Collection[str] = ()  # HOST:PORT of what the user typed as the target
    asked: Path | None = None  # where the journal and its pages are; `store`/asked unless it is given
    contact: str = ""  # whom a host can write to: an address or a page
    earlier: Path | None = None  # `pages` of an earlier audit: what it has is asked for conditionally
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)
    _begun: "Crawl | None" = field(default=None, repr=False, compare=False)

    def each(self, asks: Iterable[Ask]) -> Iterator[Page]:
        """Yield exactly one page an ask, as they finish; asks are pulled as there is room for them.

        A page is in the audit's pages (asked-*) when it is yielded; what was final in an earlier run comes from there.
        """
        if self.offline:
            yield from (self._offline(ask) for ask in asks)
        else:
            yield from self._crawl.each(asks)

    def one(self, ask: Ask) -> Page:
        """Return the page of one request; what could not be had is a page with status 0 and `failure`."""
        (page,) = self.each([ask])
        return page

    def given(self, ask: Ask, file: Path) -> Page:
        """Return the page of a file that stands for a request's answer (`--endpoint SOURCE=FILE`); it is kept like one."""
        page = answered(ask, 200, [], file.read_bytes(), [])
        self._journal.finished(request_key(ask), page)
        self._journal.settle()
        return page

    def made(self, ask: Ask, page: Page) -> Page:
        """Return a page that is made of other answers; it is kept as that of a request, which nobody is asked."""
        key = request_key(ask)
        held = self._journal.get(key)
        if held is None or held.stamp != page.stamp:
            self._journal.finished(key, page)
            self._journal.settle()
        return page

    def base(self, source: str, default: str) -> str:
        """Return the address that a source is asked at: `--endpoint SOURCE=URL`, else the default."""
        return self.endpoints.get(source, default).rstrip("/")

    def key(self, source: str) -> bool:
        """Say whether there is a credential for a source, in the environment or the keyring."""
        from auditor.fetch import keys

        return keys.value(source) is not None

    def pace(self, place: "Place") -> "Limits":
        """Return a host's documented limits; what the user vouches for is asked as fast as it answers."""
        from auditor.fetch import limits
        from auditor.fetch.guard import Guard, parsed

        mine = [s for s, url in self.endpoints.items() if typed(url) and parsed(url).name == place.name]
        if mine or Guard(frozenset(h.lower() for h in self.allow)).allows(place):
            return limits.own(mine[0] if mine else None)
        return limits.of_host(place.host)

    def close(self) -> None:
        """Stop asking and bring the journal into order; what is in flight is asked again by the next run."""
        with self._lock:
            crawl, self._begun = self._begun, None
        if crawl is not None:
            crawl.close()
        if (journal := self.__dict__.pop("_journal", None)) is not None:
            journal.close()
        if (session := self.__dict__.pop("_session", None)) is not None:
            session.close()

    def __enter__(self) -> "Get":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _offline(self, ask: Ask) -> Page:
        """Return what an earlier run was answered, or the page that says that nothing may be asked."""
        page = self._journal.get(request_key(ask)) if any(self._place.glob("asked-*")) else None
        why = f"{shown(ask.url)} was not asked, since --offline forbids it: run again without it."
        return page or failed(ask, "offline", why)

    @cached_property
    def _guard(self) -> "Guard":
        from auditor.fetch.guard import Guard

        given = [host for url in self.endpoints.values() for host in typed(url)]
        return Guard(frozenset({*(h.lower() for h in self.allow), *self.trusted, *given}))

    @cached_property
    def _session(self) -> "Session":
        from auditor.fetch.session import Session

        return Session(self._guard, agent(self.contact))

    @property
    def _crawl(self) -> "Crawl":
        with self._lock:  # several threads may ask first
            if self._begun is None:
                self._begun = self._begin()
            return self._begun

    def _begin(self) -> "Crawl":
        from auditor.fetch.crawl import Crawl
        from auditor.fetch.journal import Closed

        earlier = Closed.of(self.earlier) if self.earlier else None
        if left := self._journal.left:
            self.told(
                f"{left:,} requests that an earlier run had planned or begun were not finished; they are asked now."
            )
        return Crawl(self._session, self._journal, self.pace, dict(self.endpoints), earlier)

    @cached_property
    def _journal(self) -> "Journal":
        from auditor.fetch.journal import Journal

        return Journal(self._place)

    @property
    def _place(self) -> Path:
        return self.asked or self.store / "asked"

    def folder(self, key: str, make: Callable[[Path], None], resume: bool = False) -> Path:
        """Return the stored folder of `key`; where there is none, `make` fills a new one, which appears whole or not at all.

        resume: `make` goes on with what an earlier, broken off one left.
        """
        place = self.store / _name(key)
        if place.is_dir():
            return place
        if self.offline:
            raise NotReachable(f"{key} is not in the audit's store and --offline forbids asking: run once without it.")
        partial = place.with_name(place.name + ".partial")
        if not resume:
            shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True, exist_ok=True)
        make(partial)
        os.rename(partial, place)
        return place

    def file(self, url: str, source: str) -> Page:
        """Return the page of a URL's answer, its body streamed into the store under the URL's own file name."""
        from auditor.fetch import files

        earlier = self.earlier / "files" / _name(url) if self.earlier else None
        place = self.folder(
            url,
            lambda into: files.fetch(self._session, url, source, into, self.endpoints, earlier),
            resume=True,
        )
        answer = json.loads((place / files.ANSWER).read_text(encoding="utf-8"))
        return Page(
            source=source,
            locator=url,
            path=str(place / files.name_of(url)),
            retrieved=datetime.fromisoformat(answer["retrieved"]),
            status=answer["status"],
            media_type=answer["media_type"],
            sha256=answer["sha256"],
            stamp=answer["sha256"],
        )
