import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { tableFromIPC } from "apache-arrow";
import { decode, encode } from "fast-png";
import { afterAll, describe, expect, test } from "vitest";
import { runProgram, startProgram } from "./run-program.js";

const folder = mkdtempSync(join(tmpdir(), "ringline-examples-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(["in-process", "worker-threads"])("%s", (backend) => {
  test("log lines become figures of each minute", async () => {
    expect(await runProgram("log-metrics", "data/requests.txt", "--backend", backend)).toMatch(
      /^2026-03-01T10:00 2 requests, 1 errors, slowest 250 ms\n2026-03-01T10:01 1 requests, 0 errors, slowest 9 ms\n.*rotated/,
    );
  });

  test("CSV becomes Arrow", async () => {
    const file = join(folder, "readings.arrow");
    await runProgram("csv-to-arrow", "data/readings.csv", file, "--backend", backend);
    expect(tableFromIPC(readFileSync(file)).toArray().map(String)).toEqual([
      '{"station": "Bergen", "celsius": 4.5}',
      '{"station": "Oslo", "celsius": -2}',
      '{"station": "Bergen", "celsius": 5.25}',
    ]);
  });

  test("texts become an index", async () => {
    expect(await runProgram("text-index", "data/texts.txt", "--backend", backend)).toBe(
      "a: 1\nand: 2\nbell: 2\nof: 1\nring: 1, 2\nrings: 1\nthe: 2\n",
    );
  });

  test("orders meet their trades, and those without one are told", async () => {
    const reports = await runProgram("order-book", "data/orders.csv", "--backend", backend);
    expect(reports.trimEnd().split("\n")).toEqual([
      "a1: buy at 10.25 after 2500 ms, 0.25 better than its limit",
      "b2: sell at 9.9 after 1000 ms, 0.10 better than its limit",
      "c3: no trade",
      "d4: a trade without an order",
    ]);
  });

  test("sensors are watched until all are silent", async () => {
    const alerts = (await runProgram("sensor-alerts", "data/sensors.csv", "--backend", backend)).trimEnd().split("\n");
    expect(alerts).toContain("oven hot: 95 degrees");
    expect(alerts).toContain("oven silent");
    expect(alerts.at(-1)).toMatch(/silent$/);
  });

  test("a page that follows visits sees each click, and when a visit is over", async () => {
    const server = startProgram("click-sessions", "0", "--backend", backend);
    const ended = once(server, "close");
    try {
      const [line] = await once(createInterface({ input: server.stdout }), "line");
      const url = new URL(/http:\S+/.exec(line)![0]);
      const reader = (await fetch(new URL("/visits", url))).body!.getReader();
      const decoder = new TextDecoder();
      let text = "";
      const follow = async (end: string) => {
        while (!text.includes(end)) text += decoder.decode((await reader.read()).value, { stream: true });
      };
      await follow("event: ready");
      const post = (clicks: unknown) =>
        fetch(new URL("/clicks", url), { method: "POST", body: JSON.stringify(clicks) });
      const clicks = [
        ["/", 0],
        ["/shoes", 10_000],
        ["/hats", 100_000],
      ].map(([page, at]) => ({ user: "ann", page, at }));
      expect((await post(clicks)).status).toBe(202);
      await follow('"isOver":true');
      await follow("/hats");
      const seen = [...text.matchAll(/^data: (\{.*)$/gm)].map(([, json]) => JSON.parse(json as string));
      const visits = seen.map(({ pages, isOver }) => `${pages.join(" ")}${isOver ? ", over" : ""}`);
      expect(visits.sort()).toEqual(["/", "/ /shoes", "/ /shoes, over", "/hats"]);
      expect((await post({ not: "a list" })).status).toBe(400);
      expect(await (await fetch(url)).text()).toContain("EventSource");
    } finally {
      server.kill("SIGTERM");
    }
    expect(await ended).toEqual([0, null]);
  });

  test("a web server answers, refuses what is too much, and ends", async () => {
    const server = startProgram("web-server", "0", "--backend", backend);
    const ended = once(server, "close");
    try {
      const [line] = await once(createInterface({ input: server.stdout }), "line");
      const url = new URL(/http:\S+/.exec(line)![0]);
      const answers: Response[] = [];
      do {
        const burst = Array.from({ length: 40 }, () => fetch(new URL("/primes/200000", url)));
        answers.push(...(await Promise.all(burst)));
        // The event loop that counts reads no other request meanwhile: only a thread's queue can be seen full.
      } while (backend === "worker-threads" && answers.every(({ status }) => status === 200));
      const good = answers.filter(({ status }) => status === 200);
      expect(good.length).toBeGreaterThan(0);
      expect(await good[0]!.json()).toEqual({ count: 17_984 });
      for (const { status, headers } of answers.filter((answer) => !good.includes(answer))) {
        expect([status, headers.get("retry-after")]).toEqual([503, "1"]);
      }
      const metrics = await (await fetch(new URL("/metrics", url))).text();
      expect(metrics).toContain(`ringline_processed_total{kernel="primes"} ${good.length}\n`);
      expect(metrics).toContain(`ringline_rejected_total{kernel="primes"} ${answers.length - good.length}\n`);
    } finally {
      server.kill("SIGTERM");
    }
    expect(await ended).toEqual([0, null]);
  });
});

test("a picture's edges are the same on the GPU as in the host body", async () => {
  const [from, host, gpu] = ["square.png", "host.png", "gpu.png"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const size = 32;
  const isInside = (at: number) => at >= 8 && at < 24;
  const data = Uint8Array.from({ length: size * size }, (_, i) =>
    isInside(i % size) && isInside(Math.floor(i / size)) ? 255 : 0,
  );
  writeFileSync(from, encode({ width: size, height: size, data, channels: 1, depth: 8 }));
  await runProgram("image-filter", from, host);
  await runProgram("image-filter", from, gpu, "--backend", "webgpu");
  const [wanted, found] = [host, gpu].map((file) => decode(readFileSync(file))) as [
    ReturnType<typeof decode>,
    ReturnType<typeof decode>,
  ];
  expect([found.width, found.height]).toEqual([size, size]);
  for (const [i, value] of wanted.data.entries()) expect(Math.abs(value - found.data[i]!)).toBeLessThanOrEqual(1);
  expect(wanted.data[16 * size + 8]).toBe(255); // on the edge
  expect(wanted.data[16 * size + 16]).toBe(0); // within
});

test("every program is in the README", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const names = ["log-metrics", "image-filter", "web-server", "csv-to-arrow", "text-index"].concat(
    "sensor-alerts",
    "order-book",
    "click-sessions",
  );
  for (const name of names) expect(readme).toContain(`main.js ${name} `);
});
