/** The part of a reply that the drivers look at. */
export interface Reply {
  readonly n: number;
  readonly messageId: number | string;
  readonly priority: number;
  readonly correlationId: number | string | null;
}

export interface Closable {
  close(): Promise<void>;
}

/** One way in and one way out, with one or more stages between them that answer each message with a new one. */
export interface Line extends Closable {
  /** Makes message `n` and puts it in; settles on acceptance. */
  send(n: number): Promise<void> | void;
  /** The next reply, in the order of the messages. */
  receive(): Promise<Reply> | Reply;
}

/** A subject of a measurement: builds a line, or another object that a workload drives. */
export interface Subject<L extends Closable = Line> {
  /** Name of the subject in `--subject`. */
  readonly name: string;
  /** Description in a few words. */
  readonly title: string;
  /** True when a line of several stages cannot be built. */
  readonly singleStage?: boolean;
  /** True where one thread does it all, on a workload whose subjects differ in that. */
  readonly isAlone?: boolean;
  open(stages: number): Promise<L>;
}

/** Messages that fit into one queue, on every side that has a bound: the default `queueSize` of a kernel. */
export const CAPACITY = 4096;
