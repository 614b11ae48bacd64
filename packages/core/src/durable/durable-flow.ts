import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Sink } from "../flows/sink.js";
import type { Clock } from "../time/clock.js";
import { DurableEdge } from "./durable-edge.js";
import { DurableInputs } from "./durable-inputs.js";
import { DurableOutput } from "./durable-output.js";
import type { Journal } from "./journal.js";

/** What a flow with durable edges has beside others: a backend makes it of its journal. */
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

  /** What cannot be kept for the time being waits; `troubled` hears why. */
  onTrouble(troubled: (error: AnyRinglineError) => void): void {
    this.#journal.onTrouble = (error) => {
      this.inputs.free(); // there may be room then
      troubled(error);
    };
  }

  /** What leads into the stage, behind what keeps it. */
  edge(stage: string, sink: Sink): Sink {
    return new DurableEdge(stage, sink, this.inputs, this.#clock);
  }

  output(sink: Sink): Sink {
    return new DurableOutput(sink, this.inputs);
  }
}
