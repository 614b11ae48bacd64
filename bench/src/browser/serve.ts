import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { html, trusted } from "../page/html.js";
import { page } from "../page/render-page.js";

/** As it was built for browsers. */
function script(): string {
  const here = import.meta.url;
  const file = new URL(here.includes("/bench/src/") ? "../../dist/browser/page.js" : "./browser/page.js", here);
  return readFileSync(file, "utf8");
}

/** One file with everything in it: it can be opened from a disk, too. */
export function browserPage(): string {
  const controls = html`<main><h1>Ringline in your browser</h1>
<p class="soft">Kernels on the event loop of this page and on its WebGPU, a minute or two. Leave the page in front: browsers slow down what is behind.</p>
<p class="controls"><select id="pairs" aria-label="How thorough"><option value="3">a first look</option><option value="9">thorough</option></select>
<button id="start">Measure</button> <button id="stop" disabled>Stop</button> <button id="save" disabled>Save figures</button></p>
<p id="progress" class="soft" role="status">Nothing is sent anywhere.</p></main><div id="report"></div><script type="module">${trusted(script().replaceAll("</script", "<\\/script"))}</script>`;
  return page("Ringline in your browser", controls);
}

/** On this machine only. Resolves with the address. */
export function serve(port: number): Promise<{ readonly address: string; readonly server: Server }> {
  const text = browserPage();
  const server = createServer((request, response) => {
    if (request.url !== "/") return void response.writeHead(404).end();
    // isolated from other pages: then clocks are finer
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-embedder-policy", "require-corp");
    response.setHeader("content-type", "text/html; charset=utf-8").end(text);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : port;
      resolve({ address: `http://localhost:${bound}/`, server });
    });
  });
}
