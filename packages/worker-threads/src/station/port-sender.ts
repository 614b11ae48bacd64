import { type AnyMessage, SAMPLE_EVERY } from "@ringline/core/backend";
import type { PortBlock } from "../ring/port-block.js";
import type { Station } from "./station.js";

/** Sends messages to a port, wherever that is at home, from one thread. */
export class PortSender {
  readonly id: number;
  readonly block: PortBlock;
  readonly station: Station;
  readonly limit: number;
  readonly isTimed: boolean;
  #sent = 0;

  /** `limit`: messages that may be queued. */
  constructor(id: number, block: PortBlock, limit: number, isTimed: boolean, station: Station) {
    this.id = id;
    this.block = block;
    this.limit = limit;
    this.isTimed = isTimed;
    this.station = station;
  }

  /**
   * False when the port has no room, others wait for it, or it takes nothing; `passing`: flags that are no obstacle.
   * Throws `SERIALIZATION`.
   */
  trySend(message: AnyMessage, passing = 0): boolean {
    const { codec } = this.station;
    codec.encode(message, this.isTimed && (this.#sent & (SAMPLE_EVERY - 1)) === 0);
    if (!this.station.send(this.id, this.block, this.limit, message.priority, passing)) return false;
    this.#sent++;
    return true;
  }
}

/** Most messages beyond its capacity that a port which drops has not dropped yet. */
const SLACK = 1024;

/** How many messages may be on their way to a port or queued in it. */
export function limitOf(capacity: number, drops: boolean): number {
  return drops ? capacity + Math.max(capacity, SLACK) : capacity;
}
