import type { Inlet } from "@ringline/core/backend";
import { type AnyMessage, errorToWire, lend, type Outcome, release } from "@ringline/remote";
import type { HostLine } from "./host-line.js";

interface Taken {
  readonly id: number;
  readonly message: Uint8Array;
  readonly attempts: number;
}

/** The input of the kernel. The port is with the host: each message is asked for when the kernel takes it. */
export class ChildInlet implements Inlet {
  readonly #line: HostLine;
  readonly #kernelId: string;
  readonly #inHand = new Map<AnyMessage, Taken>();
  #reader: (() => void) | undefined;

  constructor(line: HostLine, kernelId: string) {
    this.#line = line;
    this.#kernelId = kernelId;
  }

  tryTake(): AnyMessage | undefined {
    const { channel } = this.#line;
    for (;;) {
      const taken = this.#line.ask({ k: "take" }) as Taken | undefined;
      if (taken === undefined) return undefined;
      try {
        const message = channel.read(taken.message, this.#kernelId);
        lend(message); // whoever has it in hand has its buffers by it
        this.#inHand.set(message, taken);
        return message;
      } catch (error) {
        channel.tell({ k: "unreadable", id: taken.id, error: errorToWire(error) });
      }
    }
  }

  whenReadable(callback: () => void): void {
    this.#reader = callback;
    if (this.#line.ask({ k: "watch" })) this.readable();
  }

  /** There is a message to take. */
  readable(): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.();
  }

  settle(message: AnyMessage, outcome: Outcome, attempts?: number): boolean {
    const taken = this.#inHand.get(message);
    if (taken === undefined) return false;
    this.#inHand.delete(message);
    this.#line.channel.tell({ k: "settle", id: taken.id, outcome, attempts });
    if (outcome === "done" || outcome === "requeued") release(message); // of a dead letter that is done once it was told
    return true;
  }

  attemptsOf(message: AnyMessage): number {
    return this.#inHand.get(message)?.attempts ?? 0;
  }

  /** How the host knows what is in hand. */
  keyOf(message: AnyMessage): number | undefined {
    return this.#inHand.get(message)?.id;
  }
}
