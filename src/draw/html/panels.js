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

// A sentence, with what stands in backticks as code.
function prose(text) {
  return text.split("`").map((part, at, all) => (at % 2 === 1 && at < all.length - 1 ? html("code", {}, part) : at % 2 === 1 ? `\`${part}` : part));
}

// A count of things.
const many = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;

// What a group is about, in a few words.
function subject({ members }) {
  const first = findings[members[0]];
  if (members.length > 1) return members.every((number) => findings[number].inputs.length === 1) ? many(members.length, "input") : many(members.length, "finding");
  if (first.about !== "") return first.about;
  return first.outputs.length > 0 && first.outputs[0] < outputs.length ? outputs[first.outputs[0]].name : "this flake";
}

const LEVELS = { deny: "error", warn: "warning", allow: "info" };
const MARKS = { deny: "✗", warn: "!", allow: "·" };
const markOf = ({ exempted, level }) => (exempted !== null ? "–" : MARKS[level]);

function listFindings() {
  const list = document.getElementById("findings");
  const counted = (level) => findings.filter((finding) => finding.level === level && finding.exempted === null).length;
  const counts = [["deny", "error"], ["warn", "warning"]].filter(([level]) => counted(level) > 0).map(([level, what]) => many(counted(level), what));
  document.getElementById("findings-title").textContent = counts.length > 0 ? counts.join(", ") : groups.length > 0 ? "Findings" : "Nothing found";
  groups.forEach((group, number) => {
    const first = findings[group.members[0]];
    const automatic = group.members.filter((member) => !findings[member].by_hand);
    const targets = [...new Set(automatic.flatMap((member) => findings[member].overrides.map(({ follows }) => follows)))];
    const made = button("", () => select({ group: number }), { class: `finding ${first.level}`, "data-group": number });
    made.append(html("span", { class: "sign" }, markOf(first)), html("span", { class: "subject" }, subject(group)), html("span", { class: "rule" }, first.rule));
    const rest = [...first.packages.slice(0, 1), ...(targets.length === 1 ? [`fix: follow ${targets[0]}`] : [])];
    if (rest.length > 0) made.append(html("span", { class: "rest" }, rest.join(", ")));
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
  const words = { plain: "other inputs", configured: "get a configured nixpkgs", quiet: "secondary, as nixpkgs-stable", unconfigured: "should get a configured nixpkgs", broken: "lead nowhere" };
  for (const [tone, count] of tones) {
    if (words[tone] !== undefined) box.append(filter(tone, `${SIGNS[tone]} ${words[tone]}`, state.tones, count));
  }
}

// The legend: what is drawn, and no more.
function explain(kinds, drawnInputs, withOutputs) {
  const list = document.getElementById("signs");
  const entries = [];
  const kindWords = { root: "this flake", wrapper: "configured nixpkgs", nixpkgs: "plain nixpkgs", lib: "lib of nixpkgs only", flake: "a dependency", source: "source, no flake", null: "null flake" };
  if (withOutputs) entries.push(["output", "an output"]);
  for (const [kind, words] of Object.entries(kindWords)) if (kinds.has(kind)) entries.push([`swatch ${kind}`, words]);
  if (drawnInputs.some(({ follows }) => follows === null)) entries.push(["line", "an input of its own"]);
  if (drawnInputs.some(({ follows }) => follows !== null)) entries.push(["line follows", "follows another input"]);
  const tones = new Set(drawnInputs.map(({ tone }) => tone));
  const toneWords = { configured: "gets a configured nixpkgs", unconfigured: "should get a configured nixpkgs", quiet: "secondary, as nixpkgs-stable", broken: "leads nowhere" };
  const signs = Object.entries(toneWords).filter(([tone]) => tones.has(tone));
  list.replaceChildren(
    ...entries.map(([look, words]) => html("li", {}, html("span", { class: look === "output" ? "swatch output" : look }), words)),
    ...signs.map(([tone, words]) => html("li", {}, html("span", { class: `sign ${tone}` }, SIGNS[tone]), words)),
  );
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
  const searching = state.search.trim() !== "";
  const found = searching ? matches() : nodes.map((_, number) => number);
  document.body.classList.toggle("searching", searching);
  if (searching) document.getElementById("nodes-part").open = true;
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
  document.getElementById("found").textContent = searching ? `${found.length + built.length} found` : "";
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

// What is said of one finding, or of several at once.
function tellWords(told, exempted, more) {
  const fix = html("div", { class: "fix" });
  for (const sentence of told.help) fix.append(html("p", {}, ...prose(sentence)));
  if (told.lines.length > 0) {
    const widest = Math.max(...told.lines.map(({ number }) => String(number ?? "").length));
    const lines = told.lines.map(({ sign, number, text }) => {
      const kind = { "-": "goes", "+": "comes" }[sign] ?? "stays";
      return html("span", { class: kind }, `${String(number ?? "").padStart(widest)} ${number === null ? "" : `${sign} `}${text}\n`);
    });
    fix.append(html("pre", {}, ...lines));
  }
  if (told.nix !== "" && told.lines.length > 0) {
    const made = button("Copy", () => copy(told.nix, made), { class: "copy" });
    fix.append(made);
  }
  for (const reservation of told.reservations) fix.append(html("p", { class: "note" }, ...prose(reservation)));
  const parts = [html("p", { class: "message" }, ...prose(told.message))];
  if (exempted !== null) parts.push(html("p", {}, `Exempted: ${exempted}`));
  if (told.help.length > 0) parts.push(fix);
  parts.push(...more);
  if (told.why !== null) parts.push(html("p", { class: "note" }, ...prose(told.why)));
  if (told.evidence.length > 0) {
    parts.push(html("details", {}, html("summary", {}, "Evidence"), ...told.evidence.map((line) => html("p", { class: "note" }, ...prose(line)))));
  }
  return parts;
}

function concerns(numbers) {
  const concerned = [...new Set(numbers)].filter((output) => output < outputs.length && output !== state.output);
  return some(state.output === null ? "Concerns" : "Also concerns", concerned, toOutput);
}

// Why there is no picture of the flake with a wrapper for its inline settings.
function noAfter(numbers) {
  const reasons = [...new Set(numbers.map((number) => findings[number].no_wrapper).filter((reason) => reason !== null))];
  return reasons.map((reason) => html("p", { class: "note" }, ...prose(`No picture of this after a fix: ${reason}`)));
}

function tellFinding(number) {
  const { rule, level, exempted, told, outputs: concerned } = findings[number];
  const title = html("h2", { class: level }, `${LEVELS[level]}: ${rule}`);
  return [html("section", {}, title, ...tellWords(told, exempted, noAfter([number]))), html("section", {}, ...concerns(concerned))];
}

function tellGroup(number) {
  const { members, told } = groups[number];
  if (told === null) return tellFinding(members[0]);
  const { rule, level } = findings[members[0]];
  const each = (member) => button(`${markOf(findings[member])} ${findings[member].about}`, () => select({ finding: member }), { class: "link" });
  return [
    html("section", {}, html("h2", { class: level }, `${LEVELS[level]}: ${rule}`), ...tellWords(told, null, noAfter(members))),
    html("section", {}, ...some("One by one", members, each), ...concerns(members.flatMap((member) => findings[member].outputs))),
  ];
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
  return [html("section", {}, html("h2", {}, output.name), facts), ...about.flatMap(tellFinding)];
}

function tellNode(number) {
  const node = nodes[number];
  const about = findings.map((_, at) => at).filter((at) => findings[at].node === number);
  const facts = html("dl", {});
  for (const [term, text] of node.details) facts.append(html("dt", {}, term), html("dd", {}, text));
  return [
    ...about.flatMap(tellFinding),
    html("section", {}, html("h2", {}, name(number)), html("p", {}, node.role), facts),
    html("section", {}, ...some("Inputs", node.holds, toInput), ...some("Used by", node.users, toInput)),
  ];
}

function tellInput(number) {
  const input = inputs[number];
  return [
    ...(input.finding === null ? [] : tellFinding(input.finding)),
    html("section", {},
      html("h2", {}, input.path),
      html("p", {}, `${SIGNS[input.tone]} ${input.said ?? "an input"}${input.uses === null ? "" : `; ${input.uses}`}`),
      ...some("Chain", chain(number), (step) => (step === number ? html("span", {}, `${inputs[step].path}${inputs[step].follows === null ? "" : ` → ${inputs[step].follows}`}`) : toInput(step))),
      html("h3", {}, "Held by"),
      toNode(input.from),
      html("h3", {}, "Ends at"),
      input.to === null ? html("p", {}, "nothing") : toNode(input.to),
    ),
  ];
}

let toldOf = null;
function tell() {
  const panel = document.getElementById("details");
  // Anew only where something else is told: what is open stays open, and is not read out again.
  const next = JSON.stringify([...SELECTED.map((key) => state[key]), state.after]);
  if (next === toldOf) return;
  toldOf = next;
  let parts = [];
  if (state.node !== null) parts = tellNode(state.node);
  else if (state.input !== null) parts = tellInput(state.input);
  else if (state.finding !== null) parts = tellFinding(state.finding);
  else if (state.group !== null) parts = tellGroup(state.group);
  else if (state.output !== null) parts = tellOutput(state.output);
  panel.replaceChildren(...parts);
  panel.hidden = parts.length === 0;
  panel.scrollTop = 0;
  for (const made of document.querySelectorAll("[data-group]")) {
    made.setAttribute("aria-current", String(Number(made.dataset.group) === groupOf()));
  }
  document.getElementById("fixed").hidden = planned().length === 0;
  // What is not to be done without a look is not called a fix.
  const selected = selectedFindings();
  const isWrapped = data.wrapper !== null && selected.some((number) => findings[number].wrapped.length > 0);
  const byHand = selected.some((number) => findings[number].by_hand);
  document.getElementById("after").textContent = isWrapped ? "With the wrapper" : byHand ? "With this override" : "After the fix";
  document.getElementById("before").setAttribute("aria-pressed", String(!state.after));
  document.getElementById("after").setAttribute("aria-pressed", String(state.after));
}

// The group that is selected, or one of which is.
function groupOf() {
  return state.group ?? (state.finding === null ? null : findings[state.finding].group);
}
