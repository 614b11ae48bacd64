import { hasBuffers, unshareReferences } from "../buffers/references.js";
import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { AnyOrigin } from "../flows/flow-origin.js";
import type { Sink } from "../flows/flow-services.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Clock } from "../time/clock.js";
import { limited, type WaitOptions } from "../time/wait-options.js";
import { DurableInputs } from "./durable-inputs.js";
import type { Journal } from "./journal.js";

/** The durable side of a flow; a backend makes it from the flow's journal. */
export class DurableFlow {
  readonly inputs: DurableInputs;
  /** Resolves when another program has taken the flow over. */
  readonly lost: Promise<AnyRinglineError>;
  readonly #journal: Journal;
  readonly #clock: Clock;

  constructor(journal: Journal, clock: Clock) {
    this.inputs = new DurableInputs(journal);
    this.lost = journal.taken;
    this.#journal = journal;
    this.#clock = clock;
  }

  /** Calls `troubled` with the reason while the journal cannot store; writes wait meanwhile. */
  onWriteError(troubled: (error: AnyRinglineError) => void): void {
    this.#journal.onWriteError = (error) => {
      this.inputs.free(); // trimming may free room
      troubled(error);
    };
  }

  /** The durable edge in front of a node's entry. `edge`: its name in the journal; default the node's. */
  edge(node: string, sink: Sink, edge = node): Sink {
    return new DurableEdge(node, sink, edge, this.inputs, this.#clock);
  }

  output(sink: Sink): Sink {
    return new DurableOutput(sink, this.inputs);
  }
}

const ACCEPTED = Promise.resolve();

/** The output of a durable flow: drops an output that has arrived before. */
class DurableOutput implements Sink {
  readonly name = null;
  readonly #sink: Sink;
  readonly #inputs: DurableInputs;

  constructor(sink: Sink, inputs: DurableInputs) {
    this.#sink = sink;
    this.#inputs = inputs;
  }

  tryPush(message: AnyMessage, origin: AnyOrigin): boolean {
    return this.#hasArrived(message, origin) || this.#sink.tryPush(message, origin);
  }

  push(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined): Promise<void> {
    return this.#hasArrived(message, origin) ? ACCEPTED : this.#sink.push(message, origin, wait);
  }

  #hasArrived(message: AnyMessage, origin: AnyOrigin): boolean {
    if (!this.#inputs.hasArrived(message, origin)) return false;
    if (hasBuffers) unshareReferences(message, 1);
    return true;
  }
}

/** Writes messages that enter a stage to the journal of the flow, and drops duplicates. */
class DurableEdge implements Sink {
  readonly name: string;
  readonly #sink: Sink;
  readonly #edge: string;
  readonly #inputs: DurableInputs;
  readonly #clock: Clock;
  /** Messages that are written, and not accepted by the next node yet. */
  readonly #waiting = new Set<AnyMessage>();

  /** `name`: the node after the edge. `sink`: leads to the node. */
  constructor(name: string, sink: Sink, edge: string, inputs: DurableInputs, clock: Clock) {
    this.name = name;
    this.#sink = sink;
    this.#edge = edge;
    this.#inputs = inputs;
    this.#clock = clock;
  }

  tryPush(message: AnyMessage, origin: AnyOrigin): boolean {
    if (this.#isKnown(message)) return true;
    if (!this.#inputs.hasRoom) return false;
    // first, as its further records must follow, and the next node may take its buffers
    this.#inputs.accepted(message, this.#edge, origin);
    try {
      if (this.#sink.tryPush(message, origin)) return true;
    } catch (error) {
      this.#inputs.refused(message, this.#edge, origin);
      throw error;
    }
    this.#waiting.add(message);
    return false;
  }

  async push(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined): Promise<void> {
    if (!this.#waiting.delete(message)) {
      if (this.#isKnown(message)) return;
      while (!this.#inputs.hasRoom) await limited(this.#inputs.whenRoom(), wait ?? {}, this.#clock, "send", this.name);
      this.#inputs.accepted(message, this.#edge, origin);
    }
    try {
      await this.#sink.push(message, origin, wait);
    } catch (error) {
      this.#inputs.refused(message, this.#edge, origin);
      throw error;
    }
  }

  #isKnown(message: AnyMessage): boolean {
    if (!this.#inputs.isKnown(message, this.#edge)) return false;
    if (hasBuffers) unshareReferences(message, 1);
    return true;
  }
}
