import { errors } from "../errors/ringline-error.js";
import type { InOf, OutOf } from "../kernels/address.js";
import { typesOf } from "../kernels/define-kernel.js";
import type { Decision } from "../kernels/kernel.js";
import type { Header } from "../messages/header.js";
import type { AnyMessageType, Distinct, MessageOf, OneOrMore } from "../messages/message-type.js";
import { type Description, describePlan } from "./describe-plan.js";
import { carriedInto, Draft, finish, inputTap, type Tap } from "./draft.js";
import type { Carried, Plan, Planned, Source } from "./plan.js";
import { checkBranches, planJoin, wrongOption } from "./plan-nodes.js";
import type { AnyStageOptions } from "./plan-stage.js";
import type {
  BackendsOf,
  BatchNodeOptions,
  Data,
  Failed,
  FailureOf,
  FitsAfter,
  JoinOptions,
  NodeOptions,
  Stage,
  StageOptions,
  Topology,
  TopologyOptions,
} from "./topology.js";
import { checkGraph, checkTopologyOptions, invalidTopology } from "./topology-checks.js";

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

/**
 * The output of a node of a graph. A wire that is used twice sends everything to both. The methods throw
 * `INVALID_ARGUMENT`, `TYPE_MISMATCH`, `INVALID_TOPOLOGY`.
 */
export interface Wire<out Out = unknown, out Place extends string = string> {
  /** Leads the wire into a stage, a kernel or another topology; returns the wire of its output. */
  stage<S extends Stage, const At extends string = never, const E extends Decision<OutOf<S>> = never>(
    stage: FitsAfter<Out, S>,
    options?: StageOptions<InOf<S>, OutOf<S>, At, E>,
  ): Wire<OutOf<S> | Failed<Out> | FailureOf<E>, Place | NoInfer<At> | BackendsOf<S>>;
  /** Passes on the messages for which `keep` returns true; a type guard narrows the type. */
  filter<T extends Data<Out>>(
    keep: (message: Data<Out>) => message is T,
    options?: NodeOptions,
  ): Wire<T | Failed<Out>, Place>;
  /** Passes on the messages for which `keep` returns true. */
  filter(keep: (message: Data<Out>) => boolean, options?: NodeOptions): Wire<Out, Place>;
  /**
   * Collects up to `max` messages into one; `into` may be a message type with the body `{ items }`. A flush empties the
   * batch.
   */
  batch<M extends Header>(
    into: (parts: { items: Data<Out>[] }) => M,
    options: BatchNodeOptions,
  ): Wire<M | Failed<Out>, Place>;
  /**
   * Passes each message to the first route whose function returns true; without one it becomes a dead letter
   * (`NO_ROUTE`). Type guards narrow the type. `otherwise` is tried last, in any position.
   *
   * @example
   * const { small, large } = input.route({ small: ({ n }) => n < 10, large: otherwise });
   */
  route<R extends Record<string, (message: Data<Out>) => boolean>>(
    routes: R,
    options?: NodeOptions,
  ): { readonly [Name in keyof R]: Wire<Routed<R[Name], Data<Out>> | Failed<Out>, Place> };
  readonly "~out": Out;
  readonly "~backends": () => Place;
}
export type AnyWire = Wire<unknown, string>;
/** The part of `Out` that a guard accepts: a member of a union, or what it narrows one to. */
// biome-ignore lint/suspicious/noExplicitAny: any message can be tested
type Routed<Test, Out> = Test extends (message: any) => message is infer T
  ? [T] extends [Out]
    ? T
    : Extract<Out, T>
  : Out;

/** Nodes of a graph that take several wires. */
export interface GraphTools {
  /** Merges several wires into one, in the order of arrival. */
  merge<W extends readonly [AnyWire, AnyWire, ...AnyWire[]]>(
    ...wires: W
  ): Wire<W[number]["~out"], ReturnType<W[number]["~backends"]>>;
  /**
   * Joins branches of one input: `into` gets one message of each, and may be a message type whose body has the
   * branches as fields. Messages that have arrived are dead-lettered as `JOIN_INCOMPLETE` after `timeout`, and at
   * once when a branch passed without a message: filtered, failed, nothing sent. Branches of which one input can feed
   * only one never join: different routes of the same node, unless an earlier stage declares several outputs or a
   * merge brings it several; and branches that do not pass the same batches, as a batch mixes inputs. Such joins are
   * rejected.
   */
  join<B extends Record<string, AnyWire>, M extends Header>(
    into: (parts: { [Name in keyof B]: Data<B[Name]["~out"]> }) => M,
    branches: B,
    options: JoinOptions,
  ): Wire<M | Failed<B[keyof B]["~out"]>, ReturnType<B[keyof B]["~backends"]>>;
}

/** A graph while its `build` runs: creates wires, and accepts only its own. */
export class GraphDraft {
  readonly #draft: Draft;
  readonly #wires = new WeakMap<object, Tap>();
  #isFinished = false;
  /** Functions that need no `this`, as `build` may destructure them. */
  readonly tools: GraphTools;

  constructor(draft: Draft) {
    this.#draft = draft;
    const merge = (...wires: readonly unknown[]) => this.#merge(wires);
    const join = (into: unknown, branches: unknown, options: JoinOptions) => this.#join(into, branches, options);
    this.tools = Object.freeze({ merge, join }) as unknown as GraphTools;
  }

  wire(tap: Tap): GraphWire {
    const wire = new GraphWire(this, tap);
    this.#wires.set(wire, tap);
    return wire;
  }

  /** Returns the draft while `build` runs. Throws `INVALID_TOPOLOGY` afterwards. */
  open(after: string): Draft {
    if (!this.#isFinished) return this.#draft;
    const problem = `it is finished: nothing can be added after "${after}"`;
    throw invalidTopology(this.name, [after], problem, "Write all of a graph in its `build`, which is synchronous.");
  }

  /** Takes the wire that `build` returned; nothing can be added from now on. Throws `INVALID_TOPOLOGY`. */
  end(last: unknown): Tap {
    this.#isFinished = true;
    if (last instanceof GraphWire) return this.#own(last, "exit");
    const problem = "its `build` returned no wire, so nothing says what flows out of it";
    const remedy = "Return the last wire, even the one of a sink; `build` is synchronous.";
    throw invalidTopology(this.name, [], problem, remedy);
  }

  #merge(wires: readonly unknown[]): GraphWire {
    const draft = this.open("merge");
    const place = draft.place("merge");
    if (wires.length < 2) throw wrongOption(place, "wires", wires, "a merge takes two wires or more.");
    const taps = wires.map((wire) => this.#own(wire, "merge"));
    const from = taps.map((tap) => draft.source(tap, "merge"));
    const { module } = draft.settings;
    return this.wire(draft.add({ kind: "merge", name: "", module, from }, carriedByAll(taps)));
  }

  #join(into: unknown, branches: unknown, options: JoinOptions): GraphWire {
    const draft = this.open("join");
    const place = draft.place(options?.name ?? "join");
    const node = planJoin(into, options, place);
    const sources = checkBranches(branches, place).map(([name, wire]): [string, Source] => {
      return [name, draft.source(this.#own(wire, `${place.node}.${name}`), place.node)];
    });
    const { module } = draft.settings;
    return this.wire(draft.add({ ...node, branches: new Map(sources), module }, carriedInto(into)));
  }

  #own(wire: unknown, user: string): Tap {
    const tap = this.#wires.get(wire as object);
    if (tap !== undefined) return tap;
    if (!(wire instanceof GraphWire)) {
      throw wrongOption(this.#draft.place(user), "wire", wire, "pass a wire of this graph.");
    }
    const { name } = wire.graph;
    const problem = `"${user}" is fed by a wire from "${wire.tap.after}" of another graph, "${name}"`;
    const remedy = `A wire belongs to its graph; to use all of "${name}" here, make it a stage: \`input.stage(…)\`.`;
    throw invalidTopology(this.name, [user, wire.tap.after], problem, remedy);
  }

  get name(): string {
    return this.#draft.settings.name;
  }
}

/** The users' view of a wire. */
class GraphWire {
  constructor(
    readonly graph: GraphDraft,
    readonly tap: Tap,
  ) {
    Object.freeze(this);
  }

  stage(stage: unknown, options?: AnyStageOptions): GraphWire {
    return this.graph.wire(this.#draft.stage(this.tap, stage, options));
  }

  filter(keep: unknown, options?: NodeOptions): GraphWire {
    return this.graph.wire(this.#draft.filter(this.tap, keep, options));
  }

  batch(into: unknown, options: BatchNodeOptions): GraphWire {
    return this.graph.wire(this.#draft.batch(this.tap, into, options));
  }

  route(routes: unknown, options?: NodeOptions): Readonly<Record<string, GraphWire>> {
    const taps = this.#draft.route(this.tap, routes, options);
    return Object.freeze(Object.fromEntries(taps.map(([route, tap]) => [route, this.graph.wire(tap)])));
  }

  get #draft(): Draft {
    return this.graph.open(this.tap.after);
  }
}

function carriedByAll(taps: readonly Tap[]): Carried | undefined {
  const all = taps.map(({ carries }) => carries);
  if (all.includes(undefined)) return undefined;
  return all.flatMap((carries) => carries!);
}
