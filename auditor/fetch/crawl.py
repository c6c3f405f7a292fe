"""Many requests at once, each host at its own pace.

All of this lives in the thread of the wire's loop, but for `each`, whose requests are pulled in the thread of who asks: that one waits for
pages. A host is asked `at_once` at a time and no faster than its limits, its robots.txt and its own Retry-After say; redirects and repeats go
back into the queue of the host they lead to. In each turn the journal's lines are written first, of the pages that came and of the requests
that are about to leave: so no request leaves before the page that makes room for it is written, and a kill costs what was in flight, no more.
The loop writes them itself (to the system, for whose disk it does not wait). What is held in memory is bounded: requests (WINDOW) and pages
not yet taken (WAITING).
"""

import threading
import time
from asyncio import TimerHandle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush
from itertools import islice
from queue import Empty
from typing import Any

from auditor.errors import AuditError
from auditor.fetch import keys, manners, robots
from auditor.fetch.ask import Ask, failed, request_key, shown
from auditor.fetch.errand import Failed, Reply
from auditor.fetch.guard import Place, Refused
from auditor.fetch.journal import Closed, Journal
from auditor.fetch.limits import Limits
from auditor.fetch.manners import DEAD, LONGEST_BACKOFF, PATIENCE, REDIRECTS, TRIES
from auditor.fetch.session import Session
from auditor.fetch.sites import Sites
from auditor.fetch.task import Feed, Task
from auditor.schema import Page

FLYING = 512  # requests at once, at all hosts
WINDOW, CHUNK, SPELL = 10_000, 64, 0.02  # requests held; pulled at once, at most, and the seconds that may take
WAITING = 64 << 20  # bytes of pages that nobody has taken yet
HOSTS, ASKING = 5_000, 128  # remembered; whose robots.txt is asked for at once
LONG = 1 << 15  # bytes of a body that are looked at in a thread of their own
APART = 0.005  # seconds between two times that pages are handed over, so that who takes them is not woken for each
TURN = 512  # requests begun before the loop looks at its connections again


@dataclass(slots=True, eq=False)
class Host:
    """What is known of a host in this run, and what waits for it."""

    limits: Limits
    gap: float  # seconds between the starts of two requests
    queue: deque[Task] = field(default_factory=deque)
    active: int = 0
    next: float = 0.0
    listed: bool = False  # it stands among those that are ready or will be
    asking: bool = False  # its robots.txt is being asked for
    rules: dict[tuple[str, bool], robots.Rules] = field(
        default_factory=dict
    )  # by scheme, and whether for pages: see Task.site
    silent: int = 0  # requests in a row that it did not answer
    closed: tuple[str, str] | None = None


def _page(task: Task, reply: Reply) -> Page | Exception:
    """Return the page of an answer, or why it can't be made."""
    try:
        return task.answered(reply)
    except Exception as error:
        return error


class Crawl:
    """All that is asked over the network, for any number of `each` at once."""

    def __init__(
        self,
        session: Session,
        journal: Journal,
        limits: Callable[[Place], Limits],
        endpoints: dict[str, str],
        earlier: Closed | None = None,
    ) -> None:
        self.session, self.journal, self.limits = session, journal, limits
        self.engine, self.guard, self.sites = session.engine, session.guard, Sites(session, journal)
        self.endpoints, self.earlier = endpoints, earlier
        self.hosts: dict[str, Host] = {}
        self.ready: deque[Host] = deque()
        self.timed: list[tuple[float, int, Host]] = []
        self.timer: TimerHandle | None = None
        self.turns = self.flying = 0
        self.due = False  # a turn is taken soon
        self.written: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()  # to be done, since it is written
        self.telling = self.handing = self.held = False  # held: no request leaves, since too many pages were not taken
        self.handed = 0.0  # when pages were last handed over
        self.pages: dict[Feed, list[Page]] = {}
        self.feeds: set[Feed] = set()
        self.lock = threading.Lock()  # of `feeds` and `stopped`
        self.stopped = False
        self.helpers = ThreadPoolExecutor(ASKING, "fetch")

    # -- in the thread of who asks

    def each(self, asks: Iterable[Ask]) -> Iterator[Page]:
        """Yield one page a request, as they finish."""
        feed, stream = Feed(), iter(asks)
        with self.lock:
            self.feeds.add(feed)
        sent = got = 0
        more = True
        try:
            while more or got < sent:
                if pull := more and sent - got < max(CHUNK, WINDOW // len(self.feeds)):
                    pages, tasks, more = self._pull(feed, stream)
                    sent += tasks
                    yield from pages
                if pull and got == sent:
                    continue
                try:
                    said = feed.out.get(block=not pull)
                except Empty:
                    continue
                if isinstance(said, BaseException):
                    raise said
                got += len(said)
                for page in said:
                    feed.taken += len(page.body or b"")
                    self._taken()
                    yield page
        finally:
            feed.cancelled = True
            with self.lock:
                self.feeds.discard(feed)
            self._taken()

    def close(self) -> None:
        """Stop at once: what is being answered is let go, and asked again by the next run."""
        with self.lock:
            self.stopped = True
        self.sites.stop.set()
        self.session.close()
        self.helpers.shutdown(cancel_futures=True)
        with self.lock:
            for feed in self.feeds:
                feed.out.put(AuditError("asking was stopped before all was answered: run the same command again."))

    def _pull(self, feed: Feed, stream: Iterator[Ask]) -> tuple[list[Page], int, bool]:
        """Pull some requests; return the pages that are there already, how many are asked, and whether there may be more."""
        asks: list[Ask] = []
        more, until = False, time.monotonic() + SPELL
        for ask in islice(stream, CHUNK):
            asks.append(ask)
            if more := len(asks) == CHUNK or time.monotonic() > until:
                break
        tasks: list[Task] = []
        pages: list[Page] = []
        wanted = [request_key(ask) for ask in asks]
        known = self.journal.has(wanted)
        for ask, key in zip(asks, wanted, strict=True):
            made = self._task(ask, key, feed, key in known)
            if isinstance(made, Task):
                tasks.append(made)
            else:
                pages.append(made)
        if pages:
            self.journal.settle()
        if tasks:
            self.journal.planned((t.key, shown(t.url), t.ask.source) for t in tasks)
            try:
                self.engine.call(self._add, tasks)
            except Failed:
                raise AuditError("asking was stopped before all was answered: run the same command again.") from None
        return pages, len(tasks), more

    def _task(self, ask: Ask, key: str, feed: Feed, known: bool) -> Task | Page:
        try:
            place = self.guard.place(ask.url)
        except Refused as error:
            page = failed(ask, "guard", f"{shown(ask.url)} was not asked: {error}.")
            self.journal.finished(key, page)
            return page
        held = self.journal.get(key) if known else None
        if held is not None and held.locator == shown(ask.url):
            page = held.with_(context={**held.context, **ask.context})
            if page.context.get("keys") != held.context.get("keys"):  # one answer to other origins, too
                self.journal.finished(key, page)
            return page
        keys.value(ask.source)  # a keyring may ask its owner, for which the loop can't wait
        return Task(ask, key, feed, place, ask.url, earlier=self.earlier.get(key) if self.earlier else None)

    def _taken(self) -> None:
        """Have a turn taken where pages that were not taken held the requests up, and do so no more."""
        if self.held and self._waiting() < WAITING:
            with suppress(Failed):
                self.engine.call(self._soon)

    def _waiting(self) -> int:
        """Return the bytes of pages that nobody has taken yet."""
        return sum([f.given - f.taken for f in tuple(self.feeds)])

    # -- taking turns, in the loop's thread

    def _add(self, tasks: list[Task]) -> None:
        for task in tasks:
            try:
                self._enqueue(task)
            except Exception as error:  # whatever it is, who waits for the page must hear of it
                task.feed.out.put(error)
        self._soon()

    def _soon(self) -> None:
        """Take a turn when all that has come at this moment is looked at."""
        if not self.due and not self.stopped:
            self.due = True
            self.engine.soon(self._turn)

    def _turn(self) -> None:
        """Have the journal's lines written, and begin all that may be begun now."""
        self.due = False
        if self.stopped:
            return
        self.held = True  # said before it is looked at, so that who takes a page meanwhile has another turn taken
        self.held = self._waiting() >= WAITING
        now, begun = time.monotonic(), []
        while self.timed and self.timed[0][0] <= now:
            self.ready.append(heappop(self.timed)[2])
        for _ in range(TURN):
            if not self.ready or self.held or self.flying >= FLYING:
                break
            host = self.ready.popleft()
            if task := self._next(host, now):
                begun.append((task, host))
        else:
            self._soon()
        if self.timed and (self.timer is None or self.timer.cancelled() or self.timer.when() != self.timed[0][0]):
            if self.timer is not None:
                self.timer.cancel()
            self.timer = self.engine.at(self.timed[0][0], self._soon)
        self.telling = True  # what is written now is told at once
        self.journal.settle()
        self._on()
        for task, host in begun:
            self._send(task, host)

    def _list(self, host: Host) -> None:
        """Put a host among those that may be asked, now or when its time comes."""
        if host.listed or host.asking or not host.queue or host.active >= host.limits.at_once:
            return
        host.listed = True
        if host.next <= time.monotonic() or host.closed:
            self.ready.append(host)
        else:
            self.turns += 1
            heappush(self.timed, (host.next, self.turns, host))

    def _next(self, host: Host, now: float) -> Task | None:
        """Return the next request of a host, its start among what is to be written; ask for its robots.txt first."""
        host.listed = False
        queue = host.queue
        while queue and queue[0].feed.cancelled:
            queue.popleft()
        if not queue or host.asking:
            return None
        place = queue[0].place
        obeyed = not host.limits.exempt(place.target)
        rules = host.rules.get(queue[0].site) if obeyed else None
        if obeyed and rules is None and not host.closed:
            host.asking = True
            self.helpers.submit(self._ask_robots, host, place, queue[0].site)
            return None
        task = None
        try:
            why = host.closed or (rules and rules.refuses(place))
        except Exception as error:  # whatever it is, who waits for the page must hear of it
            queue.popleft().feed.out.put(error)
            self._list(host)
            return None
        if why:
            self._end(queue.popleft(), *why)
        elif host.next <= now:
            task = queue.popleft()
            host.active += 1
            self.flying += 1
            host.next = max(now, host.next) + host.gap
            self.journal.started(task.key)
        self._list(host)
        return task

    def _end(self, task: Task, kind: str, why: str) -> None:
        """Give a request up that was not asked."""
        try:
            self._finish(task, task.gave_up(kind, why))
        except Exception as error:  # whatever it is, who waits for the page must hear of it
            task.feed.out.put(error)

    def _enqueue(self, task: Task, first: bool = False) -> None:
        host = self._host(task.place)
        if first:
            host.queue.appendleft(task)
        else:
            host.queue.append(task)
        self._list(host)

    def _host(self, place: Place) -> Host:
        host = self.hosts.get(place.name)
        if host is None:
            if len(self.hosts) >= HOSTS:
                now = time.monotonic()
                idle = (
                    n
                    for n, h in self.hosts.items()
                    if h.next <= now and not (h.queue or h.active or h.listed or h.asking)
                )
                for name in list(islice(idle, HOSTS // 10)):
                    del self.hosts[name]
            limits = self.limits(place)
            host = self.hosts[place.name] = Host(limits, limits.seconds / limits.requests)
        return host

    # -- what is written down, and what is done then

    def _later(self, what: Callable[..., None], *given: Any) -> None:
        """Have something done in the loop, in whatever thread the journal has written its line."""
        self.written.append((what, given))
        if not self.telling:
            self.telling = True
            with suppress(Failed):
                self.engine.call(self._on)

    def _on(self) -> None:
        self.telling = False
        while self.written:
            what, given = self.written.popleft()
            what(*given)
        if self.pages and not self.handing:
            self.handing = True
            self.engine.at(self.handed + APART, self._hand)

    def _hand(self) -> None:
        """Hand pages over."""
        self.handing, self.handed = False, time.monotonic()
        for feed, pages in self.pages.items():
            feed.out.put(pages)
        self.pages.clear()

    def _finish(self, task: Task, page: Page) -> None:
        """Write a page down; it is handed over then."""
        self.journal.finished(task.key, page, partial(self._later, self._give, task, page))

    def _give(self, task: Task, page: Page, error: BaseException | None) -> None:
        feed = task.feed
        if error is not None:
            feed.out.put(error)
        elif not feed.cancelled:
            feed.given += len(page.body or b"")
            self.pages.setdefault(feed, []).append(page)

    # -- asking

    def _send(self, task: Task, host: Host) -> None:
        try:
            if self.journal.broken is not None:
                raise self.journal.broken
            asked = task.request(self.session, self.endpoints)
            self.session.adapter.begin(asked, task.most, partial(self._came, task, host))
        except Exception as caught:
            self._came(task, host, caught)

    def _came(self, task: Task, host: Host, reply: Reply | BaseException) -> None:
        """Take an answer, or hear why there is none; another may be in flight in its place when the journal has its page."""
        host.active -= 1
        self.flying -= 1
        if self.stopped:
            return
        try:
            rules = host.rules.get(task.site)
            if isinstance(reply, Reply):
                host.silent = 0
                page = self._answer(task, host, reply)
            else:
                page = self._unanswered(task, host, reply)
            if page is not None:
                self._finish(task, task.with_site(page, rules))
        except Exception as error:  # whatever it is, who waits for the page must hear of it
            task.feed.out.put(error)
        self._list(host)
        self._soon()

    def _answer(self, task: Task, host: Host, reply: Reply) -> Page | None:
        """Return the page of an answer, or None where the request goes on elsewhere or later."""
        status = reply.status_code
        if status in REDIRECTS:
            page = task.redirected(reply, self.guard)
            if page is None:
                self._enqueue(task, first=True)
            return page
        if status == 304 and task.earlier is not None:
            return task.unchanged(task.earlier)
        if status == 429 or status >= 500:
            wait = manners.after(reply.headers.get("retry-after"))
            said = f"answered {status} {reply.reason}".strip()
            return self._again(task, host, "rate" if status == 429 else "server", said, wait)
        if 300 <= status < 400:
            return task.gave_up("server", f"answered {status}, which says neither what it has nor where it is")
        if len(reply.content) > LONG:
            host.active += 1
            self.flying += 1
            self.helpers.submit(self._look, task, host, reply)
            return None
        made = _page(task, reply)
        return made if isinstance(made, Page) else self._unanswered(task, host, made)

    def _look(self, task: Task, host: Host, reply: Reply) -> None:
        """Make a long answer's page, in a thread."""
        made = _page(task, reply)
        with suppress(Failed):
            self.engine.call(self._looked, task, host, made)

    def _looked(self, task: Task, host: Host, made: Page | Exception) -> None:
        host.active -= 1
        self.flying -= 1
        try:
            page = made if isinstance(made, Page) else self._unanswered(task, host, made)
            if page is not None:
                self._finish(task, task.with_site(page, host.rules.get(task.site)))
        except Exception as error:  # whatever it is, who waits for the page must hear of it
            task.feed.out.put(error)
        self._list(host)
        self._soon()

    def _unanswered(self, task: Task, host: Host, error: BaseException) -> Page | None:
        if not isinstance(error, Failed):
            raise error
        if error.kind in ("guard", "tls") or (error.kind == "dns" and not error.again):
            host.closed = (error.kind, error.why)
        if error.kind in ("connect", "timeout", "dns"):
            host.silent += 1
            if host.silent >= DEAD:
                host.closed = (error.kind, f"{error.why}, as the {DEAD} before it at {task.place.name}")
            elif task.tries >= 1:
                return task.gave_up(error.kind, error.why)
        if not error.again:
            return task.gave_up(error.kind, error.why)
        return self._again(task, host, error.kind, error.why, None)

    def _again(self, task: Task, host: Host, kind: str, why: str, wait: float | None) -> Page | None:
        """Put a request back, its host left in peace for a while; its page where it was tried often enough."""
        if wait is not None and wait > PATIENCE:
            host.closed = (kind, f"{why} and asks to be left alone for {wait:,.0f} seconds")
            host.next = time.monotonic() + wait  # it is not forgotten before
            return task.gave_up(*host.closed)
        if kind == "rate":  # a host with a pace of its own is asked more slowly from here on
            host.gap = max(host.gap, min(LONGEST_BACKOFF, 2 * host.gap))
        task.tries += 1
        if task.tries >= TRIES or host.closed:
            return task.gave_up(kind, f"{why} ({task.tries} times)" if task.tries > 1 else why)
        pause = manners.pause(task.tries)
        host.next = max(host.next, time.monotonic() + (pause if wait is None else wait + pause * 0.1))
        self._enqueue(task, first=True)
        return None

    def _ask_robots(self, host: Host, place: Place, site: tuple[str, bool]) -> None:
        """Ask for a host's rules, in a thread."""
        rules = robots.Rules(closed=("robots", "its host's robots.txt could not be read"))
        try:
            rules = self.sites.rules(place, site[1], host.gap)
        finally:
            with suppress(Failed):
                self.engine.call(self._ruled, host, site, rules)

    def _ruled(self, host: Host, site: tuple[str, bool], rules: robots.Rules) -> None:
        host.asking = False
        host.rules[site] = rules
        host.gap = max(host.gap, rules.delay)
        host.next = max(host.next, time.monotonic() + host.gap)
        self._list(host)
        self._soon()
