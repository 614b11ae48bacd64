import { randomUUID } from "node:crypto";
import { errors, isRinglineError } from "@ringline/core";
import {
  type Clock,
  type CoreServices,
  DurableFlow,
  type Incarnation,
  MemoryPort,
  type Place,
  type Port,
  type PortSpec,
  type UnitSpec,
} from "@ringline/core/backend";
import { Connection } from "../connection.js";
import { type HostNews, isHostNews } from "../host-news.js";
import { StreamJournal } from "../journal/stream-journal.js";
import type { Settings } from "../options.js";
import { VERSION } from "../wire/line.js";
import { HostLink } from "./host-link.js";
import { MirroredPort } from "./mirrored-port.js";
import { RemoteUnit } from "./remote-unit.js";
import { countOf, toMove } from "./to-move.js";

/** Milliseconds between two signs of life. */
const BEAT = 250;
/** Milliseconds between two that say that this process was busy. */
const DEAF = 2 * BEAT;
/** Milliseconds to wait for others, once the first host has answered. */
const GATHER = 20;

/** The hosts of one runtime. */
export class HostsPlace implements Place {
  readonly clock: Clock;
  readonly late: CoreServices["lateReply"];
  readonly #settings: Settings;
  readonly #connection: Connection;
  readonly #known = new Map<string, HostNews>();
  readonly #hosts = new Map<string, HostLink>();
  /** By flow. */
  readonly #journals = new Map<string, StreamJournal>();
  /** Who waits for news of hosts. */
  readonly #waiting = new Set<() => void>();
  #nextUnit = 1;
  #isMoving = false;
  #beatAt = performance.now();
  readonly #beating: NodeJS.Timeout;

  private constructor(settings: Settings, core: CoreServices, connection: Connection) {
    this.clock = core.clock;
    this.late = core.lateReply;
    this.#settings = settings;
    this.#connection = connection;
    connection.onChange = (change, to) => core.connection?.({ change, to });
    connection.onNews("hosts", (news) => this.#hear(news));
    connection.onFrame((from, bytes) => this.#hosts.get(from)?.line.receive(bytes));
    this.#beating = setInterval(() => this.#beat(), BEAT);
  }

  /** Rejects with `BACKEND_UNAVAILABLE` where there is no server. */
  static async start(settings: Settings, core: CoreServices): Promise<HostsPlace> {
    const place = new HostsPlace(settings, core, await Connection.open(settings, randomUUID()));
    place.#connection.tellAll("who", {});
    return place;
  }

  async openPort(spec: PortSpec): Promise<Port> {
    if (spec.direction === "input") return new MirroredPort(spec, this.clock);
    return new MemoryPort(spec, this.clock); // what comes here is a copy already
  }

  async spawn(spec: UnitSpec): Promise<Incarnation> {
    const { id, module } = spec.kernel;
    if (module === undefined) throw new errors.MODULE_MISSING({ module: null }, { kernelId: id });
    for (;;) {
      const host = await this.#hostFor(spec);
      const unit = new RemoteUnit(this.#nextUnit++, spec, host);
      host.units.set(unit.id, unit);
      try {
        await unit.begin();
        return unit;
      } catch (error) {
        host.forget(unit);
        if (spec.again?.aborted) throw error;
        if (!isRinglineError(error, "HOST_LOST")) throw error; // otherwise another one may take it
      }
    }
  }

  async keep(flow: string): Promise<DurableFlow> {
    await this.#journals.get(flow)?.close();
    const { prefix, durable } = this.#settings;
    const journal = await StreamJournal.open(this.#connection.client, this.clock, prefix, flow, durable);
    this.#journals.set(flow, journal);
    return new DurableFlow(journal, this.clock);
  }

  // --- hosts ---

  #hear(news: unknown): void {
    if (!isHostNews(news)) {
      this.#connection.refused++;
      return;
    }
    if (news.version !== VERSION) return;
    if (news.isLeaving) this.#known.delete(news.host);
    else this.#known.set(news.host, news);
    if (news.isGone) this.#hosts.get(news.host)?.lose("it has ended");
    for (const heard of this.#waiting) heard();
    this.#balance();
  }

  /** One kernel at a time moves from a host that has more than others, or that is about to leave. */
  #balance(): void {
    if (this.#isMoving) return;
    const hosts = [...this.#hosts.values()].filter(({ line }) => !line.isClosed);
    const unit = toMove(hosts, (kernelId) => this.#fitting(kernelId).map(({ host }) => host));
    if (unit?.spec.reports.renew?.() !== true) return; // the next sign of life is the next try
    this.#isMoving = true;
    void unit.exited.then(() => {
      this.#isMoving = false;
    });
  }

  async #hostFor(spec: UnitSpec): Promise<HostLink> {
    const { id } = spec.kernel;
    if (this.#fitting(id).length === 0) await this.#gather(spec);
    const alike = ({ host }: HostNews) => countOf(spec.kernel, this.#hosts.get(host));
    const [best] = this.#fitting(id).sort((a, b) => alike(a) - alike(b) || this.#load(a) - this.#load(b));
    if (best === undefined) throw this.#unavailable(id);
    const host = this.#hosts.get(best.host) ?? new HostLink(best.host, this.#connection, this);
    this.#hosts.set(best.host, host);
    return host;
  }

  /** Those that take kernels, and offer what this one wants. */
  #fitting(kernelId: string): HostNews[] {
    const wanted = this.#settings.labels[kernelId] ?? [];
    return [...this.#known.values()].filter(({ labels }) => wanted.every((label) => labels.includes(label)));
  }

  /** Kernels that it runs: those of others as it said last, and those of this runtime as they are now. */
  #load({ host, runtimes }: HostNews): number {
    let load = this.#hosts.get(host)?.units.size ?? 0;
    for (const [runtime, units] of Object.entries(runtimes)) if (runtime !== this.#connection.name) load += units;
    return load;
  }

  /** Until there is a host that fits, and a little longer, so that others can answer, too. What lived before waits for one. */
  async #gather({ kernel: { id }, again, reports }: UnitSpec): Promise<void> {
    this.#connection.tellAll("who", {});
    const isEnough = () => this.#fitting(id).length > 0 || again?.aborted;
    const until = performance.now() + this.#settings.hostTimeout;
    while (!isEnough() && performance.now() < until) await this.#news(until - performance.now(), again);
    if (!isEnough() && again !== undefined) reports.error(this.#unavailable(id), undefined);
    while (!isEnough() && again !== undefined) await this.#news(this.#settings.hostTimeout, again);
    const end = performance.now() + GATHER;
    while (performance.now() < end) await this.#news(end - performance.now(), undefined);
  }

  /** Resolves when something is heard of a host, at the latest after so many milliseconds. */
  #news(timeout: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, timeout);
      this.#waiting.add(done);
      signal?.addEventListener("abort", done);
    });
  }

  #unavailable(kernelId: string) {
    const wanted = this.#settings.labels[kernelId] ?? [];
    const which = wanted.length > 0 ? ` with the labels ${wanted.join(", ")}` : "";
    const cause = new Error(`no host${which} has answered within ${this.#settings.hostTimeout} ms`);
    const remedy = `Start one: npx ringline-host --servers ${this.#settings.servers.join(",")} --prefix ${this.#settings.prefix} --module <the kernels' module>`;
    return new errors.BACKEND_UNAVAILABLE({ backend: "nats" }, { cause, remedy });
  }

  #beat(): void {
    const now = performance.now();
    // whoever was busy itself, or cut off, has heard nobody
    if (now - this.#beatAt > DEAF || !this.#connection.isUp) for (const { line } of this.#hosts.values()) line.excuse();
    this.#beatAt = now;
    this.#balance();
    for (const host of [...this.#hosts.values()]) {
      const silent = now - host.line.heardAt;
      if (silent > this.#settings.hostTimeout) host.lose(`nothing was heard of it for ${Math.round(silent)} ms`);
      else host.line.beat();
    }
  }

  lost(host: HostLink): void {
    this.#hosts.delete(host.name);
    this.#known.delete(host.name);
  }

  /** All kernels have ended before. */
  async dispose(): Promise<void> {
    clearInterval(this.#beating);
    await Promise.all([...this.#journals.values()].map((journal) => journal.close()));
    for (const { line, calls } of this.#hosts.values()) {
      line.tell("bye");
      line.close();
      calls.end(() => new errors.TERMINATED({ operation: "dispose" }));
    }
    await this.#connection.close();
  }
}
