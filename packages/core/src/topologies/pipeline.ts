import { definitionOf } from "../kernels/define-kernel.js";
import type { AnyMessageType } from "../messages/message-type.js";
import { checkTopologyOptions } from "./check-topology-options.js";
import { describePlan } from "./describe-plan.js";
import type { Description } from "./description.js";
import { Draft } from "./draft.js";
import { finish } from "./finish.js";
import { invalidTopology } from "./invalid-topology.js";
import type { EmptyPipeline } from "./pipeline-types.js";
import type { Plan } from "./plan.js";
import { isTopology, type Planned } from "./plan-of.js";
import type { AnyStageOptions } from "./plan-stage.js";
import { inputTap, type Tap } from "./tap.js";
import type { BatchNodeOptions, NodeOptions, TopologyOptions } from "./topology.js";

/**
 * Defines a chain of stages. It is data and can run any number of times:
 * `runtime.run(pipeline("stats").stage(a).stage(b))`. Throws `INVALID_ARGUMENT`.
 *
 * @example
 * const stats = pipeline("stats").stage(parse).stage(square, { workers: 3 });
 * await using flow = await runtime.run(stats);
 * for await (const result of flow.process(source)) console.log(result);
 */
export function pipeline(name: string, options?: TopologyOptions): EmptyPipeline {
  return new Chain(new Draft(checkTopologyOptions(name, options))) as unknown as EmptyPipeline;
}

/** Immutable: each step works on a copy of the draft. */
class Chain implements Planned {
  readonly name: string;
  readonly #draft: Draft;
  readonly #input: readonly AnyMessageType[];
  readonly #end: Tap | undefined;
  #plan: Plan | undefined;

  constructor(draft: Draft, input: readonly AnyMessageType[] = [], end?: Tap) {
    this.name = draft.settings.name;
    this.#draft = draft;
    this.#input = input;
    this.#end = end;
    Object.freeze(this);
  }

  stage(stage: unknown, options?: AnyStageOptions): Chain {
    const input = this.#end === undefined ? inputOf(stage) : this.#input;
    const draft = this.#draft.copy();
    return new Chain(draft, input, draft.stage(this.#end ?? inputTap(input), stage, options));
  }

  filter(keep: unknown, options?: NodeOptions): Chain {
    const draft = this.#draft.copy();
    return new Chain(draft, this.#input, draft.filter(this.#begun(), keep, options));
  }

  batch(into: unknown, options: BatchNodeOptions): Chain {
    const draft = this.#draft.copy();
    return new Chain(draft, this.#input, draft.batch(this.#begun(), into, options));
  }

  describe(): Description {
    return describePlan(this["~plan"]);
  }

  get "~plan"(): Plan {
    this.#plan ??= finish(this.#draft, this.#input, this.#begun());
    return this.#plan;
  }

  #begun(): Tap {
    if (this.#end !== undefined) return this.#end;
    throw invalidTopology(this.name, [], "it has no stages", "Begin with `.stage(kernel)`.");
  }
}

function inputOf(stage: unknown): readonly AnyMessageType[] {
  return definitionOf(stage)?.input ?? (isTopology(stage) ? stage["~plan"].input : []);
}
