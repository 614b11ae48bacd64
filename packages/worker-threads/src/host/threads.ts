import { availableParallelism } from "node:os";
import { MessageChannel } from "node:worker_threads";
import type { Clock } from "@ringline/core/backend";
import {
  BELL,
  Bell,
  Endpoint,
  HOST,
  Link,
  LOG_CONTROL,
  LogReader,
  SendNote,
  type SlabNews,
  type Wire,
} from "@ringline/remote";
import { controlPacker } from "../control-packer.js";
import { NodeWire, type SegmentNews, takeNews } from "../node-wire.js";
import type { ThreadSettings } from "../options.js";
import type { LinkSetup } from "../setup.js";
import { freeHolder, takeHolder } from "./holders.js";
import type { HostedThread } from "./hosted-thread.js";
import { Pool } from "./pool.js";
import { ThreadWatch } from "./thread-watch.js";

const shared = (bytes: number) => new SharedArrayBuffer(bytes);

/** The threads of a runtime: starts them, links each with all others, and hears of their end. */
export class Threads {
  readonly endpoint: Endpoint;
  readonly #pool: Pool;
  readonly #bell = shared(BELL);
  readonly #threads = new Map<number, HostedThread>();
  readonly #onLost: (thread: HostedThread, cause: Error) => void;
  readonly #watch: ThreadWatch;
  #next = HOST + 1;
  #isDisposed = false;

  /** `onLost`: everything that the thread wrote has been taken in. */
  constructor(settings: ThreadSettings, clock: Clock, onLost: (thread: HostedThread, cause: Error) => void) {
    this.#pool = new Pool(settings);
    this.#onLost = onLost;
    this.endpoint = new Endpoint(HOST, this.#bell, setImmediate, controlPacker);
    this.#joinSelf();
    this.endpoint.intake.onCorrupt = (from, error) => this.get(from.index)?.task.kill() ?? console.error(error);
    this.endpoint.wake();
    this.#watch = new ThreadWatch(this.endpoint, settings.stallTimeout, clock, (index) => {
      this.abandon(index, new Error(`it did not answer for ${settings.stallTimeout} ms`));
    });
  }

  get list(): readonly HostedThread[] {
    return [...this.#threads.values()];
  }
  get(index: number): HostedThread | undefined {
    return this.#threads.get(index);
  }

  /** A thread that starts, which may be counted on from now on. */
  start(isDedicated: boolean): HostedThread {
    const index = this.#next++;
    const bell = shared(BELL);
    const self = shared(LOG_CONTROL);
    const setups: LinkSetup[] = [];
    const inbound = new Map<number, LogReader>();
    const outbound = new Map<number, LogReader>();
    const copy = (writer: number, control: SharedArrayBuffer) => {
      const reader = new LogReader(new Int32Array(control), () => {});
      inbound.set(writer, reader);
      return reader;
    };
    setups.push(this.#linkHost(index, bell, copy));
    for (const other of this.list) setups.push(this.#linkOther(other, index, bell, copy, outbound));
    copy(index, self);
    outbound.set(index, inbound.get(index) as LogReader);
    const ports = setups.map(({ port }) => port);
    const holder = takeHolder();
    const task = this.#pool.run({ index, holder, bell, self, links: setups }, ports);
    const thread: HostedThread = {
      ...{
        index,
        holder,
        bell: new Bell(bell),
        task,
        inbound,
        outbound,
        note: new SendNote(bell),
        isDedicated,
        kernels: new Map(),
        targets: new Set(),
        worker: undefined,
        ready: Promise.resolve(),
      },
      ...{ cause: undefined, isGone: false },
    };
    this.#threads.set(index, thread);
    this.#countCores();
    thread.ready = this.#ready(thread);
    return thread;
  }

  #linkHost(
    index: number,
    bell: SharedArrayBuffer,
    copy: (writer: number, control: SharedArrayBuffer) => LogReader,
  ): LinkSetup {
    const [to, from] = [shared(LOG_CONTROL), shared(LOG_CONTROL)];
    const { port1, port2 } = new MessageChannel();
    const wire = new NodeWire(port1, (message) => this.#heard(index, message));
    const inbound = () => this.get(index)?.inbound.get(HOST);
    copy(HOST, to);
    const tell = (news: SegmentNews) => {
      wire.post(news);
      const reader = inbound();
      if (reader !== undefined) takeNews(news, reader);
    };
    this.endpoint.links.add(
      new Link(index, { out: to, in: from, bell }, this.#bell, wire, {
        segment: (id, memory) => tell({ log: index, id, memory }),
        forget: (id) => tell({ log: index, id }),
      }),
    );
    return { index: HOST, memory: { out: from, in: to, bell: this.#bell }, port: port2 };
  }

  #linkOther(
    other: HostedThread,
    index: number,
    bell: SharedArrayBuffer,
    copy: (writer: number, control: SharedArrayBuffer) => LogReader,
    outbound: Map<number, LogReader>,
  ): LinkSetup {
    const [to, from] = [shared(LOG_CONTROL), shared(LOG_CONTROL)];
    const { port1, port2 } = new MessageChannel();
    other.outbound.set(index, copy(other.index, to));
    const back = new LogReader(new Int32Array(from), () => {});
    other.inbound.set(index, back);
    outbound.set(other.index, back);
    const join: LinkSetup = { index, memory: { out: to, in: from, bell }, port: port1 };
    this.endpoint.links.get(other.index)?.wire.post({ join }, [port1]);
    return { index: other.index, memory: { out: from, in: to, bell: other.bell.memory }, port: port2 };
  }

  #joinSelf(): void {
    const control = shared(LOG_CONTROL);
    const wire: Wire = { post: (news) => takeNews(news as SegmentNews, link.reader), pump() {}, close() {} };
    const link: Link = new Link(HOST, { out: control, in: control, bell: this.#bell }, this.#bell, wire, {
      segment: (id, memory) => link.reader.add(id, memory),
      forget: (id) => link.reader.forget(id),
    });
    link.shapes = this.endpoint.codec.shapes.list;
    this.endpoint.links.add(link);
  }

  /** A wake-up, or news of the memory of a log: of the one to the host, or of another that the host may have to read. */
  #heard(index: number, message: unknown): void {
    if (message === 0) {
      this.endpoint.wake();
      return;
    }
    if ((message as Partial<SlabNews>).slab !== undefined) {
      this.endpoint.slabs.hear(message as SlabNews, index);
      return;
    }
    const news = message as SegmentNews;
    const reader = news.log === HOST ? this.endpoint.links.get(index)?.reader : this.get(news.log)?.inbound.get(index);
    if (reader !== undefined) takeNews(news, reader);
  }

  async #ready(thread: HostedThread): Promise<void> {
    const ready = new Promise<number>((resolve) => this.#waiting.set(thread.index, resolve));
    const failed = thread.task.done.then(() => {
      throw new Error("the thread ended at once");
    });
    try {
      thread.worker = this.#pool.worker(await Promise.race([ready, failed]));
    } catch (error) {
      this.#threads.delete(thread.index);
      this.endpoint.part(thread.index);
      this.#reclaim(thread.holder);
      throw error;
    } finally {
      this.#waiting.delete(thread.index);
    }
    let cause: unknown;
    thread.task.done.catch((error) => {
      cause = error;
    });
    this.#watch.add(thread.index);
    thread.worker?.once("exit", (code) => {
      const reason = thread.cause ?? cause ?? new Error(`it ended with code ${code}`);
      this.#gone(thread, new Error(`thread ${thread.index} is lost`, { cause: reason }));
    });
  }

  readonly #waiting = new Map<number, (threadId: number) => void>();

  /** A thread says that it is ready. */
  isReady(index: number, threadId: number): void {
    this.#waiting.get(index)?.(threadId);
  }

  #gone(thread: HostedThread, cause: Error): void {
    if (thread.isGone) return;
    thread.isGone = true;
    const { endpoint } = this;
    const { index } = thread;
    const shapes = endpoint.links.get(index)?.shapes;
    for (const reader of thread.inbound.values()) reader.close();
    // also of those who wrote to it: what the host reads in its place lies in memory that they announce
    for (const { wire } of endpoint.links.list) wire.pump();
    endpoint.part(index);
    this.#threads.delete(index);
    this.#countCores();
    this.#watch.delete(index);
    for (const other of this.list) {
      const reader = other.inbound.get(index);
      // what it has sent there is to be found when that one is lost as well
      if (reader !== undefined) reader.shapes = shapes;
      for (const [writer, { shapes, isEmpty }] of other.inbound) {
        if (shapes !== undefined && isEmpty) other.inbound.delete(writer);
      }
      endpoint.tell(other.index, { k: "part", index });
    }
    if (!this.#isDisposed) this.#onLost(thread, cause);
    for (const reader of thread.inbound.values()) reader.clear();
    this.#reclaim(thread.holder);
  }

  /** This one needs a core too. */
  #countCores(): void {
    this.endpoint.maySpin = this.#threads.size < availableParallelism();
  }

  /** What a thread held of buffers is free. */
  #reclaim(holder: number): void {
    const { slabs, links } = this.endpoint;
    for (const slab of slabs.all) slab.reclaim(holder);
    freeHolder(holder);
    for (const id of slabs.abandoned((maker) => this.#threads.has(maker))) {
      for (const { index, wire } of links.list) if (index !== HOST) wire.post({ slab: id });
    }
  }

  /** Ends a thread that does not end by itself. */
  abandon(index: number, cause: Error): void {
    const thread = this.#threads.get(index);
    if (thread === undefined) return;
    thread.cause ??= cause;
    thread.task.kill();
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    this.#watch.stop();
    const ends = this.list.map(({ index, task }) => {
      this.endpoint.tell(index, { k: "halt" });
      return task.done.catch(() => {});
    });
    await Promise.race([Promise.all(ends), new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
    await this.#pool.dispose();
    for (const { holder } of this.list) this.#reclaim(holder);
    this.endpoint.slabs.close();
    for (const { index } of this.list) this.endpoint.part(index);
    this.#threads.clear();
  }
}
