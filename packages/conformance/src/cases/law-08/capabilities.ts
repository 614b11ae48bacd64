import { equal, ok, rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { needing, needsGpu, needsThreads } from "../../kernels/needing.js";

export const capabilities: readonly Case[] = [
  ...Object.entries({ threads: needsThreads, gpu: needsGpu }).map(
    ([capability, kernel]): Case => ({
      law: 8,
      name: `capability ${capability}: a kernel that needs it runs`,
      requires: capability,
      async run(trial) {
        const handle = await trial.runtime().start(kernel);
        equal((await handle.request(Task({ n: 5 }), soon)).n, 5, "answer");
      },
    }),
  ),
  {
    law: 8,
    name: "capability that no backend has: UNSUPPORTED, on every backend of the runtime",
    async run(trial) {
      const runtime = trial.runtime();
      for (const place of trial.places) {
        const error = await rejects(runtime.launch(needing("telepathy"), { backend: place }), "UNSUPPORTED", place);
        equal(error.details.capability, "telepathy", "capability");
        equal(error.details.backend, trial.manifest(place).name, "backend");
        equal(error.kernelId, "needing telepathy", "kernelId");
      }
      equal(runtime.kernels.length, 0, "kernels");
    },
  },
  {
    law: 8,
    name: "capability: one that the manifest calls false or 0 is lacking, others are there",
    async run(trial) {
      const runtime = trial.runtime();
      for (const place of trial.places) {
        for (const [capability, value] of Object.entries(trial.manifest(place).capabilities)) {
          if (!value) await rejects(runtime.launch(needing(capability), { backend: place }), "UNSUPPORTED", capability);
        }
      }
    },
  },
  {
    law: 8,
    name: "an unknown backend is INVALID_ARGUMENT, and the kernel is not launched",
    async run(trial) {
      const runtime = trial.runtime();
      await rejects(runtime.launch(needing("telepathy"), { backend: "elsewhere" }), "INVALID_ARGUMENT");
      ok(runtime.kernels.length === 0, "no kernel");
    },
  },
];
