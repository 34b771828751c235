// What stands beside the graph: findings, filters, the list of nodes, details.
function html(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function button(text, does, attributes = {}) {
  const made = html("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", does);
  return made;
}

function listFindings() {
  const list = document.getElementById("findings");
  if (findings.length === 0) list.append(html("li", {}, "none"));
  findings.forEach((finding, number) => {
    const mark = finding.exempted !== null ? "–" : finding.level === "deny" ? "✗" : "!";
    const made = button("", () => select({ finding: number }), { class: `finding ${finding.level}`, "data-finding": number });
    made.append(html("span", { class: "rule" }, `${mark} ${finding.rule}`), html("span", {}, finding.message));
    list.append(html("li", {}, made));
  });
}

function listFilters() {
  const box = document.getElementById("filters");
  const filter = (value, words, set, count) => {
    const input = html("input", { type: "checkbox", value });
    input.checked = !set.has(value);
    input.addEventListener("change", () => {
      if (input.checked) set.delete(value);
      else set.add(value);
      changed(true);
    });
    return html("label", {}, input, ` ${words} (${count})`);
  };
  box.replaceChildren();
  const kinds = new Map();
  for (const node of nodes) kinds.set(node.kind, { words: node.role, count: (kinds.get(node.kind)?.count ?? 0) + 1 });
  for (const [kind, { words, count }] of kinds) {
    if (kind !== "root") box.append(filter(kind, words, state.kinds, count));
  }
  const tones = new Map();
  for (const input of inputs) tones.set(input.tone, (tones.get(input.tone) ?? 0) + 1);
  const words = { plain: "other inputs", configured: "configured slots", quiet: "secondary slots", unconfigured: "unconfigured slots", broken: "leads nowhere" };
  for (const [tone, count] of tones) {
    if (words[tone] !== undefined) box.append(filter(tone, `${SIGNS[tone]} ${words[tone]}`, state.tones, count));
  }
}

// Signs of outputs, by how loud the loudest finding is that concerns one.
function outputSign({ level, in_part }) {
  if (level === "deny") return "✗";
  if (level === "warn") return "!";
  return in_part ? "?" : "·";
}

// A list of options, as many as it can hold; one of them is selected.
const LISTED = 500;
function fill(list, found, selected, make) {
  const entries = found.slice(0, LISTED).map((number) => {
    const option = make(number);
    option.setAttribute("role", "option");
    option.id = `${list.id}-${number}`;
    option.setAttribute("aria-selected", String(number === selected));
    return option;
  });
  if (found.length > LISTED) entries.push(html("li", { class: "note" }, `and ${found.length - LISTED} more: search`));
  list.replaceChildren(...entries);
  if (found.includes(selected)) list.setAttribute("aria-activedescendant", `${list.id}-${selected}`);
  else list.removeAttribute("aria-activedescendant");
}

// The outputs and nodes that were found, or all of them.
function listFound() {
  const found = state.search.trim() === "" ? nodes.map((_, number) => number) : matches();
  const built = outputMatches();
  fill(document.getElementById("outputs"), built, state.output, (number) => {
    const output = outputs[number];
    const option = html("li", { class: `output ${output.level ?? ""}` }, html("span", { class: "sign" }, outputSign(output)), html("span", {}, output.name));
    const more = output.from.length > 2 ? ` and ${output.from.length - 2} more` : "";
    if (output.from.length > 0) option.append(html("span", { class: "from" }, output.from.slice(0, 2).join("; ") + more));
    option.addEventListener("click", () => select({ output: number }));
    return option;
  });
  fill(document.getElementById("nodes"), found, state.node, (number) => {
    const option = html("li", { class: nodes[number].kind }, name(number));
    option.addEventListener("click", () => select({ node: number }));
    return option;
  });
  document.getElementById("found").textContent = state.search.trim() === "" ? "" : `${found.length + built.length} found`;
}

function toNode(number) {
  return button(name(number), () => select({ node: number }), { class: "link" });
}

function toOutput(number) {
  const output = outputs[number];
  return button(`${outputSign(output)} ${output.name}`, () => select({ output: number }), { class: "link" });
}

function toInput(number) {
  const { path, follows, tone } = inputs[number];
  return button(`${SIGNS[tone]} ${path}${follows === null ? "" : ` → ${follows}`}`, () => select({ input: number }), { class: `link ${tone}` });
}

// A list, cut where nobody reads on.
function some(title, numbers, make) {
  const MOST = 50;
  const list = html("ul", {}, ...numbers.slice(0, MOST).map((number) => html("li", {}, make(number))));
  if (numbers.length > MOST) list.append(html("li", { class: "note" }, `and ${numbers.length - MOST} more`));
  return numbers.length === 0 ? [] : [html("h3", {}, title), list];
}

function copy(text, by) {
  const said = (words) => {
    by.textContent = words;
  };
  const fallback = () => {
    const area = html("textarea", {}, text);
    document.body.append(area);
    area.select();
    // Old, but it works where a page has no clipboard, as from a file.
    said(document.execCommand("copy") ? "Copied" : "Not copied: select the lines");
    area.remove();
  };
  if (navigator.clipboard === undefined) fallback();
  else navigator.clipboard.writeText(text).then(() => said("Copied"), fallback);
}

function tellFinding(number) {
  const finding = findings[number];
  const strength = finding.strength === null ? "" : `, ${finding.strength}`;
  const parts = [html("h2", {}, `${finding.rule} (${finding.level}${strength})`), html("p", {}, finding.message)];
  if (finding.exempted !== null) parts.push(html("p", {}, `Exempted: ${finding.exempted}`));
  if (finding.fix !== null) {
    const fix = html("div", { class: "fix" }, html("pre", {}, finding.fix.help));
    if (finding.fix.nix !== "") {
      const made = button("Copy", () => copy(finding.fix.nix, made), { class: "copy" });
      fix.append(made);
    }
    if (finding.fix.applicability !== "safe") fix.append(html("p", { class: "note" }, `This fix is ${finding.fix.applicability}.`));
    parts.push(fix);
  }
  for (const note of finding.notes) parts.push(html("p", { class: "note" }, note));
  const concerned = finding.outputs.filter((output) => output < outputs.length && output !== state.output);
  parts.push(...some(state.output === null ? "Concerns" : "Also concerns", concerned, toOutput));
  return parts;
}

// What `why` tells of an output: lines without a name go on with the one above.
function tellOutput(number) {
  const output = outputs[number];
  const about = findings.map((_, at) => at).filter((at) => findings[at].outputs.includes(number));
  const facts = html("dl", {});
  let last = null;
  for (const { name, text, input, node } of output.details) {
    if (name !== "" || last === null) {
      last = html("dd", {});
      facts.append(html("dt", {}, name), last);
    }
    let shown = html("span", {}, text.trim());
    if (input !== null) shown = button(text, () => select({ input }), { class: "link" });
    else if (node !== null) shown = button(text, () => select({ node }), { class: "link" });
    last.append(html("div", { class: text.startsWith(" ") ? "sub" : "" }, shown));
  }
  return [html("h2", {}, output.name), facts, ...about.flatMap(tellFinding)];
}

function tellNode(number) {
  const node = nodes[number];
  const about = findings.map((_, at) => at).filter((at) => findings[at].node === number);
  const facts = html("dl", {});
  for (const [term, text] of node.details) facts.append(html("dt", {}, term), html("dd", {}, text));
  return [
    ...about.flatMap(tellFinding),
    html("h2", {}, name(number)),
    html("p", {}, node.role),
    facts,
    ...some("Inputs", node.holds, toInput),
    ...some("Used by", node.users, toInput),
  ];
}

function tellInput(number) {
  const input = inputs[number];
  return [
    ...(input.finding === null ? [] : tellFinding(input.finding)),
    html("h2", {}, input.path),
    html("p", {}, `${SIGNS[input.tone]} ${input.said ?? "an input"}${input.uses === null ? "" : `; ${input.uses}`}`),
    ...some("Chain", chain(number), (step) => (step === number ? html("span", {}, `${inputs[step].path}${inputs[step].follows === null ? "" : ` → ${inputs[step].follows}`}`) : toInput(step))),
    html("h3", {}, "Held by"),
    toNode(input.from),
    html("h3", {}, "Ends at"),
    input.to === null ? html("p", {}, "nothing") : toNode(input.to),
  ];
}

function tell() {
  const panel = document.getElementById("details");
  let parts = [];
  if (state.finding !== null) parts = tellFinding(state.finding);
  if (state.input !== null) parts = tellInput(state.input);
  else if (state.node !== null) parts = tellNode(state.node);
  else if (state.output !== null) parts = tellOutput(state.output);
  panel.replaceChildren(...parts);
  panel.hidden = parts.length === 0;
  for (const made of document.querySelectorAll("[data-finding]")) {
    made.setAttribute("aria-current", String(Number(made.dataset.finding) === state.finding));
  }
}
