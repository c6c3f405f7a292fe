"use strict";
// The table of findings: unpacks, filters, sorts, pages, and opens each row's evidence. Text only ever becomes text nodes.
(() => {
  const STEP = 200, SHOWN = [
    ["item_id", "Item"], ["creator", "Creator"], ["statement", "Says of its licence"], ["license_concluded", "Concluded"],
    ["category", "Category"], ["verdict", "Verdict"], ["split", "Split"], ["label", "Label"],
  ];
  const CHOICES = [
    ["verdict", "Verdict"], ["category", "Category"], ["license_concluded", "Licence"], ["host", "Host"], ["split", "Split"],
    ["label", "Label"], ["kind", "Kind"], ["language", "Language"], ["authority", "Who says it"], ["origin_word", "Its origin"],
  ];
  const SEARCHED = [
    "item_id", "title", "creator", "item_url", "statement", "statement_url", "license_concluded", "reason", "conflict", "label", "split", "error",
  ];
  const TRAIL = [
    ["Title", "title"], ["Address", "item_url"], ["Creator", "creator"], ["Copyright", "copyright_text"], ["Kind", "kind"], ["Language", "language"],
    ["Statement, word for word", "statement"], ["Address of its licence", "statement_url"], ["Who says it", "authority"], ["Said of", "scope"],
    ["Licence declared", "license_declared"], ["Licence concluded", "license_concluded"], ["Terms of access", "access_category"],
    ["Reason", "reason"], ["Rules", "license_comments"], ["Contradiction", "conflict"], ["Error", "error"],
    ["Derived from", "was_derived_from"], ["Origin that was asked", "origin"], ["What became of it", "origin_status"], ["Opt-outs", "signals"],
  ];
  const byId = (id) => document.getElementById(id);
  const order = new Intl.Collator("en", { numeric: true });
  let data, kept = [], first = 0, sorted = ["", 1];
  const haystacks = [];

  function make(name, attributes, ...inside) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...inside);
    return made;
  }

  // A cell that a spreadsheet would take for a formula begins with an unseen word joiner.
  const cell = (text) => (/^\s*[=+\-@\uff1d\uff0b\uff0d\u30fc\uff20\ufe66\ufe62\ufe63\ufe6b]/.test(text) ? "\u2060" + text : text);

  function get(name, row) {
    const column = data.columns[name];
    if (!column) return "";
    const value = column.at ? column.values[column.at[row]] : column.values[row];
    return value === null || value === undefined ? "" : value;
  }

  function link(url, text) {
    let known = null;
    try { known = /^https?:\/\/[^/]/i.test(url) && !url.endsWith("…") && new URL(url); } catch { known = null; }
    if (!known || !/^https?:$/.test(known.protocol)) return document.createTextNode(cell(text));
    return make("a", { href: known.href, rel: "noopener noreferrer" }, text);
  }

  function haystack(row) {
    return (haystacks[row] ??= SEARCHED.map((name) => get(name, row)).join("\n").toLowerCase());
  }

  async function unpack() {
    const bytes = Uint8Array.from(atob(byId("findings-data").textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    data = JSON.parse(await new Response(stream).text());
    const origin = data.columns.origin_status;
    if (origin) data.columns.origin_word = { values: origin.values.map((v) => v && v.split(":")[0]), at: origin.at };
  }

  function choices() {
    const place = byId("choices");
    for (const [name, title] of CHOICES) {
      const counts = new Map();
      for (let row = 0; row < data.rows; row++) {
        const value = get(name, row);
        if (value !== "") counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      if (counts.size < 2 && !(counts.size && [...counts.values()][0] < data.rows)) continue;
      const most = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 200).sort((a, b) => order.compare(a[0], b[0]));
      const select = make("select", { "data-column": name }, make("option", { value: "" }, "all"));
      for (const [value, n] of most) {
        const short = value.length > 60 ? value.slice(0, 59) + "…" : value;
        select.append(make("option", { value }, `${short} (${n.toLocaleString("en")})`));
      }
      select.addEventListener("change", choose);
      place.append(make("label", {}, title, select));
    }
    if (data.columns.conflict) {
      const box = make("input", { type: "checkbox", id: "conflicts" });
      box.addEventListener("change", choose);
      place.append(make("label", { class: "check" }, box, "only contradictions"));
    }
  }

  function choose() {
    const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = [...document.querySelectorAll("#choices select")].filter((s) => s.value !== "");
    const only = byId("conflicts")?.checked;
    kept = [];
    for (let row = 0; row < data.rows; row++) {
      if (only && get("conflict", row) === "") continue;
      if (!wanted.every((s) => get(s.dataset.column, row) === s.value)) continue;
      if (words.length && !words.every((w) => haystack(row).includes(w))) continue;
      kept.push(row);
    }
    arrange();
  }

  function arrange() {
    const [name, way] = sorted;
    if (name && data.columns[name]) {
      const { values, at } = data.columns[name];
      const rank = new Int32Array(values.length);
      const strings = values.map((v) => String(v ?? ""));
      [...values.keys()].sort((a, b) => order.compare(strings[a], strings[b])).forEach((v, i) => (rank[v] = i + 1));
      const of = (row) => { const v = at ? at[row] : row; return v === null || v === undefined ? 0 : rank[v]; };
      kept.sort((a, b) => {
        const x = of(a), y = of(b);
        if (!x || !y) return x ? -1 : y ? 1 : a - b; // what says nothing comes last, either way
        return (x - y) * way || a - b;
      });
    } else kept.sort((a, b) => a - b);
    first = 0;
    draw();
  }

  function heads() {
    const row = byId("heads");
    for (const [name, title] of SHOWN) {
      if (!data.columns[name]) continue;
      const button = make("button", { type: "button" }, title);
      const head = make("th", { scope: "col", "data-column": name }, button);
      button.addEventListener("click", () => {
        sorted = [name, sorted[0] === name ? -sorted[1] : 1];
        for (const th of row.children) th.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", sorted[1] > 0 ? "ascending" : "descending");
        arrange();
      });
      row.append(head);
    }
  }

  function draw() {
    const body = byId("rows"), number = (n) => n.toLocaleString("en");
    const last = Math.min(first + STEP, kept.length);
    body.replaceChildren(...kept.slice(first, last).map(line));
    byId("count").textContent = kept.length
      ? `${number(kept.length)} of ${number(data.rows)} findings; shown are ${number(first + 1)} to ${number(last)}`
      : `None of ${number(data.rows)} findings fits. Take a filter away.`;
    byId("before").disabled = first === 0;
    byId("after").disabled = last === kept.length;
    byId("scroll").scrollTop = 0;
  }

  function line(row) {
    const made = make("tr", {});
    for (const [name] of SHOWN) {
      if (!data.columns[name]) continue;
      if (name === "item_id") made.append(itemCell(row, made));
      else if (name === "category" || name === "verdict")
        made.append(make("td", {}, make("span", { class: `mark c-${get(name, row)}` }), get(name, row)));
      else if (name === "statement") {
        const said = get("statement", row) || get("statement_url", row);
        made.append(make("td", {}, make("div", { class: "short", dir: "auto" }, cell(said) || "nothing")));
      } else made.append(make("td", {}, make("div", { class: "short", dir: "auto" }, cell(String(get(name, row))))));
    }
    return made;
  }

  function itemCell(row, line) {
    const id = String(get("item_id", row)), title = get("title", row);
    const button = make("button", { type: "button", "aria-expanded": "false", class: "open", dir: "auto" }, cell(id));
    button.addEventListener("click", () => toggle(button, row, line));
    const inside = [button];
    if (title && title !== id) inside.push(make("div", { class: "short quiet", dir: "auto" }, cell(title)));
    return make("th", { scope: "row" }, ...inside);
  }

  function toggle(button, row, line) {
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    if (open) { line.nextElementSibling.remove(); return; }
    line.after(make("tr", { class: "trail" }, make("td", { colspan: line.children.length }, trail(row))));
  }

  function trail(row) {
    const list = make("dl", {});
    const add = (title, ...inside) => list.append(make("dt", {}, title), make("dd", { dir: "auto" }, ...inside));
    for (const [title, name] of TRAIL) {
      const value = String(get(name, row));
      if (!value) continue;
      const parts = name === "was_derived_from" ? value.split(" ") : [value];
      add(title, ...parts.flatMap((p, i) => (i ? [document.createTextNode(" "), link(p, p)] : [link(p, p)])));
    }
    const key = get("page_key", row), page = data.pages[key];
    if (page) stands("Page that names it", page, `, record ${get("row", row)}`, add);
    else if (key) add("Page that names it", key);
    for (const answer of data.answers[get("origin", row)] ?? []) stands("Answer of its origin", answer, "", add);
    return list;
  }

  function stands(title, [locator, retrieved, sha256, source], record, add) {
    add(title, link(locator, locator), `${record}, retrieved ${retrieved ?? "at an unknown time"}, by source ${source}`);
    add("Its SHA-256", sha256 ?? "not taken: it stands for a folder of small files");
  }

  function turn(by) {
    first += by;
    draw();
    byId("count").scrollIntoView({ block: "nearest" });
  }

  function keys(event) {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!way || !event.target.classList.contains("open")) return;
    const every = [...document.querySelectorAll("#rows .open")];
    const next = every[every.indexOf(event.target) + way];
    if (next) { event.preventDefault(); next.focus(); }
  }

  function printing() {
    for (const details of document.querySelectorAll("details")) details.open = true;
  }

  async function start() {
    if (!byId("findings-data")) return;
    try { await unpack(); } catch (error) {
      byId("count").textContent = `The findings could not be unpacked (${error.message}): take a browser of 2023 or later.`;
      return;
    }
    choices();
    heads();
    let waiting;
    byId("search").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(choose, 120); });
    byId("rows").addEventListener("keydown", keys);
    byId("before").addEventListener("click", () => turn(-STEP));
    byId("after").addEventListener("click", () => turn(STEP));
    byId("clear").addEventListener("click", () => {
      byId("search").value = "";
      for (const select of document.querySelectorAll("#choices select")) select.value = "";
      if (byId("conflicts")) byId("conflicts").checked = false;
      choose();
    });
    choose();
    byId("table").hidden = false;
  }

  addEventListener("beforeprint", printing);
  start();
})();
