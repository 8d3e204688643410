// Opens reports in a real browser and holds them to what they promise.
//
//   node report.mjs [--shots DIR] FOLDER...
//
// FOLDER is a run's or a grid's, with its report.html. PLAYWRIGHT is the folder of the npm package
// playwright-core, CHROMIUM the browser. Exit code 1 and a line for each fault when something does not hold.

import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const { chromium } = createRequire(import.meta.url)(process.env.PLAYWRIGHT ?? "playwright-core");

const WIDTHS = [360, 1280];
const SCHEMES = ["light", "dark"];
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let faults = 0;
let checks = 0;
const check = (holds, what) => {
  checks += 1;
  if (!holds) {
    faults += 1;
    console.error(`FAILED  ${what}`);
  }
};

const read = (folder, name) => JSON.parse(readFileSync(join(folder, name), "utf8"));
const at = (object, path) => path.split(".").reduce((value, key) => value?.[key], object);

// A page that reports what it must not do.
async function open(browser, file, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const seen = { console: [], requests: [] };
  page.on("console", (message) => seen.console.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => seen.console.push(`error: ${error.message}`));
  const url = pathToFileURL(file).href;
  page.on("request", (request) => {
    const own = request.url().split("#")[0] === url || request.url().startsWith("data:");
    if (!own) seen.requests.push(request.url());
  });
  await page.goto(url, { waitUntil: "load" });
  return { context, page, seen };
}

// Every number that the page carries, against the file it is from; and every number of that file, looked
// for on the page.
async function numbers(page, folder, name) {
  const shown = await page.$$eval("[data-metric]", (cells) =>
    cells.map((cell) => ({
      path: cell.dataset.metric,
      value: cell.dataset.value,
      text: cell.textContent,
    })),
  );
  const grid = existsSync(join(folder, "runs"));
  const source = grid
    ? existsSync(join(folder, "results.json")) && read(folder, "results.json")
    : existsSync(join(folder, "metrics.json")) && read(folder, "metrics.json");
  if (source) {
    for (const { path, value, text } of shown) {
      const stored = at(source, path);
      if (stored === null || stored === undefined) {
        check(value === undefined, `${name}: ${path} is ${value} on the page and absent in the file`);
        continue;
      }
      check(Number(value) === stored, `${name}: ${path} is ${value} on the page, ${stored} in the file`);
      if (/\.(auc|ap)$/.test(path)) {
        check(text === stored.toFixed(4), `${name}: ${path} reads ${text}, expected ${stored.toFixed(4)}`);
      }
      if (/\.mean$/.test(path)) {
        const off = Math.abs(Number.parseFloat(text) - stored);
        check(off <= 0.0500001, `${name}: ${path} reads ${text}, but is ${stored}`);
      }
    }
  }
  const paths = new Set(shown.map(({ path }) => path));
  const wanted = [];
  if (source && grid) {
    source.rows.forEach((row, at) => {
      const columns = source.columns.filter(({ key, shown }) => shown !== "files" && row.metrics[key]);
      for (const { key } of columns) wanted.push(`rows.${at}.metrics.${key}.mean`);
      for (const key of Object.keys(row.published ?? {})) wanted.push(`rows.${at}.published.${key}.value`);
      wanted.push(`rows.${at}.seconds`);
    });
  } else if (source?.form === "samples") {
    for (const part of ["validation", "test"].filter((part) => source[part])) {
      for (const metric of ["reconstruction", "kl", "negative_elbo", "squared_error", "pca_squared_error"]) {
        if (typeof source[part][metric] === "number") wanted.push(`${part}.${metric}`);
      }
    }
  } else if (source) {
    const parts = ["validation", "test", ...source.slices.map((_, at) => `slices.${at}`)];
    for (const part of parts) {
      for (const metric of ["auc", "ap", "positives", "negatives"]) wanted.push(`${part}.${metric}`);
    }
    for (const metric of source.nodes ? ["probe_accuracy.mean", "probe_accuracy.sd", "probe_macro_f1.mean", "probe_macro_f1.sd", "kmeans_ari", "kmeans_nmi", "kmeans_accuracy"] : []) {
      wanted.push(`nodes.${metric}`);
    }
  }
  for (const path of wanted) check(paths.has(path), `${name}: ${path} is nowhere on the page`);

  if (!grid && source && source.form !== "samples") {
    const areas = await page.$$eval("[data-area]", (lines) =>
      lines.map((line) => [line.closest("figure").id, Number(line.dataset.area)]),
    );
    for (const [id, area] of areas) {
      const metric = id === "figure-roc" ? source.test.auc : source.test.ap;
      check(Math.abs(area - metric) < 1e-12, `${name}: ${id} has an area of ${area}, but the metric is ${metric}`);
    }
    check(areas.length === (source.test.auc === null ? 0 : 2), `${name}: ${areas.length} curves`);
  }
  const runs = await page.$$eval("tr[data-run]", (rows) =>
    rows.map((row) => [
      row.dataset.run,
      [...row.querySelectorAll("[data-run-metric]")].map((cell) => [cell.dataset.runMetric, cell.dataset.value]),
    ]),
  );
  for (const [run, values] of runs) {
    const metrics = read(join(folder, "runs", run), "metrics.json");
    for (const [path, value] of values) {
      const [, part, metric] = path.match(/^(test|validation)_(auc|ap)$/) ?? [];
      if (!metric) continue;
      const stored = 100 * at(metrics, `${part}.${metric}`);
      check(Math.abs(Number(value) - stored) < 1e-9, `${name}: ${run} ${path} is ${value} on the page`);
    }
  }
  if (grid) check(runs.length > 0, `${name}: no runs are listed`);
}

// What those who do not see the page are told.
async function words(page, name) {
  const pictures = await page.$$eval("svg[role=img]", (all) =>
    all.map((svg) => {
      const said = (svg.getAttribute("aria-labelledby") ?? "").split(" ");
      return [
        svg.closest("figure")?.id ?? "",
        said.map((id) => document.getElementById(id)?.textContent ?? "").every((text) => text.length > 3),
        (svg.closest("figure")?.querySelector("figcaption")?.textContent ?? "").length > 20,
      ];
    }),
  );
  check(pictures.length > 0, `${name}: no pictures`);
  const silent = await page.$$eval("img", (all) => all.filter((img) => (img.alt ?? "").length < 4).length);
  check(silent === 0, `${name}: ${silent} images without words`);
  for (const [id, named, captioned] of pictures) {
    check(named, `${name}: ${id} has no title or description`);
    check(captioned, `${name}: ${id} has no caption`);
  }
  const structure = await page.evaluate(() => ({
    h1: document.querySelectorAll("h1").length,
    levels: [...document.querySelectorAll("h1,h2,h3")].map((heading) => Number(heading.tagName[1])),
    bare: document.querySelectorAll("table:not(:has(> caption))").length,
    dead: [...document.querySelectorAll("a[href^='#']")].filter(
      (link) => !document.getElementById(link.getAttribute("href").slice(1)),
    ).length,
    ids: [...document.querySelectorAll("[id]")].map((element) => element.id),
    lang: document.documentElement.lang,
  }));
  check(structure.h1 === 1, `${name}: ${structure.h1} main headings`);
  check(
    structure.levels.every((level, at) => at === 0 || level <= structure.levels[at - 1] + 1),
    `${name}: headings leave out a level: ${structure.levels}`,
  );
  check(structure.bare === 0, `${name}: ${structure.bare} tables without a caption`);
  check(structure.dead === 0, `${name}: ${structure.dead} links to nowhere`);
  check(new Set(structure.ids).size === structure.ids.length, `${name}: an id stands twice`);
  check(structure.lang === "en", `${name}: no language`);
}

// The maps answer to a pointer and to the keyboard.
async function map(page, name) {
  for (const box of ["#map", "#map-of-neighbours"]) await mapOf(page, name, box);
}

async function mapOf(page, name, box) {
  if (!(await page.$(box))) return;
  const titles = new Set(await page.$$eval(`${box} .pt > title`, (all) => all.map((title) => title.textContent)));
  const said = () => page.$eval(`${box} output`, (output) => output.textContent);
  await page.focus(box);
  for (const key of ["ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"]) await page.keyboard.press(key);
  check(titles.has(await said()), `${name}, ${box}: arrow keys say "${await said()}"`);
  // The browser's own selectors: those of playwright take minutes over some thousand points.
  const [x, y] = await page.evaluate((box) => {
    const point = document.querySelector(`${box} .pt:has(> title)`);
    point.scrollIntoView({ block: "center" });
    const place = point.getBoundingClientRect();
    return [place.x + place.width / 2, place.y + place.height / 2];
  }, box);
  await page.mouse.move(x, y);
  check(titles.has(await said()), `${name}, ${box}: the pointer says "${await said()}"`);
}

async function report(browser, folder, shots) {
  const name = basename(resolve(folder));
  const file = join(resolve(folder), "report.html");
  for (const width of WIDTHS) {
    for (const colorScheme of SCHEMES) {
      const where = `${name} at ${width} px, ${colorScheme}`;
      const options = { viewport: { width, height: 900 }, colorScheme };
      const { context, page, seen } = await open(browser, file, options);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      check(wide <= 0, `${where}: the page scrolls sideways by ${wide} px`);
      await page.$$eval("details", (all) => all.forEach((details) => (details.open = true)));
      const opened = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      check(opened <= 0, `${where}: with details open the page scrolls sideways by ${opened} px`);
      await page.$$eval("details", (all) => all.forEach((details) => (details.open = false)));
      if (width === WIDTHS[1] && colorScheme === "light") {
        await numbers(page, folder, name);
        await words(page, name);
        await map(page, name);
      }
      if (shots) {
        await page.mouse.move(0, 0);
        await page.screenshot({ path: join(shots, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      }
      check((await page.evaluate(() => window.pwned)) === undefined, `${where}: data ran as a script`);
      check(seen.console.length === 0, `${where}: the console says ${seen.console.join("; ")}`);
      check(seen.requests.length === 0, `${where}: asks for ${seen.requests.join(", ")}`);
      await context.close();
    }
  }
  // Without scripts the page is whole; on paper it is some pages long.
  const { context, page } = await open(browser, file, { javaScriptEnabled: false });
  check((await page.locator("h1").innerText()).length > 0, `${name}: nothing without scripts`);
  check((await page.locator("table").count()) > 0, `${name}: no tables without scripts`);
  const pdf = await page.pdf(shots ? { path: join(shots, `${name}.pdf`), format: "A4" } : { format: "A4" });
  check(pdf.length > 10_000, `${name}: prints ${pdf.length} bytes`);
  await context.close();

  for (const plot of readdirSync(join(folder, "plots")).filter((plot) => plot.endsWith(".svg"))) {
    const { context, page, seen } = await open(browser, join(resolve(folder), "plots", plot));
    const root = await page.evaluate(() => document.documentElement.nodeName);
    const broken = await page.evaluate(() => document.getElementsByTagName("parsererror").length);
    check(root === "svg" && broken === 0, `${name}: plots/${plot} is not a sound SVG file`);
    check(seen.console.length + seen.requests.length === 0, `${name}: plots/${plot} talks`);
    await context.close();
  }
}

const folders = process.argv.slice(2);
let shots = null;
if (folders[0] === "--shots") {
  shots = folders[1];
  folders.splice(0, 2);
  mkdirSync(shots, { recursive: true });
}
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, headless: true, args: FLAGS });
try {
  for (const folder of folders) {
    const before = [checks, faults];
    await report(browser, folder, shots);
    console.log(`${folder}: ${checks - before[0]} checks, ${faults - before[1]} failed`);
  }
} finally {
  await browser.close();
}
process.exit(faults === 0 && checks > 0 ? 0 : 1);
