import { type AnyRinglineError, asRinglineError, type ErrorJson, errors } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { LetterLog } from "../runtime/dead-letter-store.js";
import type { DeadLetter } from "../runtime/dead-letters.js";
import type { Keeper } from "../seam/backend.js";
import type { Clock } from "../time/clock.js";
import { Journal } from "./journal.js";
import type { JournalRecord } from "./journal-record.js";

type LetterRecord = Extract<JournalRecord, { kind: "letter" }>;

/** Content of a dead letter beside its message and its kernel. */
interface Reason extends Pick<DeadLetter, "stage" | "attempts" | "at"> {
  readonly error: ErrorJson;
  readonly stack: string | undefined;
  /** Causes of the error, the direct one first. */
  readonly causes: readonly Cause[];
}
type Cause = readonly [name: string, message: string, stack: string | undefined];

/** A dead letter whose record is in the log. */
interface Written {
  /** Number of the dead letter in the log. */
  readonly number: number;
  /** The position of its record. */
  position: number;
}

/** Records after which a dead letter is written again, so that the records before can be trimmed. */
const REWRITE_AFTER = 4096;
/** Maximum number of causes that are stored. */
const MOST_CAUSES = 8;

/** The dead letters of a runtime in a log of its keeper, so that they outlive the program. */
export class KeptLetters implements LetterLog {
  readonly found: readonly DeadLetter[];
  readonly journal: Journal;
  readonly #onError: (error: AnyRinglineError) => void;
  /** Dead letters with a record, in the order of the records. */
  readonly #written = new Map<DeadLetter, Written>();
  /** Dead letters that wait until the journal has room, each with a callback for when it is stored. */
  readonly #waiting = new Map<DeadLetter, (() => void) | undefined>();
  #next = 0;
  /** The position of the latest record that was written again: the records before are trimmed once it is stored. */
  #rewrittenAt = -1;
  #isWaiting = false;
  #isTaken = false;

  private constructor(journal: Journal, onError: (error: AnyRinglineError) => void) {
    this.journal = journal;
    this.#onError = onError;
    const records = new Map<number, readonly [record: LetterRecord, position: number]>();
    for (const [position, record] of journal.recorded().entries()) {
      this.#next = Math.max(this.#next, record.input + 1);
      if (record.kind === "letter") records.set(record.input, [record, position]);
      else if (record.kind === "done") records.delete(record.input);
    }
    for (const [record, position] of [...records.values()].sort((a, b) => a[1] - b[1])) {
      const letter = this.#read(record);
      if (letter !== undefined) this.#written.set(letter, { number: record.input, position });
    }
    this.found = [...this.#written.keys()].sort((a, b) => a.at - b.at);
    journal.onWriteError = onError;
    journal.onEmptied = () => {
      for (const one of [...this.#written]) this.#rewrite(...one);
    };
  }

  /**
   * Takes over the dead letters that are kept under this name. `onError`: reports what cannot be stored or read. Rejects
   * with `BACKEND_UNAVAILABLE`.
   */
  static async open(
    name: string,
    keeper: Omit<Keeper, "close">,
    clock: Clock,
    onError: (error: AnyRinglineError) => void,
  ): Promise<KeptLetters> {
    return new KeptLetters(await Journal.open(`dead letters ${name}`, keeper, clock), onError);
  }

  kept(): Promise<void> {
    return this.journal.kept();
  }

  async taken(): Promise<readonly DeadLetter[]> {
    await this.journal.taken;
    this.#isTaken = true;
    await this.journal.kept().catch(() => {}); // what was written is stored before the log is given up, if it can be
    return [...this.#written].filter(([, { position }]) => this.journal.isKept(position)).map(([letter]) => letter);
  }

  add(letter: DeadLetter, stored: (() => void) | undefined): void {
    this.#waiting.set(letter, stored);
    this.#write();
  }

  remove(letter: DeadLetter): void {
    if (this.#waiting.has(letter)) {
      this.#waiting.get(letter)?.();
      this.#waiting.delete(letter);
    }
    const written = this.#written.get(letter);
    if (written === undefined) return;
    this.#written.delete(letter);
    if (this.#isTaken) return;
    this.#trim(this.journal.write({ kind: "done", input: written.number }));
  }

  /** Writes dead letters while the journal has room for them. */
  #write(): void {
    const callbacks: (() => void)[] = [];
    for (const [letter, stored] of this.#waiting) {
      if (!this.journal.hasRoom) break;
      this.#waiting.delete(letter);
      try {
        const number = this.#next++;
        this.#written.set(letter, { number, position: this.journal.write(this.#recordOf(letter, number)) });
        if (stored !== undefined) callbacks.push(stored);
      } catch (error) {
        this.#onError(asRinglineError(error, { kernelId: letter.kernelId, stage: letter.stage }));
        stored?.();
      }
    }
    if (callbacks.length > 0) void this.#callOnceStored(callbacks);
    if (this.#waiting.size > 0 && !this.#isWaiting) void this.#writeOnceThereIsRoom();
  }

  async #callOnceStored(callbacks: readonly (() => void)[]): Promise<void> {
    try {
      await this.journal.kept();
    } catch {
      return; // another program has taken the log over
    }
    for (const stored of callbacks) stored();
  }

  async #writeOnceThereIsRoom(): Promise<void> {
    this.#isWaiting = true;
    try {
      await this.journal.whenRoom();
    } catch {
      return; // another program has taken the log over: nothing is written any more
    }
    this.#isWaiting = false;
    this.#write();
  }

  /** Drops records of removed dead letters; a dead letter that stays for long is written again. */
  #trim(end: number): void {
    const most = REWRITE_AFTER + 2 * this.#written.size;
    for (const [letter, written] of this.#written) {
      if (end - written.position <= most) break;
      this.#rewrite(letter, written);
    }
    const [oldest] = this.#written.values();
    const position = oldest?.position ?? end;
    const isSafe = this.#rewrittenAt < 0 || this.journal.isKept(this.#rewrittenAt);
    if (isSafe && this.journal.isWorthTrimming(position)) this.journal.trim(position);
  }

  #rewrite(letter: DeadLetter, { number }: Written): void {
    this.#written.delete(letter);
    this.#rewrittenAt = this.journal.write(this.#recordOf(letter, number));
    this.#written.set(letter, { number, position: this.#rewrittenAt });
  }

  #recordOf({ kernelId, message, stage, attempts, at, error }: DeadLetter, number: number): LetterRecord {
    const reason: Reason = { stage, attempts, at, error: error.toJSON(), stack: error.stack, causes: causesOf(error) };
    return {
      ...({ kind: "letter", input: number, edge: kernelId, id: message.messageId } as const),
      packed: [this.journal.pack(message as AnyMessage), this.journal.packValue(reason)],
    };
  }

  #read({ edge, id, packed: [message, packedReason] }: LetterRecord): DeadLetter | undefined {
    try {
      const { stage, attempts, at, ...reason } = this.journal.unpackValue(packedReason) as Reason;
      const error = errorOf(reason);
      return { message: this.journal.unpack(message), reason: error.code, error, kernelId: edge, stage, attempts, at };
    } catch (error) {
      this.#onError(asRinglineError(error, { kernelId: edge, messageId: id }));
      return undefined;
    }
  }
}

function causesOf({ cause }: Error): Cause[] {
  const causes: Cause[] = [];
  let one = cause;
  for (; one instanceof Error && causes.length < MOST_CAUSES; one = one.cause) {
    causes.push([one.name, one.message, one.stack]);
  }
  if (one !== undefined && !(one instanceof Error)) causes.push(["Error", String(one), undefined]);
  return causes;
}

function errorOf({ error, stack, causes }: Pick<Reason, "error" | "stack" | "causes">): AnyRinglineError {
  const cause = causes.reduceRight<Error | undefined>((before, [name, message, written]) => {
    const one = new Error(message, before && { cause: before });
    return Object.assign(one, { name, ...(written !== undefined && { stack: written }) });
  }, undefined);
  const { code, details, remedy, kernelId, stage, messageId } = error;
  const type = errors[Object.hasOwn(errors, code) ? code : "KERNEL_FAILED"] as (typeof errors)["TIMEOUT"];
  const restored = new type(details as never, { remedy, kernelId, stage, messageId, ...(cause && { cause }) });
  return Object.assign(restored, { message: error.message, ...(stack !== undefined && { stack }) });
}
