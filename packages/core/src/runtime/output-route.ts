import { errors } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import { WaitList } from "../ports/wait-list.js";
import type { Inlet, Outlet } from "../seam/port.js";
import type { OutputOutlet } from "../seam/routes.js";
import type { Clock } from "../time/clock.js";
import type { WaitOptions } from "../time/wait-options.js";

export type LinkMode = "broadcast" | "round-robin";

/** Another kernel's input, looked up at each send: the kernel may be launched anew. */
export interface Link {
  readonly id: string;
  readonly outlet: () => Outlet;
}

/** Where the outputs of a kernel go: into its own output port until it is linked, from then on into the linked inputs. */
export class OutputRoute implements OutputOutlet {
  onRerouted: (() => void) | undefined;
  readonly #kernelId: string;
  readonly #own: Outlet;
  readonly #links: Link[] = [];
  #mode: LinkMode | undefined;
  #turn = 0;
  /** Outputs that come while what was queued before the first link moves on: they wait for it. */
  readonly #behind: WaitList<undefined, void>;
  #isForwarding = false;
  /** True once what was queued has moved on. */
  #isLinked = false;

  constructor(kernelId: string, own: Outlet, clock: Clock) {
    this.#kernelId = kernelId;
    this.#own = own;
    this.#behind = new WaitList(clock, kernelId);
  }

  get linkedTo(): readonly string[] {
    return this.#links.map(({ id }) => id);
  }

  get direct(): Outlet | undefined {
    if (this.#isForwarding || this.#links.length > 1) return undefined;
    const [only] = this.#links;
    if (only === undefined) return this.#own;
    try {
      return this.#isLinked ? only.outlet() : undefined;
    } catch {
      return undefined; // it is not there at the moment
    }
  }

  tryPush(message: AnyMessage): boolean {
    if (this.#isForwarding) return false;
    if (!this.#isLinked) return this.#own.tryPush(message);
    if (this.#mode === "broadcast" && this.#links.length > 1) return false; // takes several pushes, of which any may wait
    const link = this.#next();
    this.#turn++; // also past a target that throws
    const accepted = link.outlet().tryPush(message);
    if (!accepted) this.#turn--; // push waits for this one
    return accepted;
  }

  async push(message: AnyMessage, wait?: WaitOptions): Promise<void> {
    if (this.#isForwarding) await this.#behind.wait(undefined, wait, "send");
    return this.#isLinked ? this.#pushLinked(message, wait) : this.#own.push(message, wait);
  }

  /** Adds a link; `forward` makes the first one take effect. Throws `PORT_LINKED` for a second one without a mode. */
  link(link: Link, mode: LinkMode | undefined): void {
    if (mode !== undefined && mode !== "broadcast" && mode !== "round-robin") {
      throw new errors.INVALID_ARGUMENT({ argument: "mode", value: mode });
    }
    if (this.#links.length > 0 && (mode ?? this.#mode) === undefined) {
      throw new errors.PORT_LINKED({ to: this.linkedTo }, { kernelId: this.#kernelId });
    }
    this.#links.push(link);
    this.#mode = mode ?? this.#mode;
    this.onRerouted?.();
  }

  unlink(link: Link): void {
    this.#links.splice(this.#links.indexOf(link), 1);
    if (this.#links.length === 0) this.#mode = undefined;
    this.onRerouted?.();
  }

  /**
   * Sends on what was queued before the first link, and from then on all that comes. Rejects with what the target
   * rejects with; the message at which it did so is back in the queue.
   */
  async forward(queued: Inlet): Promise<void> {
    this.#isForwarding = true;
    try {
      for (let message = queued.tryTake(); message !== undefined; message = queued.tryTake()) {
        await this.#forwardOne(message, queued);
      }
      this.#isLinked = true;
    } finally {
      this.#isForwarding = false;
      this.onRerouted?.();
      for (let next = this.#behind.shift(); next !== undefined; next = this.#behind.shift()) next.resolve();
    }
  }

  async #forwardOne(message: AnyMessage, queued: Inlet): Promise<void> {
    try {
      await this.#pushLinked(message, undefined);
    } catch (error) {
      queued.settle(message, "requeued");
      throw error;
    }
  }

  async #pushLinked(message: AnyMessage, wait: WaitOptions | undefined): Promise<void> {
    if (this.#mode === "broadcast") {
      await Promise.all(this.#links.map((link) => link.outlet().push(message, wait)));
    } else {
      const link = this.#next();
      this.#turn++;
      await link.outlet().push(message, wait);
    }
  }

  #next(): Link {
    return this.#links[this.#turn % this.#links.length] as Link;
  }
}
