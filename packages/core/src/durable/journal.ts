import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";

/** Something that became of an input of a durable flow. */
export type JournalRecord =
  /** A durable edge, named after the stage that it leads to, takes a message of the input. */
  | {
      readonly kind: "accepted";
      readonly input: number;
      readonly edge: string;
      readonly id: string;
      /** What `pack` made of the message. */
      readonly packed: unknown;
    }
  /** What is behind the edge did not accept it. */
  | { readonly kind: "refused"; readonly input: number; readonly edge: string; readonly id: string }
  /** Nothing of it is alive before the edge any more. */
  | { readonly kind: "passed"; readonly input: number; readonly edge: string }
  /** An output of it was read. */
  | { readonly kind: "delivered"; readonly input: number; readonly id: string }
  /** All of it is settled, and its outputs were read. */
  | { readonly kind: "done"; readonly input: number }
  /** Ids of messages that the edge has taken, also of inputs that are done: what is sent again is known by them. */
  | { readonly kind: "known"; readonly input: number; readonly edge: string; readonly ids: readonly string[] };

/**
 * Where a durable flow writes what became of its inputs, outside its program, so that the next program of that name goes on
 * where this one ended. Records are kept in the order in which they are written, each of them or none of those that follow.
 */
export interface Journal {
  /** What earlier programs wrote and did not trim. Told once. */
  recorded(): readonly JournalRecord[];
  /** The position of the first of them; each record has the next one. */
  readonly first: number;
  /** False while too much of what was written is not kept yet, or nothing more can be. */
  readonly hasRoom: boolean;
  /** Resolves when there is room. Rejects once the journal is lost. */
  room(): Promise<void>;
  /** Throws `SERIALIZATION` for a message that cannot be kept. */
  pack(message: AnyMessage): unknown;
  unpack(packed: unknown): AnyMessage;
  /** Returns its position. */
  write(record: JournalRecord): number;
  /** Resolves when all that was written so far is kept. Rejects once the journal is lost. */
  kept(): Promise<void>;
  /** True where so much was written before this position that it is time to trim it, or nothing more can be kept without. */
  isWorthTrimming(position: number): boolean;
  /** What was written before this position is not needed any more. */
  trim(position: number): void;
  /** Called when what is written cannot be kept for the time being, with why; once until some is kept again. */
  onTrouble: ((error: AnyRinglineError) => void) | undefined;
  /** Called when what was kept is gone: what is still needed has to be written again. */
  onEmptied: (() => void) | undefined;
  /** Resolves when nothing can be kept any more, with why: another program has taken the flow over. */
  readonly lost: Promise<AnyRinglineError>;
}
