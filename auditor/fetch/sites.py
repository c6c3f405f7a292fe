"""What a host is asked before its items: its robots.txt, and what else speaks of mining and training; in threads, one a host."""

import random
import threading
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

from auditor.fetch import manners, robots
from auditor.fetch.ask import Ask, answered, failed, request_key, shown
from auditor.fetch.errand import Failed, Reply
from auditor.fetch.guard import Place, Refused
from auditor.fetch.journal import Journal
from auditor.fetch.session import Session

ROBOTS_FOR = 86_400.0  # seconds that a robots.txt holds: RFC 9309, 2.4


class Sites:
    """Asks for the rules of hosts; set `stop` and it waits no more."""

    def __init__(self, session: Session, journal: Journal) -> None:
        self.session, self.journal = session, journal
        self.stop = threading.Event()

    def rules(self, place: Place, pages: bool, gap: float) -> robots.Rules:
        """Return the rules of a host, from the journal where they are of today.

        pages: its opt-outs are asked for, too. gap: seconds between two requests at least.
        """
        ask = Ask(f"{place.origin}/robots.txt", "robots", most=robots.MOST)
        key = request_key(ask)
        page = self.journal.get(key)
        if page is not None and time.time() - page.retrieved.timestamp() < ROBOTS_FOR:
            rules = robots.read(page.status, page.body or b"")
        else:
            rules = self._fetch_robots(ask, key)
        if pages and not rules.closed and rules.delay <= robots.SHORT_DELAY:
            rules = self._opt_outs(place, rules, max(gap, rules.delay))
        return rules

    def _fetch_robots(self, ask: Ask, key: str) -> robots.Rules:
        place = self.session.guard.place(ask.url)
        hops: list[list[Any]] = []
        self.journal.started(key)
        self.journal.settle()
        answer: Reply | Failed
        try:
            while (answer := self._robots_once(place)).status_code in manners.REDIRECTS and len(hops) < robots.HOPS:
                url = urljoin(place.url, answer.headers.get("location", ""))
                hops.append([answer.status_code, shown(url)])
                place = self.session.guard.place(url)
        except Refused as error:
            answer = Failed("robots", f"leads on to an address that is not asked: {error}", again=False)
        except Failed as error:
            answer = Failed("robots", f"leads on to {shown(place.url)}, which {error.why}") if hops else error
        if isinstance(answer, Failed):
            page = failed(ask, answer.kind, f"{ask.url} {answer.why}.", hops)
        else:
            page = answered(ask, answer.status_code, answer.headers.items(), answer.content, hops)
        self.journal.finished(key, page.with_(level="robots"))
        self.journal.settle()
        return robots.unanswered(answer) if isinstance(answer, Failed) else robots.read(page.status, answer.content)

    def _opt_outs(self, place: Place, rules: robots.Rules, gap: float) -> robots.Rules:
        """Add what the other files of a site say of mining and training."""
        said = dict.fromkeys(robots.OPT_OUTS, "")
        for path in robots.OPT_OUTS:
            found = self._site_file(place, rules, path, gap)
            if found is None:  # a host that is slow or broken is not asked for another
                break
            said[path] = found
        return replace(rules, site=rules.site.with_files(*said.values()))

    def _site_file(self, place: Place, rules: robots.Rules, path: str, gap: float) -> str | None:
        """Return the text of one file of a site: empty where there is none or it is forbidden, None where it did not answer."""
        ask = Ask(f"{place.origin}{path}", "robots", most=robots.SMALL)
        key, at = request_key(ask), self.session.guard.place(ask.url)
        page = self.journal.get(key)
        if page is None and not rules.forbids(at):
            self.journal.started(key)
            self.journal.settle()
            self.stop.wait(gap)
            try:
                reply = self.session.exchange(at, {}, robots.SMALL, seconds=10.0)
                page = answered(ask, reply.status_code, reply.headers.items(), reply.content, [])
            except Failed as error:
                page = failed(ask, error.kind, f"{ask.url} {error.why}.", [])
            self.journal.finished(key, page.with_(level="robots"))
        if page is None or page.status != 200:
            return None if page is not None and not page.status else ""
        return (page.body or b"").decode("utf-8-sig", "replace")

    def _robots_once(self, place: Place) -> Reply:
        """Ask for a robots.txt, twice where the first time gave no answer or an error of the server's."""
        for last in (False, True):
            try:
                reply = self.session.exchange(place, {}, robots.MOST, seconds=30.0)
            except Failed as error:
                if last or not error.again or error.kind == "dns":
                    raise
            else:
                if last or reply.status_code < 500:
                    return reply
            self.stop.wait(manners.BACKOFF * random.uniform(0.5, 1.0))
        raise AssertionError
