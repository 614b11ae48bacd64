import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { hasSoftwareGpu, softwareBrowser } from "./software-gpu.mjs";
import { sum } from "./tally.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".html": "text/html" };

/**
 * A module in which the packages' names are URLs: workers know no import map.
 * @param {string} text
 */
const withUrls = (text) =>
  text.replaceAll(
    /(from |import |import\()(["'])@ringline\/([^"'/]+)(?:\/([^"'/]+))?\2/g,
    (_, start, quote, folder, entry = "index") => `${start}${quote}/packages/${folder}/dist/${entry}.js${quote}`,
  );

/**
 * Serves the files of a folder, to this machine only, and a page that is empty if there is none. No `eval` is allowed there.
 * @param {string} folder
 * @param {(text: string) => string} [edit]
 * @returns {Promise<import("node:http").Server>}
 */
function serve(folder, edit = (text) => text) {
  const start = folder.endsWith(sep) ? folder : folder + sep;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    // isolated from other pages: then clocks are as fine as elsewhere, and memory can be shared
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-embedder-policy", "require-corp");
    response.setHeader("content-security-policy", "script-src 'self'");
    const file = resolve(folder, pathname === "/" ? "./index.html" : `.${pathname}`);
    const type = TYPES[/** @type {keyof typeof TYPES} */ (extname(file))];
    if (pathname === "/" && !existsSync(file)) {
      response.setHeader("content-type", "text/html").end("<!doctype html><title>Ringline</title>");
      return;
    }
    try {
      if (!file.startsWith(start) || type === undefined) throw new Error(pathname);
      response.setHeader("content-type", type).end(edit(readFileSync(file, "utf8")));
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
}

/**
 * Serves a folder to a browser as long as it is used.
 * @template T
 * @param {Promise<import("node:http").Server>} serving
 * @param {(open: () => Promise<import("playwright-core").Page>) => Promise<T>} use
 */
async function withBrowser(serving, use) {
  const server = await serving;
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const browser = await launch();
  try {
    return await use(async () => {
      const page = await browser.newPage();
      page.on("pageerror", (error) => console.error(`In the page: ${error.stack ?? error}`));
      page.on("console", (line) => line.text().startsWith("FAILED") && console.log(line.text()));
      await page.goto(`http://localhost:${port}/`);
      return page;
    });
  } finally {
    await browser.close();
    server.close();
    server.closeAllConnections();
  }
}

/**
 * The title that the page of a folder gives itself.
 * @param {string} folder
 */
export function titleOf(folder) {
  return withBrowser(serve(folder), async (open) => {
    const page = await open();
    await page.waitForFunction(() => document.title !== "");
    return page.title();
  });
}

/** Names of subjects, by page: what waits for workers runs beside the rest. */
const PAGES = [["in-process", "webgpu"], ["web-workers"]];

/**
 * The conformance suite in a real browser: on the event loop of a page, on its WebGPU, and on web workers.
 * @param {import("@ringline/conformance").Selection} [selection]
 * @returns {Promise<import("./tally.mjs").Tally>}
 */
export function browserTests(selection = {}, pages = PAGES) {
  return withBrowser(serve(root, withUrls), async (open) => {
    const tallies = pages.map(async (subjects) => {
      const page = await open();
      return page.evaluate(
        async ({ subjects, selection }) => {
          const { runAll } = await import(/** @type {any} */ ("/scripts/lib/browser-page.mjs"));
          return runAll(subjects, selection);
        },
        { subjects, selection },
      );
    });
    return sum(await Promise.all(tallies));
  });
}

export async function browserVersion() {
  const browser = await launch();
  try {
    return browser.version();
  } finally {
    await browser.close();
  }
}

/** The one that comes from npm where it runs; else one that is installed. */
export function launch() {
  const args = ["--no-sandbox", "--enable-unsafe-webgpu"];
  if (!hasSoftwareGpu) return chromium.launch({ channel: "chromium", args });
  const { executable, libraries } = softwareBrowser();
  const path = [libraries, dirname(executable), process.env["LD_LIBRARY_PATH"]].filter(Boolean).join(":");
  return chromium.launch({
    executablePath: executable,
    args: [...args, "--use-webgpu-adapter=swiftshader", "--headless"],
    env: /** @type {Record<string, string>} */ ({ ...process.env, LD_LIBRARY_PATH: path }),
  });
}
