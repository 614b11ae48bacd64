import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { pageFile } from "../page-files.js";
import { isSameOrigin, isToken } from "./access.js";
import { type Answer, read, type Served, write } from "./routes.js";
import { stream } from "./stream.js";

/** Most bytes of a request's body. */
const MOST_BYTES = 1_000_000;

const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** Serves the page and what it asks for on the loopback interface. Nothing of it keeps the process alive. */
export async function serve(served: Served, port: number, token: string): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    void answer(request, response, served, token).catch(() => response.destroy());
  });
  server.on("connection", (socket: Socket) => socket.unref());
  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", failed);
      listening();
    });
  });
  server.unref();
  return { server, port: (server.address() as AddressInfo).port };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  served: Served,
  token: string,
): Promise<void> {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  const { localPort = 0 } = request.socket;
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const [, given = "", ...rest] = pathname.split("/");
  const path = rest.join("/");
  // a request without the token, or from another origin, gets no information, not even which paths exist
  if (!isToken(given, token) || !isSameOrigin(request, localPort)) return void response.writeHead(404).end();
  if (rest.length === 0) return void response.writeHead(308, { location: `/${token}/` }).end();
  if (request.method === "POST") {
    if (request.headers["content-type"] !== "application/json") return void response.writeHead(415).end();
    const body = await bodyOf(request);
    if (body === undefined) return void response.writeHead(413, { connection: "close" }).end();
    return send(response, await write(path, body, viewerOf(request), served));
  }
  if (request.method !== "GET") return void response.writeHead(405, { allow: "GET, POST" }).end();
  if (path === "stream") return stream(response, served.observer);
  const file = await pageFile(path);
  send(response, file === undefined ? await read(path, searchParams, served) : { status: 200, ...file });
}

function send(response: ServerResponse, answer: Answer | undefined): void {
  if (answer === undefined) return void response.writeHead(404).end();
  response.writeHead(answer.status, { "content-type": answer.type }).end(answer.body);
}

/** The name that a viewer gives itself, for the audit: a short word; anything else is "a viewer". */
function viewerOf({ headers }: IncomingMessage): string {
  const name = headers["x-ringline-viewer"];
  return typeof name === "string" && /^[\w .-]{1,40}$/.test(name) ? name : "a viewer";
}

/** The body as text; undefined if it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
