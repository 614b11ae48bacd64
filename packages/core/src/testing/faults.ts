import { errors } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Backend, Place } from "../seam/backend.js";
import type { Exit, Incarnation, Start, UnitSpec } from "../seam/incarnation.js";
import type { Fault, FaultyBackend } from "./fault.js";
import { FaultPlan } from "./fault-plan.js";
import { FaultyPort, type Strike } from "./faulty-port.js";

const soon = Promise.resolve();

/** Fails an incarnation. */
type Fail = (why: string, message?: AnyMessage) => void;

/**
 * The same backend with faults, for tests of what happens then. Made for backends whose kernels run on this event loop,
 * such as `inProcess()`. Which occasions a `chance` picks hangs on the seed (an integer, default 1), the kernel and its
 * count alone, so that a run can be had again. Throws `INVALID_ARGUMENT`.
 */
export function faults(
  backend: Backend,
  plan: readonly Fault[],
  { seed = 1 }: { readonly seed?: number } = {},
): FaultyBackend {
  const planned = new FaultPlan(plan, seed);
  /** Running incarnations. */
  const running = new Set<Fail>();
  const losePlace = (message?: AnyMessage) => {
    for (const fail of [...running]) fail("its place was lost", message);
  };
  return {
    manifest: backend.manifest,
    injected: planned.injected,
    losePlace: () => losePlace(),
    async start(core): Promise<Place> {
      const place = await backend.start(core);
      return {
        async openPort(spec, signal) {
          const port = await place.openPort(spec, signal);
          return spec.direction === "input" ? new FaultyPort(port, spec, planned, core.clock) : port;
        },
        async spawn(unit, start) {
          if (planned.at("spawn", unit.kernel.id) !== undefined) throw injected("its start was refused", unit);
          return spawnFaulty(place, unit, start, running, losePlace);
        },
        dispose: () => place.dispose(),
      };
    },
  };
}

function injected(why: string, { kernel }: UnitSpec, message?: AnyMessage) {
  const place = { kernelId: kernel.id, messageId: message?.messageId };
  return new errors.KERNEL_FAILED({ restarts: 0 }, { cause: new Error(`a fault on purpose: ${why}`), ...place });
}

async function spawnFaulty(
  place: Place,
  unit: UnitSpec,
  start: Start,
  running: Set<Fail>,
  losePlace: (message: AnyMessage) => void,
): Promise<Incarnation> {
  const input = unit.input as FaultyPort;
  let isOver = false;
  let failures = 0;
  let end!: (exit: Exit) => void;
  const exited = new Promise<Exit>((resolve) => {
    end = resolve;
  });
  const fail: Fail = (why, message) => {
    if (isOver) return;
    isOver = true;
    failures++;
    running.delete(fail);
    // not at once: it may be in the middle of a delivery
    void soon.then(() => {
      const error = injected(why, unit, message);
      unit.reports.error(error, message);
      end({ kind: "failed", error });
    });
  };
  const strike: Strike = (fault, message) => {
    if (fault.do === "lose-place") losePlace(message);
    else fail("it crashed", message);
  };
  // what has failed takes nothing more, whatever it still does
  const inlet: FaultyPort["inlet"] = {
    tryTake: () => (isOver ? undefined : input.take(strike)),
    whenReadable: (callback) => (isOver ? undefined : input.inlet.whenReadable(callback)),
    settle: (...settled) => !isOver && input.inlet.settle(...settled),
    attemptsOf: (message) => input.inlet.attemptsOf(message),
  };
  running.add(fail); // the body may begin before `spawn` has resolved
  const incarnation = await place.spawn({ ...unit, input: { ...input.parts, inlet } }, start);
  void incarnation.exited.then((exit) => {
    running.delete(fail);
    if (!isOver) end(exit);
  });
  void exited.then(() => incarnation.stop("abandon"));
  return {
    exited,
    setActive: (active) => incarnation.setActive(active),
    stop: (mode) => incarnation.stop(mode),
    flush: () => incarnation.flush(),
    async stats() {
      const stats = await incarnation.stats();
      return { ...stats, errors: stats.errors + failures };
    },
  };
}
