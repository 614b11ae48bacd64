import { type AnyRinglineError, errors } from "@ringline/core";
import type { UnitSpec } from "@ringline/core/backend";
import type { Exit } from "@ringline/core/internal";
import { type BrokenBackend, incarnationWith, spoiled } from "./broken-backend.js";

/** Spoils the errors that kernels report. */
function reporting(spoil: (error: AnyRinglineError, report: (error: AnyRinglineError) => void) => void) {
  return (unit: UnitSpec): UnitSpec => ({
    ...unit,
    reports: {
      ...unit.reports,
      error: (error, message) => spoil(error, (spoiledError) => unit.reports.error(spoiledError, message)),
    },
  });
}

const oneEvent = "throw: worker throws at once: one error event, which says what, where and over which message";

export const law06: readonly BrokenBackend[] = [
  {
    name: "swallows errors",
    law: 6,
    does: "reports no error that a kernel throws",
    caughtBy: oneEvent,
    create: () => spoiled({ unit: reporting(() => {}) }),
  },
  {
    name: "reports errors twice",
    law: 6,
    does: "reports each error two times",
    caughtBy: oneEvent,
    create: () =>
      spoiled({
        unit: reporting((error, report) => {
          report(error);
          report(error);
        }),
      }),
  },
  {
    name: "loses the code",
    law: 6,
    does: "makes KERNEL_FAILED of every error",
    caughtBy: "throw: worker throws with a code: one error event, which says what, where and over which message",
    create: () =>
      spoiled({
        unit: reporting(({ kernelId, messageId }, report) =>
          report(new errors.KERNEL_FAILED({ restarts: 0 }, { kernelId, messageId })),
        ),
      }),
  },
  {
    name: "loses the cause",
    law: 6,
    does: "says that a kernel failed and not why",
    caughtBy: oneEvent,
    create: () =>
      spoiled({
        unit: reporting(({ code, details, kernelId, messageId }, report) =>
          report(new errors[code](details as never, { kernelId, messageId }) as AnyRinglineError),
        ),
      }),
  },
  {
    name: "loses the message of an error",
    law: 6,
    does: "does not say over which message a kernel failed",
    caughtBy: oneEvent,
    create: () =>
      spoiled({
        unit: reporting(({ code, details, kernelId, cause }, report) =>
          report(new errors[code](details as never, { kernelId, cause }) as AnyRinglineError),
        ),
      }),
  },
  {
    name: "hides a crash",
    law: 6,
    does: "says of a body that failed that it returned",
    caughtBy: "throw: loopWorker that fails tells all who wait for it: in hand, queued, parked and receiving",
    create: () =>
      spoiled({
        incarnation: (incarnation) =>
          incarnationWith(incarnation, {
            exited: incarnation.exited.then((exit): Exit => (exit.kind === "failed" ? { kind: "returned" } : exit)),
          }),
      }),
  },
  {
    name: "goes on after onError says fail",
    law: 6,
    does: "keeps the bad message and goes on where the kernel is to fail",
    caughtBy: 'onError "fail": the first error ends the kernel',
    create: () => spoiled({ unit: (unit) => ({ ...unit, kernel: { ...unit.kernel, onError: "dead-letter" } }) }),
  },
  {
    name: "does not try again",
    law: 6,
    does: "makes one attempt where several are asked for",
    caughtBy: "onError with retry: whoever waits gets the answer of the attempt that succeeds",
    create: () =>
      spoiled({
        unit: (unit) =>
          typeof unit.kernel.onError === "function"
            ? unit
            : { ...unit, kernel: { ...unit.kernel, onError: "dead-letter" } },
      }),
  },
  {
    name: "keeps the name of the stage to itself",
    law: 6,
    does: "says of what a stage of a flow throws only which kernel it was",
    caughtBy: "flow: a failure shows with its stage: to the asker, in the event, in the dead letters, in telemetry",
    create: () =>
      spoiled({
        unit: ({ assignment, ...unit }) => ({ ...unit, assignment: assignment && { ...assignment, name: "" } }),
      }),
  },
  {
    name: "tries everything again",
    law: 6,
    does: "does not ask whether a failure is worth another attempt",
    caughtBy: "onError with retryIf: it decides after each failure, and says how long to wait",
    create: () =>
      spoiled({
        unit: (unit) => ({
          ...unit,
          kernel: { ...unit.kernel, onError: { retry: 2, backoff: { initial: 0 } } },
        }),
      }),
  },
];
