// What happens: selection, keys, and the address that holds the state.
function select({ node = null, input = null, finding = null, group = null, output = null }) {
  if (group !== null && groups[group].members.length === 1) [finding, group] = [groups[group].members[0], null];
  // A node of the picture is looked at in it.
  const has = state.all || [state.input, state.finding, state.group, state.output].some((one) => one !== null);
  if (node !== null && finding === null && has && drawn.at.has(node)) {
    state.node = node;
    changed(true);
    return center(node);
  }
  if (input !== null && finding === null) finding = inputs[input].finding;
  const nothing = [node, input, finding, group, output].every((one) => one === null);
  Object.assign(state, { node, input, finding, group, output });
  if (planned().length === 0) state.after = false;
  changed(true);
  if (!nothing) show();
}

// Lets go of what is looked at, and then of the picture.
function letGo() {
  if (state.node !== null && [state.input, state.finding, state.group, state.output].some((one) => one !== null)) {
    state.node = null;
    return changed(true);
  }
  return select({});
}

function lookAfter(after) {
  if (planned().length === 0 || after === state.after) return;
  state.after = after;
  changed(true);
  show();
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

const SELECTED = ["node", "input", "finding", "group", "output"];

// What is shown of the graph, apart from what is lit.
let layout = "";

// `keep`: as a step that back undoes.
function changed(keep) {
  const parts = new URLSearchParams();
  if (state.all !== ALL_AT_FIRST) parts.set("all", state.all ? "1" : "0");
  if (state.open.size > 0) parts.set("open", numbersOf(state.open));
  if (state.closed.size > 0) parts.set("closed", numbersOf(state.closed));
  if (state.kinds.size > 0) parts.set("without", [...state.kinds].sort().join("."));
  if (state.tones.size > 0) parts.set("no", [...state.tones].sort().join("."));
  for (const key of SELECTED) if (state[key] !== null) parts.set(key, state[key]);
  if (groups.length > 0 && SELECTED.every((key) => state[key] === null)) parts.set("nothing", "1");
  if (state.after) parts.set("after", "1");
  if (state.search !== "") parts.set("search", state.search);
  const address = `#${parts}`;
  if (address !== (location.hash || "#")) {
    if (keep) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  }
  render();
}

function render() {
  lay(state.after ? planned() : []);
  // What only the fix brings in is not there before it.
  if (state.node !== null && state.node >= nodes.length) state.node = null;
  if (state.input !== null && state.input >= inputs.length) state.input = null;
  const of = picture();
  const lit = of === null ? [] : [of.starts.map(({ output }) => output), numbersOf(of.lit.inputs)];
  const opened = state.open.has(state.node) ? null : state.node;
  const next = JSON.stringify([shown().list, [...state.tones].sort(), numbersOf(state.open), state.after, lit, opened, sideways()]);
  if (next !== layout) {
    layout = next;
    draw();
  } else {
    light();
  }
  listFound();
  tell();
  const collapse = document.getElementById("collapse");
  collapse.textContent = state.all ? "Less" : "Show all";
  collapse.setAttribute("aria-pressed", String(state.all));
}

// The state from the address; whatever else stands there is skipped.
function read() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const number = (text, list) => (/^\d{1,9}$/.test(text ?? "") && Number(text) < list.length ? Number(text) : null);
  const set = (key) => new Set((parts.get(key) ?? "").split(".").map((text) => number(text, nodes)).filter((n) => n !== null));
  const words = (key) => new Set((parts.get(key) ?? "").split(".").filter((word) => word !== ""));
  const all = parts.get("all");
  Object.assign(state, {
    all: all === null ? ALL_AT_FIRST : all === "1",
    open: set("open"), closed: set("closed"), kinds: words("without"), tones: words("no"),
    node: number(parts.get("node"), nodes), input: number(parts.get("input"), inputs), finding: number(parts.get("finding"), findings),
    group: number(parts.get("group"), groups), output: number(parts.get("output"), outputs), after: parts.get("after") === "1",
    search: parts.get("search") ?? "",
  });
  // The problem comes first.
  if (SELECTED.every((key) => state[key] === null) && !parts.has("nothing") && groups.length > 0) {
    const { members } = groups[0];
    if (members.length > 1) state.group = 0;
    else state.finding = members[0];
  }
  document.getElementById("search").value = state.search;
  listFilters();
  render();
}

// From node to node: along inputs, and up and down in a layer.
function move(key) {
  const here = drawn.at.has(state.node) ? state.node : [...drawn.at.keys()].sort((a, b) => a - b)[0];
  if (here === undefined) return;
  if (here !== state.node) return select({ node: here });
  const place = drawn.at.get(here);
  const beside = (numbers, end) => numbers.map((number) => inputs[number][end]).filter((number) => number !== null && number !== here && drawn.at.has(number));
  // Inputs lead on to the right, or down where the drawing goes down.
  const [along, across, wide] = sideways() ? ["x", "y", "width"] : ["y", "x", "height"];
  const [on, back, before] = sideways() ? ["ArrowRight", "ArrowLeft", "ArrowUp"] : ["ArrowDown", "ArrowUp", "ArrowLeft"];
  const nearest = (numbers) => {
    let best = null;
    for (const number of numbers) {
      const far = Math.abs(drawn.at.get(number)[across] - place[across]);
      if (best === null || far < best.far) best = { number, far };
    }
    return best === null ? null : best.number;
  };
  let next = null;
  if (key === on) next = nearest(beside(nodes[here].holds, "to"));
  else if (key === back) next = nearest(beside(nodes[here].users, "from"));
  else {
    const isBefore = key === before;
    const overlaps = (other) => Math.abs(other[along] - place[along]) < (other[wide] + place[wide]) / 2;
    next = nearest([...drawn.at.keys()].filter((number) => {
      const other = drawn.at.get(number);
      return number !== here && overlaps(other) && (isBefore ? other[across] < place[across] : other[across] > place[across]);
    }));
  }
  if (next !== null) select({ node: next });
}

function nextMatch(step) {
  if (state.search.trim() === "") return;
  const all = found();
  if (all.length === 0) return;
  const at = all.findIndex(({ output, node }) => (output === undefined ? node === state.node : state.node === null && output === state.output));
  const { output = null, node = null } = all[(at + step + all.length + (at < 0 && step < 0 ? 1 : 0)) % all.length];
  select({ output, node });
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
help.addEventListener("close", () => document.getElementById("ask").setAttribute("aria-expanded", "false"));

function showAll() {
  state.all = !state.all;
  state.open.clear();
  state.closed.clear();
  changed(true);
  // All of it, if that can be read; else what is selected, and the rest around it.
  fit();
  if (seen.scale < LEAST) show();
}

// From one finding to the next.
function nextFinding(step) {
  if (groups.length === 0) return;
  const at = groupOf();
  select({ group: at === null ? (step > 0 ? 0 : groups.length - 1) : (at + step + groups.length) % groups.length });
  document.querySelector(`[data-group='${groupOf()}']`)?.scrollIntoView({ block: "nearest" });
}

function toOutputs() {
  const list = document.getElementById("outputs");
  if (outputs.length === 0) return;
  list.focus();
  if (state.output === null) list.querySelector("[role=option]")?.click();
}

const KEYS = {
  "/": () => search.focus(), o: toOutputs, "?": ask, c: showAll, "]": () => nextFinding(1), "[": () => nextFinding(-1), a: () => lookAfter(!state.after),
  "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), 0: fit,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  const field = event.target.closest("input, textarea");
  if (event.key === "Escape") {
    if (field !== null) canvas.focus();
    else letGo();
    return;
  }
  if (field !== null && field.type !== "checkbox") return;
  const inList = event.target.closest("[role=listbox]");
  if (event.key.startsWith("Arrow")) {
    // There they scroll.
    if (inList === null && event.target.closest("nav, aside, header") !== null) return;
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
document.getElementById("before").addEventListener("click", () => lookAfter(false));
document.getElementById("after").addEventListener("click", () => lookAfter(true));
window.addEventListener("popstate", read);
window.addEventListener("hashchange", read);

document.getElementById("lock").textContent = data.lock;
document.title = data.lock === "" ? "flake-audit" : `flake-audit: ${data.lock}`;
document.getElementById("outputs-part").hidden = outputs.length === 0;
document.getElementById("outputs-part").open = outputs.length > 0 && outputs.length <= 12;
document.getElementById("legend").open = canvas.getBoundingClientRect().width >= 600;
listFindings();
read();
show();
// What is left of the window changes: so does what fits.
new ResizeObserver(show).observe(document.getElementById("graph"));
canvas.setAttribute("tabindex", "0");
