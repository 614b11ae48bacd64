import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Runtime } from "@ringline/core";
import { healthOf } from "./health.js";
import { prometheusText } from "./prometheus-text.js";

export interface OperationsOptions {
  /**
   * Port; 0 for any that is free.
   *
   * @default 9464
   */
  readonly port?: number | undefined;
  /**
   * Address to listen on.
   *
   * @default "127.0.0.1"; "0.0.0.0" in a container that is probed from outside
   */
  readonly host?: string | undefined;
}

export interface Operations extends AsyncDisposable {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves the endpoints of operations: `/live` (200 while the event loop turns), `/ready` (200, or 503 with the reasons),
 * `/metrics` for Prometheus. Counts and names of kernels only, no messages. Does not keep the process alive. Rejects if
 * the port is taken.
 */
export async function serveOperations(runtime: Runtime, options: OperationsOptions = {}): Promise<Operations> {
  const { port = 9464, host = "127.0.0.1" } = options;
  healthOf(runtime); // watches connections from now on
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string) =>
      response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body);
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/live") return answer(200, "text/plain", "live\n");
    if (pathname === "/ready") {
      const { isReady, reasons } = healthOf(runtime);
      return answer(isReady ? 200 : 503, "text/plain", isReady ? "ready\n" : `${reasons.join("\n")}\n`);
    }
    if (pathname !== "/metrics") return answer(404, "text/plain", "");
    return void prometheusText(runtime).then(
      (text) => answer(200, "text/plain; version=0.0.4; charset=utf-8", text),
      (error: unknown) => answer(500, "text/plain", `${String(error)}\n`),
    );
  });
  server.on("connection", (socket) => socket.unref());
  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    server.listen(port, host, listening);
  });
  server.unref();
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return { port: (server.address() as AddressInfo).port, close, [Symbol.asyncDispose]: close };
}
