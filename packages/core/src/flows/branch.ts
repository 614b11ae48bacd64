import { hasBuffers, shareReferences } from "../buffers/references.js";
import { errors } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { FlowServices } from "./flow-services.js";
import type { Sink } from "./sink.js";
import type { WorkerSink } from "./worker-sink.js";

/** One successor of a node. Runs the functions of host nodes up to the next sinks. */
export interface Branch {
  /** Adds the sinks that take the message. Dead-letters the message if a function throws. */
  collect(message: AnyMessage, into: Sink[]): void;
  /** Names of the next nodes. */
  readonly next: readonly string[];
}

export class SinkBranch implements Branch {
  readonly next: readonly string[];
  constructor(readonly sink: Sink) {
    this.next = sink.name === null ? [] : [sink.name];
  }
  collect(_: AnyMessage, into: Sink[]): void {
    into.push(this.sink);
  }
}

/** Sends messages with the same key to the same worker. */
export class KeyBranch implements Branch {
  readonly next: readonly string[];
  constructor(
    readonly name: string,
    readonly workers: readonly WorkerSink[],
    readonly key: (message: AnyMessage) => string | number,
    /** Name of the field that is the key; undefined if a function computes the key. */
    readonly field: string | undefined,
    readonly flow: FlowServices,
  ) {
    this.next = [name];
  }
  collect(message: AnyMessage, into: Sink[]): void {
    try {
      into.push(this.workers[workerOf(this.key(message), this.workers.length)] as Sink);
    } catch (thrown) {
      toDeadLetter(message, this.flow.error(thrown, message, this.name), this);
    }
  }
}

export class FilterBranch implements Branch {
  constructor(
    readonly name: string,
    readonly keep: (message: AnyMessage) => boolean,
    readonly after: readonly Branch[],
    readonly flow: FlowServices,
  ) {}
  get next(): readonly string[] {
    return this.after.flatMap(({ next }) => next);
  }
  collect(message: AnyMessage, into: Sink[]): void {
    try {
      if (!this.keep(message)) return;
    } catch (thrown) {
      toDeadLetter(message, this.flow.error(thrown, message, this.name), this);
      return;
    }
    for (const branch of this.after) branch.collect(message, into);
  }
}

export class RouteBranch implements Branch {
  constructor(
    readonly name: string,
    /** Routes in the order in which they are tried. */
    readonly routes: readonly (readonly [takes: (message: AnyMessage) => boolean, after: readonly Branch[]])[],
    readonly flow: FlowServices,
  ) {}
  get next(): readonly string[] {
    return this.routes.flatMap(([, after]) => after.flatMap(({ next }) => next));
  }
  collect(message: AnyMessage, into: Sink[]): void {
    try {
      for (const [takes, after] of this.routes) {
        if (!takes(message)) continue;
        for (const branch of after) branch.collect(message, into);
        return;
      }
    } catch (thrown) {
      toDeadLetter(message, this.flow.error(thrown, message, this.name), this);
      return;
    }
    const place = { stage: this.name, messageId: message.messageId };
    toDeadLetter(message, new errors.NO_ROUTE({ node: this.name }, place), this);
  }
}

/** Dead-letters a message with its own buffer references: other branches may take the message too. */
function toDeadLetter(message: AnyMessage, error: unknown, { name, flow }: { name: string; flow: FlowServices }): void {
  if (hasBuffers) shareReferences(message, 1);
  flow.deadLetter(message, error, name);
}

/**
 * Index of a worker, always the same for the same key: FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv) of its text.
 */
export function workerOf(key: string | number, workers: number): number {
  const text = String(key);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % workers;
}
