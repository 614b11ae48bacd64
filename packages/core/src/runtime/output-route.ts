import { hasBuffers, shareReferences, unshareReferences } from "../buffers/references.js";
import { errors, isRinglineError } from "../errors/ringline-error.js";
import { type AnyMessage, idOf } from "../messages/any-message.js";
import type { MessageId } from "../messages/message-id.js";
import { OrderedGate } from "../ports/ordered-gate.js";
import type { Inlet, Outlet } from "../seam/port.js";
import type { RoomyOutlet, Shortcuts } from "../seam/routes.js";
import type { Clock } from "../time/clock.js";
import type { WaitOptions } from "../time/wait-options.js";

/** Maximum number of partly refused broadcasts that are remembered for a retry. */
const MOST_REFUSED = 1000;

/** Sharing of outputs among several links: each link gets all of them, or they take turns. */
export type LinkMode = "broadcast" | "round-robin";

/** Options of a link between two kernels. */
export interface ConnectOptions extends WaitOptions {
  /** Sharing of outputs among the links of a kernel; required from the second link on. */
  readonly mode?: LinkMode | undefined;
}

/** Another kernel's input, looked up at each send: the kernel may be launched again. */
export interface Link {
  readonly id: string;
  readonly outlet: () => Outlet;
}

/** Routes the outputs of a kernel: into its own output port until it is linked, from then on into the linked inputs. */
export class OutputRoute implements Outlet, Shortcuts {
  onRerouted: (() => void) | undefined;
  readonly #kernelId: string;
  readonly #ownPort: Outlet;
  readonly #links: Link[] = [];
  #mode: LinkMode | undefined;
  #turn = 0;
  /** Gate for messages queued before the first link: they go first, and later outputs wait behind them. */
  readonly #gate: OrderedGate;
  /** True once the queued outputs are forwarded. */
  #isLinked = false;
  /** Links that accepted a broadcast which others refused, by message id, so that a retry reaches no link twice. */
  readonly #acceptedBy = new Map<MessageId, Set<Link>>();

  constructor(kernelId: string, own: Outlet, clock: Clock) {
    this.#kernelId = kernelId;
    this.#ownPort = own;
    this.#gate = new OrderedGate(clock, kernelId);
  }

  get linkedTo(): readonly string[] {
    return this.#links.map(({ id }) => id);
  }

  get direct(): RoomyOutlet | undefined {
    if (this.#links.length > 1) return undefined;
    const [only] = this.#links;
    if (only === undefined) return this.#ownPort;
    try {
      return this.#isLinked ? only.outlet() : undefined;
    } catch {
      return undefined; // the target is not known at the moment
    }
  }

  tryPush(message: AnyMessage): boolean {
    if (this.#gate.isTaken) return false;
    if (!this.#isLinked) return this.#ownPort.tryPush(message);
    if (this.#mode === "broadcast" && this.#links.length > 1) return false; // takes several pushes, any may wait
    return this.#links.length === 1 ? this.#tryLink(message) : this.#tryRoundRobin(message);
  }

  #tryLink(message: AnyMessage): boolean {
    const link = this.#next();
    this.#turn++; // advances past a target that throws
    const accepted = link.outlet().tryPush(message);
    if (!accepted) this.#turn--; // push waits for the same target
    return accepted;
  }

  /** Tries the links in turn, skipping ended targets; throws if all have ended. */
  #tryRoundRobin(message: AnyMessage): boolean {
    for (let left = this.#links.length; ; left--) {
      const { id } = this.#next();
      try {
        return this.#tryLink(message);
      } catch (error) {
        if (left === 1 || !hasEnded(id, error)) throw error;
      }
    }
  }

  async push(message: AnyMessage, wait?: WaitOptions): Promise<void> {
    if (this.#gate.isTaken) await this.#gate.pass(wait);
    return this.#isLinked ? this.#pushLinked(message, wait) : this.#ownPort.push(message, wait);
  }

  /**
   * Adds a link; `forward` makes the first one take effect. Throws `PORT_LINKED` for a second link without a mode and
   * for a duplicate, `INVALID_ARGUMENT` for an unknown mode and one that differs from that of the other links.
   */
  link(link: Link, mode: LinkMode | undefined): void {
    if (mode !== undefined && mode !== "broadcast" && mode !== "round-robin") {
      throw new errors.INVALID_ARGUMENT({ argument: "mode", value: mode });
    }
    const kernelId = this.#kernelId;
    if (this.#links.length > 0 && (mode ?? this.#mode) === undefined) {
      throw new errors.PORT_LINKED({ to: this.linkedTo }, { kernelId });
    }
    if (mode !== undefined && this.#mode !== undefined && mode !== this.#mode) {
      const remedy = `The first link of "${kernelId}" has the mode "${this.#mode}": all links of a kernel share one mode.`;
      throw new errors.INVALID_ARGUMENT({ argument: "mode", value: mode }, { kernelId, remedy });
    }
    if (this.linkedTo.includes(link.id)) {
      throw new errors.PORT_LINKED({ to: this.linkedTo }, { kernelId, remedy: "Link each pair of kernels once." });
    }
    this.#links.push(link);
    this.#mode = mode ?? this.#mode;
    this.onRerouted?.();
  }

  /** Finds a link by id. Throws `INVALID_ARGUMENT` if there is none. */
  linkTo(id: string): Link {
    const link = this.#links.find((one) => one.id === id);
    if (link !== undefined) return link;
    const remedy = `"${this.#kernelId}" is linked to ${this.linkedTo.join(", ") || "no kernel"}.`;
    throw new errors.INVALID_ARGUMENT({ argument: "to", value: id }, { kernelId: this.#kernelId, remedy });
  }

  /**
   * Removes a link. Outputs that wait for room in its target still go there; without any link, outputs are queued
   * again.
   */
  unlink(link: Link): void {
    this.#links.splice(this.#links.indexOf(link), 1);
    if (this.#links.length === 0) {
      this.#mode = undefined;
      this.#isLinked = false;
    }
    this.onRerouted?.();
  }

  /**
   * Forwards outputs queued before the first link, then routes all later ones to the links. Rejects with the error of
   * the target, and once the signal aborts; the message concerned is requeued.
   */
  async forward(queued: Inlet, signal: AbortSignal): Promise<void> {
    if (!this.#gate.tryEnter()) await this.#gate.enter({ signal });
    try {
      for (let message = queued.tryTake(); message !== undefined; message = queued.tryTake()) {
        await this.#forwardOne(message, queued, signal);
      }
      this.#isLinked = true;
    } finally {
      this.onRerouted?.();
      this.#gate.leave();
    }
  }

  async #forwardOne(message: AnyMessage, queued: Inlet, signal: AbortSignal): Promise<void> {
    try {
      await this.#pushLinked(message, { signal });
    } catch (error) {
      queued.settle(message, "requeued");
      throw error;
    }
  }

  async #pushLinked(message: AnyMessage, wait: WaitOptions | undefined): Promise<void> {
    if (this.#mode === "broadcast") await this.#pushBroadcast(message, wait);
    else await this.#pushRoundRobin(message, wait);
  }

  /** Pushes to all links that have not accepted the message yet. Rejects if one refuses, after all have settled. */
  async #pushBroadcast(message: AnyMessage, wait: WaitOptions | undefined): Promise<void> {
    const id = idOf(message);
    const taken = this.#acceptedBy.get(id) ?? new Set();
    this.#acceptedBy.delete(id);
    const links = this.#links.filter((link) => !taken.has(link));
    if (hasBuffers) shareReferences(message, links.length - 1);
    const results = await Promise.allSettled(links.map(async (link) => link.outlet().push(message, wait)));
    for (const [i, link] of links.entries()) if (results[i]?.status === "fulfilled") taken.add(link);
    const refused = results.filter((result) => result.status === "rejected");
    if (refused[0] === undefined) return;
    if (hasBuffers) unshareReferences(message, refused.length - 1);
    this.#remember(id, taken);
    throw refused[0].reason;
  }

  /** Remembers the links that accepted a broadcast; beyond the limit the oldest entry is dropped. */
  #remember(id: MessageId, taken: Set<Link>): void {
    if (taken.size === 0) return;
    this.#acceptedBy.set(id, taken);
    if (this.#acceptedBy.size > MOST_REFUSED)
      this.#acceptedBy.delete(this.#acceptedBy.keys().next().value as MessageId);
  }

  async #pushRoundRobin(message: AnyMessage, wait: WaitOptions | undefined): Promise<void> {
    for (let left = this.#links.length; ; left--) {
      const link = this.#next();
      this.#turn++;
      try {
        await link.outlet().push(message, wait);
        return;
      } catch (error) {
        if (!hasEnded(link.id, error)) throw error;
        if (this.#links.length === 0) return this.#ownPort.push(message, wait); // disconnected meanwhile
        if (left <= 1) throw error;
      }
    }
  }

  #next(): Link {
    return this.#links[this.#turn % this.#links.length] as Link;
  }
}

/** True if the error says that the target `id` has ended; an ending sender throws the same codes with its own id. */
function hasEnded(id: string, error: unknown): boolean {
  return isRinglineError(error, "TERMINATED", "KERNEL_FAILED", "KERNEL_UNKNOWN") && error.kernelId === id;
}
