import { asRinglineError } from "../errors/ringline-error.js";
import type { FlowBuilder } from "./build-flow.js";
import type { FlowCore } from "./flow-core.js";
import type { FlowNodes } from "./flow-nodes.js";

/**
 * Sends a flush after the data, node by node: each node is flushed once no message accepted before is upstream of it
 * or, unless it is a batch, at it. Flushes run one at a time. Inputs accepted meanwhile do not delay a flush, nor do
 * messages that stages send unprompted, except those that a stage sends during its own flush.
 */
export class Flusher {
  readonly #core: FlowCore;
  readonly #nodes: FlowNodes;
  readonly #built: FlowBuilder;
  readonly #fail: (error: ReturnType<typeof asRinglineError>) => void;
  #last: Promise<void> = Promise.resolve();

  constructor(
    core: FlowCore,
    nodes: FlowNodes,
    built: FlowBuilder,
    fail: (error: ReturnType<typeof asRinglineError>) => void,
  ) {
    this.#core = core;
    this.#nodes = nodes;
    this.#built = built;
    this.#fail = fail;
  }

  /** Resolves when the flush has passed and the messages that it caused are settled. */
  flush(): Promise<void> {
    this.#last = this.#last.then(() => this.#flush());
    return this.#last;
  }

  async #flush(): Promise<void> {
    const core = this.#core;
    const { inFlightCounter: counter } = core;
    const old = counter.generation;
    counter.generation = 1 - old;
    for (const [index, { own }] of this.#nodes.counts.entries()) {
      const batch = this.#built.batches.get(index);
      const at = batch === undefined ? own : [];
      await counter.whenEmpty([...this.#nodes.upstream(index), ...at], old);
      batch?.flush();
      core.flushing = { node: own[0] ?? -1, generation: old };
      await this.#flushStage(index);
      core.flushing = undefined;
    }
    await counter.whenEmpty(
      Array.from({ length: this.#nodes.inFlightPlan.nodes }, (_, node) => node),
      old,
    );
  }

  async #flushStage(index: number): Promise<void> {
    const stage = this.#built.stages.find((other) => other.index === index);
    await stage?.changing; // a worker between two incarnations has nobody to flush
    for (const kernel of stage?.kernels ?? []) {
      try {
        await kernel.flush();
      } catch (thrown) {
        this.#fail(asRinglineError(thrown, { kernelId: kernel.id, stage: stage?.plan.name ?? null }));
      }
    }
  }
}
