import { deepEqual, equal, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import {
  compute,
  computeByHand,
  computeLoop,
  preprocess,
  preprocessByHand,
  preprocessLoop,
  RawData,
} from "../../kernels/patterns/statistics.js";

const written = {
  "as functions": [preprocess, compute],
  "as loops": [preprocessLoop, computeLoop],
  "by hand": [preprocessByHand, computeByHand],
} as const;

export const simple: readonly Case[] = [
  ...Object.entries(written).map(
    ([how, [pre, comp]]): Case => ({
      law: 8,
      name: `pattern, simple pipeline: ${how}, carried from stage to stage, [1,2,3,4,5] gives 0.5`,
      async run(trial) {
        const runtime = trial.runtime();
        const first = await runtime.launch(pre);
        const second = await runtime.launch(comp);
        await first.activate();
        await second.activate();
        const raw = RawData({ values: [1, 2, 3, 4, 5] });
        await first.send(raw);
        const data = await first.receive(soon);
        deepEqual(data.values, [0, 0.25, 0.5, 0.75, 1], "normalized");
        equal(data.correlationId, raw.messageId, "cause of the normalized data");
        await second.send(data);
        const { result, correlationId } = await second.receive(soon);
        equal(result, 0.5, "result");
        equal(correlationId, data.messageId, "cause of the result");
      },
    }),
  ),
  ...Object.entries(written).map(
    ([how, [pre, comp]]): Case => ({
      law: 8,
      name: `pattern, simple pipeline: ${how}, linked, [1,2,3,4,5] gives 0.5`,
      async run(trial) {
        const runtime = trial.runtime();
        const first = await runtime.start(pre);
        const second = await runtime.start(comp);
        await runtime.connect(first, second);
        for (let i = 0; i < 20; i++) await first.send(RawData({ values: [1, 2, 3, 4, 5 + i] }));
        for (let i = 0; i < 20; i++) {
          const { result } = await second.receive(soon);
          const wanted = [0, 1, 2, 3, 4 + i].reduce((sum, value) => sum + value / (4 + i), 0) / 5;
          equal(Math.abs(result - wanted) < 1e-12, true, `result ${i}: ${result}, wanted ${wanted}`);
          if (i === 0) equal(result, 0.5, "first result");
        }
      },
    }),
  ),
];
