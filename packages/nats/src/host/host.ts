import { randomUUID } from "node:crypto";
import { errors, isRinglineError } from "@ringline/core";
import { isStageRef, type KernelDefinition, loadKernel, loadOnError } from "@ringline/core/internal";
import { Connection } from "../connection.js";
import { hostStatusToJson, MOST_RUNTIMES } from "../host-status.js";
import type { Settings } from "../options.js";
import { isFirst, linkIdOf, strangerFrame, VERSION } from "../wire/reliable-link.js";
import type { Setup } from "./hosted-unit.js";
import { type LocalBackend, type LocalPlace, startPlace } from "./local-place.js";
import { RuntimeLink, type RuntimeLinkOwner } from "./runtime-link.js";

/** Milliseconds between two heartbeats. */
const HEARTBEAT = 250;
/** Milliseconds between two heartbeats after which this process was busy, and received nothing in that time. */
const BUSY_AFTER = 2 * HEARTBEAT;
/** Number of heartbeats after which the host announces itself again to all runtimes. */
const ANNOUNCED_EVERY = 4;
/** Maximum number of links whose first frame has not come whole. */
const MOST_UNPROVEN = 16;
/** Minimum milliseconds between two announcements. */
const ANNOUNCE_GAP = 5;

/** Health of a host, for monitoring. */
export interface Health {
  readonly host: string;
  readonly labels: readonly string[];
  /** False while it cannot reach the server, or the server refuses it. */
  readonly connected: boolean;
  /** Time of the last change of `connected`, in ISO 8601. */
  readonly since: string;
  /** Reason for the lack of a connection, if the server gave one. */
  readonly reason: string | null;
  /** True if the host takes no more kernels. */
  readonly isLeaving: boolean;
  /** Number of runtimes that use the host. */
  readonly runtimes: number;
  readonly kernels: number;
  /** Number of rejected frames and broadcasts. */
  readonly refusedFrames: number;
  /** True if the host has not responded for a second: the other fields are its last values. */
  readonly isBusy?: boolean;
}

export interface HostOptions {
  /** URLs of the only modules whose kernels the host runs. */
  readonly modules: readonly string[];
  readonly labels: readonly string[];
  /** Backend of its kernels. */
  readonly backend: LocalBackend;
}

/** Runs kernels for the runtimes that request them. */
export class Host implements RuntimeLinkOwner {
  readonly name: string;
  readonly place: LocalPlace;
  readonly #settings: Settings;
  readonly #options: HostOptions;
  readonly #connection: Connection;
  readonly #runtimes = new Map<string, RuntimeLink>();
  #beatAt = performance.now();
  readonly #beating: NodeJS.Timeout;
  #beats = 0;
  #isLeaving = false;
  #isAnnouncing = false;
  #announcedAt = Number.NEGATIVE_INFINITY;
  #whenEmpty: (() => void) | undefined;

  private constructor(settings: Settings, options: HostOptions, connection: Connection, place: LocalPlace) {
    this.place = place;
    this.#settings = settings;
    this.#options = options;
    this.#connection = connection;
    this.name = connection.name;
    connection.onFrame((from, bytes) => this.#handleFrame(from, bytes));
    connection.onStatus(
      "who",
      (news) => (typeof news === "object" && news !== null ? news : undefined),
      () => this.#announceSoon(),
    );
    this.#beating = setInterval(() => this.#heartbeat(), HEARTBEAT);
  }

  /**
   * Starts a host. `tell`: reports events to the operator. Rejects if there is no server, or no backend to run kernels
   * on.
   */
  static async start(settings: Settings, options: HostOptions, tell: (text: string) => void): Promise<Host> {
    const place = await startPlace(options.backend, tell);
    const host = new Host(settings, options, await Connection.open(settings, randomUUID()), place);
    host.#connection.onChange = (change, to, reason) =>
      tell(
        `the connection to ${to} ${change === "restored" ? "is there again" : `is ${change}`}${reason === null ? "" : `: ${reason}`}`,
      );
    host.#announce();
    try {
      await host.#connection.ready();
    } catch (error) {
      await host.leave(0);
      throw error;
    }
    return host;
  }

  /** Current health of the host, for monitoring. */
  get health(): Health {
    const units = [...this.#runtimes.values()].map((runtime) => runtime.units.size);
    const { connected, since, reason } = this.#connection.state;
    return {
      host: this.name,
      ...{ connected, since: new Date(since).toISOString(), reason },
      labels: this.#options.labels,
      isLeaving: this.#isLeaving,
      runtimes: this.#runtimes.size,
      kernels: units.reduce((sum, one) => sum + one, 0),
      refusedFrames: this.#connection.refused,
    };
  }

  /** Returns false for a frame that is refused. */
  #handleFrame(from: string, bytes: Uint8Array): boolean {
    const id = linkIdOf(bytes);
    const runtime = this.#runtimes.get(from);
    if (runtime?.link.id !== id) {
      const isFull = runtime === undefined && this.#runtimes.size >= MOST_RUNTIMES;
      if (isFull || !isFirst(bytes)) {
        const answer = strangerFrame(bytes);
        if (answer !== undefined) this.#connection.send(from, answer);
        return false;
      }
      const next = new RuntimeLink(from, id, this.#connection, this);
      if (!next.link.receive(bytes)) return false;
      if (runtime !== undefined && !next.link.isProven) {
        void next.end();
        return false;
      }
      this.#runtimes.set(from, next);
      void runtime?.end(); // the runtime abandoned the old link
      this.#endUnproven();
      return true;
    }
    return runtime.link.receive(bytes);
  }

  /** Ends the oldest links whose first frame has not come whole, if there are many: anybody may begin one. */
  #endUnproven(): void {
    const unproven = [...this.#runtimes.values()].filter(({ link }) => !link.isProven);
    for (const runtime of unproven.slice(0, -MOST_UNPROVEN)) void runtime.end();
  }

  /**
   * Loads a kernel, with the `onError` function of its stage if there is one, only from the modules that this host was
   * started with.
   */
  async load({ module, definedAs, onError }: Setup): Promise<KernelDefinition> {
    const at = isStageRef(onError) ? onError : undefined;
    const kernel: KernelDefinition = await this.#from(module, definedAs, (url) =>
      loadKernel(url, definedAs, at ? undefined : onError),
    );
    if (at === undefined) return kernel;
    const decides = await this.#from(at.module, definedAs, (url) => loadOnError({ ...at, module: url }, definedAs));
    return { ...kernel, onError: decides as KernelDefinition["onError"] };
  }

  async #from<T>(module: string | undefined, definedAs: string, load: (url: string) => Promise<T>): Promise<T> {
    const { modules } = this.#options;
    const first = modules.filter((url) => url === module);
    // on other machines the module has another path: the kernel is then found by its id
    for (const url of first.length > 0 ? first : modules) {
      try {
        const found = await load(url);
        if (found !== undefined) return found;
      } catch (error) {
        if (first.length > 0 || !isRinglineError(error, "MODULE_MISSING") || error.cause !== undefined) throw error;
      }
    }
    const remedy = `Start the host with the module that exports it: --module. It has ${modules.join(", ") || "none"}.`;
    throw new errors.MODULE_MISSING({ module: module ?? null }, { kernelId: definedAs, remedy });
  }

  changed(): void {
    this.#announceSoon();
    if (this.health.kernels === 0) this.#whenEmpty?.();
  }

  ended(link: RuntimeLink): void {
    if (this.#runtimes.get(link.name) === link) this.#runtimes.delete(link.name);
    this.changed();
  }

  /** Announces the host once for all requests within the minimum gap. */
  #announceSoon(): void {
    if (this.#isAnnouncing) return;
    this.#isAnnouncing = true;
    const gap = this.#announcedAt + ANNOUNCE_GAP - performance.now();
    const announce = () => {
      this.#isAnnouncing = false;
      this.#announce();
    };
    if (gap > 0) setTimeout(announce, gap);
    else setImmediate(announce);
  }

  #announce(isGone = false): void {
    this.#announcedAt = performance.now();
    const runtimes = new Map([...this.#runtimes.values()].map(({ name, units }) => [name, units.size]));
    const { labels } = this.#options;
    const news = { host: this.name, version: VERSION, labels, runtimes, isLeaving: this.#isLeaving, isGone };
    this.#connection.broadcast("hosts", hostStatusToJson(news));
  }

  #heartbeat(): void {
    const now = performance.now();
    if (now - this.#beatAt > BUSY_AFTER || !this.#connection.isUp)
      for (const { link } of this.#runtimes.values()) link.extendDeadline();
    this.#beatAt = now;
    if (++this.#beats % ANNOUNCED_EVERY === 0) this.#announceSoon();
    for (const runtime of [...this.#runtimes.values()]) {
      if (now - runtime.link.heardAt > this.#settings.hostTimeout) void runtime.end();
      else runtime.link.heartbeat();
    }
  }

  /** Accepts no more kernels, and ends when its kernels have ended, or after `grace` milliseconds. */
  async leave(grace: number): Promise<void> {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.#announce();
    if (this.health.kernels > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, grace);
        this.#whenEmpty = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    clearInterval(this.#beating);
    await Promise.all([...this.#runtimes.values()].map((runtime) => runtime.end()));
    await this.place.dispose();
    this.#announce(true);
    if (this.#connection.isUp) await this.#connection.flush().catch(() => {});
    await this.#connection.close();
  }
}

/** Describes why a host cannot start, with a remedy, for the person who started it. */
export function describeError(error: unknown): string {
  if (!isRinglineError(error)) return error instanceof Error ? error.message : String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return `${error.message}${cause} ${error.remedy}`;
}
