"""The HTML report in Chromium, as a reader has it: opened from disk, searched, sorted, opened, printed; nothing runs, nothing is asked."""

import base64
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import auditor
from tests.report.hostile import HOSTILE, dataset

pytestmark = pytest.mark.slow
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--window-size=1280,900"),
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Chromium under its driver; the test is skipped, and says so, where there is none, and fails where it must be there."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (program and driver):
        assert not os.environ.get("CI"), (
            "chromium and chromedriver are missing: apt-get install chromium chromium-driver"
        )
        pytest.skip("needs chromium and chromedriver: apt-get install chromium chromium-driver")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    running = webdriver.Chrome(options=options, service=Service(driver))
    yield running
    running.quit()


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Any:
    """The browser with the report of a hostile dataset, and of 600 plain items."""
    path = dataset(tmp_path / "set.csv")
    licenses = ("CC0-1.0", "CC BY-SA 4.0", "CC BY-NC 4.0", "")
    with path.open("a") as out:
        out.writelines(
            f"plain{i},title {i},author {i % 7},https://img.example/{i},{licenses[i % 4]},l{i % 3},train\n"
            for i in range(600)
        )
    page = tmp_path / "report.html"
    page.write_text(auditor.audit(str(path), tmp_path / "audit").report().render("html"))
    return show(browser, page)


def show(browser: Any, page: Path) -> Any:
    """Open a page from disk and wait until its table stands."""
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    browser.get(page.as_uri())
    wait(browser, "return !document.getElementById('table').hidden")
    return browser


def wait(browser: Any, script: str) -> None:
    until = time.monotonic() + 20
    while not browser.execute_script(script):
        assert time.monotonic() < until, script
        time.sleep(0.02)


def count(browser: Any) -> str:
    return str(browser.find_element("id", "count").text)


def items(browser: Any) -> list[str]:
    script = "return [...document.querySelectorAll('#rows > tr:not(.trail) > th .open')].map(b => b.textContent)"
    return list(browser.execute_script(script))


def quiet(browser: Any) -> None:
    """Assert that nothing of the data ran, nothing was asked for, and the console is empty."""
    assert browser.execute_script("return window.__pwned") is None
    assert browser.get_log("browser") == []
    asked = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = {m["params"]["request"]["url"] for m in asked if m["method"] == "Network.requestWillBeSent"}
    assert {u.partition(":")[0] for u in urls} <= {"file"} and len(urls) <= 1, urls
    assert len(browser.window_handles) == 1


def test_nothing_of_the_data_runs_however_it_is_opened(opened: Any) -> None:
    assert set(HOSTILE[:3]) <= set(
        opened.execute_script("return [...document.querySelectorAll('#rows .quiet')].map(d => d.textContent)")
    )
    opened.execute_script("document.querySelectorAll('#rows .open').forEach(b => b.click())")
    opened.execute_script(
        "document.querySelectorAll('#rows *').forEach(e => e.dispatchEvent(new MouseEvent('mouseover', {bubbles: true})))"
    )
    links = opened.execute_script(
        "return [...document.querySelectorAll('a')].map(a => [a.getAttribute('href'), a.rel])"
    )
    assert len(links) > 200
    assert all(href.startswith(("#", "http://", "https://")) for href, _ in links)
    assert all(href.startswith("#") or rel == "noopener noreferrer" for href, rel in links)
    assert opened.execute_script("return document.querySelectorAll('iframe, img, object, embed, form').length") == 0
    starts = opened.execute_script(
        "return [...document.querySelectorAll('#rows td, #rows th')].map(c => c.innerText.slice(0, 1))"
    )
    assert not {"=", "+", "@", "-"} & set(starts)
    opened.execute_script("try { document.body.innerHTML = '<b>x</b>' } catch (e) { window.refused = e.name }")
    assert opened.execute_script("return window.refused") == "TypeError"
    opened.get_log("browser")  # of the refusal
    quiet(opened)


def test_filters_search_and_sort(opened: Any) -> None:
    whole = 600 + 3 * len(HOSTILE)
    assert count(opened) == f"{whole} of {whole} findings; shown are 1 to 200" and len(items(opened)) == 200
    choose = "const s = document.querySelector('select[data-column=verdict]'); s.value = arguments[0]; s.dispatchEvent(new Event('change'))"
    search = opened.find_element("id", "search")
    search.send_keys("plain title author")
    opened.execute_script(choose, "non-free")
    wait(opened, "return document.getElementById('count').textContent.startsWith('150 of')")
    assert all(i.startswith("plain") for i in items(opened))
    head = opened.find_element("css selector", "#heads [data-column=item_id]")
    for way in ("ascending", "descending"):
        head.find_element("tag name", "button").click()
        assert head.get_attribute("aria-sort") == way
        numbers = [int(i.removeprefix("plain")) for i in items(opened)]
        assert numbers == sorted(numbers, reverse=way == "descending") and len(numbers) == 150
    search.send_keys(" nothing-has-this")
    wait(opened, "return document.getElementById('count').textContent.startsWith('None of')")
    opened.find_element("id", "clear").click()
    assert count(opened).startswith(f"{whole} of {whole}")
    opened.find_element("id", "after").click()
    assert count(opened).endswith("shown are 201 to 400")
    quiet(opened)


def test_keyboard_alone_reaches_the_report_and_a_trail(opened: Any) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    def press(key: str) -> Any:
        ActionChains(opened).send_keys(key).perform()
        return opened.switch_to.active_element

    assert press(Keys.TAB).text == "Skip to the report"
    assert press(Keys.ENTER).get_attribute("id") == "main"
    for _ in range(60):
        if (reached := press(Keys.TAB)).get_attribute("class") == "open":
            break
    assert reached.get_attribute("aria-expanded") == "false"
    below = press(Keys.ARROW_DOWN)
    assert below.text == items(opened)[1] and press(Keys.ARROW_UP).text == items(opened)[0]
    press(Keys.ENTER)
    trail = opened.find_element("css selector", "#rows .trail").text
    assert all(
        word in trail
        for word in ("Statement, word for word", "Who says it", "Rules", "Reason", "Its SHA-256", "set.csv")
    )
    press(Keys.ENTER)
    assert not opened.find_elements("css selector", "#rows .trail")
    quiet(opened)


def test_parts_have_names_and_colours_can_be_told_apart(opened: Any) -> None:
    for scheme in ("light", "dark"):
        opened.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        )
        poor = opened.execute_script(CONTRAST)
        assert poor == [], (scheme, poor[:5])
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    nameless = """return [...document.querySelectorAll('section, nav, svg, [role=region], input, select, button')].filter(e =>
        !(e.getAttribute('aria-label') || e.textContent.trim() || e.closest('label')) ).length"""
    assert opened.execute_script(nameless) == 0
    twice = "const i = [...document.querySelectorAll('[id]')].map(e => e.id); return i.length - new Set(i).size"
    assert opened.execute_script(twice) == 0
    for width in (360, 1600):
        opened.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500},
        )
        assert opened.execute_script("return document.documentElement.scrollWidth") <= width
    opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


# Texts whose colour stands out less than 4.5 to 1 from the ground behind them (WCAG 2.2, success criterion 1.4.3).
CONTRAST = """
const light = (c) => { const [r, g, b] = c.map(v => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4 });
  return .2126 * r + .7152 * g + .0722 * b };
const rgb = (s) => s.match(/[\\d.]+/g).map(Number);
const ground = (e) => { for (; e; e = e.parentElement) {
  const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c.slice(0, 3) } };
return [...document.querySelectorAll('body *')].filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) &&
    !['SCRIPT', 'STYLE', 'NOSCRIPT', 'title'].includes(e.tagName) && !e.disabled).map(e => {
  const style = getComputedStyle(e), color = rgb(e instanceof SVGElement ? style.fill : style.color);
  const [a, b] = [light(color), light(ground(e))].sort((x, y) => y - x);
  return [(a + .05) / (b + .05), e.tagName, e.textContent.slice(0, 40)] }).filter(([ratio]) => ratio < 4.5)
"""


def test_it_prints(opened: Any) -> None:
    from io import BytesIO

    from pypdf import PdfReader

    made = opened.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})
    pages = PdfReader(BytesIO(base64.b64decode(made["data"]))).pages
    first, whole = pages[0].extract_text(), " ".join(p.extract_text() for p in pages)
    assert "NOT FREE" in first and "By licence concluded" in first
    assert "What was not examined" in whole and "On paper are the" in whole
    assert not [w for w in ("Contents", "Previous 200", "only contradictions", "Skip to") if w in whole]
    quiet(opened)


def test_a_million_items_open_in_two_seconds(browser: Any, tmp_path: Path) -> None:
    from benchmarks.flow import generate

    generate(tmp_path / "set.parquet", 1_000_000, 500, shuffled=False)
    page = tmp_path / "report.html"
    page.write_text(auditor.audit(str(tmp_path / "set.parquet"), tmp_path / "audit").report().render("html"))
    assert page.stat().st_size < 3_000_000
    seconds = []
    while min(seconds, default=9) >= 2 and len(seconds) < 3:  # a busy machine is given another try
        start = time.perf_counter()
        show(browser, page)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 2, seconds
    assert count(browser) == "20,000 of 20,000 findings; shown are 1 to 200"
    quiet(browser)
