// The drawing: sheets laid out by dagre, and a window on them that can be moved.
const SVG = "http://www.w3.org/2000/svg";
const LINE = 15;
const CELL = 6.7;
const PADDING = 8;
const ROWS = 16;
const CELLS = 46;

const canvas = document.getElementById("canvas");
const scene = document.getElementById("scene");
let drawn = { at: new Map(), arrows: new Map(), output: null, width: 0, height: 0 };
let seen = { x: 0, y: 0, scale: 1 };

function element(tag, attributes, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// The start of a text; wide characters count twice.
function clip(text) {
  let room = CELLS;
  let end = 0;
  for (const character of text) {
    room -= /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|[^\u0000-\uffff]/.test(character) ? 2 : 1;
    if (room < 0) return text.slice(0, end) + "…";
    end += character.length;
  }
  return text;
}

function cells(text) {
  let sum = 0;
  for (const character of text) sum += character.codePointAt(0) > 0x10ff ? 2 : 1;
  return sum;
}

// The inputs that have a row: where there are many, those that matter, then those that are drawn.
function choose(holds, visible) {
  if (holds.length <= ROWS) return holds;
  const weight = (input) => (["plain", "disabled"].includes(inputs[input].tone) ? 0 : 2) + (visible.has(inputs[input].to) ? 1 : 0);
  const first = [...holds].sort((a, b) => weight(b) - weight(a) || a - b).slice(0, ROWS - 1);
  return first.sort((a, b) => a - b);
}

// What stands on a sheet, and how large it is.
function sheet(number, visible) {
  const node = nodes[number];
  const lines = node.lines.map(clip);
  const rows = [];
  const listed = choose(node.holds, visible);
  for (const input of listed) {
    const { name, follows, tone, said } = inputs[input];
    rows.push({ input, sign: SIGNS[tone], text: clip(name + (follows === null ? "" : ` → ${follows}`)), tone });
    if (said !== null && tone !== "configured") rows[rows.length - 1].said = clip(said);
  }
  if (listed.length < node.holds.length) {
    rows.push({ input: null, sign: " ", text: `and ${node.holds.length - listed.length} more inputs`, tone: "plain" });
  }
  let height = PADDING * 2 + lines.length * LINE + (rows.length > 0 ? PADDING : 0);
  for (const row of rows) {
    row.top = height - PADDING;
    height += LINE * (row.said === undefined ? 1 : 2);
  }
  const widest = Math.max(...lines.map(cells), ...rows.flatMap((row) => [cells(row.text) + 2, cells(row.said ?? "") + 4]));
  return { number, lines, rows, width: widest * CELL + PADDING * 3, height };
}

// The sheet of the selected output: what it takes in, a row each.
function outputSheet(number) {
  const { name, from, uses } = outputs[number];
  const lines = [name, ...from.map((text) => `built from ${text}`)].map(clip);
  const rows = uses.slice(0, ROWS).map(({ said, tone, way }) => ({ way, sign: SIGNS[tone], text: clip(said), tone }));
  if (rows.length < uses.length) rows.push({ way: [], sign: " ", text: `and ${uses.length - rows.length} more`, tone: "plain" });
  let height = PADDING * 2 + lines.length * LINE + (rows.length > 0 ? PADDING : 0);
  for (const row of rows) {
    row.top = height - PADDING;
    height += LINE;
  }
  const widest = Math.max(...lines.map(cells), ...rows.map((row) => cells(row.text) + 2));
  return { number, lines, rows, width: widest * CELL + PADDING * 3, height };
}

// Lays out and draws what is shown.
function draw() {
  const { list, cut } = shown();
  const visible = new Set(list);
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 70, edgesep: 8, marginx: 20, marginy: 20 });
  const sheets = new Map(list.map((number) => [number, sheet(number, visible)]));
  for (const [number, made] of sheets) graph.setNode(String(number), made);
  // The selected output stands at the start, with an arrow to where each of its ways begins.
  const start = state.output === null ? null : outputSheet(state.output);
  const begins = [];
  if (start !== null) {
    graph.setNode("output", start);
    for (const row of start.rows) {
      const to = row.way.length > 0 ? inputs[row.way[0]].to : null;
      if (to === null || !visible.has(to)) continue;
      graph.setEdge("output", String(to), {}, `output ${begins.length}`);
      begins.push({ row, to });
    }
  }
  const edges = [];
  let uncounted = 0;
  inputs.forEach((input, number) => {
    if (input.to === null || input.to === input.from || input.tone === "disabled") return;
    if (!visible.has(input.from) || !visible.has(input.to) || state.tones.has(input.tone)) return;
    if (edges.length === MOST_ARROWS) {
      uncounted += 1;
      return;
    }
    edges.push(number);
    graph.setEdge(String(input.from), String(input.to), {}, String(number));
  });
  dagre.layout(graph);

  drawn = { at: new Map(), arrows: new Map(), output: null, width: graph.graph().width || 100, height: graph.graph().height || 100 };
  const arrows = document.createDocumentFragment();
  for (const number of edges) {
    const input = inputs[number];
    const { points } = graph.edge({ v: String(input.from), w: String(input.to), name: String(number) });
    const from = sheets.get(input.from);
    const row = from.rows.find((row) => row.input === number);
    const path = element("path", {
      class: `arrow ${input.tone}${input.follows === null ? "" : " follows"}`,
      d: way(points, from, sheets.get(input.to), row ?? from.rows.at(-1)),
      "marker-end": `url(#head-${input.tone})`,
    });
    path.append(element("title", {}, [input.path, input.said, input.uses].filter((text) => text !== null).join("; ")));
    path.addEventListener("click", () => select({ input: number }));
    drawn.arrows.set(number, path);
    arrows.append(path);
  }
  begins.forEach(({ row, to }, number) => {
    const { points } = graph.edge({ v: "output", w: String(to), name: `output ${number}` });
    const path = element("path", { class: `arrow on begins ${row.tone}`, d: way(points, start, sheets.get(to), row), "marker-end": `url(#head-${row.tone})` });
    path.append(element("title", {}, row.text));
    arrows.append(path);
  });
  const boxes = document.createDocumentFragment();
  if (start !== null) {
    boxes.append(paintOutput(start));
    drawn.output = { x: start.x, y: start.y, width: start.width, height: start.height };
  }
  for (const [number, made] of sheets) {
    const box = paint(made, visible);
    drawn.at.set(number, { x: made.x, y: made.y, width: made.width, height: made.height, box });
    boxes.append(box);
  }
  document.getElementById("arrows").replaceChildren(arrows);
  document.getElementById("sheets").replaceChildren(boxes);
  const hidden = nodes.length - list.length;
  const parts = [];
  if (hidden > 0) parts.push(`${list.length} of ${nodes.length} nodes are shown`);
  if (cut > 0) parts.push(`${cut} more have no room here`);
  if (uncounted > 0) parts.push(`${uncounted} arrows are not drawn`);
  if (data.left_out !== null) parts.push(data.left_out);
  document.getElementById("note").textContent = parts.join(". ");
  light();
}

// From a row of a sheet to the side of another one, by the bends that dagre made.
function way(points, from, to, row) {
  const side = to.x < from.x ? -1 : 1;
  const all = [
    { x: from.x + (side * from.width) / 2, y: from.y - from.height / 2 + row.top + LINE / 2 },
    ...points.slice(1, -1),
    { x: to.x - (side * to.width) / 2, y: to.y },
  ];
  let path = `M${all[0].x.toFixed(1)} ${all[0].y.toFixed(1)}`;
  for (let at = 1; at < all.length; at++) {
    const [a, b] = [all[at - 1], all[at]];
    const middle = ((a.x + b.x) / 2).toFixed(1);
    path += `C${middle} ${a.y.toFixed(1)} ${middle} ${b.y.toFixed(1)} ${b.x.toFixed(1)} ${b.y.toFixed(1)}`;
  }
  return path;
}

function paintOutput(made) {
  const [left, top] = [made.x - made.width / 2, made.y - made.height / 2];
  const box = element("g", {
    class: "sheet output on selected", transform: `translate(${left.toFixed(1)} ${top.toFixed(1)})`, role: "img",
    "aria-label": `${outputs[made.number].name}, an output`,
  });
  box.append(element("title", {}, made.lines.join("\n")));
  box.append(element("path", { class: "side", d: `M0 0H${made.width.toFixed(1)}V${made.height.toFixed(1)}H0Z` }));
  made.lines.forEach((line, at) => {
    box.append(element("text", { class: at === 0 ? "name" : "about", x: PADDING, y: PADDING + 11 + at * LINE }, line));
  });
  for (const row of made.rows) {
    box.append(element("text", { class: `row ${row.tone}`, x: PADDING, y: row.top + 11 }, `${row.sign} ${row.text}`));
  }
  return box;
}

function paint(made, visible) {
  const node = nodes[made.number];
  const [left, top] = [made.x - made.width / 2, made.y - made.height / 2];
  const classes = ["sheet", node.kind];
  if (!node.reachable) classes.push("unreachable");
  const box = element("g", {
    class: classes.join(" "), transform: `translate(${left.toFixed(1)} ${top.toFixed(1)})`, tabindex: "-1", role: "button",
    "aria-label": `${name(made.number)}, ${node.role}`, "data-node": made.number,
  });
  box.append(element("title", {}, [...node.lines, node.role].join("\n")));
  const round = { root: 0, source: 0, wrapper: 12, nixpkgs: 12, lib: 12 }[node.kind] ?? 4;
  box.append(element("rect", { width: made.width.toFixed(1), height: made.height.toFixed(1), rx: round }));
  made.lines.forEach((line, at) => {
    box.append(element("text", { class: at === 0 ? "name" : "about", x: PADDING, y: PADDING + 11 + at * LINE }, line));
  });
  for (const row of made.rows) {
    box.append(element("text", { class: `row ${row.tone}`, x: PADDING, y: row.top + 11 }, `${row.sign} ${row.text}`));
    if (row.said !== undefined) {
      box.append(element("text", { class: `said ${row.tone}`, x: PADDING + 4 * CELL, y: row.top + 11 + LINE }, row.said));
    }
  }
  const away = node.holds.filter((input) => inputs[input].to !== null && !visible.has(inputs[input].to)).length;
  if (away > 0 || state.open.has(made.number)) {
    const more = element("g", { class: "more", transform: `translate(${made.width.toFixed(1)} 0)` });
    more.append(element("circle", { r: 9 }), element("text", { "text-anchor": "middle", y: 4 }, away > 0 ? `+${away}` : "−"));
    more.append(element("title", {}, away > 0 ? "show its inputs" : "hide its inputs"));
    more.addEventListener("click", (event) => {
      event.stopPropagation();
      toggle(made.number);
    });
    box.append(more);
  }
  box.addEventListener("click", () => select({ node: made.number }));
  return box;
}

// Lights what is selected: a node with what leads to it and from it, or the chain of an input.
function light() {
  let lit = null;
  if (state.input !== null) {
    const steps = chain(state.input);
    lit = { inputs: new Set(steps), nodes: new Set() };
    for (const step of steps) {
      lit.nodes.add(inputs[step].from);
      if (inputs[step].to !== null) lit.nodes.add(inputs[step].to);
    }
  } else if (state.node !== null) {
    lit = around(state.node);
  } else if (state.output !== null) {
    lit = ways(state.output);
  }
  canvas.classList.toggle("lit", lit !== null);
  const found = new Set(matches());
  for (const [number, place] of drawn.at) {
    place.box.classList.toggle("on", lit !== null && lit.nodes.has(number));
    place.box.classList.toggle("selected", number === state.node);
    place.box.classList.toggle("found", found.has(number));
  }
  for (const [number, path] of drawn.arrows) {
    path.classList.toggle("on", lit !== null && lit.inputs.has(number));
    path.classList.toggle("missed", lit !== null && lit.missed !== undefined && lit.missed.has(number));
  }
}

function apply() {
  scene.setAttribute("transform", `translate(${seen.x.toFixed(1)} ${seen.y.toFixed(1)}) scale(${seen.scale.toFixed(4)})`);
}

function fit() {
  const { width, height } = canvas.getBoundingClientRect();
  const scale = Math.min(width / drawn.width, height / drawn.height, 1.4);
  // A tall graph is shown from its middle, large enough to be read.
  seen.scale = Math.max(scale, 0.35);
  seen.x = Math.max((width - drawn.width * seen.scale) / 2, 0);
  seen.y = (height - drawn.height * seen.scale) / 2;
  if (scale < 0.35 && drawn.at.has(0)) center(0, false);
  apply();
}

function zoom(factor, x, y) {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const [px, py] = [(x ?? left + width / 2) - left, (y ?? top + height / 2) - top];
  const scale = Math.min(Math.max(seen.scale * factor, 0.02), 4);
  seen.x = px - ((px - seen.x) * scale) / seen.scale;
  seen.y = py - ((py - seen.y) * scale) / seen.scale;
  seen.scale = scale;
  apply();
}

// Brings a node into view, if it is not.
function center(number, always) {
  const place = number === "output" ? drawn.output : drawn.at.get(number);
  if (place === undefined || place === null) return;
  const { width, height } = canvas.getBoundingClientRect();
  const [x, y] = [place.x * seen.scale + seen.x, place.y * seen.scale + seen.y];
  const [w, h] = [(place.width * seen.scale) / 2, (place.height * seen.scale) / 2];
  const atLeft = number === 0 || number === "output";
  if (always || number === 0 || x - w < 0 || y - h < 0 || x + w > width || y + h > height) {
    seen.x = (atLeft ? w + 20 : width / 2) - place.x * seen.scale;
    seen.y = height / 2 - place.y * seen.scale;
    apply();
  }
}

// Shows an output with the nodes on its ways: all of them, where they can be read, else its start.
function show(numbers) {
  if (drawn.output === null) return;
  const places = [drawn.output, ...[...numbers].map((number) => drawn.at.get(number)).filter((place) => place !== undefined)];
  const left = Math.min(...places.map((place) => place.x - place.width / 2)) - 20;
  const right = Math.max(...places.map((place) => place.x + place.width / 2)) + 20;
  const top = Math.min(...places.map((place) => place.y - place.height / 2)) - 20;
  const bottom = Math.max(...places.map((place) => place.y + place.height / 2)) + 20;
  const { width, height } = canvas.getBoundingClientRect();
  const scale = Math.min(width / (right - left), height / (bottom - top), Math.max(seen.scale, 1));
  // On a small screen its start, large enough to be read.
  const least = width < 600 ? 0.6 : 0.35;
  if (scale < least) {
    seen.scale = Math.max(seen.scale, least);
    return center("output", true);
  }
  seen.scale = scale;
  seen.x = (width - (right + left) * scale) / 2;
  seen.y = (height - (bottom + top) * scale) / 2;
  apply();
}

for (const tone of Object.keys(SIGNS)) {
  const head = element("marker", { id: `head-${tone}`, class: tone, viewBox: "0 0 8 8", refX: 7.5, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto" });
  head.append(element("path", { d: "M0 0.5 8 4 0 7.5z" }));
  document.getElementById("heads").append(head);
}

canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(Math.exp(-event.deltaY / 400), event.clientX, event.clientY);
}, { passive: false });

let drag = null;
canvas.addEventListener("pointerdown", (event) => {
  if (event.button === 0) drag = { x: event.clientX, y: event.clientY, moved: false };
});
window.addEventListener("pointermove", (event) => {
  if (drag === null) return;
  const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
  if (!drag.moved && Math.hypot(dx, dy) < 4) return;
  drag = { x: event.clientX, y: event.clientY, moved: true };
  seen.x += dx;
  seen.y += dy;
  apply();
});
// A click that ended a move selects nothing.
window.addEventListener("click", (event) => {
  const moved = drag !== null && drag.moved;
  drag = null;
  if (moved) event.stopPropagation();
  else if (event.target === canvas) select({});
}, true);
