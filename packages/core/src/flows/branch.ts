import { hasBuffers, shareReferences } from "../buffers/references.js";
import { errors } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { FlowServices } from "./flow-services.js";
import type { Sink } from "./sink.js";
import type { WorkerSink } from "./worker-sink.js";

/** One of those that a message goes on to. It runs the functions on the way, which are host nodes. */
export interface Branch {
  /** Adds the sinks that take the message. What a function throws makes it a dead letter. */
  collect(message: AnyMessage, into: Sink[]): void;
  /** The nodes right behind it, by name. */
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

/** The same key to the same worker. */
export class KeyBranch implements Branch {
  readonly next: readonly string[];
  constructor(
    readonly name: string,
    readonly workers: readonly WorkerSink[],
    readonly key: (message: AnyMessage) => string | number,
    /** The field that is the key, where no function is needed. */
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
    /** In the order in which they are asked. */
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

/** The message may go on to others as well: the dead letter has references of its own. */
function toDeadLetter(message: AnyMessage, error: unknown, { name, flow }: { name: string; flow: FlowServices }): void {
  if (hasBuffers) shareReferences(message, 1);
  flow.deadLetter(message, error, name);
}

/** Always the same of `workers` for the same key: FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv) of its text. */
export function workerOf(key: string | number, workers: number): number {
  const text = String(key);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % workers;
}
