import type { Backend } from "../../src/backend.js";
import { copyMessage, envelopeOf, type Journal, type JournalRecord } from "../../src/internal.js";
import type { AnyMessage } from "../../src/messages/any-message.js";
import { local } from "./local-backend.js";

/** What outlives programs in a test: the records of a flow, and how many of the last ones a kill takes along. */
export class Log {
  records: JournalRecord[] = [];
  first = 0;
  most = 0;
  isDead = false;

  /** What the next program finds. */
  after(lost = 0): Log {
    this.isDead = true;
    const next = new Log();
    next.first = this.first;
    next.records = this.records.slice(0, this.records.length - lost);
    return next;
  }
}

/** Records that are trimmed together. */
const WORTH = 4096;

class MemoryJournal implements Journal {
  readonly #records: readonly JournalRecord[];
  readonly first: number;
  readonly hasRoom = true;
  readonly lost = new Promise<never>(() => {});
  onTrouble: undefined;
  onEmptied: (() => void) | undefined;
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
    this.#records = [...log.records];
    this.first = log.first;
  }
  recorded() {
    return this.#records;
  }
  async room() {}
  async kept() {}
  pack(message: AnyMessage): unknown {
    const { messageId: id, correlationId: cause } = message;
    return copyMessage(message, { ...envelopeOf(message), id, cause, lineage: undefined });
  }
  unpack(packed: unknown): AnyMessage {
    return packed as AnyMessage;
  }
  write(record: JournalRecord): number {
    const log = this.#log;
    if (!log.isDead) log.records.push(record);
    log.most = Math.max(log.most, log.records.length);
    return log.first + log.records.length - 1;
  }
  isWorthTrimming(position: number): boolean {
    return position - this.#log.first >= WORTH;
  }
  trim(position: number): void {
    const log = this.#log;
    if (log.isDead) return;
    if (position > log.first) log.records.splice(0, position - log.first);
    log.first = Math.max(log.first, position);
  }
}

/** A local backend that keeps the one durable flow of a test. */
export function keeping(log: Log): Backend {
  const { manifest, start } = local({ capabilities: { durable: true } });
  return {
    manifest,
    start: async (core) => ({
      ...(await start(core)),
      keep: async () => new MemoryJournal(log),
    }),
  };
}
