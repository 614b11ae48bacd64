import {
  type AnyMessage,
  dropHandlesOf,
  type HandleReferences,
  handleReferencesOf,
  SAMPLE_EVERY,
  type SharedBuffer,
} from "@ringline/core/internal";
import type { Endpoint } from "../endpoint/endpoint.js";
import { HOST } from "../endpoint/link.js";
import { HAS_BUFFERS } from "./entry.js";
import type { FlowCells } from "./flow-cells.js";
import { MOST_QUEUED, type PortBlock } from "./port-block.js";

export interface SenderOptions {
  readonly limit: number;
  readonly isTimed: boolean;
  readonly isFifo: boolean;
}

/** Sends messages from one thread to a port, wherever its home is. */
export class PortSender {
  readonly id: number;
  readonly block: PortBlock;
  readonly endpoint: Endpoint;
  limit: number;
  readonly isTimed: boolean;
  readonly isFifo: boolean;
  #sent = 0;
  #isByHost = false;

  /** `limit`: maximum number of queued messages. `isFifo`: ignores priorities. */
  constructor(id: number, block: PortBlock, { limit, isTimed, isFifo }: SenderOptions, endpoint: Endpoint) {
    this.id = id;
    this.block = block;
    this.limit = limit;
    this.isTimed = isTimed;
    this.isFifo = isFifo;
    this.endpoint = endpoint;
  }

  /** False if `trySend` would fail, which it reports only after encoding the message. */
  hasRoom(passing = 0): boolean {
    return this.block.hasRoom(this.limit, passing);
  }

  /**
   * Sends a message. False when the port has no room, other senders wait for it, or it admits nothing. `passing`: flags
   * to ignore. `entering`: cells that count the message in its flow. Throws `SERIALIZATION`.
   */
  trySend(message: AnyMessage, passing = 0, entering?: FlowCells): boolean {
    const { codec } = this.endpoint;
    codec.encode(message, this.isTimed && (this.#sent & (SAMPLE_EVERY - 1)) === 0);
    const priority = this.isFifo ? 0 : message.priority;
    if (codec.sentBuffers.length > 0) return this.#sendBuffers(priority, codec.sentBuffers, passing, entering);
    return this.#send(priority, passing, entering);
  }

  /** Transfers the sender's references to the message, or adds references where the sender has none. */
  #sendBuffers(
    priority: number,
    sent: readonly SharedBuffer[],
    passing: number,
    entering: FlowCells | undefined,
  ): boolean {
    this.endpoint.sendSlabs(this.block.home, sent);
    // before the send: the receiver may check at once whether it is the only user
    const given = sent.map((buffer) => handOver(handleReferencesOf(buffer)));
    if (this.#send(priority | HAS_BUFFERS, passing, entering)) {
      dropHandlesOf(sent);
      return true;
    }
    for (const [i, buffer] of sent.entries()) takeBack(handleReferencesOf(buffer), given[i] === true);
    return false;
  }

  #send(flags: number, passing: number, entering: FlowCells | undefined): boolean {
    const { block } = this;
    const home = this.#isByHost ? HOST : block.home;
    const to = this.endpoint.send(home, this.id, block, this.limit, flags, passing, entering);
    if (to === undefined) return false;
    // while a port moves, the host forwards messages: later ones take the same way, to keep their order
    if (to === HOST) this.#isByHost = this.endpoint.index !== HOST;
    this.#sent++;
    return true;
  }
}

/** Transfers one reference. True when it was the sender's own. */
function handOver(hold: HandleReferences): boolean {
  if (hold.own === 0) {
    hold.slab.add();
    return false;
  }
  hold.detach("own");
  return true;
}

function takeBack(hold: HandleReferences, wasOwn: boolean): void {
  if (wasOwn) hold.adopt("own");
  else hold.slab.drop();
}

/** Maximum number of messages beyond its capacity that a dropping port has not dropped yet. */
const SLACK = 1024;

/** Maximum number of messages sent to a port or queued in it; never more than 2^27, whatever the capacity. */
export function limitOf(capacity: number, dropsOldest: boolean): number {
  return Math.min(dropsOldest ? capacity + Math.max(capacity, SLACK) : capacity, MOST_QUEUED);
}
