import { randomUUID } from "node:crypto";
import { errors, isRinglineError } from "@ringline/core";
import {
  type CoreServices,
  type Incarnation,
  MemoryPort,
  type Place,
  type Port,
  type PortSpec,
  type UnitSpec,
} from "@ringline/core/backend";
import type { Clock, Start } from "@ringline/core/internal";
import { Connection } from "../connection.js";
import { type HostStatus, hostStatusOf } from "../host-status.js";
import { streamKeeper } from "../journal/stream-log.js";
import type { Settings } from "../options.js";
import { VERSION } from "../wire/reliable-link.js";
import { chooseMove, countOf } from "./choose-move.js";
import { HostLink } from "./host-link.js";
import { KnownHosts } from "./known-hosts.js";
import { MirroredPort } from "./mirrored-port.js";
import { RemoteUnit } from "./remote-unit.js";

/** Milliseconds between two heartbeats. */
const HEARTBEAT = 250;
/** Milliseconds between two heartbeats after which this process was busy. */
const BUSY_AFTER = 2 * HEARTBEAT;
/** Milliseconds to wait for further hosts after the first answer: for unknown hosts, and for known ones. */
const GATHER = 20;
const PROBE = 200;

/** Hosts of one runtime, as a place. */
export class HostsPlace implements Place {
  readonly clock: Clock;
  readonly late: CoreServices["lateReply"];
  readonly keeper: Place["keeper"];
  readonly #settings: Settings;
  readonly #connection: Connection;
  readonly #known: KnownHosts;
  readonly #hosts = new Map<string, HostLink>();
  #nextUnit = 1;
  #isMoving = false;
  #isProbing = false;
  #beatAt = performance.now();
  readonly #beating: NodeJS.Timeout;

  private constructor(settings: Settings, core: CoreServices, connection: Connection) {
    this.clock = core.clock;
    this.late = core.lateReply;
    this.keeper = streamKeeper(connection.client, settings.prefix, settings.durable);
    this.#settings = settings;
    this.#connection = connection;
    this.#known = new KnownHosts(settings.hostTimeout);
    connection.onChange = (change, to, reason) => core.connection?.({ change, to, reason });
    connection.onStatus("hosts", hostStatusOf, (news) => this.#handleStatus(news));
    connection.onFrame((from, bytes) => this.#hosts.get(from)?.link.receive(bytes) ?? false);
    this.#beating = setInterval(() => this.#heartbeat(), HEARTBEAT);
  }

  /** Connects. Rejects with `BACKEND_UNAVAILABLE` if there is no server. */
  static async start(settings: Settings, core: CoreServices): Promise<HostsPlace> {
    const place = new HostsPlace(settings, core, await Connection.open(settings, randomUUID()));
    place.#connection.broadcast("who", {});
    try {
      await place.#connection.ready();
    } catch (error) {
      await place.dispose();
      throw error;
    }
    return place;
  }

  async openPort(spec: PortSpec): Promise<Port> {
    if (spec.direction === "input") return new MirroredPort(spec, this.clock);
    return new MemoryPort(spec, this.clock); // received messages are copies already
  }

  async spawn(spec: UnitSpec, start: Start): Promise<Incarnation> {
    const { id, module } = spec.kernel;
    if (module === undefined) throw new errors.MODULE_MISSING({ module: null }, { kernelId: id });
    for (;;) {
      const host = await this.#hostFor(spec, start);
      const unit = new RemoteUnit(this.#nextUnit++, spec, host);
      host.units.set(unit.id, unit);
      try {
        await unit.begin();
        return unit;
      } catch (error) {
        host.forget(unit);
        if (start.signal.aborted) throw error;
        if (!isRinglineError(error, "HOST_LOST")) throw error; // after a loss, another host may run it
      }
    }
  }

  // --- hosts ---

  #handleStatus(news: HostStatus): void {
    if (news.version !== VERSION) {
      this.#known.foreign = `; host ${news.host} has frames of version ${news.version}, and this program ${VERSION}: use the same release`;
      return;
    }
    this.#known.update(news);
    if (news.isGone) this.#hosts.get(news.host)?.lose("it has ended");
    this.#balance();
    void this.#probe();
  }

  /** Asks one announced host at a time whether it is there: anybody can announce one, and no kernel moves to it before. */
  async #probe(): Promise<void> {
    if (this.#isProbing || this.#hosts.size === 0) return;
    const announced = this.#known.offering([]).find(({ host }) => !this.#hosts.has(host));
    if (announced === undefined) return;
    this.#isProbing = true;
    const host = this.#linkTo(announced);
    const isThere = await host.answers(PROBE);
    this.#isProbing = false;
    if (isThere) this.#balance();
    else if (host.units.size === 0) host.lose("it does not answer");
  }

  /** Moves one kernel at a time, from a host that runs more than others, or is about to leave. */
  #balance(): void {
    if (this.#isMoving) return;
    const hosts = [...this.#hosts.values()].filter(({ link }) => !link.isClosed);
    const fitting = (kernelId: string) => this.#fitting(kernelId).map(({ host }) => host);
    const unit = chooseMove(hosts, (kernelId) => fitting(kernelId).filter((host) => this.#hosts.get(host)?.isKnown));
    if (unit?.spec.reports.relocate?.() !== true) return; // retried at the next heartbeat
    this.#isMoving = true;
    void unit.exited.then(() => {
      this.#isMoving = false;
    });
  }

  async #hostFor(spec: UnitSpec, start: Start): Promise<HostLink> {
    const { id } = spec.kernel;
    const known = this.#inOrder(spec, this.#fitting(id));
    const isThere = known[0] !== undefined && this.#isAlive(known[0]);
    const candidates = isThere ? known : this.#inOrder(spec, await this.#gather(spec, start));
    for (const candidate of candidates) {
      const host = this.#linkTo(candidate);
      if (this.#isAlive(candidate) || (await host.answers(PROBE))) return host;
    }
    if (candidates[0] === undefined) throw this.#unavailable(id);
    return this.#linkTo(candidates[0]); // it is busy or gone, which the link detects
  }

  #linkTo({ host: name }: HostStatus): HostLink {
    const host = this.#hosts.get(name) ?? new HostLink(name, this.#connection, this);
    this.#hosts.set(name, host);
    return host;
  }

  /** Sorts hosts: fewest kernels of this kind first, then fewest kernels in all. */
  #inOrder(spec: UnitSpec, hosts: readonly HostStatus[]): readonly HostStatus[] {
    const alike = ({ host }: HostStatus) => countOf(spec.kernel, this.#hosts.get(host));
    return [...hosts].sort((a, b) => alike(a) - alike(b) || this.#load(a) - this.#load(b));
  }

  /** True if the host runs kernels of this runtime and a frame of it arrived recently; any other is asked first. */
  #isAlive({ host }: HostStatus): boolean {
    const link = this.#hosts.get(host);
    return link !== undefined && link.units.size > 0 && link.hasAnswered(BUSY_AFTER);
  }

  /** Hosts that accept kernels and offer the labels of this one. */
  #fitting(kernelId: string, since?: number): HostStatus[] {
    return this.#known.offering(this.#settings.labels[kernelId] ?? [], since);
  }

  /** Number of kernels of a host: those of other runtimes from its last status, those of this runtime as of now. */
  #load({ host, runtimes }: HostStatus): number {
    let load = this.#hosts.get(host)?.units.size ?? 0;
    for (const [runtime, units] of runtimes) if (runtime !== this.#connection.name) load += units;
    return load;
  }

  /**
   * Discovers hosts until a suitable one has answered, and a little longer so that others can answer: until all known
   * hosts have, if there are any. A restart waits for the first answer without limit.
   */
  async #gather({ kernel: { id }, reports }: UnitSpec, { isRestart, signal }: Start): Promise<readonly HostStatus[]> {
    const asked = performance.now();
    const known = this.#fitting(id).length;
    this.#connection.broadcast("who", {});
    const answered = () => this.#fitting(id, asked);
    const isEnough = () => answered().length > 0 || signal.aborted;
    const until = asked + this.#settings.hostTimeout;
    while (!isEnough() && performance.now() < until) await this.#known.statuses(until - performance.now(), signal);
    if (!isEnough() && isRestart) reports.error(this.#unavailable(id), undefined);
    while (!isEnough() && isRestart) await this.#known.statuses(this.#settings.hostTimeout, signal);
    const end = known === 0 ? performance.now() + GATHER : asked + PROBE;
    while ((known === 0 || answered().length < known) && performance.now() < end && !signal.aborted) {
      await this.#known.statuses(end - performance.now(), signal);
    }
    return answered();
  }

  #unavailable(kernelId: string) {
    const wanted = this.#settings.labels[kernelId] ?? [];
    const which = wanted.length > 0 ? ` with the labels ${wanted.join(", ")}` : "";
    const cause = new Error(
      `no host${which} has answered within ${this.#settings.hostTimeout} ms${this.#known.foreign}`,
    );
    const remedy = `Start one: npx ringline-host --servers ${this.#settings.servers.join(",")} --prefix ${this.#settings.prefix} --module <the kernels' module>`;
    return new errors.BACKEND_UNAVAILABLE({ backend: "nats" }, { cause, remedy });
  }

  #heartbeat(): void {
    const now = performance.now();
    // a process that was busy or disconnected has received no heartbeats
    if (now - this.#beatAt > BUSY_AFTER || !this.#connection.isUp) {
      for (const { link } of this.#hosts.values()) link.extendDeadline();
      this.#known.extendLeases();
    }
    this.#beatAt = now;
    this.#balance();
    void this.#probe();
    for (const host of [...this.#hosts.values()]) {
      const silent = now - host.link.heardAt;
      if (silent > this.#settings.hostTimeout) host.lose(`nothing was heard of it for ${Math.round(silent)} ms`);
      else host.link.heartbeat();
    }
  }

  lost(host: HostLink): void {
    this.#hosts.delete(host.name);
    this.#known.forget(host.name);
  }

  /** Ends the links, after all kernels have ended. */
  async dispose(): Promise<void> {
    clearInterval(this.#beating);
    for (const { link, channel } of this.#hosts.values()) {
      channel.send({ k: "bye" });
      link.close();
      channel.close(() => new errors.TERMINATED({ operation: "dispose" }));
    }
    await this.#connection.close();
  }
}
