import { errors, isRinglineError } from "@ringline/core";
import { type Clock, randomId } from "@ringline/core/internal";
import { Endpoint } from "../../endpoint/endpoint.js";
import { HOST, Link } from "../../endpoint/link.js";
import { type SegmentEvent, takeEvents } from "../../endpoint/wire.js";
import { BELL, Bell } from "../../ring/bell.js";
import { LogReader } from "../../ring/log-reader.js";
import { LOG_CONTROL } from "../../ring/log-writer.js";
import { SendIntent } from "../../ring/send-intent.js";
import type { SlabEvent } from "../../tables/slab-table.js";
import type { HostPlatform, ThreadWorker } from "../platform.js";
import type { ThreadSettings } from "../settings.js";
import type { LinkSetup, ThreadSetup } from "../setup.js";
import type { HostedThread } from "./hosted-thread.js";
import { freePlaceNumber, takePlaceNumber } from "./place-numbers.js";
import { ThreadWatch } from "./thread-watch.js";

/** Milliseconds that a thread has to halt. */
const HALT = 250;

const shared = (bytes: number) => new SharedArrayBuffer(bytes);
/** A second reader of a log, used when its reader is lost. */
const copyOf = (control: SharedArrayBuffer) => new LogReader(new Int32Array(control));

/** The threads of a runtime: starts them, links each with all others, and detects their end. */
export class Threads {
  readonly endpoint: Endpoint;
  readonly #platform: HostPlatform;
  readonly #bell = shared(BELL);
  readonly #threads = new Map<number, HostedThread>();
  readonly #onLost: (thread: HostedThread, reason: string) => void;
  readonly #watch: ThreadWatch;
  /** Ended threads whose loss is still being handled. */
  readonly #going = new Set<Promise<void>>();
  #next = HOST + 1;

  /** `onLost`: called after everything that the thread wrote was read. */
  constructor(
    { stallTimeout }: ThreadSettings,
    platform: HostPlatform,
    clock: Clock,
    onLost: (thread: HostedThread, reason: string) => void,
  ) {
    this.#platform = platform;
    this.#onLost = onLost;
    this.endpoint = new Endpoint(HOST, this.#bell, platform);
    this.endpoint.linkSelf(shared(LOG_CONTROL), this.#bell, () => {});
    this.endpoint.intake.onCorrupt = (from, error) =>
      this.abandon(from.index, `what it wrote cannot be read: ${error}`);
    this.endpoint.wake();
    this.#watch = new ThreadWatch(this.endpoint, stallTimeout, clock, (index) => {
      this.abandon(index, `it did not answer for ${stallTimeout} ms`);
    });
  }

  /** Called with the memory of a port's latencies. */
  onLatencies: (port: number, memory: SharedArrayBuffer) => void = () => {};

  get list(): readonly HostedThread[] {
    return [...this.#threads.values()];
  }
  get(index: number): HostedThread | undefined {
    return this.#threads.get(index);
  }

  /** Starts a thread, which may be used for placement at once. Throws `BACKEND_UNAVAILABLE`. */
  start(isDedicated: boolean): HostedThread {
    const index = this.#next++;
    const [bell, self] = [shared(BELL), shared(LOG_CONTROL)];
    const holder = takePlaceNumber();
    const own = copyOf(self);
    const [inbound, outbound] = [new Map([[index, own]]), new Map([[index, own]])];
    const host = this.#linkHost(index, bell, inbound);
    const worker = this.#begin({ index, placeNumber: holder, randomId: randomId(), bell, self, host });
    let settle!: HostedThread["settle"];
    const ready = new Promise<void>((resolve, reject) => {
      settle = (error) => (error === undefined ? resolve() : reject(error));
    });
    ready.catch(() => {}); // each caller that awaits it handles the rejection
    const [kernels, targets] = [new Map<number, string>(), new Set<number>()];
    const logs = { bell: new Bell(bell), inbound, outbound, sendIntent: new SendIntent(bell) };
    const thread: HostedThread = {
      ...{ index, placeNumber: holder, worker, ...logs, isDedicated, kernels, targets },
      ...{ ready, isReady: false, settle },
    };
    this.#threads.set(index, thread);
    this.#countCores();
    const gone = worker.ended.then((reason) => this.#lost(thread, reason));
    this.#going.add(gone);
    void gone.finally(() => this.#going.delete(gone));
    return thread;
  }

  #begin(setup: ThreadSetup): ThreadWorker {
    try {
      return this.#platform.start(setup);
    } catch (cause) {
      this.endpoint.disconnect(setup.index);
      this.#reclaim(setup.placeNumber);
      if (isRinglineError(cause)) throw cause;
      throw new errors.BACKEND_UNAVAILABLE({ backend: this.#platform.backend }, { cause });
    }
  }

  #linkHost(index: number, bell: SharedArrayBuffer, inbound: Map<number, LogReader>): LinkSetup {
    const [to, from] = [shared(LOG_CONTROL), shared(LOG_CONTROL)];
    const [here, there] = this.#platform.channel();
    const memory = { out: to, in: from, bell };
    const wire = this.endpoint.openWire(here, memory, (announcement) => this.#handle(index, announcement));
    const copy = copyOf(to);
    inbound.set(HOST, copy);
    const tell = (news: SegmentEvent) => {
      wire.post(news);
      takeEvents(news, copy);
    };
    this.endpoint.links.add(
      new Link(index, memory, this.#bell, wire, {
        segment: (id, memory) => tell({ log: index, id, memory }),
        forget: (id) => tell({ log: index, id }),
      }),
    );
    return { index: HOST, memory: { out: from, in: to, bell: this.#bell }, port: there };
  }

  /** Links two threads that are both ready: a starting thread could not receive a port whose other end has closed. */
  #linkBoth(one: HostedThread, other: HostedThread): void {
    const [to, from] = [shared(LOG_CONTROL), shared(LOG_CONTROL)];
    const [port1, port2] = this.#platform.channel();
    const keep = (writer: HostedThread, reader: HostedThread, control: SharedArrayBuffer) => {
      const copy = copyOf(control);
      writer.outbound.set(reader.index, copy);
      reader.inbound.set(writer.index, copy);
    };
    keep(one, other, to);
    keep(other, one, from);
    const join = (thread: HostedThread, link: LinkSetup) =>
      this.endpoint.links.get(thread.index)?.wire.post({ join: link }, [link.port]);
    join(one, { index: other.index, memory: { out: to, in: from, bell: other.bell.memory }, port: port1 });
    join(other, { index: one.index, memory: { out: from, in: to, bell: one.bell.memory }, port: port2 });
  }

  /** Handles an announcement: of latencies, a slab or a segment. */
  #handle(index: number, announcement: object): void {
    const { latencies, memory } = announcement as { latencies?: number; memory: SharedArrayBuffer };
    if (latencies !== undefined) {
      this.onLatencies(latencies, memory);
      return;
    }
    if ((announcement as Partial<SlabEvent>).slab !== undefined) {
      this.endpoint.slabs.learn(announcement as SlabEvent, index);
      return;
    }
    const news = announcement as SegmentEvent;
    const reader = news.log === HOST ? this.endpoint.links.get(index)?.reader : this.get(news.log)?.inbound.get(index);
    if (reader !== undefined) takeEvents(news, reader);
  }

  /** Handles the report of a thread that it is ready. */
  isReady(index: number): void {
    const thread = this.#threads.get(index);
    if (thread === undefined) return;
    for (const other of this.list) if (other.isReady) this.#linkBoth(thread, other);
    thread.isReady = true;
    this.#watch.add(index);
    thread.settle();
  }

  async #lost(thread: HostedThread, reason: string): Promise<void> {
    const { endpoint } = this;
    const { index } = thread;
    const shapes = endpoint.links.get(index)?.shapes;
    for (const reader of thread.inbound.values()) reader.close();
    // with what its writers announced: the host now reads in its place
    const isLate = endpoint.disconnect(index);
    if (isLate !== undefined) await isLate;
    this.#threads.delete(index);
    this.#countCores();
    this.#watch.delete(index);
    for (const other of this.list) {
      const reader = other.inbound.get(index);
      // messages that it sent there must be readable if that thread is lost as well
      if (reader !== undefined) reader.shapes = shapes;
      const writers = other.inbound.get(other.index)?.writers;
      for (const [writer, { shapes, isEmpty }] of other.inbound) {
        if (shapes !== undefined && isEmpty && writers?.has(writer) === false) other.inbound.delete(writer);
      }
      endpoint.notify(other.index, { k: "part", index });
    }
    // its last calls are in progress: an output that the host accepts now was sent, and its input must record that
    // before a retry; promises settle within a turn
    await endpoint.turn();
    this.#onLost(thread, reason);
    for (const reader of thread.inbound.values()) reader.clear();
    this.#reclaim(thread.placeNumber);
  }

  /** Allows the host to spin only while there are fewer threads than cores. */
  #countCores(): void {
    this.endpoint.maySpin = this.#threads.size < this.#platform.cores;
  }

  /** Releases the buffer references of a lost thread. */
  #reclaim(holder: number): void {
    const { slabs, links } = this.endpoint;
    for (const slab of slabs.all) slab.reclaim(holder);
    freePlaceNumber(holder);
    for (const id of slabs.abandoned((maker) => this.#threads.has(maker))) {
      for (const { index, wire } of links.list) if (index !== HOST) wire.post({ slab: id });
    }
  }

  /** Terminates a thread. */
  abandon(index: number, reason: string): void {
    this.#threads.get(index)?.worker.end(reason);
  }

  /** Halts all threads; terminates those that do not end within `HALT`. Resolves when all have ended. */
  async dispose(): Promise<void> {
    this.#watch.stop();
    const ends = this.list.map(({ index, worker }) => {
      const timer = setTimeout(() => worker.end("its runtime is disposed"), HALT);
      this.endpoint.notify(index, { k: "halt" });
      return worker.ended.finally(() => clearTimeout(timer));
    });
    await Promise.all(ends);
    await Promise.all(this.#going);
    this.endpoint.slabs.close();
  }
}
