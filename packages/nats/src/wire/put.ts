import type { AnyMessage, MessageId } from "@ringline/core/internal";
import type { OriginRef } from "./book.js";
import type { WireMessage } from "./message.js";

/** A message for a kernel at a host, from when it comes there until the kernel is done with it; or an output of one. */
export class Put {
  /** Of a message that expires: when it came. */
  arrivedAt = 0;

  constructor(
    readonly unit: number,
    readonly key: number,
    readonly priority: number,
    /** As it came; undefined for one that is `message` already. */
    readonly wire: WireMessage | undefined,
    /** As the kernel takes it. */
    public message: AnyMessage | undefined,
    public attempts = 0,
  ) {}
}

/** What a message has in common with those that follow it: their keys count up, and what is not named here, they do not have. */
export interface Head {
  readonly unit: number;
  key: number;
  readonly type: string;
  readonly priority: number;
  /** By which the next one tells its own. */
  id: MessageId;
  readonly hasCause: boolean;
  /** But for its number. */
  readonly origin: OriginRef | undefined;
  /** Of its fields, in their order. */
  readonly names: readonly string[];
}

/** Undefined where what follows cannot be like it. */
export function headOf(unit: number, key: number, wire: WireMessage): Head | undefined {
  const { type, id, cause, priority, left, lineage, trace, body } = wire;
  const isUsual = left === Number.POSITIVE_INFINITY && trace === undefined && lineage?.asker === undefined;
  if (!isUsual || body.flat === undefined || body.buffers !== undefined) return undefined;
  const names = Object.keys(body.flat);
  return { unit, key, type, priority, id, hasCause: cause !== null, origin: lineage?.origin, names };
}
