"use strict";
document.documentElement.classList.add("has-script");

// Pick a territory: everything else steps back, on the map, in the bars and in the tables.
const map = document.querySelector(".patchbook-map");
let picked = null;
function pick(row) {
  picked = picked === row || row < 0 ? null : row;
  document.body.classList.toggle("picking-page", picked !== null);
  if (map) map.classList.toggle("picking", picked !== null);
  for (const part of document.querySelectorAll("[data-territory]"))
    part.classList.toggle("picked", Number(part.dataset.territory) === picked);
  for (const button of document.querySelectorAll("[data-pick]"))
    button.setAttribute("aria-pressed", String(Number(button.dataset.pick) === picked));
}
for (const button of document.querySelectorAll("[data-pick]"))
  button.addEventListener("click", () => pick(Number(button.dataset.pick)));
if (map) map.addEventListener("click", (event) => {
  const part = event.target.closest("[data-territory]");
  if (part) pick(Number(part.dataset.territory));
  else if (picked !== null) pick(picked);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && picked !== null) pick(picked);
});

// Sort a table by a column: numbers by value, words by the alphabet.
const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
function valueOf(row, column) {
  const cell = row.cells[column];
  const text = (cell.dataset.order ?? cell.textContent).trim();
  if (!cell.classList.contains("number")) return text;
  const number = Number(text.replaceAll(",", "").replace("−", "-").replace(/[^\d.e+-]/g, ""));
  return text === "" || Number.isNaN(number) ? -Infinity : number;
}
for (const table of document.querySelectorAll("table.sortable")) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const isNumber = heading.classList.contains("number");
      const now = heading.getAttribute("aria-sort");
      const falling = now === null ? isNumber : now === "ascending";
      const rows = [...table.tBodies[0].rows].sort((a, b) => {
        const [one, other] = [valueOf(a, column), valueOf(b, column)];
        const order = isNumber ? (one > other) - (one < other) : words.compare(one, other);
        return falling ? -order : order;
      });
      table.tBodies[0].replaceChildren(...rows);
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", falling ? "descending" : "ascending");
    });
  });
}

// Find an account, and say why it is where it is.
const data = document.getElementById("accounts");
if (data) {
  const { territories, accounts } = JSON.parse(data.textContent);
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const results = document.getElementById("results");
  const idle = found.textContent;
  const keys = accounts.map(([id, name]) => `${id} ${name ?? ""}`.toLocaleLowerCase());
  const MOST = 12;
  const element = (tag, text, className) => {
    const made = document.createElement(tag);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  };
  const sentence = (text) => (/[.!?]$/.test(text) ? text : `${text}.`);
  const shown = ([id, name, territory, person, previous, reason, runnerUp, change]) => {
    const item = document.createElement("li");
    const title = element("h3", name ?? id);
    if (name) title.append(" ", element("small", id));
    const where = territory >= 0 ? territories[territory] : "No territory";
    const who = territory >= 0 ? ` · ${person ?? "vacant"}` : "";
    const before = previous && previous !== person ? ` · before: ${previous}` : "";
    item.append(title, element("p", where + who + before));
    if (reason) item.append(element("p", sentence(reason), "reason"));
    if (runnerUp || change) item.append(element("p", `${runnerUp ? `Next best: ${runnerUp}.` : ""}${change ? ` ${sentence(change)}` : ""}`, "aside"));
    return item;
  };
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLocaleLowerCase();
    if (wanted.length < 2) {
      found.textContent = idle;
      results.replaceChildren();
      return;
    }
    const hits = [];
    keys.forEach((key, row) => { if (key.includes(wanted)) hits.push(row); });
    // What begins with the words comes before what only holds them.
    const begins = (row) => String(accounts[row][1] ?? "").toLocaleLowerCase().startsWith(wanted) || String(accounts[row][0]).toLocaleLowerCase() === wanted;
    hits.sort((a, b) => begins(b) - begins(a));
    found.textContent = hits.length === 0 ? "No account is called that." : hits.length > MOST ? `${hits.length} accounts; the first ${MOST} are shown.` : `${hits.length} account${hits.length === 1 ? "" : "s"}.`;
    results.replaceChildren(...hits.slice(0, MOST).map((row) => shown(accounts[row])));
  });
}
