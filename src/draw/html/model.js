// The graph: who holds what, who uses what, and what is shown. Nodes, inputs, findings and outputs
// are known by their numbers.
const data = JSON.parse(document.getElementById("data").textContent);
const { nodes, inputs, findings, outputs } = data;

// Nodes that are laid out at once, at most: more cannot be read, and takes too long.
const MOST = 300;
// Arrows that are laid out at once, at most.
const MOST_ARROWS = 2000;
// A graph of so many nodes is shown whole at first.
const SMALL = 40;

for (const node of nodes) {
  node.holds = [];
  node.users = [];
}
inputs.forEach((input, number) => {
  nodes[input.from].holds.push(number);
  if (input.to !== null) nodes[input.to].users.push(number);
});

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

// The nodes and inputs on the ways from an output to all that it takes in. It begins where the root's
// own inputs end: what the flake itself names is no step of it.
function ways(number) {
  const lit = { nodes: new Set(), inputs: new Set(), missed: new Set() };
  for (const { way, tone } of outputs[number].uses) {
    if (way.length === 0) continue;
    const steps = [...way.slice(1), ...(way.length > 1 ? chain(way.at(-1)).slice(1).filter((step) => inputs[step].from !== inputs[way[0]].from) : [])];
    if (inputs[way[0]].to !== null) lit.nodes.add(inputs[way[0]].to);
    for (const step of steps) {
      lit.inputs.add(step);
      if (tone === "unconfigured") lit.missed.add(step);
      lit.nodes.add(inputs[step].from);
      if (inputs[step].to !== null) lit.nodes.add(inputs[step].to);
    }
  }
  return lit;
}

// The state of the page, as its address holds it.
const state = {
  all: nodes.length <= SMALL,
  open: new Set(), // nodes whose inputs are shown as well
  closed: new Set(), // nodes whose inputs are hidden
  kinds: new Set(), // kinds of nodes that are hidden
  tones: new Set(), // tones of inputs that are hidden
  node: null, // what is selected
  input: null,
  finding: null,
  output: null,
  search: "",
};

// The nodes that are shown, in their order, and whether some had no room.
function shown() {
  const wanted = new Set();
  nodes.forEach((node, number) => {
    if (state.all || node.matters) wanted.add(number);
  });
  for (const number of state.open) {
    wanted.add(number);
    for (const input of nodes[number].holds) {
      if (inputs[input].to !== null) wanted.add(inputs[input].to);
    }
  }
  if (state.node !== null) wanted.add(state.node);
  if (state.input !== null) {
    for (const step of chain(state.input)) {
      wanted.add(inputs[step].from);
      if (inputs[step].to !== null) wanted.add(inputs[step].to);
    }
  }
  if (state.output !== null) {
    for (const number of ways(state.output).nodes) wanted.add(number);
  }
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

// Nodes and inputs whose name or path holds what was searched for.
function matches() {
  const text = state.search.trim().toLowerCase();
  if (text === "") return [];
  const found = new Set();
  nodes.forEach((node, number) => {
    if (node.lines.some((line) => line.toLowerCase().includes(text))) found.add(number);
  });
  for (const input of inputs) {
    if (input.to !== null && input.path.toLowerCase().includes(text)) found.add(input.to);
  }
  return [...found].sort((a, b) => a - b);
}

// Outputs whose name, or what they take in, holds what was searched for.
function outputMatches() {
  const text = state.search.trim().toLowerCase();
  const all = outputs.map((_, number) => number);
  if (text === "") return all;
  const holds = (words) => words.toLowerCase().includes(text);
  return all.filter((number) => {
    const { name, from, uses } = outputs[number];
    return holds(name) || from.some(holds) || uses.some((use) => holds(use.said));
  });
}

function name(number) {
  return nodes[number].lines[0];
}

// Signs, so that nothing is told by colour alone.
const SIGNS = { plain: "·", configured: "✓", quiet: "○", unconfigured: "✗", broken: "✗", disabled: "–" };
