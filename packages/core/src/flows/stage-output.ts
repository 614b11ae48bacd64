import type { AnyRinglineError } from "../errors/ringline-error.js";
import { type AnyMessage, lineageOf } from "../messages/any-message.js";
import { OrderedGate } from "../ports/ordered-gate.js";
import { Fifo } from "../ports/queues.js";
import type { Inlet, Outlet, Port } from "../seam/port.js";
import type { DirectTargets, Shortcuts } from "../seam/routes.js";
import { turn } from "../time/turn.js";
import type { WaitOptions } from "../time/wait-options.js";
import { StageFailure } from "../topologies/topology.js";
import { type AnyOrigin, originOf } from "./flow-origin.js";
import type { FlowServices, Sink } from "./flow-services.js";
import type { SharedInputs } from "./shared-inputs.js";

const FAILURE = StageFailure.type;

/** The output of a stage's kernels, which pushes directly to the next nodes. */
export class StageOutput implements Outlet, Shortcuts {
  readonly #node: number;
  readonly #flow: FlowServices;
  /** The workers of the next stage, if neither a function nor a reorderer is in between. */
  directTargets: DirectTargets | undefined;
  inputs: SharedInputs | undefined;
  /** The sink of outputs, set once the next nodes are built. */
  sink!: Sink;
  /** The sink of failures, which bypasses all nodes. */
  failures!: Sink;

  constructor(node: number, flow: FlowServices) {
    this.#node = node;
    this.#flow = flow;
  }

  tryPush(message: AnyMessage): boolean {
    const origin = originOf(lineageOf(message));
    if (origin === undefined || !origin.isOpen(this.#node)) return false; // `push` makes it an input of its own
    return (message.type === FAILURE ? this.failures : this.sink).tryPush(message, origin);
  }

  async push(message: AnyMessage, wait?: WaitOptions): Promise<void> {
    const origin = originOf(lineageOf(message));
    if (origin === undefined || !origin.isOpen(this.#node)) return this.#pushOwn(message, origin, wait);
    return (message.type === FAILURE ? this.failures : this.sink).push(message, origin, wait);
  }

  async #pushOwn(message: AnyMessage, late: AnyOrigin | undefined, wait: WaitOptions | undefined): Promise<void> {
    const own = this.#flow.adopt(message, late, this.#node);
    try {
      await this.sink.push(own.message, own.origin, wait);
    } finally {
      own.origin.leaveEntry();
    }
  }
}

/**
 * The output of a stage in another thread, if the next node is on the host: the flow's output, a function, a join, a
 * reorderer. Outputs go to the stage's own output port and are forwarded from there; until then they count at the
 * stage's node. Used only if no next node rejects messages, as the sender is not notified of a rejection.
 */
export class StageOutputPort implements Outlet, Shortcuts {
  readonly directTargets: DirectTargets;
  readonly inputs: Shortcuts["inputs"];
  readonly #node: number;
  readonly #inlet: Inlet;
  readonly #output: StageOutput;
  readonly #flow: FlowServices;
  /**
   * Held while messages are forwarded or wait for capacity; messages that come through the host meanwhile follow them.
   */
  readonly #gate: OrderedGate;
  #isBusy = false;
  #isReadable = false;

  constructor(port: Port, node: number, exit: StageOutput, flow: FlowServices) {
    this.directTargets = { targets: [{ outlet: port.outlet, node }], by: "round-robin" };
    this.inputs = exit.inputs;
    this.#node = node;
    this.#inlet = port.inlet;
    this.#output = exit;
    this.#flow = flow;
    this.#gate = new OrderedGate(flow.clock, flow.id);
    this.#inlet.whenReadable(this.#wake);
  }

  tryPush(message: AnyMessage): boolean {
    return !this.#gate.isTaken && this.#output.tryPush(message);
  }

  async push(message: AnyMessage, wait?: WaitOptions): Promise<void> {
    if (this.#gate.isTaken) await this.#gate.pass(wait);
    await this.#output.push(message, wait);
  }

  readonly #wake = (): void => {
    this.#isReadable = true;
    if (this.#isBusy) return;
    this.#isBusy = true;
    if (this.#gate.tryEnter()) this.#advance();
    else void this.#gate.enter().then(this.#advance);
  };

  readonly #advance = (): void => {
    while (this.#isReadable) {
      if (!this.#tryAll()) return;
      this.#isReadable = false;
      this.#inlet.whenReadable(this.#wake);
    }
    this.#isBusy = false;
    this.#gate.leave();
  };

  /** Returns false if a message has to wait or the event loop gets a turn; forwarding then resumes by itself. */
  #tryAll(): boolean {
    for (;;) {
      if (turn.spend()) {
        turn.resume(this.#advance);
        return false;
      }
      const message = this.#inlet.tryTake();
      if (message === undefined) return true;
      try {
        if (!this.#output.tryPush(message)) {
          void this.#wait(message);
          return false;
        }
        this.#arrived(message, undefined);
      } catch (error) {
        this.#refused(message, error);
      }
    }
  }

  async #wait(message: AnyMessage): Promise<void> {
    try {
      await this.#output.push(message);
      this.#arrived(message, undefined);
    } catch (error) {
      this.#refused(message, error);
    }
    this.#advance();
  }

  /** Dead-letters a message that the next node rejects, as it has ended. */
  #refused(message: AnyMessage, error: unknown): void {
    this.#arrived(message, this.#flow.deadLetter(message, error, this.#output.sink.name));
  }

  #arrived(message: AnyMessage, error: AnyRinglineError | undefined): void {
    originOf(lineageOf(message))?.leave(this.#node, error);
  }
}

/**
 * The output of a remote stage. Accepts outputs before the next node has capacity, so that none waits for a remote
 * answer; until they are forwarded, they count at the stage's node. Used only if no next node rejects messages, as the
 * sender is not notified of a rejection.
 */
export class BufferedStageOutput implements Outlet, Shortcuts {
  readonly #output: StageOutput;
  readonly #node: number;
  readonly #capacity: number;
  readonly #flow: FlowServices;
  readonly #queue = new Fifo<AnyMessage>();
  /** Held by messages sent ahead until they are forwarded, and by each `push`. */
  readonly #gate: OrderedGate;

  /** `capacity`: maximum messages that wait here. */
  constructor(exit: StageOutput, node: number, capacity: number, flow: FlowServices) {
    this.#output = exit;
    this.#node = node;
    this.#capacity = capacity;
    this.#flow = flow;
    this.#gate = new OrderedGate(flow.clock, flow.id);
  }

  get credits(): number {
    return this.#gate.waiting > 0 ? 0 : this.#capacity - this.#queue.size;
  }

  tryPush(message: AnyMessage): boolean {
    const origin = originOf(lineageOf(message));
    if (!origin?.isOpen(this.#node)) return !this.#gate.isTaken && this.#output.tryPush(message);
    try {
      if (!this.#gate.isTaken && this.#output.tryPush(message)) return true;
    } catch (error) {
      this.#refused(message, error);
      return true;
    }
    if (this.credits <= 0) return false;
    origin.enter(this.#node);
    if (this.#gate.tryEnter()) void this.#advance(message);
    else this.#queue.push(message, 0);
    return true;
  }

  async push(message: AnyMessage, wait?: WaitOptions): Promise<void> {
    if (!this.#gate.tryEnter()) await this.#gate.enter(wait);
    try {
      await this.#output.push(message, wait);
    } finally {
      await this.#advance();
    }
  }

  /** Forwards a message that has to wait, then the queued messages. */
  async #advance(first?: AnyMessage): Promise<void> {
    if (first !== undefined) await this.#resume(first, false);
    while (this.#queue.size > 0) {
      const message = this.#queue.shift();
      await this.#resume(message, true);
      if (turn.spend()) await turn.next();
    }
    this.#gate.leave();
  }

  async #resume(message: AnyMessage, mayBeReady: boolean): Promise<void> {
    try {
      if (!mayBeReady || !this.#output.tryPush(message)) await this.#output.push(message);
      this.#arrived(message, undefined);
    } catch (error) {
      this.#arrived(message, this.#refused(message, error));
    }
  }

  /** Dead-letters a message that the next node rejects, as it has ended. */
  #refused(message: AnyMessage, error: unknown): AnyRinglineError {
    return this.#flow.deadLetter(message, error, this.#output.sink.name);
  }

  #arrived(message: AnyMessage, error: AnyRinglineError | undefined): void {
    originOf(lineageOf(message))?.leave(this.#node, error);
  }
}
