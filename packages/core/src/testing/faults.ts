import { errors } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Backend, Place } from "../seam/backend.js";
import type { Exit, Incarnation, Start, UnitSpec } from "../seam/incarnation.js";
import type { Inlet, Outlet, Port, PortSpec } from "../seam/port.js";
import type { Clock } from "../time/clock.js";
import type { WaitOptions } from "../time/wait-options.js";
import { type Fault, FaultPlan, type FaultyBackend } from "./fault-plan.js";

const soon = Promise.resolve();

/** Fails an incarnation. */
type Fail = (why: string, message?: AnyMessage) => void;

/**
 * Wraps a backend so that it fails as planned, to test how a program reacts. For backends whose kernels run on this
 * event loop, such as `inProcess()`. The occasions that a `chance` picks depend on the seed (an integer, default 1), the
 * kernel and its count alone, so that a run can be repeated. Throws `INVALID_ARGUMENT`.
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
    // not at once: the incarnation may be in the middle of a delivery
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
  // a failed incarnation takes no more messages, whatever its body still does
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

/** Injects the other faults of a delivery into the running kernel. */
export type Strike = (fault: Fault, message: AnyMessage) => void;

/** The input of a kernel that rejects sends, delays deliveries and reports other faults, as planned. */
export class FaultyPort implements Port {
  readonly outlet: Outlet;
  readonly inlet: Inlet;
  readonly #port: Port;
  readonly #kernelId: string;
  readonly #plan: FaultPlan;
  readonly #clock: Clock;
  #isOpen = false;
  /** The message that was taken from the port and is not delivered yet, because of a delay. */
  #withheld: AnyMessage | undefined;
  #isDue = false;
  #reader: (() => void) | undefined;
  #cancel = () => {};

  constructor(port: Port, spec: PortSpec, plan: FaultPlan, clock: Clock) {
    this.#port = port;
    this.#kernelId = spec.kernelId;
    this.#plan = plan;
    this.#clock = clock;
    this.outlet = {
      tryPush: (message) => {
        this.#refuse();
        return port.outlet.tryPush(message);
      },
      push: (message, wait) => this.#push(message, wait),
    };
    this.inlet = {
      tryTake: () => this.take(() => {}),
      whenReadable: (callback) => this.#whenReadable(callback),
      settle: (...settled) => port.inlet.settle(...settled),
      attemptsOf: (message) => port.inlet.attemptsOf(message),
    };
  }

  async gate(open: boolean): Promise<void> {
    this.#isOpen = open;
    await this.#port.gate(open);
    if (open) this.#wake();
  }

  async recover(): ReturnType<Port["recover"]> {
    this.#withheld = undefined;
    this.#cancel();
    return this.#port.recover();
  }

  /** The members of this port as functions that need no `this`. */
  get parts(): Port {
    const { outlet, inlet, seal, idle, remove, stats } = this;
    const gate = (open: boolean) => this.gate(open);
    const recover = () => this.recover();
    return { outlet, inlet, seal, idle, remove, stats, gate, recover, adopt: this.#port.adopt?.bind(this.#port) };
  }

  seal: Port["seal"] = (error) => this.#port.seal(error);
  idle: Port["idle"] = (wait) => this.#port.idle(wait);
  remove: Port["remove"] = () => this.#port.remove();
  stats: Port["stats"] = () => this.#port.stats();

  async #push(message: AnyMessage, wait: WaitOptions | undefined): Promise<void> {
    this.#refuse();
    return this.#port.outlet.push(message, wait);
  }

  #refuse(): void {
    const fault = this.#plan.at("send", this.#kernelId);
    if (fault?.do !== "refuse") return;
    throw fault.error?.() ?? new errors.QUEUE_FULL({ queueSize: 0 }, { kernelId: this.#kernelId });
  }

  /** Takes a message as the inlet does; calls `strike` with a fault of the delivery. */
  take(strike: Strike): AnyMessage | undefined {
    if (this.#withheld !== undefined) return this.#takeWithheld(this.#withheld);
    const message = this.#port.inlet.tryTake();
    const fault = message === undefined ? undefined : this.#plan.at("delivery", this.#kernelId);
    if (message === undefined || fault === undefined) return message;
    if (fault.do === "delay") this.#withhold(message, fault.by);
    else strike(fault, message);
    return undefined;
  }

  #takeWithheld(message: AnyMessage): AnyMessage | undefined {
    if (!this.#isDue || !this.#isOpen) return undefined;
    this.#withheld = undefined;
    return message;
  }

  #withhold(message: AnyMessage, by: number): void {
    this.#withheld = message;
    this.#isDue = false;
    this.#cancel = this.#clock.after(by, () => {
      if (this.#withheld !== message) return;
      this.#isDue = true;
      this.#wake();
    });
  }

  #whenReadable(callback: () => void): void {
    if (this.#withheld === undefined) {
      this.#port.inlet.whenReadable(callback);
      return;
    }
    this.#reader = callback;
    this.#wake();
  }

  /** Wakes a reader after a delay. */
  #wake(): void {
    const reader = this.#reader;
    if (reader === undefined || (this.#withheld !== undefined && (!this.#isDue || !this.#isOpen))) return;
    this.#reader = undefined;
    reader();
  }
}
