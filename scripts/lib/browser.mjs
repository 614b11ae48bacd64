import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { hasSoftwareGpu, softwareBrowser } from "./software-gpu.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".html": "text/html" };

/** The import map of the page: a URL for each package name. */
function importMap() {
  const own = ["core", "core/backend", "core/internal", "core/testing", "in-process", "webgpu", "conformance"];
  const names = own.map((name) => {
    const [folder, entry = "index"] = name.split("/");
    return [`@ringline/${name}`, `/packages/${folder}/dist/${entry}.js`];
  });
  return { imports: Object.fromEntries(names) };
}

/** The files that were built, from this machine only. No `eval` is allowed in the page. */
function serve() {
  const map = `<script type="importmap">${JSON.stringify(importMap())}</script>`;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    // isolated from other pages: then clocks are as fine as elsewhere, and memory can be shared
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-embedder-policy", "require-corp");
    response.setHeader("content-security-policy", "script-src 'self' 'unsafe-inline'");
    if (pathname === "/") {
      response.setHeader("content-type", "text/html").end(`<!doctype html><title>Ringline</title>${map}`);
      return;
    }
    const file = resolve(root, `.${pathname}`);
    const type = TYPES[/** @type {keyof typeof TYPES} */ (extname(file))];
    try {
      if (!file.startsWith(root.endsWith(sep) ? root : root + sep) || type === undefined) throw new Error(pathname);
      response.setHeader("content-type", type).end(readFileSync(file));
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
}

/**
 * The conformance suite in a real browser, on the event loop of a page and on its WebGPU.
 * @param {string} [only] cases with this text in their name
 * @returns {Promise<import("./tally.mjs").Tally>}
 */
export async function browserTests(only) {
  const server = /** @type {import("node:http").Server} */ (await serve());
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const browser = await launch();
  try {
    const page = await browser.newPage();
    page.on("pageerror", (error) => console.error(`In the page: ${error.stack ?? error}`));
    await page.goto(`http://localhost:${port}/`);
    const { failures, ...tally } = await page.evaluate(async (wanted) => {
      const { runAll } = await import(/** @type {any} */ ("/scripts/lib/browser-page.mjs"));
      return runAll(wanted);
    }, only);
    for (const failure of failures) console.log(`FAILED ${failure}`);
    return tally;
  } finally {
    await browser.close();
    server.close();
    server.closeAllConnections();
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
