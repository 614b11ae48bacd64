import type { HostStatus } from "../host-status.js";

/** Maximum number of known hosts; further ones are ignored until one is forgotten. */
const MOST = 4096;
/** Minimum milliseconds for which a silent host stays known. */
const LEASE = 3000;

interface Known extends HostStatus {
  /** Time of its last status, by `performance.now()`. */
  heardAt: number;
}

/** Hosts that a runtime knows, each as long as its statuses arrive. */
export class KnownHosts {
  readonly #hosts = new Map<string, Known>();
  readonly #waiting = new Set<() => void>();
  readonly #lease: number;
  /** Describes the latest host of another release. */
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

  /** Extends all leases after this process did not receive for a while. */
  extendLeases(): void {
    const now = performance.now();
    for (const host of this.#hosts.values()) host.heardAt = now;
  }

  /** Hosts that accept kernels, have these labels, and sent a status at or after `since`. */
  offering(labels: readonly string[], since = performance.now() - this.#lease): HostStatus[] {
    const fitting: HostStatus[] = [];
    const over = performance.now() - this.#lease;
    for (const known of this.#hosts.values()) {
      if (known.heardAt < over) this.#hosts.delete(known.host);
      else if (known.heardAt >= since && labels.every((label) => known.labels.includes(label))) fitting.push(known);
    }
    return fitting;
  }

  /** Resolves at the next status of a host, or after `timeout` milliseconds. */
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
