import { deepEqual, equal, ok, soon, until } from "../../assert.js";
import type { Case } from "../../case.js";
import { compute, preprocess, RawData } from "../../kernels/patterns/statistics.js";

export const monitoring: readonly Case[] = [
  {
    law: 8,
    name: "pattern, monitoring: counts and throughput of every stage",
    async run(trial) {
      const runtime = trial.runtime({ kernels: [preprocess, compute], telemetry: { window: 5000 } });
      const first = await runtime.start("preprocess");
      const second = await runtime.start("compute");
      await runtime.connect(first, second);
      for (let n = 0; n < 200; n++) await first.send(RawData({ values: [1, 2, 3 + n] }));
      for (let n = 0; n < 200; n++) await second.receive(soon);
      for (const stage of ["preprocess", "compute"] as const) {
        const telemetry = await until(`${stage} done`, async () => {
          const seen = await runtime.telemetry(stage);
          return seen.processed === 200 && seen;
        });
        ok(telemetry, "telemetry");
        equal(telemetry.kernelId, stage, "kernelId");
        deepEqual([telemetry.received, telemetry.processed, telemetry.sent], [200, 200, 200], `counts of ${stage}`);
        ok(telemetry.throughput.recent > 0 && telemetry.throughput.overall > 0, `throughput of ${stage}`);
        ok(telemetry.processing.max >= telemetry.processing.p50, `latencies of ${stage}`);
        ok(Math.abs(telemetry.asOf - Date.now()) < 10_000, `asOf of ${stage}`);
      }
      deepEqual([...(await runtime.telemetry()).keys()].sort(), ["compute", "preprocess"], "kernels of all telemetry");
    },
  },
];
