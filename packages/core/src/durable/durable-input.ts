import type { JournalRecord } from "./journal-record.js";

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
