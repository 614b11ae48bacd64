import type { AnyRinglineError, WaitOptions } from "@ringline/core";
import { type AnyMessage, buffersOf, type Clock, hasBuffers, WaitList } from "@ringline/core/internal";

/** Most that the host has of those who wait, before there is room for them. */
const AHEAD = 256;

/** A message that waits for room. */
export interface Parked {
  /** As its sender has it, and as it is accepted. */
  readonly sent: AnyMessage;
  readonly message: AnyMessage;
  /** False where its sender may give up: then it must not be let in anywhere else. */
  readonly isPatient: boolean;
  /** Undefined until the host has it. */
  key: number | undefined;
  /** The host has it, and lets it in by itself when it takes one: both ends let in the same, in the same order. */
  isAhead: boolean;
}

/**
 * Senders that wait at a port for room. The host gets the first of them before there is room, so that each costs no
 * round trip.
 */
export class ParkedSenders {
  readonly #list: WaitList<Parked, void>;
  readonly #send: (parked: Parked) => void;
  #ahead = 0;

  /** `send`: gives one to the host. */
  constructor(clock: Clock, kernelId: string, send: (parked: Parked) => void) {
    this.#list = new WaitList(clock, kernelId);
    this.#send = send;
  }

  get size(): number {
    return this.#list.size;
  }

  /** True while the host may let some in. */
  get areAhead(): boolean {
    return this.#ahead > 0;
  }

  wait(sent: AnyMessage, message: AnyMessage, wait: WaitOptions | undefined): Promise<void> {
    // a message with buffers takes its sender's references when it is accepted: that may fail
    const isPatient = wait === undefined && !(hasBuffers && buffersOf(sent).length > 0);
    return this.#list.wait({ sent, message, isPatient, key: undefined, isAhead: false }, wait, "send");
  }

  shift() {
    const sender = this.#list.shift();
    if (sender?.item.isAhead) this.#ahead--;
    return sender;
  }

  /** Gives the next ones to the host. */
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

  /** The host has none of them any more. */
  takeBack(): void {
    for (let sender = this.#list.first; sender?.item.isAhead; sender = sender.next) sender.item.isAhead = false;
    this.#ahead = 0;
  }

  rejectAll(error: () => AnyRinglineError): void {
    this.takeBack();
    this.#list.rejectAll(error);
  }
}
