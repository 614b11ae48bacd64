import type { AnyRinglineError, WaitOptions } from "@ringline/core";
import { type AnyMessage, buffersOf, type Clock, hasBuffers, WaitList } from "@ringline/core/internal";

/** Maximum number of parked messages that the host has in advance. */
const AHEAD = 256;

/** A message that waits for capacity. */
export interface Parked {
  /** The message of the sender, and the copy that is accepted. */
  readonly sent: AnyMessage;
  readonly message: AnyMessage;
  /** False if its sender may give up: the host must then not admit it. */
  readonly isPatient: boolean;
  /** Key of the message; undefined until the host has it. */
  key: number | undefined;
  /**
   * True if the host has the message, and admits it after a take: both ends admit the same messages in the same order.
   */
  isAhead: boolean;
}

/**
 * Senders that wait for capacity. The host gets the first of them in advance, so that admission costs no round trip.
 */
export class ParkedSenders {
  readonly #list: WaitList<Parked, void>;
  readonly #send: (parked: Parked) => void;
  #ahead = 0;

  /** `send`: sends a parked message to the host. */
  constructor(clock: Clock, kernelId: string, send: (parked: Parked) => void) {
    this.#list = new WaitList(clock, kernelId);
    this.#send = send;
  }

  get size(): number {
    return this.#list.size;
  }

  /** True while the host may admit some. */
  get areAhead(): boolean {
    return this.#ahead > 0;
  }

  wait(sent: AnyMessage, message: AnyMessage, wait: WaitOptions | undefined): Promise<void> {
    // a message with buffers takes over its sender's references at acceptance, which may fail
    const isPatient = wait === undefined && !(hasBuffers && buffersOf(sent).length > 0);
    return this.#list.wait({ sent, message, isPatient, key: undefined, isAhead: false }, wait, "send");
  }

  shift() {
    const sender = this.#list.shift();
    if (sender?.item.isAhead) this.#ahead--;
    return sender;
  }

  /** Sends the next parked messages to the host. */
  sendAhead(): void {
    if (this.#ahead > AHEAD / 2 || this.#ahead === this.#list.size) return;
    let sender = this.#list.first;
    for (; sender !== undefined && this.#ahead < AHEAD; sender = sender.next) {
      if (sender.item.isAhead) continue;
      if (!sender.item.isPatient) return;
      sender.item.isAhead = true;
      this.#ahead++;
      this.#send(sender.item);
    }
  }

  /** Marks all as not at the host, which has discarded them. */
  takeBack(): void {
    for (let sender = this.#list.first; sender?.item.isAhead; sender = sender.next) sender.item.isAhead = false;
    this.#ahead = 0;
  }

  rejectAll(error: () => AnyRinglineError): void {
    this.takeBack();
    this.#list.rejectAll(error);
  }
}
