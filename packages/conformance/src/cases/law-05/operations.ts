import type { ErrorCode, KernelHandle, KernelState } from "@ringline/core";
import { deepEqual, equal, PATIENCE, patience, rejects, soon, until, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { type Result, Task } from "../../kernels/messages.js";
import { looper } from "../../kernels/workers.js";
import { telemetryWhen } from "../../support/handle.js";
import type { Trial, TrialRuntime } from "../../trial.js";

type Handle = KernelHandle<Task, Result>;
type State = Exclude<KernelState, "created">;
type Operation = keyof typeof operationsByHandle;

const wait = { timeout: 0 };
/** Options of a request that succeeds in one state and waits in the others. */
const briefly = {
  get timeout(): number {
    return patience(150);
  },
};

/** Each operation, on a handle and by id. */
const operationsByHandle = {
  activate: (handle: Handle) => handle.activate(),
  deactivate: (handle: Handle) => handle.deactivate(),
  reactivate: (handle: Handle) => handle.reactivate(),
  terminate: (handle: Handle) => handle.terminate(),
  send: (handle: Handle) => handle.send(Task({ n: 1 })),
  receive: (handle: Handle) => handle.receive(wait),
  request: (handle: Handle) => handle.request(Task({ n: 1 }), briefly),
  telemetry: (handle: Handle) => handle.telemetry(),
};
const operationsById: Record<Operation, (runtime: TrialRuntime, id: string) => Promise<unknown>> = {
  activate: (runtime, id) => runtime.activate(id),
  deactivate: (runtime, id) => runtime.deactivate(id),
  reactivate: (runtime, id) => runtime.reactivate(id),
  terminate: (runtime, id) => runtime.terminate(id),
  send: (runtime, id) => runtime.send(id, Task({ n: 1 })),
  receive: (runtime, id) => runtime.receive(id, wait),
  request: (runtime, id) => runtime.request(id, Task({ n: 1 }), briefly),
  telemetry: (runtime, id) => runtime.telemetry(id),
};

/** Expected result: the state afterwards, or an error, for a wrong transition with the wanted state. */
type Expected = State | { readonly code: ErrorCode; readonly wanted?: State };

const wrong = (wanted: State): Expected => ({ code: "KERNEL_STATE", wanted });
const nothingThere: Expected = { code: "TIMEOUT" };
const over: Expected = { code: "TERMINATED" };
const broken: Expected = { code: "KERNEL_FAILED" };

const table: Record<State, Record<Operation, Expected>> = {
  launched: {
    activate: "active",
    deactivate: wrong("deactivated"),
    reactivate: wrong("active"),
    terminate: "terminated",
    send: "launched",
    receive: nothingThere,
    request: nothingThere,
    telemetry: "launched",
  },
  active: {
    activate: wrong("active"),
    deactivate: "deactivated",
    reactivate: wrong("active"),
    terminate: "terminated",
    send: "active",
    receive: nothingThere,
    request: "active",
    telemetry: "active",
  },
  deactivated: {
    activate: "active",
    deactivate: wrong("deactivated"),
    reactivate: "active",
    terminate: "terminated",
    send: "deactivated",
    receive: nothingThere,
    request: nothingThere,
    telemetry: "deactivated",
  },
  terminating: {
    activate: wrong("active"),
    deactivate: wrong("deactivated"),
    reactivate: wrong("active"),
    terminate: "terminated",
    send: over,
    receive: nothingThere,
    request: over,
    telemetry: "terminating",
  },
  terminated: {
    activate: wrong("active"),
    deactivate: wrong("deactivated"),
    reactivate: wrong("active"),
    terminate: "terminated",
    send: over,
    receive: over,
    request: over,
    telemetry: "terminated",
  },
  failed: {
    activate: wrong("active"),
    deactivate: wrong("deactivated"),
    reactivate: wrong("active"),
    terminate: "failed",
    send: broken,
    receive: broken,
    request: broken,
    telemetry: "failed",
  },
};

const states = Object.keys(table) as State[];
const names = Object.keys(operationsByHandle) as Operation[];

export const operations: readonly Case[] = [
  ...states.flatMap((state) =>
    names.flatMap((operation) => (["handle", "id"] as const).map((way) => trying(state, operation, way))),
  ),
  ...states.map(launchingAgain),
  ...names.map(
    (operation): Case => ({
      law: 5,
      name: `${operation} of an id that was never launched is KERNEL_UNKNOWN`,
      async run(trial) {
        const runtime = trial.runtime();
        await runtime.launch(looper);
        const error = await rejects(operationsById[operation](runtime, "nobody"), "KERNEL_UNKNOWN");
        equal(error.kernelId, "nobody", "kernelId");
        deepEqual(error.details.known, ["looper"], "known ids");
      },
    }),
  ),
];

function trying(state: State, operation: Operation, way: "handle" | "id"): Case {
  const expected = table[state][operation];
  const ending = typeof expected === "string" ? `is ${expected}` : expected.code;
  return {
    law: 5,
    name: `${operation} by ${way} on a ${state} kernel: ${ending}`,
    async run(trial) {
      const runtime = trial.runtime();
      const { handle, release } = await bring(trial, runtime, state);
      const call =
        way === "handle" ? operationsByHandle[operation](handle) : operationsById[operation](runtime, handle.id);
      if (typeof expected === "string") {
        if (operation === "terminate") release();
        await within(PATIENCE, call, operation);
        equal(handle.state, expected, "state afterwards");
        equal(runtime.state(handle.id), expected, "state by id");
      } else {
        const error = await rejects(call, expected.code, operation);
        equal(error.kernelId, handle.id, "kernelId");
        if (error.code === "KERNEL_STATE") {
          deepEqual(error.details as object, { state, wanted: expected.wanted } as object, "both states");
        }
        equal(handle.state, state, "state afterwards");
      }
      release();
    },
  };
}

/** Checks that an id is free again once nothing runs under it. */
function launchingAgain(state: State): Case {
  const free = state === "terminated" || state === "failed";
  return {
    law: 5,
    name: `launch of an id that is ${state}: ${free ? "starts a new life" : "KERNEL_EXISTS"}`,
    async run(trial) {
      const runtime = trial.runtime();
      const { release } = await bring(trial, runtime, state);
      if (!free) {
        const error = await rejects(runtime.launch(looper), "KERNEL_EXISTS");
        equal(error.kernelId, "looper", "kernelId");
        equal(runtime.state("looper"), state, "state afterwards");
        release();
        return;
      }
      const again = await runtime.launch(looper);
      equal(again.state, "launched", "state of the new life");
      equal(runtime.kernels.length, 1, "kernels of that id");
      const { received, processed, errors, ledger } = await again.telemetry();
      deepEqual([received, processed, errors, ledger.input.accepted], [0, 0, 0, 0], "its counts begin anew");
      await again.activate();
      equal((await again.request(Task({ n: 7 }), soon)).n, 7, "its answer");
    },
  };
}

/** Brings a kernel into a state. `releaseReferences` releases a kernel that is about to end. */
async function bring(trial: Trial, runtime: TrialRuntime, state: State) {
  const handle = await runtime.launch(looper);
  let release = () => {};
  if (state === "active") await handle.activate();
  if (state === "deactivated") {
    await handle.activate();
    await handle.deactivate();
  }
  if (state === "terminating") {
    await handle.activate();
    await handle.send(Task({ n: 0, hang: "for-ever" }));
    await telemetryWhen(handle, "the task in hand", ({ ledger }) => ledger.input.inHand === 1);
    const grace = new AbortController();
    release = () => grace.abort();
    void handle.terminate({ timeout: 60_000, signal: grace.signal });
  }
  if (state === "terminated") await handle.terminate();
  if (state === "failed") {
    await handle.activate();
    await handle.send(Task({ n: 0, fail: "on purpose" }));
    await until("the kernel has failed", () => handle.state === "failed");
    equal(trial.errors.length, 1, "errors");
  }
  equal(handle.state, state, "state to begin with");
  return { handle, release };
}
