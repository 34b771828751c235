// What happens: selection, keys, and the address that holds the state.
function select({ node = null, input = null, finding = null, output = null }) {
  const wasOutput = state.output;
  if (finding !== null) ({ input, node } = findings[finding]);
  else if (input !== null && inputs[input].finding !== null) finding = inputs[input].finding;
  Object.assign(state, { node, input, finding, output });
  const aim = node ?? (input === null ? null : inputs[input].from);
  // Where the sheet of an output goes, what was pointed at stays where it was.
  const anchor = wasOutput === null || aim === null ? undefined : drawn.at.get(aim);
  changed(true);
  if (anchor !== undefined) stay(aim, anchor);
  if (output !== null) show(ways(output).nodes);
  else if (aim !== null) center(aim, false);
}

// After a new layout a node is on the screen where it was.
function stay(number, before) {
  const after = drawn.at.get(number);
  if (after === undefined) return;
  seen.x += (before.x - after.x) * seen.scale;
  seen.y += (before.y - after.y) * seen.scale;
  apply();
}

// Shows a node's inputs, or hides what only it uses.
function toggle(number) {
  if (state.open.has(number)) {
    state.open.delete(number);
    state.closed.add(number);
  } else {
    state.closed.delete(number);
    state.open.add(number);
  }
  const before = drawn.at.get(number);
  changed(true);
  if (before !== undefined) stay(number, before);
}

const numbersOf = (set) => [...set].sort((a, b) => a - b).join(".");

// What is shown of the graph, apart from what is lit.
let layout = "";

// `keep`: as a step that back undoes.
function changed(keep) {
  const parts = new URLSearchParams();
  if (state.all !== nodes.length <= SMALL) parts.set("all", state.all ? "1" : "0");
  if (state.open.size > 0) parts.set("open", numbersOf(state.open));
  if (state.closed.size > 0) parts.set("closed", numbersOf(state.closed));
  if (state.kinds.size > 0) parts.set("without", [...state.kinds].sort().join("."));
  if (state.tones.size > 0) parts.set("no", [...state.tones].sort().join("."));
  for (const key of ["node", "input", "finding", "output"]) if (state[key] !== null) parts.set(key, state[key]);
  if (state.search !== "") parts.set("search", state.search);
  const address = `#${parts}`;
  if (address !== (location.hash || "#")) {
    if (keep) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  }
  render();
}

function render() {
  const next = JSON.stringify([shown().list, [...state.tones].sort(), numbersOf(state.open), state.output]);
  if (next !== layout) {
    layout = next;
    draw();
  } else {
    light();
  }
  listFound();
  tell();
  const collapse = document.getElementById("collapse");
  collapse.textContent = state.all ? "What matters" : "Show all";
  collapse.setAttribute("aria-pressed", String(state.all));
}

// The state from the address; whatever else stands there is passed over.
function read() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const number = (text, list) => (/^\d{1,9}$/.test(text ?? "") && Number(text) < list.length ? Number(text) : null);
  const set = (key) => new Set((parts.get(key) ?? "").split(".").map((text) => number(text, nodes)).filter((n) => n !== null));
  const words = (key) => new Set((parts.get(key) ?? "").split(".").filter((word) => word !== ""));
  const all = parts.get("all");
  Object.assign(state, {
    all: all === null ? nodes.length <= SMALL : all === "1",
    open: set("open"), closed: set("closed"), kinds: words("without"), tones: words("no"),
    node: number(parts.get("node"), nodes), input: number(parts.get("input"), inputs), finding: number(parts.get("finding"), findings),
    output: number(parts.get("output"), outputs),
    search: parts.get("search") ?? "",
  });
  // A link may name a finding alone.
  if (state.finding !== null && state.node === null && state.input === null) {
    ({ input: state.input, node: state.node } = findings[state.finding]);
  }
  document.getElementById("search").value = state.search;
  listFilters();
  render();
}

// From node to node: along inputs, and up and down in a layer.
function move(key) {
  const here = state.node ?? 0;
  const place = drawn.at.get(here);
  if (place === undefined || state.node === null) return select({ node: here });
  const beside = (numbers, end) => numbers.map((number) => inputs[number][end]).filter((number) => number !== null && number !== here && drawn.at.has(number));
  const nearest = (numbers) => {
    let best = null;
    for (const number of numbers) {
      const far = Math.abs(drawn.at.get(number).y - place.y);
      if (best === null || far < best.far) best = { number, far };
    }
    return best === null ? null : best.number;
  };
  let next = null;
  if (key === "ArrowRight") next = nearest(beside(nodes[here].holds, "to"));
  if (key === "ArrowLeft") next = nearest(beside(nodes[here].users, "from"));
  if (key === "ArrowDown" || key === "ArrowUp") {
    const below = key === "ArrowDown";
    const overlaps = (other) => Math.abs(other.x - place.x) < (other.width + place.width) / 2;
    next = nearest([...drawn.at.keys()].filter((number) => {
      const other = drawn.at.get(number);
      return number !== here && overlaps(other) && (below ? other.y > place.y : other.y < place.y);
    }));
  }
  if (next !== null) select({ node: next });
}

function nextMatch(step) {
  if (state.search.trim() === "") return;
  const found = [...outputMatches().map((output) => ({ output })), ...matches().map((node) => ({ node }))];
  if (found.length === 0) return;
  const at = found.findIndex(({ output, node }) => (output === undefined ? node === state.node : output === state.output));
  select(found[(at + step + found.length + (at < 0 && step < 0 ? 1 : 0)) % found.length]);
}

const search = document.getElementById("search");
search.addEventListener("input", () => {
  state.search = search.value;
  changed(false);
});
search.addEventListener("keydown", (event) => {
  if (event.key === "Enter") nextMatch(event.shiftKey ? -1 : 1);
});

const help = document.getElementById("help");
function ask() {
  if (help.open) help.close();
  else help.showModal();
  document.getElementById("ask").setAttribute("aria-expanded", String(help.open));
}

function showAll() {
  state.all = !state.all;
  state.open.clear();
  state.closed.clear();
  changed(true);
  fit();
}

function toOutputs() {
  const list = document.getElementById("outputs");
  if (outputs.length === 0) return;
  list.focus();
  if (state.output === null) list.querySelector("[role=option]")?.click();
}

const KEYS = { "/": () => search.focus(), o: toOutputs, "?": ask, c: showAll, "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), 0: fit };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  const field = event.target.closest("input, textarea");
  if (event.key === "Escape") {
    if (field !== null) canvas.focus();
    else select({});
    return;
  }
  if (field !== null && field.type !== "checkbox") return;
  const inList = event.target.closest("[role=listbox]");
  if (event.key.startsWith("Arrow")) {
    event.preventDefault();
    if (inList === null) return move(event.key);
    const options = [...inList.querySelectorAll("[role=option]")];
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const next = options[at + (event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0)];
    if (next !== undefined) {
      next.click();
      document.getElementById(next.id)?.scrollIntoView({ block: "nearest" });
    }
  } else if (event.key === "Enter" && event.target.closest("button, a, input") === null && state.node !== null) {
    event.preventDefault();
    toggle(state.node);
  } else if (Object.hasOwn(KEYS, event.key)) {
    event.preventDefault();
    KEYS[event.key]();
  }
});

document.getElementById("collapse").addEventListener("click", showAll);
document.getElementById("larger").addEventListener("click", () => zoom(1.25));
document.getElementById("smaller").addEventListener("click", () => zoom(0.8));
document.getElementById("fit").addEventListener("click", fit);
document.getElementById("ask").addEventListener("click", ask);
window.addEventListener("popstate", read);
window.addEventListener("hashchange", read);

document.getElementById("lock").textContent = data.lock;
document.title = data.lock === "" ? "flake-audit" : `flake-audit: ${data.lock}`;
document.getElementById("outputs-part").hidden = outputs.length === 0;
listFindings();
read();
fit();
if (state.output !== null) show(ways(state.output).nodes);
canvas.setAttribute("tabindex", "0");
