import type { WaitOptions } from "@ringline/core";
import type { AnyMessage, OutputOutlet } from "@ringline/core/internal";

/** The output of a kernel that runs here: while the runtime has said that there is room, nobody is asked. */
export class HostedOutput implements OutputOutlet {
  readonly direct = undefined;
  onRerouted: (() => void) | undefined;
  readonly #tell: (message: AnyMessage) => void;
  readonly #ask: (message: AnyMessage, wait: WaitOptions | undefined) => Promise<void>;
  #told = 0;
  #upTo = 0;

  constructor(
    tell: (message: AnyMessage) => void,
    ask: (message: AnyMessage, wait: WaitOptions | undefined) => Promise<void>,
  ) {
    this.#tell = tell;
    this.#ask = ask;
  }

  /** Up to which output nobody has to be asked. */
  grant(upTo: number): void {
    this.#upTo = upTo;
  }

  tryPush(message: AnyMessage): boolean {
    if (this.#told >= this.#upTo) return false;
    this.#tell(message);
    this.#told++;
    return true;
  }

  push(message: AnyMessage, wait?: WaitOptions): Promise<void> {
    return this.#ask(message, wait);
  }
}
