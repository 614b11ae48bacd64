import type { EdgeView, EventView, FlowView, Hello, NodeView, Story, Tick } from "../watch/model.js";

/** Points of history of each node: five minutes at one refresh a second. */
const POINTS = 300;
/** Number of nodes beyond which a node has no history until it is opened. */
const MOST_WITH_HISTORY = 300;
const MOST_EVENTS = 2000;

/** Figures of one node over time, oldest first; never longer than `POINTS`. */
export interface History {
  readonly at: number[];
  readonly rate: number[];
  readonly queued: number[];
  readonly p50: number[];
  readonly p99: number[];
}

export interface State {
  readonly hello: Hello | undefined;
  readonly isConnected: boolean;
  readonly at: number;
  readonly nodes: ReadonlyMap<string, NodeView>;
  readonly edges: readonly EdgeView[];
  readonly flows: readonly FlowView[];
  readonly stories: readonly Story[];
  /** Oldest first. */
  readonly events: readonly EventView[];
  readonly letters: Tick["letters"];
  readonly viewers: number;
  readonly every: number;
  readonly tracing: number;
}

const EMPTY: State = {
  ...{ hello: undefined, isConnected: false, at: 0, nodes: new Map(), edges: [], flows: [], stories: [], events: [] },
  ...{ letters: { size: 0, evicted: 0, groups: [] }, viewers: 0, every: 1000, tracing: 0 },
};

/** The state of the program as the page knows it: the sum of the ticks of the stream. */
export class Store {
  state = EMPTY;
  readonly histories = new Map<string, History>();
  /** The node whose history is kept even if there are too many. */
  watched: string | undefined;
  readonly #listeners = new Set<() => void>();
  #source: EventSource | undefined;

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async open(): Promise<void> {
    const source = new EventSource("stream");
    this.#source = source;
    source.onmessage = ({ data }) => this.apply(JSON.parse(data as string) as Tick);
    source.onerror = () => this.#set({ isConnected: false });
    const response = await fetch("api/hello");
    if (response.ok) this.#set({ hello: (await response.json()) as Hello });
  }

  close(): void {
    this.#source?.close();
  }

  apply(tick: Tick): void {
    const nodes = new Map(tick.isWhole ? [] : this.state.nodes);
    for (const id of tick.gone) nodes.delete(id);
    for (const node of tick.nodes) nodes.set(node.id, node);
    const events = new Map((tick.isWhole ? [] : this.state.events).map((event) => [event.n, event]));
    for (const event of tick.events) events.set(event.n, event);
    const { at, flows, stories, letters, viewers, every, tracing, edges = this.state.edges } = tick;
    this.#remember(at, nodes);
    const kept = [...events.values()].slice(-MOST_EVENTS);
    this.#set({ isConnected: true, at, nodes, edges, flows, stories, events: kept, letters, viewers, every, tracing });
  }

  #remember(at: number, nodes: ReadonlyMap<string, NodeView>): void {
    const all = nodes.size <= MOST_WITH_HISTORY ? [...nodes.keys()] : this.watched === undefined ? [] : [this.watched];
    for (const id of this.histories.keys()) if (!all.includes(id)) this.histories.delete(id);
    for (const id of all) {
      const node = nodes.get(id);
      if (node === undefined) continue;
      const history = this.histories.get(id) ?? { at: [], rate: [], queued: [], p50: [], p99: [] };
      this.histories.set(id, history);
      const { rate, queued, processing } = node;
      const point = { at: at / 1000, rate, queued, p50: processing.p50, p99: processing.p99 };
      for (const name of Object.keys(point) as (keyof History)[]) {
        history[name].push(point[name]);
        if (history[name].length > POINTS) history[name].shift();
      }
    }
  }

  #set(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
