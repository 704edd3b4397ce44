// Looks at pages in a headless Chromium that can reach nothing. Usage: node check.cjs JOB.json, which names the folder
// of the packages, the browser and the pages with what to do; prints one JSON object with what was found on each.
const fs = require("fs");
const path = require("path");
const { pathToFileURL } = require("url");

const job = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const { chromium } = require(path.join(job.modules, "playwright-core"));
const axe = job.pages.some((each) => each.axe) ? fs.readFileSync(path.join(job.modules, "axe-core", "axe.min.js"), "utf8") : "";
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

async function audit(page) {
  await page.evaluate(axe);
  const found = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags, resultTypes: ["violations"] }), TAGS);
  return found.violations.flatMap((each) => each.nodes.map((node) => `${each.id}: ${node.target.join(" ")}: ${node.failureSummary}`));
}

// Everything a reader can do: open all, type, choose, press, and put the focus and the pointer on all that takes them.
async function use(page, texts) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((each) => { each.open = true; }));
  const search = page.locator("#filter-text");
  if (await search.isVisible()) {
    for (const text of texts) await search.fill(text.replace(/[\r\n]/g, " "));
    for (const select of await page.locator("#filter select").all()) {
      const values = await select.locator("option").evaluateAll((all) => all.map((each) => each.value));
      for (const value of values.slice(0, 6)) await select.selectOption(value);
      await select.selectOption("");
    }
    await search.fill("");
    await page.locator("#filter-expand").click();
  }
  await page.evaluate(() => {
    for (const each of document.querySelectorAll("body *")) {
      for (const type of ["mouseover", "mouseenter", "focus", "pointerdown", "toggle", "animationstart"]) each.dispatchEvent(new Event(type));
      if (each.tabIndex >= 0) each.focus();
    }
    window.scrollTo(0, document.body.scrollHeight);
  });
  await page.waitForTimeout(50);
}

// What the Tab key reaches, in order, and whether one can see where the focus is.
async function tabbed(page, most) {
  const reached = [];
  for (let i = 0; i < most; i += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const each = document.activeElement;
      const style = getComputedStyle(each);
      const name = each.id || each.className || each.tagName.toLowerCase();
      return { name: `${each.tagName.toLowerCase()} ${name}`, seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 };
    });
    if (at.name.startsWith("body")) break;
    reached.push(at);
  }
  return reached;
}

async function look(browser, each) {
  const [width, height] = each.size || [1280, 800];
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: each.dark ? "dark" : "light", offline: true, javaScriptEnabled: !each.noscript });
  const page = await context.newPage();
  const found = { events: [], asked: [], wide: 0, axe: [], ran: null, values: {}, tabs: [] };
  page.on("console", (message) => found.events.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => found.events.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => { found.events.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("popup", () => found.events.push("popup"));
  page.on("download", () => found.events.push("download"));
  page.on("framenavigated", (frame) => { if (frame.url().split("#")[0] !== address.split("#")[0] && frame.url() !== "about:blank") found.events.push(`went to ${frame.url()}`); });
  const address = pathToFileURL(each.file).href + (each.anchor || "");
  context.on("request", (request) => { if (request.url() !== address.split("#")[0] && !request.url().startsWith("data:")) found.asked.push(request.url()); });
  await page.goto(address, { waitUntil: "load", timeout: 20000 });
  if (each.use) await use(page, each.use);
  if (each.open) await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  found.wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (each.axe) found.axe = await audit(page);
  if (each.tabs) found.tabs = await tabbed(page, each.tabs);
  for (const [name, script] of Object.entries(each.values || {})) found.values[name] = await page.evaluate(script);
  found.ran = await page.evaluate(() => window.ran ?? null).catch((error) => String(error));
  if (each.pdf) await page.pdf({ path: each.pdf, format: "A4", margin: { top: "15mm", bottom: "15mm", left: "12mm", right: "12mm" } });
  if (each.png) await page.screenshot({ path: each.png });
  await context.close();
  return found;
}

(async () => {
  const browser = await chromium.launch({
    executablePath: job.chromium,
    args: ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND", "--disable-component-update", "--disable-background-networking"],
  });
  const found = {};
  try {
    for (const each of job.pages) found[each.name] = await look(browser, each);
  } finally {
    await browser.close();
  }
  process.stdout.write(JSON.stringify(found));
})().catch((error) => { console.error(error); process.exit(1); });
