import type { HostStatus } from "../host-status.js";

/** Most hosts that a runtime knows: beyond it newcomers wait until one is forgotten. */
const MOST = 4096;
/** Milliseconds for which a host is known that says nothing more, at least. */
const LEASE = 3000;

interface Known extends HostStatus {
  /** By `performance.now()`. */
  heardAt: number;
}

/** The hosts that a runtime has heard of, each for as long as it says that it is there. */
export class KnownHosts {
  readonly #hosts = new Map<string, Known>();
  readonly #waiting = new Set<() => void>();
  readonly #lease: number;
  /** The latest host of another release, in words. */
  foreign = "";

  constructor(hostTimeout: number) {
    this.#lease = Math.max(LEASE, hostTimeout);
  }

  update(news: HostStatus): void {
    const { host, isLeaving, isGone } = news;
    if (isLeaving || isGone) this.#hosts.delete(host);
    else if (this.#hosts.has(host) || this.#hosts.size < MOST)
      this.#hosts.set(host, { ...news, heardAt: performance.now() });
    for (const heard of this.#waiting) heard();
  }

  forget(host: string): void {
    this.#hosts.delete(host);
  }

  /** Extends all leases, as this end has not listened for a while. */
  extendLeases(): void {
    const now = performance.now();
    for (const host of this.#hosts.values()) host.heardAt = now;
  }

  /** Hosts that take kernels, have these labels, and have said so since then. */
  offering(labels: readonly string[], since = performance.now() - this.#lease): HostStatus[] {
    const fitting: HostStatus[] = [];
    const over = performance.now() - this.#lease;
    for (const known of this.#hosts.values()) {
      if (known.heardAt < over) this.#hosts.delete(known.host);
      else if (known.heardAt >= since && labels.every((label) => known.labels.includes(label))) fitting.push(known);
    }
    return fitting;
  }

  /** Resolves when something is heard of a host, at the latest after so many milliseconds. */
  statuses(timeout: number, signal: AbortSignal | undefined): Promise<void> {
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
}
