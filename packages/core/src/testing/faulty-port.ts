import { errors } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Inlet, Outlet, Port, PortSpec } from "../seam/port.js";
import type { Clock } from "../time/clock.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { Fault } from "./fault.js";
import type { FaultPlan } from "./fault-plan.js";

/** Injects the other faults of a delivery into the running kernel. */
export type Strike = (fault: Fault, message: AnyMessage) => void;

/** The input of a kernel that refuses sends, holds deliveries back, and tells of other faults, as planned. */
export class FaultyPort implements Port {
  readonly outlet: Outlet;
  readonly inlet: Inlet;
  readonly #port: Port;
  readonly #kernelId: string;
  readonly #plan: FaultPlan;
  readonly #clock: Clock;
  #isOpen = false;
  /** In hand, not yet given out. */
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

  /** Functions that need no `this`. */
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

  /** As the inlet gives messages; `strike` hears of what goes wrong with a delivery. */
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

  /** Lets a reader look again after a delay. */
  #wake(): void {
    const reader = this.#reader;
    if (reader === undefined || (this.#withheld !== undefined && (!this.#isDue || !this.#isOpen))) return;
    this.#reader = undefined;
    reader();
  }
}
