import { errors } from "@ringline/core";
import type { CoreServices } from "@ringline/core/backend";
import type { Clock } from "@ringline/core/internal";
import { Channel, type Control, patiently, RUNTIME, UnreadableMessage } from "@ringline/remote";
import type { Connection } from "../connection.js";
import { ReliableLink } from "../wire/reliable-link.js";
import type { RemoteUnit } from "./remote-unit.js";

/** Services of the place for its hosts. */
export interface HostLinkOwner {
  readonly clock: Clock;
  readonly late: CoreServices["lateReply"];
  lost(host: HostLink): void;
}

let nextLine = 1;

/** Kinds of control items that concern one kernel. */
const OF_UNITS = ["settled", "unparked", "dropped", "unreadable", "error", "stalled", "deadLetter"].concat([
  ...["checkpoint", "checkpointSettled", "log", "exited"],
]);

/** A host that a runtime uses, and the link to it. */
export class HostLink {
  readonly name: string;
  readonly link: ReliableLink;
  readonly channel: Channel;
  readonly units = new Map<number, RemoteUnit>();
  readonly #owner: HostLinkOwner;
  #isKnown = false;

  constructor(name: string, connection: Connection, owner: HostLinkOwner) {
    this.name = name;
    this.#owner = owner;
    const line = new ReliableLink({
      id: nextLine++,
      publish: (bytes) => connection.send(name, bytes),
      listener: {
        control: (control) => this.channel.handle(control),
        message: ({ unit }, ...bytes) => this.#output(this.units.get(unit), bytes),
        took: (unit, key) => this.units.get(unit)?.took(key),
        did: (unit, from, to) => this.units.get(unit)?.did(from, to),
      },
      lost: (reason) => this.lose(reason),
      limit: connection.limit,
    });
    this.link = line;
    this.channel = new Channel({
      ...{ end: RUNTIME, clock: owner.clock, late: owner.late },
      get isClosed() {
        return line.isClosed;
      },
      send: (control) => line.send(control),
      ended: () => new errors.TERMINATED({ operation: "send" }),
      messageLeft: (flow, node, leave) => {
        const worker = [...this.units.values()].find((unit) => unit.isWorkerAt(flow, node));
        if (worker === undefined) leave();
        else worker.inOrder(leave);
      },
    });
    const { handlers } = this.channel;
    for (const k of OF_UNITS) {
      handlers.on(k, (control: Control & { unit: number }) => this.units.get(control.unit)?.handle(control));
    }
    for (const k of ["emit", "send", "receive"] as const) {
      handlers.on(k, (given: { readonly unit: number }, _, { signal }) => {
        const unit = this.units.get(given.unit);
        if (unit === undefined) throw new errors.TERMINATED({ operation: "send" });
        return unit.served[k](given as never, signal);
      });
    }
  }

  #output(unit: RemoteUnit | undefined, bytes: Parameters<Channel["decode"]>): void {
    try {
      const output = this.channel.decode(...bytes);
      unit?.handled(output);
    } catch (fault) {
      if (!(fault instanceof UnreadableMessage)) throw fault;
      unit?.handledUnreadable(fault);
    }
  }

  /** True if the host has answered. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** True if the host has answered, and sent a frame in the last `lately` milliseconds. */
  hasAnswered(lately: number): boolean {
    return this.#isKnown && performance.now() - this.link.heardAt < lately;
  }

  /** Resolves to true if the host answers within `timeout` milliseconds. */
  async answers(timeout: number): Promise<boolean> {
    const answered = this.channel.call({ k: "synchronise" }).then(() => {
      this.#isKnown = true;
      return true;
    });
    return (await patiently(answered, timeout)) === true;
  }

  /** Removes a kernel that has ended at the host. */
  forget(unit: RemoteUnit): void {
    this.units.delete(unit.id);
  }

  /** Ends the link: the host is silent, has ended, or has given this runtime up. */
  lose(reason: string): void {
    if (this.link.isClosed) return;
    this.link.close();
    this.#owner.lost(this);
    for (const unit of [...this.units.values()]) {
      unit.lost(new errors.HOST_LOST({ host: this.name, reason }, { kernelId: unit.spec.kernel.id }), true);
    }
    this.channel.close(() => new errors.HOST_LOST({ host: this.name, reason }));
  }
}
