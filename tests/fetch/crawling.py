"""Ask every address of a list through the door, and write what came: `python crawling.py STORE LIST OUT`."""

import json
import sys
from pathlib import Path

from auditor.fetch import Ask, Get

store, listed, out = map(Path, sys.argv[1:])
asks = (Ask(url, "webpage", {"keys": [url]}) for url in listed.read_text().split())
with Get(store, allow=["127.0.0.1"]) as get:
    pages: dict[str, object] = {}
    for page in get.each(asks):
        page.context["headers"].pop("Date", None)
        assert page.locator not in pages
        pages[page.locator] = [page.status, (page.body or b"").decode(), page.sha256, page.context]
out.write_text(json.dumps(pages, sort_keys=True))
