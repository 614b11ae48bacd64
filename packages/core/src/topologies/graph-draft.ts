import type { Draft } from "./draft.js";
import type { GraphTools } from "./graph-types.js";
import { invalidTopology } from "./invalid-topology.js";
import { wrongOption } from "./node-place.js";
import type { Carried, Source } from "./plan.js";
import { checkBranches, planJoin } from "./plan-nodes.js";
import type { AnyStageOptions } from "./plan-stage.js";
import { carriedInto, type Tap } from "./tap.js";
import type { BatchNodeOptions, JoinOptions, NodeOptions } from "./topology.js";

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
