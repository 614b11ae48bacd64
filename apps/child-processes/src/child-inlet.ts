import type { Inlet } from "@ringline/core/backend";
import { type AnyMessage, errorToWire, lendReferences, type Outcome, releaseReferences } from "@ringline/remote";
import type { HostConnection } from "./host-connection.js";

interface Taken {
  readonly id: number;
  readonly message: Uint8Array;
  readonly attempts: number;
}

/** The input of the kernel. The port is with the host: each message is asked for when the kernel takes it. */
export class ChildInlet implements Inlet {
  readonly #connection: HostConnection;
  readonly #kernelId: string;
  readonly #inFlight = new Map<AnyMessage, Taken>();
  #reader: (() => void) | undefined;

  constructor(line: HostConnection, kernelId: string) {
    this.#connection = line;
    this.#kernelId = kernelId;
  }

  tryTake(): AnyMessage | undefined {
    const { channel } = this.#connection;
    for (;;) {
      const taken = this.#connection.call({ k: "take" }) as Taken | undefined;
      if (taken === undefined) return undefined;
      try {
        const message = channel.read(taken.message, this.#kernelId);
        lendReferences(message); // whoever has it in hand has its buffers by it
        this.#inFlight.set(message, taken);
        return message;
      } catch (error) {
        channel.send({ k: "unreadable", id: taken.id, error: errorToWire(error) });
      }
    }
  }

  whenReadable(callback: () => void): void {
    this.#reader = callback;
    if (this.#connection.call({ k: "watch" })) this.readable();
  }

  /** Called when there is a message to take. */
  readable(): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.();
  }

  settle(message: AnyMessage, outcome: Outcome, attempts?: number): boolean {
    const taken = this.#inFlight.get(message);
    if (taken === undefined) return false;
    this.#inFlight.delete(message);
    this.#connection.channel.send({ k: "settle", id: taken.id, outcome, attempts });
    if (outcome === "done" || outcome === "requeued") releaseReferences(message); // of a dead letter that is done once it was told
    return true;
  }

  attemptsOf(message: AnyMessage): number {
    return this.#inFlight.get(message)?.attempts ?? 0;
  }

  /** The number by which the host knows a message in flight. */
  keyOf(message: AnyMessage): number | undefined {
    return this.#inFlight.get(message)?.id;
  }
}
