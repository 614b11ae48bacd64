import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createRuntime, defineKernel } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { expect, test } from "vitest";
import { gracefulStop, healthOf, prometheusText, serveOperations } from "../src/operations.js";
import { Order, shop } from "./support/shop.js";

test("metrics are what Prometheus reads: every line is a comment or a sample, histograms add up", async () => {
  const { runtime, flow, fraudDoor } = await shop();
  fraudDoor.open();
  const odd = defineKernel({ id: 'a "quoted" \\ name', input: Order, handle: () => {} });
  await runtime.start(odd);
  for (let n = 0; n < 3; n++) await flow.send(Order({ n: n - 1 }));
  await flow.drain();
  const text = await prometheusText(runtime);
  const sample = /^[a-z_]+(\{([a-z]+="([^"\\\n]|\\.)*",?)+\})? [\d.e+-]+$/;
  for (const line of text.trimEnd().split("\n")) {
    if (!line.startsWith("# ")) expect(line).toMatch(sample);
  }
  const labels = 'kernel="orders.payment",backend="main",flow="orders",stage="payment"';
  expect(text).toContain(`ringline_processed_total{${labels}} 2\n`);
  expect(text).toContain(`ringline_dead_lettered_total{${labels}} 1\n`);
  expect(text).toContain(`ringline_queue_size{${labels}} 4\n`);
  expect(text).toContain("ringline_dead_letters 1\n");
  expect(text).toContain('kernel="a \\"quoted\\" \\\\ name"');
  const buckets = [
    ...text.matchAll(/ringline_processing_seconds_bucket\{kernel="orders.checkout".*le="(.+)"\} (\d+)/g),
  ];
  expect(buckets.at(-1)?.slice(1)).toEqual(["+Inf", "1"]);
  await runtime.dispose();
});

test("names of the dashboard and of the alerts are those of the metrics", async () => {
  const { runtime, fraudDoor } = await shop();
  fraudDoor.open();
  const text = await prometheusText(runtime);
  for (const file of ["dashboard.json", "alerts.yml"]) {
    const content = readFileSync(new URL(`../grafana/${file}`, import.meta.url), "utf8");
    if (file.endsWith("json")) JSON.parse(content);
    const names = new Set(content.match(/\bringline_\w+/g));
    expect(names.size).toBeGreaterThan(4);
    for (const name of names) expect(text, name).toContain(`# TYPE ${name.replace(/_(bucket|sum|count)$/, "")} `);
  }
  await runtime.dispose();
});

test("ready, live and metrics over HTTP; a failed kernel and a stop make it unready", async () => {
  const runtime = createRuntime({ backend: inProcess() });
  runtime.on("error", () => {});
  await using operations = await serveOperations(runtime, { port: 0 });
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${operations.port}${path}`);
    return [response.status, await response.text()];
  };
  expect(await get("/live")).toEqual([200, "live\n"]);
  expect(await get("/ready")).toEqual([200, "ready\n"]);
  expect((await get("/metrics"))[1]).toContain("# TYPE ringline_queued gauge");
  expect((await get("/"))[0]).toBe(404);
  const failing = defineKernel({
    id: "failing",
    input: Order,
    supervise: { restart: "never" },
    onError: "fail",
    handle: () => Promise.reject(new Error("out of order")),
  });
  await runtime.start(failing);
  await runtime.send(failing, Order({ n: 1 }));
  await expect.poll(() => runtime.state(failing)).toBe("failed");
  expect(await get("/ready")).toEqual([503, 'kernel "failing" has failed\n']);
  using stop = gracefulStop(runtime, {
    before: () => expect(healthOf(runtime).reasons[0]).toBe("the program is about to stop"),
  });
  expect(stop.isStopping).toBe(false);
  await stop.stop();
  expect(stop.isStopping).toBe(true);
});

test.skipIf(process.platform === "win32")(
  "SIGTERM: what was accepted is finished, then the process ends by it",
  async () => {
    const program = spawn(process.execPath, [fileURLToPath(new URL("programs/stopping.mjs", import.meta.url))], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    program.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (printed === "") program.kill("SIGTERM");
      printed += text;
    });
    expect(await once(program, "exit")).toEqual([null, "SIGTERM"]);
    const ledger = '{"accepted":100,"queued":0,"inHand":0,"done":100,"dropped":0,"deadLettered":0}';
    expect(printed).toBe(`started\nready: false\ndone: 100, ${ledger}\n`);
  },
);
