import { errors } from "../errors/ringline-error.js";
import { typesOf } from "../kernels/define-kernel.js";
import type { Header } from "../messages/header.js";
import type { AnyMessageType, Distinct, MessageOf, OneOrMore } from "../messages/message-type.js";
import { checkGraph } from "./check-graph.js";
import { checkTopologyOptions } from "./check-topology-options.js";
import { describePlan } from "./describe-plan.js";
import type { Description } from "./description.js";
import { Draft } from "./draft.js";
import { finish } from "./finish.js";
import { GraphDraft } from "./graph-draft.js";
import type { GraphTools, Wire } from "./graph-types.js";
import type { Plan } from "./plan.js";
import type { Planned } from "./plan-of.js";
import { inputTap } from "./tap.js";
import type { Topology, TopologyOptions } from "./topology.js";

/**
 * Defines a directed acyclic graph: a node is fed by wires that exist already. `build` gets the input as a wire and
 * returns the wire that leads out; a graph that ends in sinks returns the wire of one of them. It is called once,
 * synchronously. Throws `INVALID_ARGUMENT`, `TYPE_MISMATCH`, `INVALID_TOPOLOGY`.
 *
 * @example
 * const both = graph("both", Num, (input, { merge }) => merge(input.stage(square), input.stage(cube)));
 */
export function graph<const I extends OneOrMore, Out extends Header, Place extends string>(
  name: string,
  input: I & Distinct<I>,
  build: (input: Wire<MessageOf<I>, never>, tools: GraphTools) => Wire<Out, Place>,
  options?: TopologyOptions,
): Topology<MessageOf<I>, Out, Place> {
  const draft = new Draft(checkTopologyOptions(name, options));
  const types = inputTypes(name, input);
  if (typeof build !== "function") {
    const remedy = `Pass a function to graph "${name}" that gets its input and returns its last wire.`;
    throw new errors.INVALID_ARGUMENT({ argument: "build", value: build }, { remedy });
  }
  const writing = new GraphDraft(draft);
  const last = build(writing.wire(inputTap(types)) as unknown as Wire<MessageOf<I>, never>, writing.tools);
  return new Graph(checkGraph(finish(draft, types, writing.end(last)))) as unknown as Topology<
    MessageOf<I>,
    Out,
    Place
  >;
}

class Graph implements Planned {
  readonly name: string;
  readonly #plan: Plan;

  constructor(plan: Plan) {
    this.name = plan.name;
    this.#plan = plan;
    Object.freeze(this);
  }

  describe(): Description {
    return describePlan(this.#plan);
  }

  get "~plan"(): Plan {
    return this.#plan;
  }
}

function inputTypes(name: string, input: OneOrMore): readonly AnyMessageType[] {
  const types = typesOf("input", input);
  if (types.length > 0) return types;
  const remedy = `Name the message types that graph "${name}" takes.`;
  throw new errors.INVALID_ARGUMENT({ argument: "input", value: input }, { remedy });
}
