import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch } from "../../scripts/lib/browser.mjs";
import { serve } from "../src/browser/serve.js";
import { renderPage } from "../src/page/render-page.js";
import type { Report } from "../src/report/report.js";

/** A report of the bench itself, with everything in it. */
const report = JSON.parse(readFileSync(new URL("reports/whole.json", import.meta.url), "utf8")) as Report;
const text = renderPage(report);

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
