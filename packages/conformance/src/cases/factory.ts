import { createRuntime } from "@ringline/core";
import { equal, ok, PATIENCE, soon, throwsNow, within } from "../assert.js";
import type { Case } from "../case.js";
import { Task } from "../kernels/messages.js";
import { handler } from "../kernels/workers.js";

/** Requirements on the factory of a backend, without which nothing else can be tested. */
export const factory: readonly Case[] = [
  {
    law: 8,
    name: "factory: makes a plain value with a manifest",
    async run(trial) {
      for (const [place, backend] of Object.entries(trial.backends())) {
        equal(typeof backend.start, "function", `start of ${place}`);
        const { name, transport, capabilities } = backend.manifest;
        ok(typeof name === "string" && name !== "", `the manifest of ${place} has a name`);
        ok(transport === "reference" || transport === "copy", `the manifest of ${place} states its transport`);
        for (const [capability, value] of Object.entries(capabilities)) {
          ok(
            typeof value === "boolean" || typeof value === "number",
            `capability ${capability} is a boolean or a number`,
          );
        }
      }
    },
  },
  {
    law: 8,
    name: 'factory: its manifest says "losable" exactly if the subject can lose a place',
    async run(trial) {
      const says = trial.lacking("losable").length < trial.places.length;
      equal(says, trial.canLose, 'what the manifest says of "losable", and whether the subject has `lose`');
    },
  },
  {
    law: 8,
    name: "factory: makes another backend at each call, with the same manifest",
    async run(trial) {
      const [first, second] = [trial.backends(), trial.backends()];
      equal(Object.keys(first).join(), Object.keys(second).join(), "names");
      for (const [place, backend] of Object.entries(first)) {
        ok(backend !== second[place], `a fresh backend for ${place}`);
        equal(JSON.stringify(backend.manifest), JSON.stringify(second[place]?.manifest), "manifest");
      }
    },
  },
  {
    law: 8,
    name: "factory: nothing starts before the first launch",
    async run(trial) {
      let starts = 0;
      const [backend] = Object.values(trial.backends());
      ok(backend, "a backend");
      const counting = {
        manifest: backend.manifest,
        start: (core: never) => {
          starts++;
          return backend.start(core);
        },
      };
      await using runtime = createRuntime({ backend: counting });
      equal(starts, 0, "starts before the first launch");
      await Promise.all([runtime.launch(handler), runtime.launch(handler.as("other"))]);
      equal(starts, 1, "starts after two launches");
    },
  },
  {
    law: 8,
    name: "factory: one backend value serves several runtimes, which share nothing",
    async run(trial) {
      const backends = trial.backends();
      await using one = createRuntime({ backends });
      await using two = createRuntime({ backends });
      const [a, b] = [await one.start(handler), await two.start(handler)];
      await a.send(Task({ n: 1 }));
      await b.send(Task({ n: 2 }));
      equal((await a.receive(soon)).n, 1, "result of the first runtime");
      equal((await b.receive(soon)).n, 2, "result of the second runtime");
      await one.dispose();
      await b.send(Task({ n: 3 }));
      equal((await b.receive(soon)).n, 3, "result of the second after the first is gone");
    },
  },
  {
    law: 8,
    name: "factory: a runtime that launched nothing is disposed",
    async run(trial) {
      const ledgers = await within(PATIENCE, trial.runtime().dispose(), "dispose");
      equal(ledgers.size, 0, "ledgers");
    },
  },
  {
    law: 8,
    name: "factory: a runtime refuses what is no backend, none and too many",
    async run(trial) {
      const [backend] = Object.values(trial.backends());
      ok(backend, "a backend");
      // biome-ignore lint/suspicious/noExplicitAny: what must be refused does not compile
      const create = createRuntime as any;
      throwsNow(() => create({}), "INVALID_ARGUMENT", "no backend");
      throwsNow(() => create({ backends: {} }), "INVALID_ARGUMENT", "no backend by name");
      throwsNow(() => create({ backend: {} }), "INVALID_ARGUMENT", "not a backend");
      throwsNow(() => create({ backend, backends: { main: backend } }), "INVALID_ARGUMENT", "both kinds at once");
      throwsNow(() => create({ backend, defaultBackend: "elsewhere" }), "INVALID_ARGUMENT", "unknown default");
      throwsNow(() => create({ backend, telemetry: { window: 0 } }), "INVALID_ARGUMENT", "telemetry without a window");
      throwsNow(() => create({ backend, deadLetterLimit: 0 }), "INVALID_ARGUMENT", "no room for dead letters");
      throwsNow(() => create({ backend, colour: "red" }), "INVALID_ARGUMENT", "unknown option");
    },
  },
];
