// The graph: who holds what, who uses what, and what is shown. Nodes, inputs, findings and outputs
// are known by their numbers.
const data = JSON.parse(document.getElementById("data").textContent);
const { nodes, inputs, findings, groups, outputs } = data;

// Nodes that are laid out at once, at most: more cannot be read, and takes too long.
const MOST = 300;
// Arrows that are laid out at once, at most.
const MOST_ARROWS = 2000;
// A graph of so many nodes is shown whole at first, where nothing is found in it: it can be read.
const SMALL = 10;
// Of what is told together so many chains are drawn, or as many as can be read, and so many outputs
// where they start.
const DRAWN_TOGETHER = 6;
let together = DRAWN_TOGETHER;
const DRAWN_OUTPUTS = 3;
// Users of a node that are drawn with it.
const DRAWN_USERS = 8;

for (const node of nodes) node.holds = [];
inputs.forEach((input, number) => nodes[input.from].holds.push(number));
groups.forEach((group, number) => {
  for (const member of group.members) findings[member].group = number;
});

const LOCKED = { nodes: nodes.length, inputs: inputs.length };
const OF_ROOT = [...(nodes[0]?.holds ?? [])];
const AS_LOCKED = inputs.map(({ to, next, follows, tone, said }) => ({ to, next, follows, tone, said }));
let overridden = new Set();

// The graph with these overrides, as it will be, or as it is locked without any: they and all that
// goes through them end elsewhere.
function lay(overrides) {
  nodes.length = LOCKED.nodes;
  inputs.length = LOCKED.inputs;
  inputs.forEach((input, number) => Object.assign(input, AS_LOCKED[number]));
  if (nodes.length > 0) nodes[0].holds = [...OF_ROOT];
  if (overrides.some(({ to }) => to === LOCKED.nodes)) bringIn(data.wrapper);
  for (const { input, follows, next } of overrides) Object.assign(inputs[input], { follows, next });
  const through = new Map();
  inputs.forEach(({ next }, number) => {
    if (next === null) return;
    if (!through.has(next)) through.set(next, []);
    through.get(next).push(number);
  });
  overridden = new Set();
  const open = overrides.map(({ input, to }) => [input, to]);
  while (open.length > 0) {
    const [number, to] = open.pop();
    if (overridden.has(number)) continue;
    overridden.add(number);
    const input = inputs[number];
    const cured = to === LOCKED.nodes || (nodes[to].kind === "wrapper" && ["unconfigured", "quiet"].includes(input.tone));
    Object.assign(input, { to, tone: cured ? "configured" : input.tone, said: cured ? `gets ${name(to)}` : input.said });
    for (const follower of through.get(number) ?? []) open.push([follower, to]);
  }
  for (const node of nodes) node.users = [];
  inputs.forEach((input, number) => {
    if (input.to !== null) nodes[input.to].users.push(number);
  });
}

// A wrapper that is not there yet, as this flake holds it once `fix --init` has made it.
function bringIn({ name, lines, base, next, to }) {
  const like = { tone: "plain", said: null, uses: null, finding: null };
  inputs.push({ ...like, from: 0, to: LOCKED.nodes, name, path: name, follows: null, next: null });
  inputs.push({ ...like, from: LOCKED.nodes, to, name: "nixpkgs", path: `${name}/nixpkgs`, follows: base, next });
  nodes.push({ lines, kind: "wrapper", role: "configured nixpkgs", reachable: true, matters: true, details: [], holds: [LOCKED.inputs + 1] });
  nodes[0].holds.push(LOCKED.inputs);
  owners.set(LOCKED.nodes, LOCKED.inputs);
}
lay([]);

// The input by which the root, or what it leads to, holds each node.
const owners = new Map();
{
  const open = [0];
  for (const at of open) {
    for (const number of nodes[at]?.holds ?? []) {
      const { to, follows } = inputs[number];
      if (follows !== null || to === null || to === 0 || owners.has(to)) continue;
      owners.set(to, number);
      open.push(to);
    }
  }
}

// The inputs from the root to a node.
function trunk(node) {
  const steps = [];
  for (let at = node; owners.has(at); at = inputs[owners.get(at)].from) steps.unshift(owners.get(at));
  return steps;
}

// The inputs of a chain, one after the other; a loop ends where it began.
function chain(number) {
  const steps = [];
  const seen = new Set();
  for (let at = number; at !== null && !seen.has(at); at = inputs[at].next) {
    seen.add(at);
    steps.push(at);
  }
  return steps;
}

// What leads to a node, and what it leads to: inputs and nodes to be lit. Disabled inputs lead nowhere.
function around(start) {
  const lit = { nodes: new Set([start]), inputs: new Set() };
  const walk = (edges, end) => {
    const open = [start];
    const seen = new Set(open);
    while (open.length > 0) {
      for (const number of nodes[open.pop()][edges]) {
        const input = inputs[number];
        if (input.tone === "disabled" || input[end] === null) continue;
        lit.inputs.add(number);
        lit.nodes.add(input[end]);
        if (!seen.has(input[end])) {
          seen.add(input[end]);
          open.push(input[end]);
        }
      }
    }
  };
  walk("holds", "to");
  walk("users", "from");
  return lit;
}

// An input with nodes at both ends.
function add(lit, step) {
  lit.inputs.add(step);
  lit.nodes.add(inputs[step].from);
  if (inputs[step].to !== null) lit.nodes.add(inputs[step].to);
}

// How a use looks: cured where a fix is laid over the graph, for it or for an input of the dependency
// that it is of.
function toneOf({ way, tone, lacks }) {
  if (lacks === null || way.length === 0) return tone;
  const last = way.at(-1);
  const isCured = overridden.has(last) || [...overridden].some((number) => inputs[number].from === inputs[last].to);
  return isCured ? "configured" : tone;
}

function wordsOf(use) {
  return use.lacks !== null && toneOf(use) !== "configured" ? `${use.name}, ${use.lacks}` : use.name;
}

// What some of an output's ways lead through, all that it takes in if `only` is not given. It begins
// where the root's own inputs end: what the flake itself names is no step of it.
function ways(number, only = () => true, lit = { nodes: new Set(), inputs: new Set(), missed: new Set() }) {
  for (const use of outputs[number].uses) {
    const { way } = use;
    if (way.length === 0 || !only(way)) continue;
    const root = inputs[way[0]].from;
    const steps = [...way.slice(1), ...(way.length > 1 ? chain(way.at(-1)).slice(1).filter((step) => inputs[step].from !== root) : [])];
    if (inputs[way[0]].to !== null) lit.nodes.add(inputs[way[0]].to);
    for (const step of steps) {
      add(lit, step);
      if (toneOf(use) === "unconfigured") lit.missed.add(step);
    }
    if (inputs[way.at(-1)].to !== null) lit.nodes.add(inputs[way.at(-1)].to);
  }
  return lit;
}

const ALL_AT_FIRST = nodes.length <= SMALL && groups.length === 0;

// The state of the page, as its address holds it.
const state = {
  all: ALL_AT_FIRST,
  after: false, // whether the fix is laid over the graph
  open: new Set(), // nodes whose inputs are shown as well
  closed: new Set(), // nodes whose inputs are hidden
  kinds: new Set(), // kinds of nodes that are hidden
  tones: new Set(), // tones of inputs that are hidden
  node: null, // what is selected
  input: null,
  finding: null,
  group: null,
  output: null,
  search: "",
};

// The findings that are selected.
function selectedFindings() {
  if (state.finding !== null) return [state.finding];
  return state.group === null ? [] : groups[state.group].members;
}

// What their fixes make follow.
function planned() {
  return selectedFindings().flatMap(overridesOf);
}

// What follows a wrapper that is brought in is an override like others.
function overridesOf(number) {
  const { overrides, wrapped } = findings[number];
  if (data.wrapper === null) return overrides;
  const follow = (input) => ({ input, follows: data.wrapper.name, next: LOCKED.inputs, to: LOCKED.nodes });
  return [...overrides, ...wrapped.map(follow)];
}

// What the picture is of: the outputs where it starts, the nodes that are needed, and those and the
// inputs that are lit; `left` counts findings that it has no room for,
// `several` says that it is of more than one. `null` where nothing is selected.
function picture() {
  const lit = { nodes: new Set(), inputs: new Set(), missed: new Set() };
  const made = { lit, needed: new Set(), starts: [], left: 0, several: false };
  const members = selectedFindings();
  const chained = (number) => {
    for (const step of chain(number)) add(lit, step);
    for (const step of trunk(inputs[number].from)) add(lit, step);
  };
  if (state.output !== null) {
    made.starts = [{ output: state.output, only: () => true }];
    ways(state.output, () => true, lit);
  } else if (members.length > 0) {
    const drawn = state.all ? members : members.slice(0, together);
    made.left = members.length - drawn.length;
    made.several = drawn.length > 1;
    const about = new Set(drawn.flatMap((number) => findings[number].inputs));
    if (state.input !== null && !about.has(state.input)) about.add(state.input);
    // Of a dependency that was not read the way ends at itself, and not at its nixpkgs. What is about no
    // input is about all that its outputs take in.
    const holders = new Set([...about].map((number) => inputs[number].from).filter((holder) => holder !== 0));
    const only = (way) => about.size === 0 || way.some((step) => about.has(step)) || (way.length > 0 && holders.has(inputs[way.at(-1)].to));
    const concerned = [...new Set(drawn.flatMap((number) => findings[number].outputs))].filter(
      (number) => number < outputs.length && (about.size === 0 || outputs[number].uses.some(({ way }) => only(way))),
    );
    made.starts = concerned.slice(0, DRAWN_OUTPUTS).map((output) => ({ output, only }));
    for (const start of made.starts) ways(start.output, only, lit);
    const reached = new Set(lit.inputs);
    for (const number of about) if (!reached.has(number)) chained(number);
    for (const number of drawn) {
      const { node } = findings[number];
      if (node === null) continue;
      lit.nodes.add(node);
      for (const step of trunk(node)) add(lit, step);
    }
    // Before and after have the same nodes, so that what changes is seen to change.
    for (const number of drawn) {
      for (const { input, to } of overridesOf(number)) {
        if (to < nodes.length) made.needed.add(to);
        made.needed.add(inputs[input].from);
        if (AS_LOCKED[input].to !== null) made.needed.add(AS_LOCKED[input].to);
      }
    }
  } else if (state.input !== null) {
    chained(state.input);
  } else if (state.node !== null) {
    lit.nodes.add(state.node);
    for (const step of trunk(state.node)) add(lit, step);
    for (const step of nodes[state.node].holds) if (inputs[step].tone !== "disabled") add(lit, step);
    for (const step of nodes[state.node].users.slice(0, DRAWN_USERS)) if (inputs[step].tone !== "disabled") add(lit, step);
  } else {
    return null;
  }
  for (const number of lit.nodes) made.needed.add(number);
  return made.needed.size > 0 || made.starts.length > 0 ? made : null;
}

// The nodes that are shown, in their order, and whether some had no room.
function shown() {
  const of = picture();
  const wanted = new Set(of === null ? [] : of.needed);
  nodes.forEach((node, number) => {
    if (state.all || (of === null && node.matters)) wanted.add(number);
  });
  for (const number of state.open) {
    wanted.add(number);
    for (const input of nodes[number].holds) {
      if (inputs[input].to !== null) wanted.add(inputs[input].to);
    }
  }
  if (state.node !== null) wanted.add(state.node);
  for (const number of state.closed) {
    for (const input of nodes[number].holds) {
      const end = inputs[input].to;
      if (end !== null && end !== state.node && nodes[end].users.every((user) => inputs[user].from === number)) {
        wanted.delete(end);
      }
    }
  }
  const list = [...wanted].filter((number) => !state.kinds.has(nodes[number].kind)).sort((a, b) => a - b);
  const selected = list.filter((number, at) => at < MOST || number === state.node);
  return { list: selected, cut: list.length - selected.length };
}

// How well a text is what was searched for: by its start best, not at all `null`.
function rank(text, sought) {
  const at = text.toLowerCase().indexOf(sought);
  if (at < 0) return null;
  if (text.length === sought.length) return 0;
  return at === 0 ? 1 : 2;
}

const best = (ranks) => ranks.reduce((least, one) => (one !== null && (least === null || one < least) ? one : least), null);

// Nodes and outputs that were found: by their names first, then by paths and whatever else is known.
function found() {
  const sought = state.search.trim().toLowerCase();
  if (sought === "") return [];
  const later = (value) => (value === null ? null : value + 3);
  const paths = new Map();
  for (const { to, path } of inputs) {
    if (to === null) continue;
    const value = later(rank(path, sought));
    if (value !== null) paths.set(to, best([paths.get(to) ?? null, value]));
  }
  const ofOutput = ({ name, from, uses }) => {
    const parts = name.split(".").map((part) => rank(part, sought));
    return best([rank(name, sought), ...parts, ...[...from, ...uses.map(wordsOf)].map((text) => later(rank(text, sought)))]);
  };
  const ofNode = ({ lines }, node) => best([rank(lines[0], sought), ...lines.slice(1).map((line) => later(rank(line, sought))), paths.get(node) ?? null]);
  const all = [...outputs.map((one, output) => ({ output, rank: ofOutput(one) })), ...nodes.map((one, node) => ({ node, rank: ofNode(one, node) }))];
  // Sorting keeps the order of what is alike.
  return all.filter((one) => one.rank !== null).sort((a, b) => a.rank - b.rank);
}

// Nodes that were found.
function matches() {
  return found().filter(({ node }) => node !== undefined).map(({ node }) => node);
}

// Outputs that were found, or all of them.
function outputMatches() {
  if (state.search.trim() === "") return outputs.map((_, number) => number);
  return found().filter(({ output }) => output !== undefined).map(({ output }) => output);
}

function name(number) {
  return nodes[number].lines[0];
}

// Signs, so that nothing is told by colour alone.
const SIGNS = { plain: "·", configured: "✓", quiet: "○", unconfigured: "✗", broken: "✗", disabled: "–" };
