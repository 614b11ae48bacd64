import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { Health } from "../host/host.js";
import type { AnyHost } from "../host/threaded-host.js";

/**
 * Serves the health of hosts on the loopback interface: as JSON, with status 503 if no host is connected, and at
 * /metrics as text for Prometheus. Rejects if it cannot listen at the port.
 */
export async function serveHealth(hosts: () => readonly AnyHost[], port: number): Promise<Server> {
  const server = createServer(async ({ url }, response) => {
    const all = await Promise.all(hosts().map((host) => host.health()));
    const isText = url === "/metrics";
    if (!isText && !all.some(({ connected }) => connected)) response.statusCode = 503;
    response.setHeader("content-type", isText ? "text/plain; version=0.0.4" : "application/json");
    response.end(isText ? metricsOf(all) : JSON.stringify(all.length === 1 ? all[0] : all));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

const METRICS: readonly (readonly [
  name: string,
  kind: "gauge" | "counter",
  help: string,
  of: (health: Health) => number,
])[] = [
  ["ringline_host_kernels", "gauge", "Kernels that run.", ({ kernels }) => kernels],
  ["ringline_host_runtimes", "gauge", "Runtimes that use the host.", ({ runtimes }) => runtimes],
  ["ringline_host_connected", "gauge", "0 where it cannot work.", ({ connected }) => Number(connected)],
  ["ringline_host_leaving", "gauge", "1 where it takes no more kernels.", ({ isLeaving }) => Number(isLeaving)],
  [
    "ringline_host_refused_frames_total",
    "counter",
    "Frames and lines that were not ours.",
    ({ refusedFrames }) => refusedFrames,
  ],
];

/** Formats health in the text format of Prometheus, version 0.0.4. */
function metricsOf(all: readonly Health[]): string {
  const lines = METRICS.flatMap(([name, kind, help, of]) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${kind}`,
    ...all.map((health) => `${name}{host="${health.host}"} ${of(health)}`),
  ]);
  return `${lines.join("\n")}\n`;
}
