import { graph, isRinglineError, otherwise, type Topology } from "@ringline/core";
import { type Behaviour, byName, Item, nameFor, strikes } from "../kernels/by-name.js";
import { chanceOf, Random } from "./random.js";

/** Number of messages of input `n`. */
type Count = (n: number) => number;

export interface RandomFlow {
  readonly topology: Topology<Item, Item, string>;
  readonly outputs: Count;
  readonly letters: Count;
  /** True when outputs come in the order of the inputs. */
  readonly isOrdered: boolean;
  /** Pairs that a join should not have made. */
  readonly mistakes: string[];
}

interface Wire {
  readonly wire: AnyWire;
  readonly count: Count;
  readonly isOrdered: boolean;
  isUsed: boolean;
}
interface AnyWire {
  stage(kernel: typeof byName, options: object): AnyWire;
  filter(keep: (item: Item) => boolean, options: object): AnyWire;
  route(routes: object, options: object): { readonly a: AnyWire; readonly b: AnyWire };
}
interface AnyTools {
  merge(...wires: AnyWire[]): AnyWire;
  join(into: (parts: { x: Item; y: Item }) => Item, branches: { x: AnyWire; y: AnyWire }, options: object): AnyWire;
}

/** A graph of up to twelve nodes and its expected outputs. Joins that can never complete are not built. */
export function randomFlow(seed: number): RandomFlow {
  for (let attempt = seed; ; attempt += 1_000_003) {
    try {
      return new FlowMaker(attempt).make();
    } catch (error) {
      if (!isRinglineError(error, "INVALID_TOPOLOGY") || error.details.problem.includes("no node reads")) throw error;
    }
  }
}

class FlowMaker {
  readonly #seed: number;
  readonly #random: Random;
  readonly #wires: Wire[] = [];
  readonly #letters: Count[] = [];
  readonly #mistakes: string[] = [];

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = new Random(seed);
  }

  make(): RandomFlow {
    let end: Wire | undefined;
    const topology = graph(`random${this.#seed}`, Item, (input, tools) => {
      this.#add(input as unknown as AnyWire, () => 1, true);
      const makers = [this.#stage, this.#stage, this.#stage, this.#filter, this.#route, this.#merge, this.#join];
      const size = 1 + this.#random.below(11);
      for (let node = 0; node < size; node++) this.#one(makers).call(this, node, tools as unknown as AnyTools);
      if (this.#free.length === 0) this.#stage(99);
      end = this.#end(tools as unknown as AnyTools);
      return end.wire as never;
    }) as unknown as Topology<Item, Item, string>;
    const { count, isOrdered } = end as unknown as Wire;
    const deadLetters: Count = (n) => this.#letters.reduce((sum, each) => sum + each(n), 0);
    return { topology, outputs: count, letters: deadLetters, isOrdered, mistakes: this.#mistakes };
  }

  #end({ merge }: AnyTools): Wire {
    const ends = this.#free;
    if (ends.length === 1) return ends[0] as Wire;
    const count: Count = (n) => ends.reduce((sum, end) => sum + end.count(n), 0);
    return { wire: merge(...ends.map(({ wire }) => wire)), count, isOrdered: false, isUsed: true };
  }

  #stage(node: number): void {
    const from = this.#take();
    const behaviour = this.#one<Behaviour>(["pass", "pass", "fail", "drop"]);
    const many = this.#random.chance(0.2) ? 2 : 1;
    const workers = this.#one([1, 1, 2, 3]);
    const order = this.#one(["preserve", "preserve", "any"]);
    const by = this.#one<unknown>(["round-robin", "least-loaded", "broadcast", ({ n }: Item) => n % 3]);
    const queueSize = this.#one([1, 2, 8, 64]);
    const name = nameFor(node, behaviour, many);
    const made = from.wire.stage(byName, { name, workers, order, by, queueSize });
    const arriving: Count = (n) => from.count(n) * (by === "broadcast" ? workers : 1);
    const isStruck = (n: number) => behaviour !== "pass" && strikes(node, n);
    if (behaviour === "fail") this.#letters.push((n) => (isStruck(n) ? arriving(n) : 0));
    this.#add(made, (n) => (isStruck(n) ? 0 : arriving(n) * many), order === "preserve" && workers > 1);
  }

  #filter(node: number): void {
    const from = this.#take();
    const keep = (n: number) => chanceOf(node, n) > 0.2;
    const made = from.wire.filter(({ n }) => keep(n), { name: `filter${node}` });
    this.#add(made, (n) => (keep(n) ? from.count(n) : 0), from.isOrdered);
  }

  #route(node: number): void {
    const from = this.#take();
    const takes = (n: number) => chanceOf(node, n) < 0.5;
    const isOpen = this.#random.chance(0.5);
    const rest = (n: number) => isOpen || chanceOf(node + 1, n) < 0.7;
    const routes = { a: ({ n }: Item) => takes(n), b: isOpen ? otherwise : ({ n }: Item) => rest(n) };
    const { a, b } = from.wire.route(routes, { name: `route${node}` });
    this.#add(a, (n) => (takes(n) ? from.count(n) : 0), from.isOrdered);
    this.#add(b, (n) => (!takes(n) && rest(n) ? from.count(n) : 0), from.isOrdered);
    this.#letters.push((n) => (takes(n) || rest(n) ? 0 : from.count(n)));
  }

  #merge(_: number, { merge }: AnyTools): void {
    const pair = this.#two();
    if (pair === undefined) return;
    const [x, y] = pair;
    this.#add(merge(x.wire, y.wire), (n) => x.count(n) + y.count(n), false);
  }

  #join(node: number, { join }: AnyTools): void {
    const pair = this.#two();
    if (pair === undefined) return;
    const [x, y] = pair;
    const name = `join${node}`;
    const into = (parts: { readonly x: Item; readonly y: Item }) => {
      if (parts.x.n !== parts.y.n) this.#mistakes.push(`${name} paired ${parts.x.n} with ${parts.y.n}`);
      return Item({ n: parts.x.n });
    };
    const made = join(into, { x: x.wire, y: y.wire }, { timeout: 600_000, name });
    this.#add(made, (n) => Math.min(x.count(n), y.count(n)), false);
    this.#letters.push((n) => Math.abs(x.count(n) - y.count(n)));
  }

  get #free(): Wire[] {
    return this.#wires.filter(({ isUsed }) => !isUsed);
  }

  #add(wire: AnyWire, count: Count, isOrdered: boolean): void {
    this.#wires.push({ wire, count, isOrdered, isUsed: false });
  }

  /** Picks a wire to continue with, usually one that has no reader yet. */
  #take(other?: Wire): Wire {
    const wires = this.#wires.filter((wire) => wire !== other);
    const free = wires.filter(({ isUsed }) => !isUsed);
    const wire = this.#one(free.length > 0 && this.#random.chance(0.75) ? free : wires);
    wire.isUsed = true;
    return wire;
  }

  #two(): readonly [Wire, Wire] | undefined {
    if (this.#wires.length < 2) return undefined;
    const first = this.#take();
    return [first, this.#take(first)];
  }

  #one<T>(list: readonly T[]): T {
    return list[this.#random.below(list.length)] as T;
  }
}
