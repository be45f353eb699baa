import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { DashboardPages } from "../../src/cli/dashboard/dashboard-pages.ts";
import { answerWith } from "../../src/http/pages.ts";
import { MemoryStore } from "../../src/stores/memory/memory-store.ts";
import { listen } from "../http/servers.ts";
import { Chromium, chromiumProgram, type Screen } from "../support/chromium.ts";
import { acquireRequest } from "../support/requests.ts";

/** Where the screenshots are kept, if they are to be looked at. */
const { SCREENSHOTS: folder } = process.env;
const program = chromiumProgram();

const screens: readonly [string, Screen][] = [
  ["phone, light", { width: 360, height: 740, dark: false }],
  ["phone, dark", { width: 360, height: 740, dark: true }],
  ["desktop, light", { width: 1280, height: 800, dark: false }],
  ["desktop, dark", { width: 1280, height: 800, dark: true }],
];

/** One election with a leader, one whose leader has left, and one with names that are long and could be HTML. */
const leaders = [
  { key: "billing:scheduler", nodeId: "api-1", metadata: "http://me:hush@10.0.0.7:8080" },
  { key: "nightly", nodeId: "worker-1", metadata: undefined },
  { key: "x".repeat(200), nodeId: `<img src=x onerror=alert(1)>${"y".repeat(99)}`, metadata: "" },
];

/** Serves the dashboard; ends with the test. */
async function dashboard(): Promise<string> {
  const store = new MemoryStore();
  const requests = leaders.map(({ key, ...of }) => acquireRequest(key, { ttl: 60_000, ...of }));
  for (const each of requests) await store.acquire(each);
  const controller = new AbortController();
  const pages = new DashboardPages(store, "memory:", controller.signal);
  const running = pages.run();
  onTestFinished(async () => {
    controller.abort();
    await running;
  });
  const [, nightly] = requests;
  if (nightly !== undefined) await store.release(nightly);
  return listen((request, response) => void answerWith(pages.all, request, response));
}

/** The contrast of an element with what lies behind it, as WCAG 2 computes it. */
const contrast = `(element) => {
  const parse = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([red, green, blue]) => [red, green, blue]
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  let behind = element;
  while (parse(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
  const both = [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor];
  const [dark, bright] = both.map(parse).map(light).sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}`;

// Without a browser, the setup of the tests says that these are left out.
describe.runIf(program !== undefined)("the dashboard in Chromium", () => {
  let browser: Chromium;
  beforeAll(() => {
    browser = new Chromium(program ?? "");
  });
  afterAll(() => browser.close());

  /** Opens the dashboard, and waits for the elections. */
  async function show(screen: Screen): Promise<void> {
    await browser.open(await dashboard(), screen);
    const shown = "document.querySelector('[role=status]')?.textContent";
    await expect.poll(() => browser.value(shown)).toBe("3 elections, 1 without a leader");
  }

  test.each(screens)("fits a screen and can be read: %s", async (name, screen) => {
    await show(screen);
    if (folder !== undefined) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${name.replace(", ", "-")}.png`), await browser.screenshot());
    }
    const width = await browser.value("document.documentElement.scrollWidth");
    expect(width).toBe(screen.width);
    const text = "h1, header p, [role=status], .key, .leader, .faint";
    const contrasts = `[...document.querySelectorAll("${text}")].filter((each) => each.textContent)
      .map((each) => (${contrast})(each))`;
    for (const each of (await browser.value(contrasts)) as number[]) {
      expect(each).toBeGreaterThan(4.5); // What WCAG asks for at level AA.
    }
    const red = "getComputedStyle(document.querySelector('.vacant .leader')).color";
    const [r = 0, g = 0, b = 0] =
      String(await browser.value(red))
        .match(/\d+/g)
        ?.map(Number) ?? [];
    expect(r).toBeGreaterThan(1.5 * Math.max(g, b));
    const shown = String(await browser.value("document.body.innerText"));
    expect(shown).toContain("<img src=x");
    expect(shown).not.toContain("hush");
    expect(browser.complaints).toEqual([]);
  });

  test("opens and closes a history by keyboard, and keeps the focus while it is redrawn", async () => {
    await show({ width: 1280, height: 800, dark: false });
    const focused = "document.activeElement?.querySelector('.key')?.textContent";
    const open = "[...document.querySelectorAll('details')].map((each) => each.open)";
    await browser.press("Tab");
    expect(await browser.value(focused)).toBe("billing:scheduler");
    await browser.press("Enter");
    expect(await browser.value(open)).toEqual([true, false, false]);
    const outline = "getComputedStyle(document.activeElement).outlineStyle";
    expect(await browser.value(outline)).toBe("solid");
    const left = "document.querySelector('summary').innerText"; // Of its lease.
    const before = await browser.value(left);
    await expect.poll(() => browser.value(left)).not.toBe(before); // It was redrawn.
    expect(await browser.value(focused)).toBe("billing:scheduler");
    expect(await browser.value(open)).toEqual([true, false, false]);
    await browser.press("Tab");
    expect(await browser.value(focused)).toBe("nightly");
    await browser.press(" ");
    expect(await browser.value(open)).toEqual([true, true, false]);
    const history = "document.querySelectorAll('details')[1].querySelector('.more').innerText";
    expect(await browser.value(history)).toMatch(/no leader/);
    await browser.press(" ");
    expect(await browser.value(open)).toEqual([true, false, false]);
  });
});
