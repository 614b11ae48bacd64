import type { Browser, Page } from "playwright-core";
import { launch } from "../../../../scripts/lib/browser.mjs";

/** A browser, and pages in it that fail the test if a script of theirs fails. */
export async function openBrowser() {
  const browser: Browser = await launch();
  const failures: string[] = [];
  return {
    failures,
    close: () => browser.close(),
    closePages: () => Promise.all(browser.contexts().map((context) => context.close())),
    async page(url: string, width = 1280): Promise<Page> {
      const context = await browser.newContext({ viewport: { width, height: 800 } });
      const page = await context.newPage();
      page.on("pageerror", (error) => failures.push(String(error.stack)));
      page.on("console", (message) => {
        const text = message.text();
        // what is not told, or whose program has ended, is no failure of the page
        if (message.type() === "error" && !/Failed to load resource|CORS policy/.test(text)) failures.push(text);
      });
      page.on("dialog", (dialog) => {
        failures.push(`a dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      await page.goto(url);
      return page;
    },
  };
}
