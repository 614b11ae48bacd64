import type { Description, Inspection, KernelTelemetry, Latency, Ledger, Runtime } from "@ringline/core";
import { EventLog } from "./event-log.js";
import { LetterBook } from "./letter-book.js";
import type { NodeView, Picture, StageDetail, Tick } from "./model.js";
import { nodeIdOf } from "./node-id.js";
import { Painter } from "./picture.js";
import { Progress } from "./progress.js";
import { Tracing } from "./tracing.js";

/** Milliseconds between two refreshes while there is a viewer. */
const EVERY = 1000;
/** A refresh takes at most one part in this many of the time, unless `MOST_BETWEEN` milliseconds have passed. */
const SHARE = 50;
const MOST_BETWEEN = 10_000;

type Viewer = (tick: Tick) => void;

/** Reads a runtime while there are viewers, and sends each viewer the changes. */
export class Observer {
  readonly events: EventLog;
  readonly letters: LetterBook;
  readonly tracing = new Tracing();
  readonly #runtime: Runtime;
  readonly #painter = new Painter();
  readonly #progress = new Progress();
  readonly #descriptions = new WeakMap<object, Description>();
  /** Viewers. `isNew`: true before the first whole picture. `lastEvent`: number of the last event that was sent. */
  readonly #viewers = new Map<Viewer, { isNew: boolean; lastEvent: number }>();
  /** The nodes of the last picture as text, to detect changes. */
  #told = new Map<string, string>();
  #edges = "";
  #groups: Tick["letters"] = { size: 0, evicted: 0, groups: [] };
  #groupsAt = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<Picture> | undefined;
  #every = EVERY;
  #isClosed = false;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.events = new EventLog(runtime);
    this.letters = new LetterBook(runtime);
    // one refresh at a stall while nobody watches, so that a later viewer sees when the stall began
    let lastLook = 0;
    this.events.onStall = () => {
      if (this.#viewers.size > 0 || Date.now() - lastLook < 10_000) return;
      lastLook = Date.now();
      void this.look().catch(() => {});
    };
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** Sends a viewer the whole state, then the changes. */
  watch(viewer: Viewer): Disposable {
    this.#viewers.set(viewer, { isNew: true, lastEvent: 0 });
    if (this.#viewers.size === 1) this.events.watchDrops(true);
    clearTimeout(this.#timer);
    void this.#tick();
    return {
      [Symbol.dispose]: () => {
        if (!this.#viewers.delete(viewer) || this.#viewers.size > 0) return;
        clearTimeout(this.#timer);
        this.events.watchDrops(false);
        this.tracing.sample(0);
        this.#told = new Map();
      },
    };
  }

  /** Sends the whole state again to a viewer that missed something. */
  renew(viewer: Viewer): void {
    const seen = this.#viewers.get(viewer);
    if (seen !== undefined) seen.isNew = true;
  }

  /** Refreshes now; concurrent callers share one refresh. */
  look(): Promise<Picture> {
    this.#looking ??= this.#paint().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #paint(): Promise<Picture> {
    const start = performance.now();
    const [telemetry, inspection] = await this.#read();
    const at = Date.now();
    this.#progress.update(at, inspection, telemetry);
    const descriptions = new Map(this.#runtime.flows.map((flow) => [flow.id, this.#describe(flow)]));
    const picture = this.#painter.paint({ at, telemetry, inspection, descriptions }, this.#progress);
    this.#every = Math.min(MOST_BETWEEN, Math.max(EVERY, (performance.now() - start) * SHARE));
    return picture;
  }

  async #read(): Promise<[ReadonlyMap<string, KernelTelemetry>, Inspection]> {
    const telemetry = await this.#runtime.telemetry();
    return [telemetry, await this.#runtime.inspect()];
  }

  #describe(flow: { describe(): Description }): Description {
    const description = this.#descriptions.get(flow) ?? flow.describe();
    this.#descriptions.set(flow, description);
    return description;
  }

  async #tick(): Promise<void> {
    const picture = await this.look().catch(() => undefined);
    if (this.#isClosed || this.#viewers.size === 0) return;
    if (picture !== undefined) this.#tell(picture);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#tick(), this.#every);
    (this.#timer as { unref?(): void }).unref?.();
  }

  #tell(picture: Picture): void {
    const { at, flows, stories } = picture;
    const told = new Map<string, string>();
    const changed: NodeView[] = [];
    for (const [id, node] of picture.nodes) {
      const text = JSON.stringify(node);
      told.set(id, text);
      if (this.#told.get(id) !== text) changed.push(node);
    }
    const gone = [...this.#told.keys()].filter((id) => !told.has(id));
    const edges = JSON.stringify(picture.edges);
    const hasNewEdges = edges !== this.#edges;
    this.#told = told;
    this.#edges = edges;
    const letters = this.#letters();
    const viewers = this.#viewers.size;
    const common = { at, flows, stories, letters, viewers, every: this.#every, tracing: this.tracing.every };
    for (const [viewer, seen] of this.#viewers) {
      const { isNew, lastEvent } = seen;
      const events = this.events.since(lastEvent, at);
      seen.isNew = false;
      seen.lastEvent = this.events.last;
      viewer({
        ...common,
        events,
        isWhole: isNew,
        nodes: isNew ? [...picture.nodes.values()] : changed,
        gone: isNew ? [] : gone,
        ...((isNew || hasNewEdges) && { edges: picture.edges }),
      });
    }
  }

  #letters(): Tick["letters"] {
    const { size, evicted } = this.#runtime.deadLetters;
    const state = `${size} ${evicted} ${this.events.letters}`;
    if (state !== this.#groupsAt) this.#groups = { size, evicted, groups: this.letters.groups() };
    this.#groupsAt = state;
    return this.#groups;
  }

  /** All details of a stage or kernel; undefined for an unknown id. */
  async detail(id: string): Promise<StageDetail | undefined> {
    const picture = await this.look();
    const node = picture.nodes.get(id);
    if (node === undefined || node.kernels.length === 0) return undefined;
    const [telemetry, { kernels }] = await this.#read();
    const inspected = kernels.filter((kernel) => nodeIdOf(kernel) === id);
    const figures = inspected.flatMap(({ kernelId }) => telemetry.get(kernelId) ?? []);
    const [first] = inspected;
    if (first === undefined || figures.length === 0) return undefined;
    return {
      at: Date.now(),
      node,
      ledger: { input: sumOf(figures, "input"), output: sumOf(figures, "output") },
      wait: merged(figures.map(({ wait }) => wait)),
      processing: merged(figures.map(({ processing }) => processing)),
      workers: inspected.map(({ kernelId, state, backend, queued, inHand }) => {
        const { processed = 0, restarts = 0, throughput, thread } = telemetry.get(kernelId) ?? {};
        return {
          ...{ id: kernelId, state, backend, queued, inHand, processed, restarts, rate: throughput?.recent ?? 0 },
          thread: thread?.thread ?? null,
          threadUtilization: thread?.utilization ?? null,
        };
      }),
      backpressure: first.backpressure,
      links: first.links,
      peers: first.peers,
      device: figures[0]?.device ?? null,
      events: this.events.of(new Set([id, ...node.kernels]), 100),
    };
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#viewers.clear();
    this.events.close();
    this.tracing.close();
  }
}

function sumOf(figures: readonly KernelTelemetry[], port: "input" | "output"): Ledger {
  const total = { accepted: 0, queued: 0, inHand: 0, done: 0, dropped: 0, deadLettered: 0 };
  for (const { ledger } of figures)
    for (const name of Object.keys(total) as (keyof Ledger)[]) total[name] += ledger[port][name];
  return total;
}

/** Latencies of all workers: octaves add up, percentiles are those of the slowest. */
function merged(latencies: readonly Latency[]): Latency {
  const slowest = latencies.reduce((most, one) => (one.p99 > most.p99 ? one : most));
  const octaves: number[] = [];
  for (const one of latencies) for (const [i, n] of one.octaves.entries()) octaves[i] = (octaves[i] ?? 0) + n;
  return { ...slowest, octaves };
}
