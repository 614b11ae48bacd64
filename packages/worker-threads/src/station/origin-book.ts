import type { AnyRinglineError } from "@ringline/core";
import type { Origin } from "@ringline/core/backend";

/** How a thread tells the host what became of messages of a flow. */
export interface OriginLines {
  leave(id: number, node: number, error: AnyRinglineError | undefined): void;
  cancelled(id: number): void;
}

/** The input of a flow as it travels. */
export interface OriginRef {
  readonly id: number;
  readonly flow: string;
}

/** Origins that are known, above which those that are over are looked for. */
const SWEEP = 1024;

/** The inputs of flows: at home with the host, which counts them; threads know them by number. */
export class Origins {
  readonly #lines: OriginLines;
  readonly #ids = new WeakMap<Origin, number>();
  readonly #own = new Map<number, Origin>();
  readonly #foreign = new Map<number, WeakRef<RemoteOrigin>>();
  #next = 0;
  #sweepAt = SWEEP;

  constructor(lines: OriginLines) {
    this.#lines = lines;
  }

  refer(origin: Origin): OriginRef {
    if (origin instanceof RemoteOrigin && origin.lines === this.#lines) return origin;
    let id = this.#ids.get(origin);
    if (id === undefined || !this.#own.has(id)) {
      if (this.#own.size >= this.#sweepAt) this.#sweep();
      id = this.#next++;
      this.#ids.set(origin, id);
      this.#own.set(id, origin);
      const known = id;
      origin.onCancelled = () => this.#lines.cancelled(known);
    }
    return { id, flow: origin.flow };
  }

  resolve({ id, flow }: OriginRef, isOwn: boolean): Origin | undefined {
    if (isOwn) return this.#own.get(id);
    const known = this.#foreign.get(id)?.deref();
    if (known !== undefined) return known;
    if (this.#foreign.size >= this.#sweepAt) this.#sweep();
    const origin = new RemoteOrigin(id, flow, this.#lines);
    this.#foreign.set(id, new WeakRef(origin));
    return origin;
  }

  /** A message of it is settled elsewhere. */
  left(id: number, node: number, error: AnyRinglineError | undefined): void {
    this.#own.get(id)?.leave(node, error);
  }

  cancelled(id: number): void {
    const origin = this.#foreign.get(id)?.deref();
    if (origin !== undefined) origin.isCancelled = true;
  }

  /** Lets go of what is over. */
  #sweep(): void {
    for (const [id, origin] of this.#own) if (!origin.isAlive) this.#own.delete(id);
    for (const [id, origin] of this.#foreign) if (origin.deref() === undefined) this.#foreign.delete(id);
    this.#sweepAt = Math.max(SWEEP, 2 * (this.#own.size + this.#foreign.size));
  }
}

/** The input of a flow of which messages are here, in a thread. Its outputs are counted by the host, by which they go. */
class RemoteOrigin implements Origin, OriginRef {
  readonly isAlive = true;
  isCancelled = false;
  onCancelled: undefined;

  constructor(
    readonly id: number,
    readonly flow: string,
    readonly lines: OriginLines,
  ) {}

  isOpen(): boolean {
    return true;
  }

  enter(): void {}
  withdraw(): void {}

  leave(node: number, error?: AnyRinglineError): void {
    this.lines.leave(this.id, node, error);
  }
}
