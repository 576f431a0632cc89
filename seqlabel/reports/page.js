"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Light and dark: the system's choice until the button is used.
  const root = document.documentElement;
  $("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  // Tables: a click on a head sorts by it, a second one turns the order.
  for (const button of all(".sortable thead button")) {
    button.addEventListener("click", () => {
      const head = button.parentElement;
      const table = head.closest("table");
      const column = [...head.parentElement.children].indexOf(head);
      const numbers = head.classList.contains("number");
      const before = head.getAttribute("aria-sort");
      const down = before ? before === "ascending" : numbers;
      for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = (row) => row.children[column].dataset.value;
      const order = (a, b) => (numbers ? value(a) - value(b) : value(a).localeCompare(value(b)));
      const rows = [...table.tBodies[0].rows].sort((a, b) => (down ? order(b, a) : order(a, b)));
      table.tBodies[0].append(...rows);
    });
  }

  // Filters: a row fits by itself, a sentence by one of its errors.
  const fields = ["search", "gold", "predicted", "kind"].map($);
  const [search, gold, predicted, kind] = fields;
  const lines = all("#lines tbody tr");
  const examples = all(".example");
  const texts = new Map([...lines, ...examples].map((one) => [one, (one.querySelector("dd, .text")).textContent.toLowerCase()]));
  const fits = (one) =>
    (!gold.value || one.dataset.gold === gold.value) &&
    (!predicted.value || one.dataset.predicted === predicted.value) &&
    (!kind.value || one.dataset.kind === kind.value);
  const apply = () => {
    const wanted = search.value.trim().toLowerCase();
    const found = (one) => !wanted || texts.get(one).includes(wanted);
    let shown = 0;
    for (const line of lines) {
      line.hidden = !(found(line) && fits(line));
      shown += !line.hidden;
    }
    $("lines-shown").textContent = shown;
    shown = 0;
    for (const example of examples) {
      example.hidden = !(found(example) && all(".errors li", example).some(fits));
      shown += !example.hidden;
    }
    $("examples-shown").textContent = shown;
    $("nothing").hidden = shown > 0 || !examples.length;
  };
  for (const field of fields) field.addEventListener("input", apply);
  const set = (values) => {
    fields.forEach((field, place) => (field.value = values[place] ?? ""));
    apply();
  };
  $("clear").addEventListener("click", () => set([]));
  for (const button of all(".matrix button")) {
    button.addEventListener("click", () => {
      const none = (label, select) => ([...select.options].some((one) => one.value === label) ? label : "∅");
      set(["", none(button.dataset.gold, gold), none(button.dataset.predicted, predicted), ""]);
      $("disagreements").scrollIntoView();
      const region = $("disagreements").querySelector(".scroll");
      if (region) region.focus({ preventScroll: true });
    });
  }

  // Sentences: their order, and the keys to walk through them.
  $("order").addEventListener("change", (event) => {
    const by = event.target.value;
    const up = by === "words" || by === "place";
    const value = (one) => +one.dataset[by === "place" ? "document" : by];
    const sorted = [...examples].sort((a, b) => (up ? 1 : -1) * (value(a) - value(b)) || a.dataset.place - b.dataset.place);
    $("examples").append(...sorted);
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && document.activeElement === search) {
      set([]);
    } else if (typing) {
      return;
    } else if (event.key === "/") {
      event.preventDefault();
      search.focus();
    } else if (event.key === "j" || event.key === "k") {
      const shown = all(".example:not([hidden])");
      const at = shown.indexOf(document.activeElement);
      const next = shown[event.key === "j" ? at + 1 : Math.max(at - 1, 0)];
      if (next) next.focus();
    }
  });
})();
