import type { AnyMessage } from "../messages/any-message.js";
import { turn } from "../time/turn.js";

/** Sends a message; returns undefined if it was accepted at once. */
type Deliver = (message: AnyMessage) => Promise<void> | undefined;

interface Entry {
  readonly message: AnyMessage;
  readonly deliver: Deliver;
}

/** Outputs that wait for their input to settle, in the order of sending, and the checkpoint to save after them. */
export class Outbox {
  /** Outputs in order; the first `#sent` are sent, and stay until their input is settled. */
  #entries: Entry[] = [];
  #sent = 0;
  #save: (() => Promise<void> | undefined) | undefined;
  /** Called at the end of each commit without a checkpoint. */
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

  /**
   * True from the start of a commit until all is accepted: a refused commit is resumed, its outputs are not made again.
   */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  add(message: AnyMessage, deliver: Deliver): void {
    this.#entries.push({ message, deliver });
  }

  /** Sets the checkpoint to save after the outputs; replaces an earlier one. */
  saveLast(save: () => Promise<void> | undefined): void {
    this.#save = save;
  }

  /** Called when what waits is discarded. */
  onDiscard: (() => void) | undefined;

  discard(): void {
    this.onDiscard?.();
    this.#entries = [];
    this.#sent = 0;
    this.#save = undefined;
    this.#isBegun = false;
  }

  /** Drops the sent outputs, as their input is done. */
  settled(): void {
    if (this.#sent === this.#entries.length) this.#entries.length = 0;
    else this.#entries.splice(0, this.#sent);
    this.#sent = 0;
  }

  /** True while an output caused by this message is not sent. */
  hasMoreOf({ messageId }: AnyMessage): boolean {
    return this.#entries.slice(this.#sent).some(({ message }) => message.correlationId === messageId);
  }

  /**
   * Ends the outbox. `report` is called for each sent output whose input is not settled, and for each one that is
   * accepted from now on.
   */
  end(report: (message: AnyMessage) => void): void {
    this.#report = report;
    for (const { message } of this.#entries.slice(0, this.#sent)) report(message);
  }

  /**
   * Sends the outputs, then saves the checkpoint; the next commit resumes at the first one that was not accepted.
   * Returns undefined if all was accepted at once.
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
