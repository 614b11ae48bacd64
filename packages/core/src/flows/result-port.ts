import { type AnyMessage, lineageOf } from "../messages/any-message.js";
import { WaitList } from "../ports/wait-list.js";
import type { Inlet, Outlet, Port } from "../seam/port.js";
import type { OutputOutlet } from "../seam/routes.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { FlowServices } from "./flow-services.js";
import { originOf } from "./joint-origin.js";
import type { StageExit } from "./stage-exit.js";

/**
 * The output of a kernel whose results are those of its flow, where it runs in another thread: it sends them to its own
 * output port, and they are brought on from there. Until then they count as messages at its node.
 */
export class ResultPort implements OutputOutlet {
  readonly direct: Outlet;
  readonly enters: number;
  onRerouted: (() => void) | undefined;
  readonly #inlet: Inlet;
  readonly #exit: StageExit;
  readonly #flow: FlowServices;
  /** Whoever comes by the host while what came before is brought on. */
  readonly #behind: WaitList<undefined, void>;
  /** Something is brought on, or waits for room. */
  #isBusy = false;
  #isReadable = false;

  constructor(port: Port, node: number, exit: StageExit, flow: FlowServices) {
    this.direct = port.outlet;
    this.enters = node;
    this.#inlet = port.inlet;
    this.#exit = exit;
    this.#flow = flow;
    this.#behind = new WaitList(flow.clock, flow.id);
    this.#inlet.whenReadable(this.#wake);
  }

  tryPush(message: AnyMessage): boolean {
    return !this.#isBusy && this.#exit.tryPush(message);
  }

  async push(message: AnyMessage, wait?: WaitOptions): Promise<void> {
    while (this.#isBusy) await this.#behind.wait(undefined, wait, "send");
    await this.#exit.push(message, wait);
  }

  readonly #wake = (): void => {
    this.#isReadable = true;
    if (!this.#isBusy) this.#bringOn();
  };

  #bringOn(): void {
    do {
      this.#isBusy = true;
      if (!this.#tryAll()) return;
      this.#isReadable = false;
      this.#inlet.whenReadable(this.#wake);
    } while (this.#isReadable);
    this.#isBusy = false;
    for (let next = this.#behind.shift(); next !== undefined; next = this.#behind.shift()) next.resolve();
  }

  /** False when one has to wait; it goes on by itself then. */
  #tryAll(): boolean {
    for (let message = this.#inlet.tryTake(); message !== undefined; message = this.#inlet.tryTake()) {
      if (!this.#exit.tryPush(message)) {
        void this.#wait(message);
        return false;
      }
      this.#arrived(message);
    }
    return true;
  }

  async #wait(message: AnyMessage): Promise<void> {
    try {
      await this.#exit.push(message);
    } catch (error) {
      this.#flow.deadLetter(message, error, null);
    }
    this.#arrived(message);
    this.#bringOn();
  }

  #arrived(message: AnyMessage): void {
    originOf(lineageOf(message))?.leave(this.enters);
  }
}
