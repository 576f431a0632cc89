/** Shows what is private in the text of the page; `finding.mjs` finds it. */
const EXAMPLE = `Dear Ms Okafor,

thank you for your call on 14 March. Your contract with Brightwater Energy runs until June; our colleague Tomasz Lind
(tomasz.lind@brightwater.example, +44 20 7946 0958) will visit you at 27 Alder Grove, Leeds LS6 2QT.
Please transfer the deposit to GB33 BUKB 2020 1555 5555 55.

Kind regards
Priya`;

const part = (name) => document.getElementById(name);
const worker = new Worker(new URL("finding.mjs", import.meta.url), { type: "module" });
const off = new Set();
const hues = new Map();
let asked = 0;
let values = [];
let read = "";
let placeholders = {};

/** Show the values whose labels are on, and the text without them. */
function show() {
  const wanted = values.filter(({ label }) => !off.has(label));
  const numbers = new Map();
  const known = new Map();
  placeholders = {};
  let clean = "";
  let end = 0;
  const pieces = [];
  for (const { start, end: after, label, score } of wanted) {
    const value = read.slice(start, after);
    const key = `${label} ${value}`;
    while (!known.has(key)) {
      numbers.set(label, (numbers.get(label) ?? 0) + 1);
      const name = `<${label}_${numbers.get(label)}>`;
      // One that the text has already would be put back as something else.
      if (!read.includes(name)) known.set(key, name);
    }
    placeholders[known.get(key)] = value;
    pieces.push(read.slice(end, start), marked(value, label, score));
    clean += read.slice(end, start) + known.get(key);
    end = after;
  }
  part("result").replaceChildren(...pieces, read.slice(end));
  part("clean").textContent = clean + read.slice(end);
  part("copy").disabled = part("copy-map").disabled = !read;
}

function marked(value, label, score) {
  const mark = document.createElement("mark");
  mark.style.setProperty("--hue", hue(label));
  const about = document.createElement("small");
  about.textContent = `${label} ${score.toFixed(2)}`;
  mark.append(value, about);
  return mark;
}

/** Hues that lie far apart, whatever labels there are. */
function hue(label) {
  if (!hues.has(label)) hues.set(label, (hues.size * 137.5) % 360);
  return hues.get(label);
}

/** Offer a switch for each label that was found. */
function offer() {
  for (const { label } of values) {
    if (document.getElementById(`label-${label}`)) continue;
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: true, id: `label-${label}` });
    box.addEventListener("change", () => {
      if (box.checked) off.delete(label);
      else off.add(label);
      show();
    });
    const name = document.createElement("label");
    name.append(box, label);
    part("labels").append(name);
  }
  part("labels").hidden = part("labels").children.length < 2;
}

function ask() {
  asked += 1;
  const text = part("text").value;
  worker.postMessage({ number: asked, text });
  pending.set(asked, text);
}

const pending = new Map();
worker.addEventListener("message", ({ data: { number, found, ready, error } }) => {
  if (error) part("status").textContent = `It did not work: ${error}`;
  if (ready) part("status").textContent = "";
  if (!found) return;
  const text = pending.get(number);
  pending.delete(number);
  // An answer to a text that was changed since shows values where they no longer stand.
  if (number !== asked) return;
  [values, read] = [found, text];
  offer();
  show();
  part("status").textContent = `${values.length} found`;
});

let waiting;
function later() {
  part("status").textContent = "Reading …";
  clearTimeout(waiting);
  waiting = setTimeout(ask, 150);
}

/** Put another text into the page. */
function give(text) {
  part("text").value = text;
  ask();
}

part("text").addEventListener("input", later);
part("example").addEventListener("click", () => give(EXAMPLE));
part("clear").addEventListener("click", () => give(""));
part("copy").addEventListener("click", () => navigator.clipboard.writeText(part("clean").textContent));
part("copy-map").addEventListener("click", () => navigator.clipboard.writeText(JSON.stringify(placeholders, null, 2)));
part("text").addEventListener("dragover", (event) => {
  event.preventDefault();
  part("text").classList.add("over");
});
part("text").addEventListener("dragleave", () => part("text").classList.remove("over"));
part("text").addEventListener("drop", async (event) => {
  part("text").classList.remove("over");
  const [file] = event.dataTransfer.files;
  if (!file) return;
  event.preventDefault();
  try {
    give(new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer()));
  } catch {
    part("status").textContent = `${file.name} is no text in UTF-8. Save it as UTF-8, or paste its text.`;
  }
});
