// The drawing: sheets laid out by dagre, and a window on them that can be moved.
const SVG = "http://www.w3.org/2000/svg";
// Text is drawn 11 pixels high; smaller than this is not read.
const LEAST = 0.72;

const canvas = document.getElementById("canvas");
const scene = document.getElementById("scene");
let drawn = { at: new Map(), arrows: new Map(), starts: [], width: 0, height: 0 };
let seen = { x: 0, y: 0, scale: 1 };

function element(tag, attributes, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// Lays out and draws what is shown.
function draw() {
  const of = picture();
  const { list, cut } = shown();
  const visible = new Set(list);
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: sideways() ? "LR" : "TB", nodesep: 14, ranksep: sideways() ? 60 : 36, edgesep: 8, marginx: 12, marginy: 12 });
  // Outputs stand at the start, with an arrow to where each of their ways begins.
  const starts = (of === null ? [] : of.starts).map(outputSheet);
  const begins = [];
  starts.forEach((start, at) => {
    graph.setNode(`output ${at}`, start);
    for (const row of start.rows) {
      const to = row.way.length > 0 ? inputs[row.way[0]].to : null;
      if (to === null || !visible.has(to)) continue;
      graph.setEdge(`output ${at}`, String(to), {}, `begins ${begins.length}`);
      begins.push({ row, to, start, at });
    }
  });
  const sheets = new Map(list.map((number) => [number, sheet(number, visible, of)]));
  for (const [number, made] of sheets) graph.setNode(String(number), made);
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

  drawn = { at: new Map(), arrows: new Map(), starts: [], width: graph.graph().width || 100, height: graph.graph().height || 100 };
  const bends = new Map();
  const arrowsOf = edges.map((number) => {
    const { from, to } = inputs[number];
    const { points } = graph.edge({ v: String(from), w: String(to), name: String(number) });
    const row = sheets.get(from).rows.find((row) => row.input === number);
    if (row !== undefined) bends.set(row, points[1]);
    return { number, from: sheets.get(from), to: sheets.get(to), points, row };
  });
  const startsOf = begins.map(({ row, to, start, at }, number) => {
    const { points } = graph.edge({ v: `output ${at}`, w: String(to), name: `begins ${number}` });
    bends.set(row, points[1]);
    return { row, from: start, to: sheets.get(to), points };
  });
  for (const made of [...sheets.values(), ...starts]) sortRows(made, bends);

  const arrows = document.createDocumentFragment();
  for (const { number, from, to, points, row } of arrowsOf) {
    const input = inputs[number];
    const path = element("path", {
      class: `arrow ${input.tone}${input.follows === null ? "" : " follows"}`,
      d: way(points, from, to, row ?? from.rows.at(-1)),
      "marker-end": `url(#head-${input.tone})`,
    });
    path.append(element("title", {}, [input.path, input.said, input.uses].filter((text) => text !== null).join("; ")));
    path.addEventListener("click", () => select({ input: number }));
    drawn.arrows.set(number, path);
    arrows.append(path);
  }
  for (const { row, from, to, points } of startsOf) {
    const path = element("path", { class: `arrow on begins ${row.tone}`, d: way(points, from, to, row), "marker-end": `url(#head-${row.tone})` });
    path.append(element("title", {}, row.text));
    arrows.append(path);
  }
  const boxes = document.createDocumentFragment();
  for (const start of starts) {
    boxes.append(paintOutput(start));
    drawn.starts.push({ x: start.x, y: start.y, width: start.width, height: start.height });
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
  if (of !== null && of.left > 0) parts.push(`${selectedFindings().length - of.left} of ${selectedFindings().length} drawn: choose another one below`);
  if (hidden > 0) parts.push(`${list.length} of ${nodes.length} nodes are shown`);
  if (cut > 0) parts.push(`${cut} more have no room here`);
  if (uncounted > 0) parts.push(`${uncounted} arrows are not drawn`);
  if (data.left_out !== null) parts.push(data.left_out);
  document.getElementById("note").textContent = parts.join(". ");
  explain(new Set(list.map((number) => nodes[number].kind)), edges.map((number) => inputs[number]), starts.length > 0);
  light();
}

// From a row of a sheet to the side of another one, by the bends that dagre made; downwards from its
// lower edge to the upper one.
function way(points, from, to, row) {
  if (!sideways()) {
    const down = to.y >= from.y ? 1 : -1;
    const all = [{ x: from.x, y: from.y + (down * from.height) / 2 }, ...points.slice(1, -1), { x: to.x, y: to.y - (down * to.height) / 2 }];
    return curve(all.map(({ x, y }) => [x, y]), (a, b) => [[a[0], (a[1] + b[1]) / 2], [b[0], (a[1] + b[1]) / 2]]);
  }
  const side = to.x < from.x ? -1 : 1;
  const all = [
    { x: from.x + (side * from.width) / 2, y: from.y - from.height / 2 + row.top + LINE / 2 },
    ...points.slice(1, -1),
    { x: to.x - (side * to.width) / 2, y: to.y },
  ];
  return curve(all.map(({ x, y }) => [x, y]), (a, b) => [[(a[0] + b[0]) / 2, a[1]], [(a[0] + b[0]) / 2, b[1]]]);
}

// A line through points; `bend` says by which it leaves one and gets to the next.
function curve(points, bend) {
  const written = (point) => point.map((number) => number.toFixed(1)).join(" ");
  let path = `M${written(points[0])}`;
  for (let at = 1; at < points.length; at++) {
    path += `C${[...bend(points[at - 1], points[at]), points[at]].map(written).join(" ")}`;
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
  paintRows(box, made);
  return box;
}

function paintRows(box, { rows }) {
  for (const row of rows) {
    box.append(element("text", { class: `row ${row.tone}`, x: PADDING, y: row.top + 11 }, `${row.sign} ${row.text}`));
    row.told.forEach((line, at) => {
      box.append(element("text", { class: `said ${row.tone}`, x: PADDING + 4 * CELL, y: row.top + 11 + (at + 1) * LINE }, line));
    });
  }
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
  paintRows(box, made);
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

// Lights what is selected: a node with what leads to it and from it, or the chains of a picture.
function light() {
  const lit = state.node !== null ? around(state.node) : (picture()?.lit ?? null);
  canvas.classList.toggle("lit", lit !== null);
  const found = new Set(matches());
  for (const [number, place] of drawn.at) {
    place.box.classList.toggle("on", lit !== null && lit.nodes.has(number));
    place.box.classList.toggle("selected", number === state.node);
    place.box.classList.toggle("found", found.has(number));
  }
  for (const [number, path] of drawn.arrows) {
    path.classList.toggle("on", lit !== null && lit.inputs.has(number));
    const isMissed = lit !== null && lit.missed !== undefined && lit.missed.has(number);
    path.classList.toggle("missed", isMissed);
    path.setAttribute("marker-end", `url(#head-${isMissed ? "unconfigured" : inputs[number].tone})`);
  }
}

function apply() {
  scene.setAttribute("transform", `translate(${seen.x.toFixed(1)} ${seen.y.toFixed(1)}) scale(${seen.scale.toFixed(6)})`);
}

// All of what is drawn, in the window, however small.
function fit() {
  into({ left: 0, top: 0, right: drawn.width, bottom: drawn.height }, 1.4);
}

// A part of the drawing, in the middle of the window.
function into({ left, top, right, bottom }, most) {
  const { width, height } = canvas.getBoundingClientRect();
  seen.scale = Math.min(width / (right - left), height / (bottom - top), most);
  seen.x = (width - (right + left) * seen.scale) / 2;
  seen.y = (height - (bottom + top) * seen.scale) / 2;
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
function center(number) {
  const place = drawn.at.get(number);
  if (place === undefined) return;
  const { width, height } = canvas.getBoundingClientRect();
  const [x, y] = [place.x * seen.scale + seen.x, place.y * seen.scale + seen.y];
  const [w, h] = [(place.width * seen.scale) / 2, (place.height * seen.scale) / 2];
  const atLeft = number === 0;
  if (x - w < 0 || y - h < 0 || x + w > width || y + h > height) {
    seen.x = (atLeft ? w + 20 : width / 2) - place.x * seen.scale;
    seen.y = height / 2 - place.y * seen.scale;
    apply();
  }
}

// Shows what is lit: all of it, where it can be read; else fewer of what is told together, and in the
// end where it starts.
function show() {
  together = DRAWN_TOGETHER;
  render();
  while (!showLit() && together > 1 && !state.all && picture()?.several) {
    together -= 1;
    render();
  }
}

// Whether all of it can be read.
function showLit() {
  const of = picture();
  const lit = of === null ? [...drawn.at.keys()] : [...of.needed];
  const places = [...drawn.starts, ...lit.map((number) => drawn.at.get(number)).filter((place) => place !== undefined)];
  if (places.length === 0) return true;
  const part = {
    left: Math.min(...places.map((place) => place.x - place.width / 2)) - 12,
    right: Math.max(...places.map((place) => place.x + place.width / 2)) + 12,
    top: Math.min(...places.map((place) => place.y - place.height / 2)) - 12,
    bottom: Math.max(...places.map((place) => place.y + place.height / 2)) + 12,
  };
  into(part, 1.15);
  if (seen.scale >= LEAST) return true;
  const start = places.reduce((a, b) => (sideways() ? b.x - b.width / 2 < a.x - a.width / 2 : b.y - b.height / 2 < a.y - a.height / 2) ? b : a);
  const { width, height } = canvas.getBoundingClientRect();
  seen.scale = LEAST + 0.1;
  const [wide, high] = [(part.right - part.left) * seen.scale, (part.bottom - part.top) * seen.scale];
  seen.x = wide <= width ? (width - (part.left + part.right) * seen.scale) / 2 : sideways() ? 12 - (start.x - start.width / 2) * seen.scale : width / 2 - start.x * seen.scale;
  seen.y = high <= height ? (height - (part.top + part.bottom) * seen.scale) / 2 : sideways() ? height / 2 - start.y * seen.scale : 12 - (start.y - start.height / 2) * seen.scale;
  apply();
  return false;
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

// Fingers and buttons that are down, and where.
const down = new Map();
let moved = false;
canvas.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  if (down.size === 0) moved = false;
  down.set(event.pointerId, { x: event.clientX, y: event.clientY });
});
window.addEventListener("pointermove", (event) => {
  const before = down.get(event.pointerId);
  if (before === undefined) return;
  // It was let go of outside of the window.
  if (event.buttons === 0) return down.delete(event.pointerId);
  const here = { x: event.clientX, y: event.clientY };
  const [dx, dy] = [here.x - before.x, here.y - before.y];
  if (!moved && Math.hypot(dx, dy) < 4) return;
  moved = true;
  down.set(event.pointerId, here);
  const other = [...down].find(([pointer]) => pointer !== event.pointerId)?.[1];
  if (other === undefined) {
    seen.x += dx;
    seen.y += dy;
    apply();
  } else {
    const apart = (one) => Math.max(Math.hypot(one.x - other.x, one.y - other.y), 1);
    zoom(apart(here) / apart(before), (here.x + other.x) / 2, (here.y + other.y) / 2);
  }
});
for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, (event) => down.delete(event.pointerId));
// A click that ended a move selects nothing.
window.addEventListener("click", (event) => {
  if (moved) event.stopPropagation();
  else if (event.target === canvas) letGo();
  moved = false;
}, true);
