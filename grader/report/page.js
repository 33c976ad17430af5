"use strict";
// Sorting and choosing in the table of students. Without this script it is a plain table.
(() => {
  const table = document.getElementById("table");
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const heads = Array.from(table.tHead.rows[0].cells);
  const find = document.getElementById("find");
  const choose = document.getElementById("choose");
  const shown = document.getElementById("shown");
  const texts = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  let order = "";

  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const words = new Map(rows.map((row) => [row, plain(row.cells[0].textContent + " " + row.cells[1].textContent)]));
  const kinds = new Map(rows.map((row) => [row, row.dataset.states.split(/\s+/)]));

  function say() {
    const count = rows.filter((row) => !row.hidden).length;
    shown.textContent = `${count} of ${rows.length} students${order}.`;
  }

  function filter() {
    const text = plain(find.value.trim());
    for (const row of rows) {
      row.hidden = !(words.get(row).includes(text) && (choose.value === "" || kinds.get(row).includes(choose.value)));
    }
    say();
  }

  function sort(column) {
    const head = heads[column];
    const numbers = rows.some((row) => row.cells[column].dataset.value !== undefined);
    // Numbers are asked for from the top, names from the beginning.
    const first = numbers ? "descending" : "ascending";
    const second = numbers ? "ascending" : "descending";
    const direction = head.getAttribute("aria-sort") === first ? second : first;
    const sign = direction === "ascending" ? 1 : -1;
    const key = (row) => (numbers ? Number(row.cells[column].dataset.value) : row.cells[column].textContent.trim());
    const sorted = rows.map((row, place) => [key(row), place, row]);
    sorted.sort(([a, i], [b, j]) => sign * (numbers ? a - b : texts.compare(a, b)) || i - j);
    body.append(...sorted.map(([, , row]) => row));
    for (const other of heads) other.setAttribute("aria-sort", other === head ? direction : "none");
    order = `, sorted by ${head.textContent.trim()}, ${direction}`;
    say();
  }

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(column));
    head.append(button);
    head.setAttribute("aria-sort", "none");
  });
  find.addEventListener("input", filter);
  choose.addEventListener("change", filter);
  document.getElementById("controls").hidden = false;
  // The browser may have kept what was typed before the page was loaded again.
  filter();

  // What is folded away belongs on paper.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = Array.from(document.querySelectorAll("details:not([open])"));
    for (const part of opened) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of opened) part.open = false;
    opened = [];
  });
})();
