import type { AnyRinglineError } from "../errors/ringline-error.js";
import { type AnyMessage, lineageOf } from "../messages/any-message.js";
import { OrderedGate } from "../ports/ordered-gate.js";
import type { Inlet, Outlet, Port } from "../seam/port.js";
import type { DirectTargets, Shortcuts } from "../seam/shortcuts.js";
import { turn } from "../time/turn.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { FlowServices } from "./flow-services.js";
import { originOf } from "./joint-origin.js";
import type { StageOutput } from "./stage-output.js";

/**
 * The way out of a stage in another thread where the host comes next: the flow's output, a function, a join, what keeps the
 * order. Its outputs go to its own output port and are brought on from there; until then they count as messages at its
 * node. Only for what is never refused: the sender does not hear of it.
 */
export class StageOutputPort implements Outlet, Shortcuts {
  readonly directTargets: DirectTargets;
  readonly inputs: Shortcuts["inputs"];
  readonly #node: number;
  readonly #inlet: Inlet;
  readonly #output: StageOutput;
  readonly #flow: FlowServices;
  /** Taken by what is brought on, or waits for room; whoever comes by the host meanwhile passes behind. */
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

  /** False when one has to wait, or it is the event loop's turn; it goes on by itself then. */
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

  /** Handles the end of the next node. */
  #refused(message: AnyMessage, error: unknown): void {
    this.#arrived(message, this.#flow.deadLetter(message, error, this.#output.sink.name));
  }

  #arrived(message: AnyMessage, error: AnyRinglineError | undefined): void {
    originOf(lineageOf(message))?.leave(this.#node, error);
  }
}
