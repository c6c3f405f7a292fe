"""Words of a dataset that would run, lie or break a page that took them for markup."""

import csv
from pathlib import Path

HOSTILE = (
    "</script><script>window.__pwned=1</script>",
    '<img src=x onerror="window.__pwned=1">',
    '"><svg/onload=window.__pwned=1>',
    "' onmouseover='window.__pwned=1",
    "javascript:window.__pwned=1",
    "<style>body{display:none}</style>",
    "--><iframe src=https://evil.example/></iframe>",
    '=HYPERLINK("https://evil.example/","open")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1,1)",
    "$x^{$ \\frac",
    "&lt;b&gt;",
    "`</code><b>`",
    "\u202egnp.exe",
    "日本語 עברית",
    "data:text/html,<script>window.__pwned=1</script>",
)


def dataset(path: Path) -> Path:
    """Write a table in which every such word is an id, title, creator, address, statement, label and split."""
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "title", "creator", "url", "license", "label", "split"])
        for i, words in enumerate(HOSTILE):
            address = words if ":" in words else f"https://img.example/{words}"
            for licence in (words, "CC BY 4.0", "CC BY-NC 4.0 " + words):
                writer.writerow(
                    [f"{words}#{i}{len(licence)}{licence[:2]}", words, words, address, licence, words, words]
                )
    return path
