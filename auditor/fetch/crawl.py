"""Many requests at once, each host at its own pace: threads take the next request whose host may be asked.

A host is asked `at_once` at a time and no faster than its limits, its robots.txt and its own Retry-After say. Redirects and repeats go back
into the queue of the host they lead to. What is held in memory is bounded: requests waiting (WINDOW) and pages not yet taken (WAITING).
"""

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from heapq import heappop, heappush
from itertools import islice
from queue import SimpleQueue
from typing import Any
from urllib.parse import urljoin

from auditor.errors import AuditError
from auditor.fetch import keys, robots
from auditor.fetch.ask import Ask, answered, failed, request_key, shown
from auditor.fetch.guard import Guard, Place, Refused
from auditor.fetch.journal import Closed, Journal
from auditor.fetch.limits import Limits
from auditor.fetch.session import Failed, Reply, Session
from auditor.schema import Page

THREADS, SPARE = (
    256,
    1.0,
)  # at most (400 cost a third more CPU a request, and bring no more); seconds that one without work stays
WINDOW, CHUNK = 10_000, 64  # requests held; pulled at once
WAITING = 64 << 20  # bytes of pages that nobody has taken yet
HOSTS = 5_000  # remembered
HOPS = 10
TRIES, BACKOFF, LONGEST_BACKOFF = 5, 1.0, 60.0
PATIENCE = 3600.0  # seconds; a host that asks to wait longer is not asked again in this run
DEAD = 6  # requests in a row that a host did not answer
ROBOTS_FOR = 86_400.0  # seconds that a robots.txt holds: RFC 9309, 2.4
REDIRECTS = (301, 302, 303, 307, 308)
UNCHANGED = "unchanged_since"


@dataclass(slots=True)
class Feed:
    """One call of `each`: where its requests come from and where its pages go."""

    asks: Iterator[Ask]
    out: SimpleQueue[Page | BaseException | None] = field(default_factory=SimpleQueue)
    open: int = 0
    pulling: bool = False
    ended: bool = False
    cancelled: bool = False


@dataclass(slots=True)
class Task:
    """One request on its way, over all its hops and tries."""

    ask: Ask
    key: str
    feed: Feed
    place: Place
    url: str
    hops: list[list[Any]] = field(default_factory=list)
    tries: int = 0
    earlier: Page | None = None


@dataclass(slots=True)
class Host:
    """What is known of a host in this run, and what waits for it."""

    limits: Limits
    gap: float  # seconds between the starts of two requests
    queue: deque[Task] = field(default_factory=deque)
    active: int = 0
    next: float = 0.0
    listed: bool = False  # it stands among those that are ready or will be
    asking: bool = False  # its robots.txt is being asked for
    rules: dict[str, robots.Rules] = field(default_factory=dict)  # by scheme
    silent: int = 0  # requests in a row that it did not answer
    closed: tuple[str, str] | None = None


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
        self.guard: Guard = session.guard
        self.endpoints, self.earlier = endpoints, earlier
        self.cond = threading.Condition(threading.Lock())
        self.hosts: dict[str, Host] = {}
        self.ready: deque[Host] = deque()
        self.timed: list[tuple[float, int, Host]] = []
        self.feeds: list[Feed] = []
        self.held = self.bytes = self.turn = self.idle = 0
        self.threads: set[threading.Thread] = set()
        self.timing = False  # a thread waits for the next host whose time comes
        self.stopped = False

    def each(self, asks: Iterable[Ask]) -> Iterator[Page]:
        """Yield one page a request, as they finish."""
        feed = Feed(iter(asks))
        with self.cond:
            self.feeds.append(feed)
            self._wake()
        try:
            while (page := feed.out.get()) is not None:
                if isinstance(page, BaseException):
                    raise page
                with self.cond:
                    before, self.bytes = self.bytes, self.bytes - len(page.body or b"")
                    if before >= WAITING > self.bytes:
                        self._wake()
                yield page
        finally:
            with self.cond:
                feed.cancelled = feed.ended = True
                if feed in self.feeds:
                    self.feeds.remove(feed)

    def close(self) -> None:
        """Stop at once: what is being answered is let go, and asked again by the next run."""
        with self.cond:
            self.stopped = True
            threads = list(self.threads)
            self.cond.notify_all()
        self.session.watch.cut()
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join()
        with self.cond:
            for feed in self.feeds:
                feed.out.put(AuditError("asking was stopped before all was answered: run the same command again."))
        self.session.close()

    # -- taking turns, all under the lock

    def _wake(self) -> None:
        if self.idle:
            self.cond.notify()
        elif len(self.threads) < THREADS and not self.stopped:
            thread = threading.Thread(target=self._work, name="fetch", daemon=True)
            self.threads.add(thread)
            thread.start()

    def _list(self, host: Host) -> None:
        """Put a host among those that may be asked, now or when its time comes; a thread that is about to take a turn finds it."""
        if host.listed or host.asking or not host.queue or host.active >= host.limits.at_once:
            return
        host.listed = True
        if host.next <= time.monotonic():
            self.ready.append(host)
        else:
            self.turn += 1
            heappush(self.timed, (host.next, self.turn, host))
            if self.timing and self.timed[0][2] is host:
                self.cond.notify_all()  # who waits for the first of them waits too long

    def _take(self) -> Task | None:
        """Return the next request to be made, or None where this thread is not needed any more."""
        with self.cond:
            while not self.stopped:
                now = time.monotonic()
                while self.timed and self.timed[0][0] <= now:
                    self.ready.append(heappop(self.timed)[2])
                feed = next((f for f in self.feeds if not f.ended and not f.pulling), None)
                if feed and self.bytes < WAITING and self.held < (WINDOW if not self.ready else WINDOW // 2):
                    self._pull(feed)
                elif self.ready and self.bytes < WAITING:
                    if (task := self._next(self.ready.popleft(), now)) is not None:
                        if self.ready or (self.timed and not self.timing):
                            self._wake()
                        return task
                elif not self._rest(now):
                    break
            self.threads.discard(threading.current_thread())
            return None

    def _rest(self, now: float) -> bool:
        """Wait until there may be something to do; False where others wait for it already and this thread is one too many."""
        timer = bool(self.timed) and not self.timing
        self.timing = self.timing or timer
        self.idle += 1
        called = self.cond.wait(self.timed[0][0] - now if timer else SPARE)
        self.idle -= 1
        if timer:
            self.timing = False
        return called or timer

    def _next(self, host: Host, now: float) -> Task | None:
        host.listed = False
        while host.queue and host.queue[0].feed.cancelled:
            host.queue.popleft()
            self.held -= 1
        if not host.queue:
            return None
        if host.next > now:
            self._list(host)
            return None
        task = host.queue.popleft()
        host.active += 1
        host.next = max(now, host.next) + host.gap
        host.asking = host.limits.robots and task.place.scheme not in host.rules
        self._list(host)
        return task

    def _pull(self, feed: Feed) -> None:
        """Pull some requests; the lock is let go meanwhile, since they may come from anywhere."""
        feed.pulling = True
        self.cond.release()
        tasks: list[Task] = []
        pages: list[Page] = []
        error: BaseException | None = None
        asks: list[Ask] = []
        try:
            for ask in islice(feed.asks, CHUNK):
                asks.append(ask)
                made = self._task(ask, feed)
                if isinstance(made, Task):
                    tasks.append(made)
                else:
                    pages.append(made)
            if tasks:
                self.journal.planned((t.key, shown(t.url), t.ask.source) for t in tasks)
        except BaseException as caught:
            error = caught
        finally:
            self.cond.acquire()
        feed.pulling = False
        feed.open += len(tasks) + len(pages)
        self.held += len(tasks)
        for task in tasks:
            self._enqueue(task)
        if error is not None:
            feed.out.put(error)
        feed.ended = feed.ended or len(asks) < CHUNK or error is not None
        for page in pages:
            self._give(feed, page)
        self._end(feed)

    def _task(self, ask: Ask, feed: Feed) -> Task | Page:
        key = request_key(ask)
        try:
            place = self.guard.place(ask.url)
        except Refused as error:
            page = failed(ask, "guard", f"{shown(ask.url)} was not asked: {error}.")
            self.journal.finished(key, page)
            return page
        known = self.journal.get(key)
        if known is not None and known.locator == shown(ask.url):
            return known.with_(context={**known.context, **ask.context})
        return Task(ask, key, feed, place, ask.url, earlier=self.earlier.get(key) if self.earlier else None)

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
                done = (n for n, h in self.hosts.items() if not h.queue and not h.active and not h.listed)
                for name in list(islice(done, HOSTS // 10)):
                    del self.hosts[name]
            limits = self.limits(place)
            host = self.hosts[place.name] = Host(limits, limits.seconds / limits.requests)
        return host

    def _give(self, feed: Feed, page: Page | BaseException | None) -> None:
        feed.open -= 1
        if not feed.cancelled:
            self.bytes += len(page.body or b"") if isinstance(page, Page) else 0
            feed.out.put(page)

    def _end(self, feed: Feed) -> None:
        if feed.ended and not feed.open and feed in self.feeds:
            self.feeds.remove(feed)
            feed.out.put(None)

    # -- asking, without the lock

    def _work(self) -> None:
        while (task := self._take()) is not None:
            host = self.hosts[task.place.name]
            try:
                page = self._do(task, host)
                if page is not None:
                    self.journal.finished(task.key, page, partial(self._done, task, host, page))
            except BaseException as error:  # whatever it is, who waits for the page must hear of it
                self._done(task, host, None, error)
                continue
            if page is None:
                with self.cond:
                    host.active -= 1
                    self._list(host)

    def _done(self, task: Task, host: Host, page: Page | None, error: BaseException | None) -> None:
        """Hand over a page that is written down, or why it could not be; only now another may be in flight in its place."""
        with self.cond:
            self.held -= 1
            host.active -= 1
            self._list(host)
            if self.ready and self.idle:
                self.cond.notify()
            self._give(task.feed, error or page)
            self._end(task.feed)

    def _do(self, task: Task, host: Host) -> Page | None:
        """Make one request; return its page, or None where it goes on elsewhere or later."""
        if host.asking:
            self._ask_robots(task.place, host, task.ask.source)
        rules = host.rules.get(task.place.scheme)
        closed = host.closed or (rules.closed if rules else None)
        if closed:
            return self._gave_up(task, *closed)
        if rules and (why := rules.forbids(task.place)):
            return self._gave_up(task, "robots", f"was not asked, since {why}")
        self.journal.started(task.key)
        try:
            reply = self._exchange(task)
        except Failed as error:
            return self._unanswered(task, host, error)
        host.silent = 0
        page = self._answer(task, host, reply)
        said = rules.site.of(task.url) if page is not None and rules else {}
        return page.with_(context={**page.context, "site": said}) if page is not None and said else page

    def _exchange(self, task: Task) -> Reply:
        ask, place = task.ask, task.place
        first = not task.hops or place.origin == self.guard.place(ask.url).origin
        headers = (
            dict(ask.headers)
            if first
            else {k: v for k, v in ask.headers.items() if k.lower() in ("accept", "accept-language")}
        )
        if ask.first is not None:
            headers["Range"] = f"bytes=0-{ask.first - 1}"
        if task.earlier is not None:
            headers |= conditions(task.earlier, task.url)
        target, signed = keys.signed(ask.source, place, self.endpoints)
        most = ask.most if ask.first is None else min(ask.first, ask.most)
        asked = Place(place.scheme, place.host, place.port, target)
        return self.session.exchange(asked, headers | signed, most, plain=ask.first is not None)

    def _answer(self, task: Task, host: Host, reply: Reply) -> Page | None:
        status = reply.status
        if status in REDIRECTS:
            return self._redirected(task, reply)
        if status == 304 and task.earlier is not None:
            old = task.earlier
            now = datetime.now(UTC).replace(microsecond=0)
            context = {**old.context, **task.ask.context, "hops": task.hops, UNCHANGED: old.retrieved.isoformat()}
            return old.with_(retrieved=now, context=context)
        if status == 429 or status >= 500:
            wait = after(reply.header("retry-after"))
            said = f"answered {status} {reply.reason}".strip()
            return self._again(task, host, "rate" if status == 429 else "server", said, wait)
        source, url = task.ask.source, task.url
        if status == 304 or 300 <= status < 400:
            return self._gave_up(task, "server", f"answered {status}, which says neither what it has nor where it is")
        headers = [(k, keys.hide(source, v)) for k, v in reply.headers]
        page = answered(task.ask, status, headers, keys.hide_bytes(source, reply.body), task.hops)
        if reply.cut and task.ask.first is None:
            why = f"{shown(url)} is longer than {task.ask.most:,} bytes, so only its beginning was kept."
            page = page.with_(status=0, context={**page.context, "failure": why, "failure_kind": "size", "cut": True})
        return page

    def _redirected(self, task: Task, reply: Reply) -> Page | None:
        said = reply.header("location")
        if not said:
            return self._gave_up(task, "server", f"answered {reply.status} without saying where to")
        location = said.encode("latin-1", "replace").decode("utf-8", "replace")
        if keys.hide(task.ask.source, location) != location:
            return self._gave_up(task, "credential", "leads on to an address that has the credential in it")
        try:
            url = urljoin(task.url, location)
            place = self.guard.place(url)
        except (Refused, ValueError) as error:
            task.hops.append([reply.status, shown(location)[:2000]])
            return self._gave_up(task, "guard", f"leads on to an address that is not asked: {error}")
        task.hops.append([reply.status, shown(url)])
        if len(task.hops) > HOPS or place.url in (self.guard.place(task.ask.url).url, *(h[1] for h in task.hops[:-1])):
            return self._gave_up(
                task, "server", "leads in a circle" if len(task.hops) <= HOPS else f"leads on more than {HOPS} times"
            )
        with self.cond:
            task.place, task.url, task.tries = place, url, 0
            self._enqueue(task, first=True)
        return None

    def _unanswered(self, task: Task, host: Host, error: Failed) -> Page | None:
        if error.kind in ("guard", "tls") or (error.kind == "dns" and not error.again):
            host.closed = (error.kind, error.why)
        if error.kind in ("connect", "timeout", "dns"):
            host.silent += 1
            if host.silent >= DEAD:
                host.closed = (error.kind, f"{error.why}, as the {DEAD} before it at {task.place.name}")
            elif task.tries >= 1:
                return self._gave_up(task, error.kind, error.why)
        if self.stopped:
            return None
        if not error.again:
            return self._gave_up(task, error.kind, error.why)
        return self._again(task, host, error.kind, error.why, None)

    def _again(self, task: Task, host: Host, kind: str, why: str, wait: float | None) -> Page | None:
        """Put a request back, its host left in peace for a while; its page where it was tried often enough."""
        if wait is not None and wait > PATIENCE:
            host.closed = (kind, f"{why} and asks to be left alone for {wait:,.0f} seconds")
            return self._gave_up(task, *host.closed)
        if kind == "rate":  # a host with a pace of its own is asked more slowly from here on
            host.gap = min(LONGEST_BACKOFF, 2 * host.gap)
        task.tries += 1
        if task.tries >= TRIES or host.closed:
            return self._gave_up(task, kind, f"{why} ({task.tries} times)" if task.tries > 1 else why)
        pause = min(LONGEST_BACKOFF, BACKOFF * 2 ** (task.tries - 1)) * random.uniform(0.5, 1.5)
        with self.cond:
            host.next = max(host.next, time.monotonic() + (pause if wait is None else wait + pause * 0.1))
            self._enqueue(task, first=True)
        return None

    def _gave_up(self, task: Task, kind: str, why: str) -> Page:
        hop = f" (from {shown(task.ask.url)})" if task.hops else ""
        said = keys.hide(task.ask.source, f"{shown(task.url)}{hop} {why}.")
        return failed(task.ask, kind, said, task.hops)

    def _ask_robots(self, place: Place, host: Host, source: str) -> None:
        ask = Ask(f"{place.origin}/robots.txt", "robots", most=robots.MOST)
        key = request_key(ask)
        rules = robots.Rules(closed=("robots", "its host's robots.txt could not be read"))
        try:
            page = self.journal.get(key)
            if page is not None and time.time() - page.retrieved.timestamp() < ROBOTS_FOR:
                rules = robots.read(place, Reply(page.status, "", [], page.body or b"", False))
            else:
                rules = self._fetch_robots(ask, key)
            if source == "webpage" and rules.site.speaks and rules.delay <= robots.SHORT_DELAY:
                rules = self._opt_outs(place, rules)
        finally:
            with self.cond:
                host.asking = False
                host.rules[place.scheme] = rules
                host.gap = max(host.gap, rules.delay)
                host.next = max(host.next, time.monotonic() + rules.delay)
                self._list(host)
                self._wake()

    def _fetch_robots(self, ask: Ask, key: str) -> robots.Rules:
        place = self.guard.place(ask.url)
        hops: list[list[Any]] = []
        self.journal.started(key)
        answer: Reply | Failed
        try:
            while (answer := self._robots_once(place)).status in REDIRECTS and len(hops) < robots.HOPS:
                url = urljoin(place.url, answer.header("location") or "")
                hops.append([answer.status, shown(url)])
                place = self.guard.place(url)
        except Refused as error:
            answer = Failed("robots", f"leads on to an address that is not asked: {error}", again=False)
        except Failed as error:
            answer = Failed("robots", f"leads on to {shown(place.url)}, which {error.why}") if hops else error
        if isinstance(answer, Failed):
            page = failed(ask, answer.kind, f"{ask.url} {answer.why}.", hops)
        else:
            page = answered(ask, answer.status, answer.headers, answer.body, hops)
        self.journal.finished(key, page.with_(level="robots"))
        return robots.read(place, answer)

    def _opt_outs(self, place: Place, rules: robots.Rules) -> robots.Rules:
        """Add what the other files say of a site whose robots.txt speaks of mining and training; others are not asked."""
        tdmrep, ai_txt = (self._site_file(place, rules, path) for path in robots.OPT_OUTS)
        site = rules.site.with_files(tdmrep, ai_txt)
        return replace(rules, site=site)

    def _site_file(self, place: Place, rules: robots.Rules, path: str) -> str:
        """Return the text of one file at a site's top; empty where there is none, or it is forbidden."""
        ask = Ask(f"{place.origin}{path}", "robots", most=robots.SMALL)
        key, at = request_key(ask), self.guard.place(ask.url)
        page = self.journal.get(key)
        if page is None and not rules.forbids(at):
            self.journal.started(key)
            time.sleep(rules.delay)
            try:
                reply = self.session.exchange(at, {}, robots.SMALL, seconds=10.0)
                page = answered(ask, reply.status, reply.headers, reply.body, [])
            except Failed as error:
                page = failed(ask, error.kind, f"{ask.url} {error.why}.", [])
            self.journal.finished(key, page.with_(level="robots"))
        return (page.body or b"").decode("utf-8-sig", "replace") if page is not None and page.status == 200 else ""

    def _robots_once(self, place: Place) -> Reply:
        """Ask for a robots.txt, twice where the first time gave no answer or an error of the server's."""
        for last in (False, True):
            try:
                reply = self.session.exchange(place, {}, robots.MOST, seconds=30.0)
            except Failed as error:
                if last or not error.again or error.kind == "dns":
                    raise
            else:
                if last or reply.status < 500:
                    return reply
            time.sleep(BACKOFF * random.uniform(0.5, 1.0))
        raise AssertionError


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
