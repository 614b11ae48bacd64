import type { DurableFlow } from "../durable/durable-flow.js";
import { isRinglineError } from "../errors/ringline-error.js";
import { turn } from "../time/turn.js";
import type { FlowBuilder } from "./build-flow.js";
import type { FlowCore } from "./flow-core.js";

/**
 * Enters the unprocessed inputs of earlier programs at their edges; outputs go to the queue that new inputs use at that
 * moment. Rejects with the error that ends the flow.
 */
export async function resumeFlow({ inputs }: DurableFlow, core: FlowCore, entryAt: FlowBuilder["beginAt"]) {
  await turn.next(); // a `process` that begins at once gets the outputs
  for (const { edge, message } of inputs.unprocessed()) {
    const enter = () => core.enter(message, core.processing ?? core.main, undefined, undefined, entryAt(edge));
    for (let isIn = false; !isIn; ) {
      try {
        await (core.admission.tryTake() ? enter() : core.awaitPlace(enter, undefined, "run"));
        isIn = true;
      } catch (error) {
        if (!isRinglineError(error, "QUEUE_FULL") || core.admission.inFlight === 0) throw error;
        await new Promise<void>((resolve) => core.inFlightCounter.whenMessageLeaves(resolve));
      }
    }
  }
}
