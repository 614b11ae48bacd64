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
