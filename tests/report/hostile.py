"""Words of a dataset that would run, lie or break a page that took them for markup."""

import csv
from collections.abc import Sequence
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
    # names that mean something to JavaScript's objects
    *("__proto__", "constructor", "hasOwnProperty", "toString"),
    # schemes in disguise
    *(
        "JaVaScRiPt:window.__pwned=1",
        "java\tscript:window.__pwned=1",
        "\x01javascript:window.__pwned=1",
        "vbscript:msgbox(1)",
    ),
    *("//evil.example/x", "\\\\evil.example\\x", "https:evil.example", "https://a.example@evil.example/"),
    # elements that end what holds them, or run without a click
    *("</title><script>window.__pwned=1</script>", "</textarea><svg onload=window.__pwned=1>", "]]><x>", "<!--"),
    '<noscript><p title="</noscript><img src=x onerror=window.__pwned=1>">',
    "<math><mtext></form><form><mglyph><style></math><img src onerror=window.__pwned=1>",
    "<svg><animate onbegin=window.__pwned=1 attributeName=x dur=1s>",
    "<details open ontoggle=window.__pwned=1>",
    '<base href="https://evil.example/"><meta http-equiv=refresh content="0;url=https://evil.example/">',
    '<link rel=stylesheet href=https://evil.example/x.css><object data="https://evil.example/">',
    "<a href=javascript&colon;window.__pwned=1>x</a>",
    "+ADw-script+AD4-window.__pwned=1+ADw-/script+AD4-",
    "{{constructor.constructor('window.__pwned=1')()}} ${window.__pwned=1}",
    "\u2028window.__pwned=1\u2029",
    # formulas in disguise
    *("=cmd|' /C calc'!A0", '=IMPORTXML("https://evil.example/","//a")', "-2+3+cmd|' /C calc'!A0", "\t=1+1", " =1+1"),
    *("\uff1d1+1", '"=1+1"', "\u200b=1+1", "\ufeff=1+1", "=1+1;@SUM(A1)"),
)


def dataset(path: Path, hostile: Sequence[str] = HOSTILE) -> Path:
    """Write a table in which every such word is an id, title, creator, address, statement, label and split."""
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "title", "creator", "url", "license", "label", "split"])
        for i, words in enumerate(hostile):
            address = words if ":" in words else f"https://img.example/{words}"
            for licence in (words, "CC BY 4.0", "CC BY-NC 4.0 " + words):
                writer.writerow(
                    [f"{words}#{i}{len(licence)}{licence[:2]}", words, words, address, licence, words, words]
                )
    return path
