import type { WaitOptions } from "@ringline/core";
import { type AnyRinglineError, errors } from "@ringline/core";
import type { Outlet, PortSpec } from "@ringline/core/backend";
import { ACCEPTED, type AnyMessage, type Clock, checkWait, MAX_WAITERS, WaitList } from "@ringline/core/internal";
import { PARKED, type PortBlock } from "../../account/port-block.js";
import type { PortSender } from "../../account/port-sender.js";

/** The outlet of a port in the host's thread. All parked senders of the port wait here. */
export class HostOutlet implements Outlet {
  readonly sender: PortSender;
  readonly #spec: PortSpec;
  readonly #block: PortBlock;
  readonly #parked: WaitList<AnyMessage, void>;
  #sealed: (() => AnyRinglineError) | undefined;
  #rejected = 0;

  constructor(spec: PortSpec, sender: PortSender, clock: Clock) {
    this.#spec = spec;
    this.sender = sender;
    this.#block = sender.block;
    this.#parked = new WaitList(clock, spec.kernelId);
  }

  tryPush(message: AnyMessage): boolean {
    if (this.#sealed !== undefined) throw this.#sealed();
    if (this.sender.trySend(message)) return true;
    return this.#pushFull(message);
  }

  #pushFull(message: AnyMessage): boolean {
    // the parked senders may have given up
    if (this.#parked.size === 0 && this.#block.isParked) {
      this.#setParked();
      if (this.sender.trySend(message)) return true;
    }
    // while admissions are stopped, a sender waits: the port may have room
    if (this.#spec.backpressure === "reject" && !this.#block.isStopped) throw this.#refuse();
    return false;
  }

  push(message: AnyMessage, wait?: WaitOptions): Promise<void> {
    try {
      if (wait !== undefined) checkWait(wait, "send", this.#spec.kernelId);
      if (this.tryPush(message)) return ACCEPTED;
      if (this.#parked.size >= MAX_WAITERS) throw this.#refuse();
      if (wait?.timeout === 0) throw new errors.TIMEOUT({ operation: "send", timeout: 0 }, this.#spec);
    } catch (error) {
      return Promise.reject(error);
    }
    const accepted = this.#parked.wait(message, wait, "send");
    this.#block.clearRoomNotice(); // a notification for earlier senders
    this.#setParked();
    if (this.#block.depth < this.sender.limit) this.refill(); // room may have become available before the flag was set
    return accepted;
  }

  /** Handles a credit notification of the home. */
  roomAvailable(): void {
    if (this.#block.isRoomNotified) this.refill();
  }

  /** Admits waiting senders if there is room, first come, first served. */
  refill(): void {
    this.#block.clearRoomNotice();
    if (this.#parked.size === 0) return;
    for (let first = this.#parked.first; first !== undefined; first = this.#parked.first) {
      if (!this.sender.hasRoom(PARKED)) break;
      try {
        if (!this.sender.trySend(first.item, PARKED)) break;
        this.#parked.shift()?.resolve();
      } catch (error) {
        this.#parked.shift()?.reject(error as AnyRinglineError);
      }
    }
    this.#setParked();
  }

  /** Called with whether senders are parked, when that may have changed. */
  onParked: ((isParked: boolean) => void) | undefined;

  #setParked(): void {
    const isParked = this.#parked.size > 0;
    this.#block.isParked = isParked;
    this.onParked?.(isParked);
  }

  seal(error: () => AnyRinglineError): void {
    this.#sealed ??= error;
    this.#block.seal();
    this.#parked.rejectAll(error);
  }

  /** Number of waiting senders. */
  get parked(): number {
    return this.#parked.size;
  }

  /** True for the output of a kernel. */
  get isOutput(): boolean {
    return this.#spec.direction === "output";
  }

  get rejected(): number {
    return this.#rejected;
  }

  get sealed(): (() => AnyRinglineError) | undefined {
    return this.#sealed;
  }

  #refuse(): AnyRinglineError {
    this.#rejected++;
    return new errors.QUEUE_FULL({ queueSize: this.#spec.capacity }, { kernelId: this.#spec.kernelId });
  }
}
