import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch } from "../../scripts/lib/browser.mjs";
import { serve } from "../src/browser/serve.js";
import { renderPage } from "../src/page/render-page.js";
import { answer, mapOf } from "../src/page/sections/map.js";
import { upgradeReport } from "../src/report/read-report.js";
import { fakeReport, fakeRow, fakeWorkload } from "./fake-report.js";

/** A report of the bench itself, with everything in it. */
const report = upgradeReport(JSON.parse(readFileSync(new URL("reports/whole.json", import.meta.url), "utf8")), "whole");
const text = renderPage(report);

describe("the map", () => {
  const cell = (name: string, ratios: Record<string, number[]>, noise: string[] = []) =>
    fakeWorkload(
      Object.entries(ratios).map(([backend, passes]) => ({ ...fakeRow(backend, [passes]), noise })),
      { name: `simple/${name}`, part: "patterns" },
    );
  const workloads = [
    cell("64B/none", { "in-process": [5, 5.1, 4.9], "worker-threads": [1, 1.02, 0.98] }),
    cell("64B/50us", { "in-process": [1, 1.01, 0.99], "worker-threads": [1.8, 1.82, 1.78] }),
    cell("1KB/none", { "in-process": [1, 1.3, 0.7], "worker-threads": [1.1, 1.4, 0.8] }),
    cell("1KB/50us", { "in-process": [1, 1, 1], "worker-threads": [3, 3, 3] }, ["never steady"]),
  ];

  it("says which backend is fastest, and how much faster than the one to compare it with", () => {
    expect(mapOf({ workloads })).toMatchObject([
      { size: "64B", work: "none", winner: "in-process", beside: "worker-threads", times: 5, isTrusted: true },
      { size: "64B", work: "50us", winner: "worker-threads", beside: "in-process", times: 1.8, isTrusted: true },
      { winner: "worker-threads", isTrusted: false },
      { winner: "worker-threads", times: 3, isTrusted: false },
    ]);
  });

  it("is the first thing on the page, fills what is shown only, and answers in a sentence", () => {
    const page = renderPage(fakeReport(workloads));
    expect(page.indexOf("Which backend?")).toBeGreaterThan(0);
    expect(page.indexOf("Which backend?")).toBeLessThan(page.indexOf('class="tiles"'));
    expect(page.match(/class="cell"/g)).toHaveLength(2);
    expect(page.match(/class="cell hollow"/g)).toHaveLength(2);
    expect(answer(mapOf({ workloads }))).toContain("threads with 50 µs a message (up to 1.8");
    expect(answer([])).toContain("start in process");
  });
});

describe("a bar", () => {
  it("is as long as the ratio that its label tells", () => {
    const page = renderPage(
      fakeReport([fakeWorkload([fakeRow("floor", [[1, 1, 1]]), fakeRow("a", [[0.5, 0.5, 0.5]])])]),
    );
    const width = (label: string) =>
      Number(new RegExp(`aria-label="${label}.*?<rect[^>]*width="([\\d.]+)%"`).exec(page)?.[1]);
    expect(page).toContain("0.500 × floor");
    expect(width("a:") / width("floor:")).toBeCloseTo(0.5, 2);
  });
});

describe("a report of another version", () => {
  it("is read where that is possible, without the medians of tails, and refused by its number otherwise", () => {
    const old = { ...fakeReport([fakeWorkload([{ ...fakeRow("a", [[1]]), percentiles: { p99: 10 } }])]), schema: 2 };
    const read = upgradeReport(old, "old.json");
    expect(read.workloads[0]?.subjects[0]).toMatchObject({ percentiles: null, latencies: null });
    expect(read.notMeasured.join()).toContain("tails");
    expect(() => upgradeReport({ schema: 1 }, "old.json")).toThrow("old.json is a report of version 1, too old");
    expect(() => upgradeReport({ schema: 99 }, "new.json")).toThrow("version 99, written by a newer bench");
    expect(() => upgradeReport({}, "other.json")).toThrow("not a report");
  });
});

describe("the page, as text", () => {
  it("needs nothing from elsewhere", () => {
    expect(text).not.toMatch(/<(script|link|img|iframe)|@import|url\(|https?:/);
  });

  it("escapes what it is given", () => {
    const evil = '<img src=x onerror="alert(1)">';
    expect(renderPage({ ...report, failures: [evil], machine: { ...report.machine, cpu: evil } })).not.toContain(
      "<img",
    );
  });

  it("has a row for every target, and says of each what it is", () => {
    for (const { name } of report.targets) expect(text).toContain(name.replaceAll("&", "&amp;"));
    expect(text.match(/class="chip/g)).toHaveLength(report.targets.length);
  });
});

describe("the page, in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  }, 60_000);
  afterAll(() => browser?.close());

  const open = async (width: number, colorScheme: "light" | "dark"): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, offline: true });
    await page.setContent(text);
    return page;
  };

  describe.each(["light", "dark"] as const)("in %s", (scheme) => {
    it.each([390, 1280])("fits a width of %i, and every chart is drawn and can be read", async (width) => {
      const page = await open(width, scheme);
      const seen = await page.evaluate(() => {
        const shown = Array.from(document.querySelectorAll("figure")).filter((one) => one.checkVisibility());
        const lightness = (color: string) => {
          const [r = 0, g = 0, b = 0] = (color.match(/[\d.]+/g) ?? []).map(Number);
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const labels = Array.from(document.querySelectorAll<HTMLElement>(".label")).filter((one) =>
          one.checkVisibility(),
        );
        return {
          tooWide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
          empty: shown.filter((one) => one.querySelector("rect, circle, path, td") === null).length,
          flat: shown
            .flatMap((one) => Array.from(one.querySelectorAll("svg")))
            .filter((svg) => svg.getBoundingClientRect().width < 100).length,
          charts: shown.length,
          contrast: labels.map((one) => {
            const card = one.closest("figure") as HTMLElement;
            return Math.abs(lightness(getComputedStyle(one).color) - lightness(getComputedStyle(card).backgroundColor));
          }),
          invisible: Array.from(document.querySelectorAll("rect, circle")).filter((one) => {
            const { fill } = getComputedStyle(one);
            return fill === "" || fill === "none" || fill === "rgb(0, 0, 0)";
          }).length,
        };
      });
      expect(seen).toMatchObject({ tooWide: 0, empty: 0, flat: 0, invisible: 0 });
      expect(seen.charts).toBeGreaterThan(10);
      expect(Math.min(...seen.contrast)).toBeGreaterThan(100);
      await page.close();
    });
  });

  it("keeps every mark within its chart, and bars as long as their figures", async () => {
    const page = await open(1280, "light");
    const outside = await page.evaluate(
      () =>
        Array.from(document.querySelectorAll("figure svg circle, figure svg rect")).filter((mark) => {
          const svg = mark.closest("svg") as SVGElement;
          const [inner, outer] = [mark.getBoundingClientRect(), svg.getBoundingClientRect()];
          return inner.left < outer.left - 6 || inner.right > outer.right + 6;
        }).length,
    );
    expect(outside).toBe(0);
    await page.close();
  });
});

describe("the page that measures", () => {
  it("measures on the event loop and on WebGPU of a browser, and draws the report when it is stopped", async () => {
    const { address, server } = await serve(0);
    const browser = await launch();
    try {
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(address);
      await page.click("#start");
      await page.waitForFunction(
        () => document.getElementById("progress")?.textContent?.startsWith("4 of"),
        undefined,
        {
          timeout: 60_000,
        },
      );
      await page.click("#stop");
      await page.waitForFunction(() => document.getElementById("progress")?.textContent === "Stopped.");
      const seen = await page.evaluate(() => ({
        rows: Array.from(document.querySelectorAll("tbody td:first-child")).map((cell) => cell.textContent),
        charts: document.querySelectorAll("figure").length,
        failed: document.getElementById("report")?.textContent?.includes("gives no adapter"),
      }));
      expect(errors).toEqual([]);
      expect(seen.rows).toEqual(expect.arrayContaining(["in-process", "webgpu"]));
      expect(seen.charts).toBeGreaterThan(0);
      expect(seen.failed).toBe(false);
    } finally {
      await browser.close();
      server.close();
      server.closeAllConnections();
    }
  }, 120_000);
});
