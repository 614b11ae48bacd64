import type { AnyMessage } from "../messages/any-message.js";
import type { JournalRecord, PackedState } from "./journal-record.js";

/** The unprocessed inputs of earlier programs, read from their records. */
export class UnprocessedInputs {
  /** Inputs that were not done, in the order of their first records. */
  readonly inputs: readonly DurableInput[];
  /** The latest states of kernels, by id. */
  readonly states = new Map<string, StoredState>();
  /** The number of the next input. */
  readonly next: number;
  #known: readonly Known[];
  /** Inputs to resume whose messages have not entered again, by id and edge of the message. */
  readonly #toResume = new Map<string, DurableInput>();

  constructor(records: readonly JournalRecord[]) {
    /** Keys of the messages that edges must accept once more. */
    const again = new Set<string>();
    const inputs = new Map<number, DurableInput>();
    let next = 0;
    for (const [i, record] of records.entries()) {
      next = Math.max(next, record.input + 1);
      const input = inputs.get(record.input);
      switch (record.kind) {
        case "accepted":
          again.delete(keyOf(record.edge, record.id));
          if (input === undefined) inputs.set(record.input, newInput(record.input, i, 0));
          recordAccepted(inputs.get(record.input) as DurableInput, record);
          for (const [number, id] of record.of ?? []) {
            const from = inputs.get(number);
            if (from !== undefined) take(from, record.edge, id);
          }
          break;
        case "applied":
          for (const [number, id, outputs] of record.of) {
            const applied = { edge: record.edge, kernel: record.id, id, outputs };
            inputs.get(number)?.applied.set(appliedKey(record.edge, id), applied);
          }
          if (record.state !== undefined) this.states.set(record.id, { state: record.state, position: i, kept: i });
          break;
        case "taken":
          if (input !== undefined) for (const id of record.ids) take(input, record.edge, id);
          break;
        case "refused":
          again.add(keyOf(record.edge, record.id));
          if (input !== undefined) recordRefused(input, record.edge, record.id);
          break;
        case "passed":
          if (input !== undefined) recordPassed(input, record.edge);
          break;
        case "delivered":
          input?.outputs.add(record.id);
          input?.delivered.add(record.id);
          break;
        case "done":
          inputs.delete(record.input);
          break;
        case "known":
          for (const id of record.ids) again.delete(keyOf(record.edge, id));
      }
    }
    for (const input of inputs.values()) {
      if (input.kept.size === 0) inputs.delete(input.number);
      else for (const record of this.#resumes(input)) again.add(keyOf(record.edge, record.id));
    }
    this.inputs = [...inputs.values()];
    this.#known = records.flatMap(knownBy).filter(({ edge, id }) => !again.has(keyOf(edge, id)));
    this.next = next;
  }

  /** Messages that edges have accepted, of finished inputs too, except those that are made again. Returned once. */
  known(): readonly Known[] {
    const known = this.#known;
    this.#known = [];
    return known;
  }

  mustResume(message: AnyMessage, edge: string): boolean {
    return this.#toResume.has(keyOf(edge, message.messageId));
  }

  /** The input that resumes with this message; undefined for any other message. */
  resume(message: AnyMessage, edge: string): DurableInput | undefined {
    if (this.#toResume.size === 0) return undefined;
    const key = keyOf(edge, message.messageId);
    const input = this.#toResume.get(key);
    this.#toResume.delete(key);
    return input;
  }

  /**
   * Resumes an input at its first edge, or at the last one that all of it has passed. Returns the messages that are
   * made again behind that edge.
   */
  #resumes(input: DurableInput): readonly Accepted[] {
    const [start, ...behind] = [...input.kept.keys()];
    const records = input.kept.get(start as string) as Accepted[];
    input.begun = input.origins = records.length;
    for (const { edge, id } of records) this.#toResume.set(keyOf(edge, id), input);
    return behind.flatMap((edge) => {
      const made = input.kept.get(edge) as Accepted[];
      input.kept.delete(edge);
      return made;
    });
  }
}

/** The latest state of a kernel, and its position in the journal. */
export interface StoredState {
  readonly state: PackedState;
  readonly position: number;
  /** The position of the latest state that was known to be stored. */
  readonly kept: number;
}

/** A message that an edge has accepted. */
type Known = Pick<Accepted, "edge" | "id">;

function knownBy(record: JournalRecord): readonly Known[] {
  if (record.kind === "accepted") return [record];
  return record.kind === "known" ? record.ids.map((id) => ({ edge: record.edge, id })) : [];
}

const keyOf = (edge: string, id: string): string => `${id} ${edge}`;

export type Accepted = Extract<JournalRecord, { kind: "accepted" }>;

/** An input of a flow as the journal records it. */
export interface DurableInput {
  readonly number: number;
  /** The position of its first record. */
  position: number;
  /**
   * Messages that the input resumes with, by edge, in the order in which messages pass the edges, from the last edge
   * that all of the input has passed.
   */
  readonly kept: Map<string, Accepted[]>;
  /** Ids of its messages that batches have taken, by batch. */
  readonly taken: Map<string, Set<string>>;
  /** Packed outputs that kernels with durable states have made of its messages, by `appliedKey`. */
  readonly applied: Map<string, AppliedTo>;
  /** Ids of outputs that have arrived. */
  readonly outputs: Set<string>;
  /** Ids of the outputs that were read. */
  readonly delivered: Set<string>;
  /**
   * Number of its origins: as many as its edge had messages if it is resumed, as many as the batch has inputs if a
   * batch made it, otherwise one.
   */
  begun: number;
  /** Number of its origins in flight. */
  origins: number;
  /** Outputs that wait to be read. */
  unread: number;
  /** Dead letters that wait to be stored. */
  letters: number;
  /** By edge: number of its origins that have no message left upstream of the edge. */
  readonly passed: Map<string, number>;
}

/** Creates an input without records. */
export const newInput = (number: number, position: number, begun: number): DurableInput => ({
  number,
  position,
  kept: new Map(),
  taken: new Map(),
  applied: new Map(),
  outputs: new Set(),
  delivered: new Set(),
  begun,
  origins: begun,
  unread: 0,
  letters: 0,
  passed: new Map(),
});

/** Outputs that a kernel has made of a message, with the edge and the kernel. */
interface AppliedTo {
  readonly edge: string;
  readonly kernel: string;
  readonly id: string;
  readonly outputs: readonly unknown[];
}

export const appliedKey = (edge: string, id: string): string => `${id} ${edge}`;

/** Records that a batch has taken a message of the input. */
export function take({ taken }: DurableInput, batch: string, id: string): void {
  const ids = taken.get(batch);
  if (ids === undefined) taken.set(batch, new Set([id]));
  else ids.add(id);
}

/** Records that an edge has accepted a message of the input. */
export function recordAccepted({ kept }: DurableInput, record: Accepted): void {
  const records = kept.get(record.edge);
  if (records === undefined) kept.set(record.edge, [record]);
  else if (!records.some(({ id }) => id === record.id)) records.push(record);
}

/** Removes the record of a message that was rejected after the edge. */
export function recordRefused({ kept }: DurableInput, edge: string, id: string): void {
  const others = kept.get(edge)?.filter((record) => record.id !== id) ?? [];
  if (others.length === 0) kept.delete(edge);
  else kept.set(edge, others);
}

/** Drops the records of earlier edges: all messages of the input have reached this edge. */
export function recordPassed({ kept }: DurableInput, edge: string): void {
  if (!kept.has(edge)) return;
  for (const before of kept.keys()) {
    if (before === edge) return;
    kept.delete(before);
  }
}

export const recordsOf = ({ kept }: DurableInput): readonly Accepted[] => [...kept.values()].flat();
