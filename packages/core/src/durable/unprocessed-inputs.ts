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
          if (input === undefined) inputs.set(record.input, new DurableInput(record.input, i, 0));
          inputs.get(record.input)?.accept(record);
          for (const [number, id] of record.of ?? []) inputs.get(number)?.take(record.edge, id);
          break;
        case "applied":
          for (const [number, id, outputs] of record.of) {
            inputs.get(number)?.apply({ edge: record.edge, kernel: record.id, id, outputs });
          }
          if (record.state !== undefined) this.states.set(record.id, { state: record.state, position: i, kept: i });
          break;
        case "taken":
          for (const id of record.ids) input?.take(record.edge, id);
          break;
        case "refused":
          again.add(keyOf(record.edge, record.id));
          input?.refuse(record.edge, record.id);
          break;
        case "passed":
          input?.pass(record.edge);
          break;
        case "delivered":
          input?.arrive(record.id);
          input?.deliver(record.id);
          break;
        case "done":
          inputs.delete(record.input);
          break;
        case "known":
          for (const id of record.ids) again.delete(keyOf(record.edge, id));
      }
    }
    for (const input of inputs.values()) {
      if (input.kept.length === 0) inputs.delete(input.number);
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

  mustResume(id: string, edge: string): boolean {
    return this.#toResume.size > 0 && this.#toResume.has(keyOf(edge, id));
  }

  /** The input that resumes with this message; undefined for any other message. */
  resume(id: string, edge: string): DurableInput | undefined {
    if (this.#toResume.size === 0) return undefined;
    const key = keyOf(edge, id);
    const input = this.#toResume.get(key);
    this.#toResume.delete(key);
    return input;
  }

  /**
   * Resumes an input at its first edge, or at the last one that all of it has passed. Returns the messages that are
   * made again behind that edge.
   */
  #resumes(input: DurableInput): readonly Accepted[] {
    const [start] = input.edges;
    const made = input.kept.filter(({ edge }) => edge !== start);
    input.kept = input.kept.filter(({ edge }) => edge === start);
    input.begun = input.origins = input.kept.length;
    for (const { edge, id } of input.kept) this.#toResume.set(keyOf(edge, id), input);
    return made;
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

/** An input of a flow as the journal records it. Most inputs need none of its collections, which are made when used. */
export class DurableInput {
  readonly number: number;
  /** The position of its first record. */
  position: number;
  /** Messages that the input resumes with, from the last edge that all of the input has passed. */
  kept: Accepted[] = [];
  /** Ids of its messages that batches have taken, by batch. */
  taken: Map<string, Set<string>> | undefined;
  /** Packed outputs that kernels with durable states have made of its messages, by `appliedKey`. */
  applied: Map<string, AppliedTo> | undefined;
  /** Ids of outputs that have arrived. */
  outputs: Set<string> | undefined;
  /** Ids of the outputs that were read. */
  delivered: Set<string> | undefined;
  /**
   * Number of its origins: as many as its edge had messages if it is resumed, as many as the batch has inputs if a
   * batch made it, otherwise one.
   */
  begun: number;
  /** Number of its origins in flight. */
  origins: number;
  /** Outputs that wait to be read. */
  unread = 0;
  /** Dead letters that wait to be stored. */
  letters = 0;
  /** By edge: number of its origins that have no message left upstream of the edge. */
  #passed: Map<string, number> | undefined;

  constructor(number: number, position: number, begun: number) {
    this.number = number;
    this.position = position;
    this.begun = begun;
    this.origins = begun;
  }

  /** Edges of the messages that it resumes with, in the order in which messages pass them. */
  get edges(): readonly string[] {
    return [...new Set(this.kept.map(({ edge }) => edge))];
  }

  /** Records that a batch has taken a message. */
  take(batch: string, id: string): void {
    this.taken ??= new Map();
    const ids = this.taken.get(batch);
    if (ids === undefined) this.taken.set(batch, new Set([id]));
    else ids.add(id);
  }

  /** Records outputs that a kernel with durable state has made of a message. */
  apply(applied: AppliedTo): void {
    this.applied ??= new Map();
    this.applied.set(appliedKey(applied.edge, applied.id), applied);
  }

  /** Records that an edge has accepted a message. */
  accept(record: Accepted): void {
    if (this.kept.length === 0) this.kept = [record];
    else if (!this.#has(record)) this.kept.push(record);
  }

  #has(record: Accepted): boolean {
    return this.kept.some(({ edge, id }) => edge === record.edge && id === record.id);
  }

  /** Removes the record of a message that was rejected after the edge. */
  refuse(edge: string, id: string): void {
    this.kept = this.kept.filter((record) => record.edge !== edge || record.id !== id);
  }

  /** Drops the records of earlier edges, as all messages have reached this edge. Returns false if none has. */
  pass(edge: string): boolean {
    const first = this.kept.findIndex((record) => record.edge === edge);
    if (first < 0) return false;
    const before = new Set(this.kept.slice(0, first).map((record) => record.edge));
    if (before.size > 0) this.kept = this.kept.filter((record) => !before.has(record.edge));
    return true;
  }

  /** Counts an origin that has no message left upstream of the edge. Returns their number. */
  countPassed(edge: string): number {
    this.#passed ??= new Map();
    const passed = (this.#passed.get(edge) ?? 0) + 1;
    this.#passed.set(edge, passed);
    return passed;
  }

  /** Records that an output was read, by this program or an earlier one. */
  deliver(id: string): void {
    this.delivered ??= new Set();
    this.delivered.add(id);
  }

  /** Records that an output has arrived. */
  arrive(id: string): void {
    this.outputs ??= new Set();
    this.outputs.add(id);
  }
}

/** Outputs that a kernel has made of a message, with the edge and the kernel. */
interface AppliedTo {
  readonly edge: string;
  readonly kernel: string;
  readonly id: string;
  readonly outputs: readonly unknown[];
}

export const appliedKey = (edge: string, id: string): string => `${id} ${edge}`;
