// Sheets: what stands on the box of a node or an output, and how large that is.
const LINE = 15;
const CELL = 6.7;
const PADDING = 8;
const ROWS = 16;
// Lines of a sentence on a sheet, at most.
const LINES = 3;

// How many letters stand beside each other: less where boxes do, since chains go down.
const cellsOfLine = () => (sideways() ? 40 : 27);

// The start of a text; wide characters count twice.
function clip(text) {
  let room = cellsOfLine();
  let end = 0;
  for (const character of text) {
    room -= /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|[^\u0000-\uffff]/.test(character) ? 2 : 1;
    if (room < 0) return text.slice(0, end) + "…";
    end += character.length;
  }
  return text;
}

// A sentence in lines that fit, broken at blanks, and at slashes where a word is too long.
function wrap(text) {
  const most = cellsOfLine();
  const made = [];
  let line = "";
  for (const word of text.split(" ")) {
    (cells(word) > most ? word.split(/(?<=\/)/) : [word]).forEach((part, at) => {
      const blank = line === "" || at > 0 ? "" : " ";
      if (line !== "" && cells(line) + blank.length + cells(part) > most) {
        made.push(line);
        line = part;
      } else {
        line += blank + part;
      }
    });
  }
  made.push(line);
  const rest = made.splice(LINES - 1).join(" ");
  return [...made, rest].filter((part) => part !== "").map(clip);
}

function cells(text) {
  let sum = 0;
  for (const character of text) sum += character.codePointAt(0) > 0x10ff ? 2 : 1;
  return sum;
}

// The inputs that have a row: in a picture of something those that belong to it, else where there are
// many those that matter, then those that are drawn.
function choose(number, visible, of) {
  const { holds } = nodes[number];
  if (of !== null && !state.all && !state.open.has(number) && number !== state.node) {
    return holds.filter((input) => of.lit.inputs.has(input) || (visible.has(inputs[input].to) && inputs[input].tone !== "disabled")).slice(0, ROWS);
  }
  if (holds.length <= ROWS) return holds;
  const weight = (input) => (["plain", "disabled"].includes(inputs[input].tone) ? 0 : 2) + (visible.has(inputs[input].to) ? 1 : 0);
  const first = [...holds].sort((a, b) => weight(b) - weight(a) || a - b).slice(0, ROWS - 1);
  return first.sort((a, b) => a - b);
}

// What stands on a sheet, and how large it is.
function sheet(number, visible, of) {
  const node = nodes[number];
  // Where many stand below each other, each is short.
  const isShort = of !== null && of.several && !state.all && node.kind === "flake" && number !== state.node;
  const lines = node.lines.slice(0, isShort ? 1 : undefined).flatMap((line, at) => (at === 0 ? [clip(line)] : wrap(line)));
  const listed = choose(number, visible, of);
  const rows = listed.map((input) => {
    const { name, follows, tone, said } = inputs[input];
    const told = said !== null && !isShort && !["configured", "disabled"].includes(tone) ? wrap(said) : [];
    return { input, sign: SIGNS[tone], text: clip(name + (follows === null ? "" : ` → ${follows}`)), tone, told };
  });
  const folded = of !== null && !state.all;
  if (listed.length < node.holds.length && !folded) {
    rows.push({ input: null, sign: " ", text: `and ${node.holds.length - listed.length} more inputs`, tone: "plain", told: [] });
  }
  return measured({ number, lines, rows });
}

// The sheet of an output where ways begin: what it takes in, a row each.
function outputSheet({ output, only }) {
  const { name, from, uses } = outputs[output];
  const lines = [clip(name), ...from.slice(0, 2).flatMap((text) => wrap(`built from ${text}`))];
  const chosen = uses.filter(({ way }) => only(way));
  const rows = chosen.slice(0, ROWS).map((use) => ({ way: use.way, sign: SIGNS[toneOf(use)], text: clip(use.name), tone: toneOf(use), told: toneOf(use) === "configured" || use.lacks === null ? [] : wrap(use.lacks) }));
  if (rows.length < chosen.length) rows.push({ way: [], sign: " ", text: `and ${chosen.length - rows.length} more`, tone: "plain", told: [] });
  return measured({ number: output, lines, rows });
}

function measured(made) {
  const { lines, rows } = made;
  const widest = Math.max(...lines.map(cells), ...rows.flatMap((row) => [cells(row.text) + 2, ...row.told.map((line) => cells(line) + 4)]));
  return { ...made, width: widest * CELL + PADDING * 3, height: stack(made) };
}

// Where the rows of a sheet stand, one below the other; its height.
function stack({ lines, rows }) {
  let height = PADDING * 2 + lines.length * LINE + (rows.length > 0 ? PADDING : 0);
  for (const row of rows) {
    row.top = height - PADDING;
    height += LINE * (1 + row.told.length);
  }
  return height;
}

// Arrows leave a sheet in the order of its rows: rows stand in the order of where their arrows go.
function sortRows(made, bends) {
  const across = ({ x, y }) => (sideways() ? y : x);
  const goes = (row) => (bends.has(row) ? across(bends.get(row)) : null);
  const going = made.rows.filter((row) => goes(row) !== null).sort((a, b) => goes(a) - goes(b));
  made.rows = made.rows.map((row) => (goes(row) === null ? row : going.shift()));
  stack(made);
}

// Chains go to the right where there is room, else down.
function sideways() {
  return canvas.getBoundingClientRect().width >= 600;
}
