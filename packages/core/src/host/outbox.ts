import type { AnyMessage } from "../messages/any-message.js";
import { turn } from "../time/turn.js";

/** Sends a message; undefined when it was accepted at once. */
type Deliver = (message: AnyMessage) => Promise<void> | undefined;

interface Entry {
  readonly message: AnyMessage;
  readonly deliver: Deliver;
}

/**
 * Outputs that wait for their input to settle, in the order in which they were sent, and the state that follows from
 * them.
 */
export class Outbox {
  /** The first `#left` of them have left; they stay until their input is settled. */
  #entries: Entry[] = [];
  #sent = 0;
  #save: (() => Promise<void> | undefined) | undefined;
  /** Ends each commit in which nothing is saved. */
  readonly #mark: (() => Promise<void> | undefined) | undefined;
  #committing: Promise<void> | undefined;
  #isBegun = false;
  #report: ((message: AnyMessage) => void) | undefined;

  constructor(mark?: () => Promise<void> | undefined) {
    this.#mark = mark;
  }

  get isEmpty(): boolean {
    return this.#entries.length === this.#sent && this.#save === undefined;
  }

  /** True from the first commit until all is accepted: what was refused is to be committed again, not made again. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  add(message: AnyMessage, deliver: Deliver): void {
    this.#entries.push({ message, deliver });
  }

  /** Replaces what was to be saved before. */
  saveLast(save: () => Promise<void> | undefined): void {
    this.#save = save;
  }

  discard(): void {
    this.#entries = [];
    this.#sent = 0;
    this.#save = undefined;
    this.#isBegun = false;
  }

  /** The input of what has left is done. */
  settled(): void {
    if (this.#sent === this.#entries.length) this.#entries.length = 0;
    else this.#entries.splice(0, this.#sent);
    this.#sent = 0;
  }

  /** True while something is here that this message caused. */
  hasMoreOf({ messageId }: AnyMessage): boolean {
    return this.#entries.slice(this.#sent).some(({ message }) => message.correlationId === messageId);
  }

  /** Nothing more is added. `report` is told what has left of an input that may not be settled, also what does so from now on. */
  end(report: (message: AnyMessage) => void): void {
    this.#report = report;
    for (const { message } of this.#entries.slice(0, this.#sent)) report(message);
  }

  /**
   * Sends what is here, then saves; what is not accepted stays, for the next commit to go on with. Undefined when all was
   * accepted at once.
   */
  commit(): Promise<void> | undefined {
    if (this.#committing !== undefined) return this.#committing;
    if (!this.#isBegun) this.#save ??= this.#mark;
    this.#isBegun = true;
    for (let entry = this.#entries[this.#sent]; entry !== undefined; entry = this.#entries[this.#sent]) {
      const later = entry.deliver(entry.message);
      if (later !== undefined) return this.#wait(later, entry);
      this.#sent++;
    }
    if (this.#save !== undefined) return this.#commitState(this.#save);
    this.#isBegun = false;
    return undefined;
  }

  #commitState(save: () => Promise<void> | undefined): Promise<void> | undefined {
    const later = save();
    if (later !== undefined) return this.#wait(later, save);
    this.#save = undefined;
    this.#isBegun = false;
    return undefined;
  }

  #wait(later: Promise<void>, what: Entry | (() => unknown)): Promise<void> {
    this.#committing = this.#rest(later, what);
    return this.#committing;
  }

  async #rest(later: Promise<void>, what: Entry | (() => unknown)): Promise<void> {
    try {
      await later;
      this.#accepted(what);
      if (turn.spend()) await turn.next();
    } finally {
      this.#committing = undefined;
    }
    await this.commit();
  }

  #accepted(what: Entry | (() => unknown)): void {
    if (what === this.#save) this.#save = undefined;
    if (what !== this.#entries[this.#sent]) return;
    this.#sent++;
    this.#report?.((what as Entry).message);
  }
}
