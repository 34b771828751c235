// Drives the page (`graph --format html`) in a real browser: `node drive.mjs KIND FILE`. Fails where it
// does not do what it should, prints an error, or asks for anything from outside.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.env.FLAKE_AUDIT_PLAYWRIGHT}/`);
const { chromium } = require("playwright-core");
const [kind, file] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.FLAKE_AUDIT_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const page = await (await browser.newContext({ viewport: { width: 1400, height: 900 } })).newPage();
const address = pathToFileURL(file).href;
const complaints = [];
page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
page.on("pageerror", (error) => complaints.push(String(error)));
page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
page.on("request", (request) => request.url().split("#")[0] !== address && complaints.push(`request: ${request.url()}`));

const count = (selector) => page.locator(selector).count();
const text = (selector) => page.locator(selector).textContent();
const hash = () => page.evaluate(() => location.hash);
// Whether all of these are in the window of the graph.
const inView = (selector) => page.evaluate((selector) => {
  const view = document.getElementById("canvas").getBoundingClientRect();
  return [...document.querySelectorAll(selector)].every((one) => {
    const box = one.getBoundingClientRect();
    return box.left >= view.left - 1 && box.right <= view.right + 1 && box.top >= view.top - 1 && box.bottom <= view.bottom + 1;
  });
}, selector);
// How high text is in the graph, in pixels of the screen.
const textSize = () => page.evaluate(() => 11 * seen.scale);
// Whether arrows that leave the root go, row by row, ever further down.
const inOrder = () => page.evaluate(() => {
  const of = [...drawn.arrows].filter(([number]) => inputs[number].from === 0).map(([, path]) => {
    const numbers = path.getAttribute("d").match(/-?[\d.]+/g).map(Number);
    return { row: numbers[1], bend: numbers[7] };
  });
  of.sort((a, b) => a.row - b.row);
  return of.every(({ bend }, at) => at === 0 || of[at - 1].bend <= bend);
});
const start = Date.now();
await page.goto(address);
await page.waitForSelector(".sheet");
const loaded = Date.now() - start;
const timed = async (does) => {
  const begun = Date.now();
  await does();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return Date.now() - begun;
};

const kinds = {
  async seed() {
    assert.equal(await count(".sheet"), 4);
    assert.equal(await count(".arrow"), 5);
    assert.equal(await count(".arrow.follows"), 2);
    assert.equal(await count(".arrow.unconfigured.follows"), 1);

    // The problem comes first: its chain is lit and in view, large enough to be read.
    assert.equal(await text("#findings-title"), "1 error");
    assert.equal(await page.getAttribute("[data-group='0']", "aria-current"), "true");
    assert.match(await text("[data-group='0']"), /another-dep\/nixpkgs.*unconfigured-nixpkgs.*fix: follow nixpkgs-gpu/);
    assert.match(await text("#details"), /error: unconfigured-nixpkgs/);
    assert.equal(await count(".arrow.on"), 3);
    assert.ok(await inView(".sheet.on"));
    assert.ok((await textSize()) >= 9, `${await textSize()}`);
    assert.match(await text("#signs"), /configured nixpkgs.*plain nixpkgs.*follows another input.*should get a configured nixpkgs/);
    // Its fix can be copied, and looked at before it is made.
    await page.click(".copy");
    await page.waitForFunction(() => document.querySelector(".copy").textContent === "Copied");
    await page.keyboard.press("a");
    assert.equal(await page.getAttribute("#after", "aria-pressed"), "true");
    assert.equal(await count(".arrow.unconfigured"), 0);
    assert.equal(await count(".arrow.configured.on"), 1);
    assert.match(await text(".sheet[data-node='1']"), /✓ nixpkgs → nixpkgs-gpu/);
    assert.match(await hash(), /after=1/);
    await page.reload();
    await page.waitForSelector(".sheet");
    assert.equal(await count(".arrow.configured.on"), 1);
    await page.click("#before");
    assert.equal(await count(".arrow.unconfigured"), 1);
    // Arrows leave a sheet in the order of its rows, so that they do not cross.
    assert.ok(await inOrder(), "crossed");

    // A node: what leads to it and from it is lit.
    await page.click(".sheet[data-node='3']");
    assert.match(await text("#details h2"), /nixpkgs-gpu/);
    assert.equal(await count(".sheet.on"), 3);
    assert.match(await hash(), /node=3/);

    // An arrow: its chain, and what is said of it.
    await page.locator(".arrow.unconfigured").dispatchEvent("click");
    assert.match(await text("#details"), /Chain/);
    assert.match(await text("#details"), /should follow nixpkgs-gpu/);

    // Search, with the keyboard alone.
    await page.keyboard.press("/");
    await page.keyboard.type("acme/nixpkgs-gpu");
    assert.equal(await text("#found"), "1 found");
    assert.equal(await count(".sheet.found"), 1);
    assert.equal(await count("#nodes [role=option]"), 1);
    assert.ok(!(await page.isVisible("#findings")));
    await page.keyboard.press("Enter");
    assert.equal(await count(".sheet.selected[data-node='3']"), 1);
    assert.match(await hash(), /search=acme%2Fnixpkgs-gpu/);
    await page.fill("#search", "");
    await page.keyboard.press("Escape");

    // Along inputs: from the wrapper to its nixpkgs, back to a user, and up.
    await page.keyboard.press("ArrowRight");
    assert.equal(await count(".sheet.selected[data-node='2']"), 1);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    assert.equal(await count(".sheet.selected[data-node='0']"), 1);
    await page.keyboard.press("Escape");
    assert.equal(await count(".sheet.selected"), 0);

    // Names come first: nixpkgs itself before those that mention it.
    await page.fill("#search", "nixpkgs");
    assert.deepEqual(await page.locator("#nodes [role=option]").allTextContents(), ["nixpkgs", "nixpkgs-gpu"]);
    await page.fill("#search", "");

    // Filters, by role and by verdict; the address has them, and back undoes them.
    await page.click("#filters-part summary");
    await page.uncheck("#filters input[value=nixpkgs]");
    assert.equal(await count(".sheet"), 3);
    assert.match(await hash(), /without=nixpkgs/);
    await page.reload();
    await page.waitForSelector(".sheet");
    assert.equal(await count(".sheet"), 3);
    await page.goBack();
    assert.equal(await count(".sheet"), 4);
    await page.click("#filters-part summary");
    await page.uncheck("#filters input[value=unconfigured]");
    assert.equal(await count(".arrow"), 4);
    await page.check("#filters input[value=unconfigured]");

    // Zoom, help.
    const before = await page.getAttribute("#scene", "transform");
    await page.keyboard.press("+");
    assert.notEqual(await page.getAttribute("#scene", "transform"), before);
    await page.keyboard.press("?");
    assert.ok(await page.isVisible("#help"));
    await page.keyboard.press("Escape");
    assert.ok(!(await page.isVisible("#help")));

    // Moving the graph selects nothing.
    await page.mouse.move(700, 700);
    await page.mouse.down();
    await page.mouse.move(760, 720, { steps: 4 });
    await page.mouse.up();
    assert.equal(await count(".sheet.selected"), 0);

    // The list of nodes, with the keyboard alone.
    await page.click("#nodes-part summary");
    await page.focus("#nodes");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    assert.equal(await count(".sheet.selected[data-node='1']"), 1);

    // A link that somebody broke.
    await page.goto(`${address}#node=99&open=x.-1.7&without=__proto__&input=1e9`);
    await page.reload();
    assert.equal(await count(".sheet"), 4);

    // On a phone.
    await page.setViewportSize({ width: 390, height: 800 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 390, `${wide}`);
  },

  async outputs() {
    assert.equal(await count("#outputs [role=option]"), 5);
    const signs = await page.locator("#outputs .sign").allTextContents();
    assert.deepEqual(signs, ["✗", "·", "?", "·", "·"]);

    // What the finding is about starts at the host.
    assert.deepEqual(await page.locator(".sheet .name").allTextContents(), ["nixosConfigurations.desk", "nixpkgs", "solver"]);
    assert.ok(await inView(".sheet"));
    // A wrapper would change the laptop, too: the page says so.
    assert.match(await text("#details"), /No picture of this after a fix: .*nixosConfigurations\.laptop/);
    await page.keyboard.press("Escape");

    // The host with the GPU: by solver to nixpkgs, and to nixpkgs by itself.
    await page.click("#outputs-0");
    assert.match(await text(".sheet.output"), /nixosConfigurations\.desk.*✗ python3Packages\.torch.*lacks cudaSupport/s);
    assert.equal(await count(".arrow.begins"), 2);
    assert.equal(await count(".arrow.begins.unconfigured"), 1);
    assert.equal(await count(".arrow.on:not(.begins)"), 1);
    assert.equal(await count(".arrow.missed"), 1);
    const lit = await page.locator(".sheet.on[data-node] .name").allTextContents();
    assert.deepEqual(lit.sort(), ["nixpkgs", "solver"]);
    const details = await text("#details");
    for (const told of ["a NixOS host, fully read", "gpu.nix:3", "through solver/nixpkgs → nixpkgs, plain", "error: inline-configuration"]) {
      assert.ok(details.includes(told), `${told}: ${details}`);
    }
    assert.match(await hash(), /output=0/);
    assert.ok(await inView(".sheet.on"));

    // A line leads on, back comes back, and a finding leads to its outputs.
    await page.click("#details dl button.link >> nth=1");
    assert.match(await text("#details"), /Chain/);
    assert.match(await hash(), /input=/);
    await page.goBack();
    assert.equal(await count(".sheet.output"), 1);
    await page.click("[data-group='0']");
    await page.click("#details button.link:has-text('nixosConfigurations.desk')");
    assert.match(await hash(), /output=0/);

    // In the details arrows scroll, and select nothing.
    await page.focus("#details button.link");
    await page.keyboard.press("ArrowRight");
    assert.match(await hash(), /output=0/);
    assert.doesNotMatch(await hash(), /node=/);

    // With the keyboard alone: to the list, along it, by search.
    await page.keyboard.press("Escape");
    assert.equal(await count(".sheet.output"), 0);
    await page.keyboard.press("o");
    assert.equal(await count("#outputs-0[aria-selected=true]"), 1);
    assert.equal(await page.getAttribute("#outputs", "aria-activedescendant"), "outputs-0");
    await page.keyboard.press("ArrowDown");
    assert.match(await text("#details h2"), /laptop/);
    // What is the same without the setting is no matter.
    assert.equal(await count(".arrow.begins.unconfigured"), 0);
    await page.keyboard.press("/");
    await page.keyboard.type("server");
    assert.equal(await text("#found"), "1 found");
    assert.equal(await count("#outputs [role=option]"), 1);
    await page.keyboard.press("Enter");
    assert.match(await text("#details"), /read in part.*a module of `speech`/);
    await page.fill("#search", "cudasupport");
    assert.equal(await count("#outputs [role=option]"), 1);
    await page.fill("#search", "");

    // A link to an output; one that somebody broke.
    await page.goto(`${address}#output=0`);
    await page.reload();
    assert.equal(await count(".sheet.output"), 1);
    await page.goto(`${address}#output=99`);
    await page.reload();
    assert.match(await text("#details h2"), /error: inline-configuration/);

    // In the dark, and on a phone.
    await page.emulateMedia({ colorScheme: "dark" });
    await page.click("#outputs-0");
    await page.setViewportSize({ width: 390, height: 800 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 390, `${wide}`);
  },

  // Inline settings, before and after `fix --init`.
  async wrapper() {
    assert.equal(await text("#after"), "With the wrapper");
    assert.equal(await count(".sheet.wrapper"), 0);
    assert.equal(await count(".arrow.missed"), 1);
    await page.keyboard.press("a");
    assert.match(await text(".sheet.wrapper"), /nixpkgs-gpu.*sets cudaSupport.*nixpkgs → nixpkgs/);
    assert.ok((await page.locator(".sheet").allTextContents()).some((sheet) => sheet.includes("✓ nixpkgs → nixpkgs-gpu")));
    assert.equal(await count(".arrow.begins.unconfigured, .arrow.missed"), 0);
    assert.equal(await count(".arrow.configured.on:not(.begins)"), 1);
    await page.click(".sheet.wrapper");
    assert.match(await text("#details h2"), /nixpkgs-gpu/);
    await page.reload();
    await page.waitForSelector(".sheet.wrapper");
    // What is not there now cannot stay selected.
    await page.click(".sheet.wrapper");
    await page.keyboard.press("a");
    assert.equal(await count(".sheet.wrapper, .sheet.selected[data-node]"), 0);
    assert.match(await text("#details h2"), /error: inline-configuration/);
    await page.keyboard.press("c");
    await page.keyboard.press("a");
    assert.equal(await count(".sheet"), 5);
  },

  // What a person has to look at first can be looked at, too.
  async by_hand() {
    assert.equal(await text("#after"), "With this override");
    assert.doesNotMatch(await text("[data-group='0']"), /fix: follow/);
    assert.equal(await count(".arrow.unconfigured.on"), 1);
    await page.click("#after");
    assert.equal(await count(".arrow.unconfigured"), 0);
    assert.equal(await count(".arrow.configured.on"), 1);
  },

  // What would go in a circle cannot.
  async by_hand_in_a_circle() {
    assert.equal(await page.isVisible("#fixed"), false);
  },

  async hostile_outputs() {
    const names = await page.locator("#outputs [role=option]").allTextContents();
    assert.ok(names.some((name) => name.includes("<img src=x onerror=")), names.join("\n"));
    for (let number = 0; number < names.length; number++) {
      await page.click(`#outputs-${number}`);
      assert.ok((await text("#details")).length > 0);
      assert.equal(await count(".sheet.output"), 1);
    }
    for (const foreign of ["img", "a", "b"]) assert.equal(await count(foreign), 0);
    assert.equal(await count("script"), 3);
    assert.equal(await page.evaluate(() => window.hit), undefined);
    const bidi = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
    assert.ok(!bidi.test(await page.evaluate(() => document.body.innerText)));
  },

  async large() {
    const nodes = await page.evaluate(() => data.nodes.length);
    const first = await count(".sheet");
    assert.ok(first <= 300);
    // What is shown at first is read, and in view.
    if ((await count("[data-group]")) > 0) {
      assert.ok((await textSize()) >= 7.9, `${await textSize()}`);
      await page.keyboard.press("]");
      assert.ok((await textSize()) >= 7.9, `${await textSize()}`);
    }
    const all = await timed(() => page.keyboard.press("c"));
    const shown = await count(".sheet");
    assert.equal(shown, Math.min(nodes, 300));
    await page.click("#fit");
    assert.ok(await inView(".sheet"), "Fit fits");
    const selects = await timed(() => page.locator(".sheet[data-node='1']").dispatchEvent("click"));
    assert.ok((await count(".sheet.on")) > 0);
    const searches = await timed(() => page.fill("#search", "nixpkgs"));
    await page.keyboard.press("Escape");
    await page.keyboard.press("c");
    const opens = await timed(async () => {
      await page.keyboard.press("Escape");
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("Enter");
    });
    console.log(`${nodes} nodes: loaded in ${loaded} ms with ${first} shown, all ${shown} in ${all} ms, a node lit in ${selects} ms, searched in ${searches} ms, opened in ${opens} ms`);
    assert.ok(Math.max(loaded, all, selects, searches, opens) < 20_000);
  },

  async hostile() {
    const elements = await page.evaluate(() => [...new Set([...document.querySelectorAll("*")].map((e) => e.localName))].sort());
    await page.keyboard.press("c");
    for (const foreign of ["img", "iframe", "a", "b", "object"]) assert.ok(!elements.includes(foreign), elements.join(" "));
    assert.equal(await count("script"), 3);
    assert.equal(await page.evaluate(() => window.hit), undefined);
    const names = await page.locator("#nodes [role=option]").allTextContents();
    assert.ok(names.some((name) => name.includes("<img src=x onerror=")), names.join("\n"));
    assert.ok(names.includes("__proto__"));
    for (let number = 0; number < names.length; number++) {
      await page.locator(`.sheet[data-node='${number}']`).dispatchEvent("click");
      assert.ok((await text("#details")).length > 0);
    }
    const bidi = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
    assert.ok(!bidi.test(await page.evaluate(() => document.body.innerText)));
    await page.fill("#search", "</script>");
    await page.keyboard.press("Enter");
  },
};
await kinds[kind]();
assert.deepEqual(complaints, []);
await browser.close();
