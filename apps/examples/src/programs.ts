import { once } from "node:events";
import { createReadStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { serve } from "@hono/node-server";
import { type Backend, createRuntime } from "@ringline/core";
import type { Hono } from "hono";
import { clickServer, clickstream } from "./click-sessions.js";
import { csvToArrow } from "./csv-to-arrow.js";
import { edgesOf } from "./image-filter.js";
import { logMetrics } from "./log-metrics.js";
import { orderBook } from "./order-book.js";
import { primes } from "./primes-kernel.js";
import { sensorAlerts } from "./sensor-alerts.js";
import { textIndex } from "./text-index.js";
import { webServer } from "./web-server.js";

type Program = (backend: Backend, from: string, to: string) => Promise<void>;

/** By name; `from` and `to` are what follows the name. */
export const programs: Readonly<Record<string, Program>> = {
  async "log-metrics"(backend, from) {
    const { minutes, unread } = await logMetrics(backend, linesOf(from));
    for (const line of [...minutes, ...unread]) console.log(line);
  },

  async "image-filter"(backend, from, to) {
    await writeFile(to, await edgesOf(backend, await readFile(from)));
  },

  async "csv-to-arrow"(backend, from, to) {
    await writeFile(to, await csvToArrow(backend, (await readFile(from, "utf8")).trimEnd().split("\n")));
  },

  async "text-index"(backend, from) {
    const texts = (await readFile(from, "utf8")).split(/\n{2,}/).map((text, n) => ({ title: `${n + 1}`, text }));
    const index = [...(await textIndex(backend, texts))].sort(([a], [b]) => a.localeCompare(b));
    for (const [word, titles] of index) console.log(`${word}: ${titles.join(", ")}`);
  },

  async "sensor-alerts"(backend, from) {
    await sensorAlerts(backend, (await readFile(from, "utf8")).trimEnd().split("\n"), (alert) => console.log(alert));
  },

  async "order-book"(backend, from) {
    const reports = await orderBook(backend, (await readFile(from, "utf8")).trimEnd().split("\n"));
    for (const report of reports.sort()) console.log(report);
  },

  async "click-sessions"(backend, port) {
    await using runtime = createRuntime({ backend });
    const app = clickServer(await runtime.run(clickstream));
    await serveUntilSignal(app, port, "POST to /clicks, and the page at /");
  },

  async "web-server"(backend, port) {
    await using runtime = createRuntime({ backend });
    const app = webServer(await runtime.start(primes), () => runtime.telemetry());
    await serveUntilSignal(app, port, "/primes/100000 and /metrics");
  },
};

async function serveUntilSignal(app: Hono, port: string, paths: string): Promise<void> {
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(port || 8080) }, ({ port: at }) =>
    console.log(`http://127.0.0.1:${at} ${paths}`),
  );
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  server.close();
  if ("closeAllConnections" in server) server.closeAllConnections(); // pages that follow a stream never hang up
}

/** Opens the file when it is asked for a line: an interface that nobody reads yet would lose some. */
async function* linesOf(file: string): AsyncGenerator<string> {
  yield* createInterface({ input: createReadStream(file) });
}
