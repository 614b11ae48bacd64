import { type AnyMessage, SAMPLE_EVERY } from "@ringline/core/backend";
import type { PortBlock } from "../ring/port-block.js";
import { HOST, type Station } from "./station.js";

/** Sends messages to a port, wherever that is at home, from one thread. */
export class PortSender {
  readonly id: number;
  readonly block: PortBlock;
  readonly station: Station;
  readonly limit: number;
  readonly isTimed: boolean;
  #sent = 0;
  #isByHost = false;

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
    const { block } = this;
    const home = this.#isByHost ? HOST : block.home;
    const to = this.station.send(home, this.id, block, this.limit, message.priority, passing);
    if (to === undefined) return false;
    // while a port moves, the host passes messages on: later ones follow on that way, to stay behind them
    if (to === HOST) this.#isByHost = this.station.index !== HOST;
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
