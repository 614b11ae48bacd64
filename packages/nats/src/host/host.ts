import { randomUUID } from "node:crypto";
import { errors, isRinglineError } from "@ringline/core";
import { type KernelDefinition, loadKernel } from "@ringline/core/backend";
import { Connection } from "../connection.js";
import type { Settings } from "../options.js";
import { isFirst, lineOf, strangerFrame, VERSION } from "../wire/line.js";
import type { Health } from "./health.js";
import { type LocalBackend, type LocalPlace, startPlace } from "./local-place.js";
import { RuntimeLink, type RuntimeLinkOwner } from "./runtime-link.js";

/** Milliseconds between two signs of life. */
const BEAT = 250;
/** Milliseconds between two that say that this process was busy: it has heard nobody meanwhile. */
const DEAF = 2 * BEAT;

export interface HostOptions {
  /** The URLs of the modules whose kernels it runs, and no others. */
  readonly modules: readonly string[];
  readonly labels: readonly string[];
  /** Where its kernels run. */
  readonly backend: LocalBackend;
}

/** Runs kernels for whichever runtimes ask for it. */
export class Host implements RuntimeLinkOwner {
  readonly name: string;
  readonly place: LocalPlace;
  readonly #settings: Settings;
  readonly #options: HostOptions;
  readonly #connection: Connection;
  readonly #runtimes = new Map<string, RuntimeLink>();
  #beatAt = performance.now();
  readonly #beating: NodeJS.Timeout;
  #isLeaving = false;
  #announcing = false;
  #whenEmpty: (() => void) | undefined;

  private constructor(settings: Settings, options: HostOptions, connection: Connection, place: LocalPlace) {
    this.place = place;
    this.#settings = settings;
    this.#options = options;
    this.#connection = connection;
    this.name = connection.name;
    connection.onFrame((from, bytes) => this.#hear(from, bytes));
    connection.onNews("who", () => this.#announce());
    this.#beating = setInterval(() => this.#beat(), BEAT);
  }

  /** `tell`: says what may interest whoever watches it. Rejects where there is no server, or nothing to run kernels on. */
  static async start(settings: Settings, options: HostOptions, tell: (text: string) => void): Promise<Host> {
    const place = await startPlace(options.backend, tell);
    const host = new Host(settings, options, await Connection.open(settings, randomUUID()), place);
    host.#announce();
    await host.#connection.flush();
    return host;
  }

  /** Counts, for whoever watches it. */
  get health(): Health {
    const units = [...this.#runtimes.values()].map((runtime) => runtime.units.size);
    return {
      host: this.name,
      labels: this.#options.labels,
      isLeaving: this.#isLeaving,
      runtimes: this.#runtimes.size,
      kernels: units.reduce((sum, one) => sum + one, 0),
      refusedFrames: this.#connection.refused,
    };
  }

  #hear(from: string, bytes: Uint8Array): void {
    const id = lineOf(bytes);
    let runtime = this.#runtimes.get(from);
    if (runtime?.line.id !== id) {
      if (!isFirst(bytes)) {
        const answer = strangerFrame(bytes);
        if (answer !== undefined) this.#connection.send(from, answer);
        return;
      }
      void runtime?.end(); // the runtime has given it up, and begins anew
      runtime = new RuntimeLink(from, id, this.#connection, this);
      this.#runtimes.set(from, runtime);
    }
    runtime.line.receive(bytes);
  }

  async load(module: string | undefined, definedAs: string): Promise<KernelDefinition> {
    const { modules } = this.#options;
    const first = modules.filter((url) => url === module);
    // elsewhere the same module has another path: then its kernel is known by its id
    for (const url of first.length > 0 ? first : modules) {
      try {
        return await loadKernel(url, definedAs);
      } catch (error) {
        if (first.length > 0 || !isRinglineError(error, "MODULE_MISSING") || error.cause !== undefined) throw error;
      }
    }
    const remedy = `Start the host with the module that exports it: --module. It has ${modules.join(", ") || "none"}.`;
    throw new errors.MODULE_MISSING({ module: module ?? null }, { kernelId: definedAs, remedy });
  }

  changed(): void {
    if (!this.#announcing) {
      this.#announcing = true;
      setImmediate(() => this.#announce());
    }
    if (this.health.kernels === 0) this.#whenEmpty?.();
  }

  ended(link: RuntimeLink): void {
    if (this.#runtimes.get(link.name) === link) this.#runtimes.delete(link.name);
    this.changed();
  }

  #announce(isGone = false): void {
    this.#announcing = false;
    const runtimes = Object.fromEntries([...this.#runtimes.values()].map(({ name, units }) => [name, units.size]));
    const { labels } = this.#options;
    this.#connection.tellAll("hosts", {
      ...{ host: this.name, version: VERSION, labels, runtimes },
      ...{ isLeaving: this.#isLeaving, isGone },
    });
  }

  #beat(): void {
    const now = performance.now();
    if (now - this.#beatAt > DEAF || !this.#connection.isUp)
      for (const { line } of this.#runtimes.values()) line.excuse();
    this.#beatAt = now;
    for (const runtime of [...this.#runtimes.values()]) {
      if (now - runtime.line.heardAt > this.#settings.hostTimeout) void runtime.end();
      else runtime.line.beat();
    }
  }

  /** Takes no more kernels, and ends when those that it has have ended, or `grace` milliseconds are over. */
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
    await this.#connection.flush();
    await this.#connection.close();
  }
}
