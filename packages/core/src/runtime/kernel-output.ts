import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import { idOfTarget } from "../kernels/address.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import type { AnyMessage } from "../messages/any-message.js";
import { Receivers } from "../ports/receivers.js";
import type { Wait } from "../seam/incarnation.js";
import type { Outlet, Port } from "../seam/port.js";
import type { Clock } from "../time/clock.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { KernelState } from "./kernel-state.js";
import { isEnded } from "./kernel-transitions.js";
import { type Link, type LinkMode, OutputRoute } from "./output-route.js";
import type { StageContext } from "./stage-context.js";

/** A kernel as the target of a link. */
export interface LinkTarget {
  readonly id: string;
  readonly state: KernelState;
  readonly definition: KernelDefinition;
  readonly outlet: Outlet;
}

/** The output of a launched kernel: receivers that read its port, or the kernels that it is linked to. */
export class KernelOutput {
  readonly route: OutputRoute;
  readonly #kernel: KernelDefinition;
  readonly #port: Port;
  readonly #clock: Clock;
  readonly #find: (id: string) => LinkTarget;
  #receivers: Receivers;
  #connected: Promise<void> = Promise.resolve();
  /** Calls of `connect` and `disconnect` that have not ended. */
  #connecting = 0;
  /** True once somebody has received an output, or tried to, or linked the kernel. */
  isUsed = false;
  /** The error of receivers once the kernel has ended and the port is empty. */
  #ended: (() => AnyRinglineError) | undefined;

  constructor(kernel: KernelDefinition, port: Port, clock: Clock, find: (id: string) => LinkTarget) {
    this.#kernel = kernel;
    this.#port = port;
    this.#clock = clock;
    this.#find = find;
    this.route = new OutputRoute(kernel.id, port.outlet, clock);
    this.#receivers = this.#openReceivers();
  }

  /** Description of the target that a waiting output waits for. */
  get waitsOn(): string {
    return this.route.linkedTo.join(", ") || `a reader of "${this.#kernel.id}"`;
  }

  /** The kernels that can end the wait of an output for room. */
  waits(count: number): Wait[] {
    const { linkedTo } = this.route;
    if (linkedTo.length === 0) return [{ for: "reader", kernelId: null, count }];
    return linkedTo.map((kernelId) => ({ for: "room", kernelId, count }));
  }

  /** True if the port is empty and no pending link can put a message back into it. */
  async isSpent(): Promise<boolean> {
    return this.#connecting === 0 && (await this.#port.stats()).ledger.queued === 0;
  }

  /**
   * Returns a queued output, or undefined. Throws `PORT_LINKED`; once the port is closed and empty, the error given to
   * `close`.
   */
  tryReceive(): AnyMessage | undefined {
    const { linkedTo } = this.route;
    if (linkedTo.length > 0) throw new errors.PORT_LINKED({ to: linkedTo }, { kernelId: this.#kernel.id });
    this.isUsed = true;
    const message = this.#receivers.tryReceive();
    if (message === undefined && this.#ended !== undefined) throw this.#ended();
    return message;
  }

  receive(wait: WaitOptions | undefined): Promise<AnyMessage> {
    this.isUsed = true;
    return this.#receivers.receive(wait);
  }

  /** Ends the output: receivers get the queued messages, then this error. */
  close(error: () => AnyRinglineError): void {
    this.#ended = error;
    if (this.route.linkedTo.length === 0) this.#receivers.close(error);
  }

  /** Links a kernel. Changes of links run one at a time: each begins when the one before has ended or failed. */
  connect(target: unknown, mode: LinkMode | undefined, signal: AbortSignal): Promise<void> {
    return this.#inOrder(() => this.#connect(target, mode, signal));
  }

  disconnect(target: string, signal: AbortSignal): Promise<void> {
    return this.#inOrder(async () => {
      signal.throwIfAborted();
      this.#unlink(this.route.linkTo(target));
    });
  }

  #inOrder(change: () => Promise<void>): Promise<void> {
    const connected = this.#connected.then(change);
    const done = () => {
      this.#connecting--;
    };
    this.#connecting++;
    this.#connected = connected.then(done, done);
    return connected;
  }

  async #connect(target: unknown, mode: LinkMode | undefined, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const id = idOfTarget(target);
    this.#checkLink(this.#find(id));
    const link = { id, outlet: () => this.#find(id).outlet };
    this.route.link(link, mode);
    this.isUsed = true;
    this.#receivers.stop(() => new errors.PORT_LINKED({ to: this.route.linkedTo }, { kernelId: this.#kernel.id }));
    try {
      await this.route.forward(this.#port.inlet, signal);
    } catch (error) {
      this.#unlink(link);
      throw error;
    }
  }

  /** Removes a link; after the last one, receivers get the outputs again. */
  #unlink(link: Link): void {
    this.route.unlink(link);
    if (this.route.linkedTo.length === 0) this.#receivers = this.#openReceivers();
  }

  #openReceivers(): Receivers {
    const receivers = new Receivers(this.#port.inlet, this.#clock, this.#kernel.id);
    if (this.#ended !== undefined) receivers.close(this.#ended);
    return receivers;
  }

  /**
   * Throws `TERMINATED` for a target that has ended or is about to, `TYPE_MISMATCH` for one that does not accept all
   * output types.
   */
  #checkLink({ id, state, definition }: LinkTarget): void {
    if (isEnded(state) || state === "terminating") {
      throw new errors.TERMINATED({ operation: "connect" }, { kernelId: id });
    }
    const wanted = definition.input.map(({ type }) => type);
    for (const { type } of this.#kernel.output) {
      if (!wanted.includes(type)) throw new errors.TYPE_MISMATCH({ wanted, got: type }, { kernelId: id });
    }
  }
}

/** The targets that the outputs of a kernel wait for. */
export class OutputWaits {
  readonly #stage: StageContext | undefined;
  readonly #output: KernelOutput;

  constructor(stage: StageContext | undefined, output: KernelOutput) {
    this.#stage = stage;
    this.#output = output;
  }

  get description(): string {
    if (this.#stage === undefined) return this.#output.waitsOn;
    return this.#stage.next.join(", ") || `a reader of "${this.#stage.flow}"`;
  }

  /** Adds to each wait the kernel that can end it. */
  resolve(waits: readonly Wait[]): Wait[] {
    return waits.flatMap((wait) => (wait.for === "room" && wait.kernelId === null ? this.#list(wait.count) : [wait]));
  }

  #list(count: number): Wait[] {
    if (this.#stage === undefined) return this.#output.waits(count);
    const { flow, next } = this.#stage;
    if (next.length === 0) return [{ for: "reader", kernelId: flow, count }];
    return next.map((name) => ({ for: "room", kernelId: `${flow}.${name}`, count }));
  }
}
