import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Sink } from "../flows/sink.js";
import type { Clock } from "../time/clock.js";
import { DurableEdge } from "./durable-edge.js";
import { DurableInputs } from "./durable-inputs.js";
import { DurableOutput } from "./durable-output.js";
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
  onTrouble(troubled: (error: AnyRinglineError) => void): void {
    this.#journal.onTrouble = (error) => {
      this.inputs.free(); // there may be room then
      troubled(error);
    };
  }

  /** The durable edge in front of a stage's entry. */
  edge(stage: string, sink: Sink): Sink {
    return new DurableEdge(stage, sink, this.inputs, this.#clock);
  }

  output(sink: Sink): Sink {
    return new DurableOutput(sink, this.inputs);
  }
}
