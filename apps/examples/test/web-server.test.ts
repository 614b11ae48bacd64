import { createRuntime, defineKernel } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { expect, test } from "vitest";
import { Ask, Primes } from "../src/primes-kernel.js";
import { webServer } from "../src/web-server.js";

/** Number of requests that may wait. */
const waiting = 4;

test("a full queue is 503 with Retry-After, at once; those who wait are answered", async () => {
  let open!: () => void;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const slow = defineKernel({
    id: "slow",
    input: Ask,
    output: Primes,
    queueSize: waiting,
    backpressure: "reject",
    async handle({ upTo }) {
      await gate;
      return Primes({ count: upTo });
    },
  });
  await using runtime = createRuntime({ backend: inProcess() });
  const app = webServer(await runtime.start(slow), () => runtime.telemetry());
  const ask = (upTo: number) => app.request(`/primes/${upTo}`);
  const ledger = async () => (await runtime.telemetry()).get("slow")?.ledger.input;

  const first = ask(1);
  await expect.poll(() => ledger()).toMatchObject({ queued: 0, inHand: 1 });
  const waitingOnes = Array.from({ length: waiting }, (_, i) => ask(i + 2));
  await expect.poll(() => ledger()).toMatchObject({ queued: waiting, inHand: 1 });

  const refused = await ask(99);
  const metrics = await (await app.request("/metrics")).text();
  open(); // before what may fail: the runtime ends when all are answered
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(metrics).toContain(`ringline_queued{kernel="slow"} ${waiting}\n`);
  expect(metrics).toContain('ringline_rejected_total{kernel="slow"} 1\n');

  const answers = await Promise.all([first, ...waitingOnes]);
  expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual(
    [1, 2, 3, 4, 5].map((count) => ({ count })),
  );
  expect((await ask(6)).status).toBe(200); // there is room again
});
