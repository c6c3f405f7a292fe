"""A crawl of loopback hosts, one item a request, beside what its limits allow and beside scrapy doing the same; one JSON line.

    python benchmarks/crawl.py --items 100000 --scrapy .venv/scrapy/bin/python

20 hosts (127.0.0.1 to 127.0.0.20) answer 50 ms after they are asked; 20 requests are in flight at each. Both crawlers obey robots.txt, keep a
journal of their requests (scrapy: JOBDIR) and write down every body. `seconds` go from the opening of the door until all is written and closed,
`process_seconds` and CPU are the whole process's, its start-up too, as are scrapy's.
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

BODY = json.dumps({"photo": {"id": "1", "license": "4", "title": "A heron"}, "stat": "ok"}).encode().ljust(600)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
NONE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

SCRAPY = """
import resource, sys, time
import scrapy
from scrapy.crawler import CrawlerProcess
hosts, port, items, at_once, folder = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
class Spider(scrapy.Spider):
    name = "items"
    async def start(self):
        for i in range(items):
            yield scrapy.Request(f"http://127.0.0.{i % hosts + 1}:{port}/{i}", dont_filter=False)
    def parse(self, response):
        yield {"url": response.url, "status": response.status, "body": response.text}
process = CrawlerProcess({
    "ROBOTSTXT_OBEY": True, "CONCURRENT_REQUESTS": hosts * at_once, "CONCURRENT_REQUESTS_PER_DOMAIN": at_once, "DOWNLOAD_DELAY": 0,
    "JOBDIR": folder + "/job", "FEEDS": {folder + "/items.jsonl": {"format": "jsonlines"}}, "LOG_LEVEL": "ERROR", "COOKIES_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False, "AUTOTHROTTLE_ENABLED": False,
})
process.crawl(Spider)
process.start()
used = resource.getrusage(resource.RUSAGE_SELF)
print(sum(1 for _ in open(folder + "/items.jsonl")), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


class Server(asyncio.Protocol):
    """Answers every request of a connection after the latency."""

    latency = 0.05

    def connection_made(self, transport: Any) -> None:
        self.transport, self.held = transport, b""

    def data_received(self, data: bytes) -> None:
        self.held += data
        while b"\r\n\r\n" in self.held:
            head, _, self.held = self.held.partition(b"\r\n\r\n")
            answer = ANSWER if head[5:6].isdigit() else NONE  # items have numbers
            asyncio.get_running_loop().call_later(self.latency, self._answer, answer)

    def _answer(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)


def serve(hosts: int, latency: float, ready: Any) -> None:
    async def run() -> None:
        Server.latency = latency
        loop = asyncio.get_running_loop()
        first = await loop.create_server(Server, "127.0.0.1", 0, backlog=1024)
        port = first.sockets[0].getsockname()[1]
        for i in range(1, hosts):
            await loop.create_server(Server, f"127.0.0.{i + 1}", port, backlog=1024)
        ready.send(port)
        await asyncio.sleep(86_400)

    asyncio.run(run())


def auditor(hosts: int, port: int, items: int, folder: str) -> dict[str, float]:
    """Crawl in a process of its own, and say how many pages came, what it cost and how its memory grew."""
    from auditor.fetch import Ask, Get

    asks = (Ask(f"http://127.0.0.{i % hosts + 1}:{port}/{i}", "webpage", {"keys": [f"web:{i}"]}) for i in range(items))
    pages, early, begun = 0, 0.0, time.monotonic()
    with Get(Path(folder), allow=[f"127.0.0.{i + 1}" for i in range(hosts)]) as get:
        for page in get.each(asks):
            pages += page.status == 200
            if pages == items // 4:
                early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds, used = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_SELF)
    return {
        "pages": pages,
        "seconds": seconds,
        "cpu": used.ru_utime + used.ru_stime,
        "mb": used.ru_maxrss / 1024,
        "mb_quarter": early,
    }


def timed(command: list[str]) -> tuple[float, str]:
    begun = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return time.monotonic() - begun, done.stdout.strip().splitlines()[-1]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--items", type=int, default=100_000)
    options.add_argument("--hosts", type=int, default=20)
    options.add_argument("--latency", type=float, default=0.05)
    options.add_argument("--scrapy", help="a Python that has scrapy; left out: scrapy is not measured")
    options.add_argument("--scrapy-items", type=int, help="as many as --items unless given")
    options.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.child:
        hosts, port, items, folder = given.child
        print(json.dumps(auditor(int(hosts), int(port), int(items), folder)))
        return
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(given.hosts, given.latency, theirs), daemon=True)
    server.start()
    port, at_once = ours.recv(), 20
    allowed = given.items * given.latency / (given.hosts * at_once)
    with tempfile.TemporaryDirectory() as folder:
        child = [sys.executable, __file__, "--child", str(given.hosts), str(port), str(given.items), f"{folder}/store"]
        seconds, said = timed(child)
        found = json.loads(said)
        if found["pages"] != given.items:
            sys.exit(f"{found['pages']} pages came for {given.items} items")
        result = {
            "items": given.items,
            "seconds": round(found["seconds"], 1),
            "process_seconds": round(seconds, 1),
            "limits_allow": round(allowed, 1),
            "times_the_limit": round(found["seconds"] / allowed, 2),
            "cpu_us": round(1e6 * found["cpu"] / given.items),
            "mb_quarter": round(found["mb_quarter"]),
            "mb": round(found["mb"]),
        }
        if given.scrapy:
            items = given.scrapy_items or given.items
            script = Path(folder) / "spider.py"
            script.write_text(SCRAPY)
            words = [given.scrapy, str(script), str(given.hosts), str(port), str(items), str(at_once), folder]
            seconds, said = timed(words)
            count, cpu, mb = map(float, said.split())
            if count != items:
                sys.exit(f"scrapy brought {count:.0f} items of {items}")
            result |= {
                "scrapy_seconds": round(seconds, 1),
                "scrapy_cpu_us": round(1e6 * cpu / items),
                "scrapy_mb": round(mb),
            }
        print(json.dumps(result))
    server.terminate()


if __name__ == "__main__":
    main()
