import { isRinglineError } from "@ringline/core";
import { deepEqual, equal, ok, rejects, soon, throws } from "../../../assert.js";
import type { Case } from "../../../case.js";
import { brittle, jobSink, worker } from "../../../kernels/job-workers.js";
import { Job } from "../../../kernels/jobs.js";
import { reaches } from "../../../support/traffic.js";

// biome-ignore lint/suspicious/noExplicitAny: what must be refused does not compile
type Any = any;

export const kernelCases: readonly Case[] = [
  {
    law: 6,
    name: "bad input: an unknown kernel: every call that names it, KERNEL_UNKNOWN with the name",
    async run(trial) {
      const runtime = trial.runtime() as Any;
      const here = await runtime.launch(worker);
      for (const [call, attempt] of Object.entries<() => unknown>({
        launch: () => runtime.launch("nobody"),
        start: () => runtime.start("nobody"),
        activate: () => runtime.activate("nobody"),
        deactivate: () => runtime.deactivate("nobody"),
        reactivate: () => runtime.reactivate("nobody"),
        terminate: () => runtime.terminate("nobody"),
        send: () => runtime.send("nobody", Job({ n: 1 })),
        receive: () => runtime.receive("nobody"),
        request: () => runtime.request("nobody", Job({ n: 1 })),
        state: () => runtime.state("nobody"),
        telemetry: () => runtime.telemetry("nobody"),
        "connect from": () => runtime.connect(worker.as("nobody"), here),
        "connect to": () => runtime.connect(here, worker.as("nobody")),
        "a kernel that was not launched": () => runtime.send(jobSink.as("nobody"), Job({ n: 1 })),
      })) {
        const error = await throws(attempt, "KERNEL_UNKNOWN", call);
        equal(error.kernelId, "nobody", `kernel of the error of ${call}`);
      }
    },
  },
  {
    law: 6,
    name: "bad input: launched twice: KERNEL_EXISTS in every live state, under any name of the same id",
    async run(trial) {
      const runtime = trial.runtime({ kernels: [worker] });
      const handle = await runtime.launch("worker");
      const again = async (state: string) => {
        for (const [how, launch] of Object.entries({
          kernel: () => runtime.launch(worker),
          name: () => runtime.launch("worker"),
          as: () => runtime.launch(jobSink.as("worker")),
          id: () => runtime.launch(jobSink, { id: "worker" }),
        })) {
          const error = await rejects(launch(), "KERNEL_EXISTS", `${state}, by ${how}`);
          equal(error.kernelId, "worker", "kernel of the error");
        }
      };
      await again("launched");
      await handle.activate();
      await again("active");
      await handle.deactivate();
      await again("deactivated");
      await handle.terminate();
      await (await runtime.launch("worker")).activate();
      equal(runtime.state("worker"), "active", "state of the new one");
    },
  },
  {
    law: 6,
    name: "bad input: of two launches at once one is refused",
    async run(trial) {
      const runtime = trial.runtime();
      const launches = await Promise.allSettled([runtime.launch(worker), runtime.launch(worker)]);
      deepEqual(launches.map(({ status }) => status).sort(), ["fulfilled", "rejected"], "launches");
      const refused = launches.find((one) => one.status === "rejected");
      ok(isRinglineError(refused?.reason, "KERNEL_EXISTS"), "the code of the one refused");
    },
  },
  {
    law: 6,
    name: "bad input: a kernel that failed may launch again",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(brittle);
      await first.send(Job({ n: 1, fail: "at once" }));
      await reaches(first, { deadLettered: 1 });
      const second = await runtime.start(brittle);
      equal((await second.request(Job({ n: 2 }), soon)).n, 2, "answer");
    },
  },
  {
    law: 6,
    name: "bad input: a wrong transition: KERNEL_STATE, which names both states",
    async run(trial) {
      const handle = await trial.runtime().launch(worker);
      const refused = async (call: "activate" | "deactivate" | "reactivate", wanted: string) => {
        const { state } = handle;
        const error = await rejects(handle[call](), "KERNEL_STATE", `${call} while ${state}`);
        deepEqual([error.details.state, error.details.wanted], [state, wanted], "states of the error");
        deepEqual([error.kernelId, handle.state], ["worker", state], "kernel, and its state, which stays");
      };
      await refused("deactivate", "deactivated");
      await refused("reactivate", "active");
      await handle.activate();
      await refused("activate", "active");
      await refused("reactivate", "active");
      await handle.deactivate();
      await refused("deactivate", "deactivated");
      await handle.terminate();
      await refused("activate", "active");
      await refused("deactivate", "deactivated");
      await refused("reactivate", "active");
    },
  },
];
