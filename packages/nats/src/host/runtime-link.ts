import { errors } from "@ringline/core";
import { type KernelDefinition, type StopMode, systemClock } from "@ringline/core/internal";
import { Channel, PLACE } from "@ringline/remote";
import type { Connection } from "../connection.js";
import { ReliableLink } from "../wire/reliable-link.js";
import { HostedUnit, type Setup } from "./hosted-unit.js";
import type { LocalPlace } from "./local-place.js";

/** Services of a host for the runtimes that use it. */
export interface RuntimeLinkOwner {
  /** The place where kernels run. */
  readonly place: LocalPlace;
  /** Loads a kernel. Rejects with `MODULE_MISSING` for modules that the host was not started with. */
  load(setup: Setup): Promise<KernelDefinition>;
  /** Called when a kernel has started or ended. */
  changed(): void;
  ended(link: RuntimeLink): void;
}

type OfUnit = { readonly unit: number };

/** A runtime that uses this host, and the link to it. */
export class RuntimeLink {
  readonly name: string;
  readonly link: ReliableLink;
  readonly channel: Channel;
  readonly units = new Map<number, HostedUnit>();
  readonly #owner: RuntimeLinkOwner;

  constructor(name: string, id: number, connection: Connection, owner: RuntimeLinkOwner) {
    this.name = name;
    this.#owner = owner;
    const line = new ReliableLink({
      id,
      publish: (bytes) => connection.send(name, bytes),
      listener: {
        control: (control) => this.channel.handle(control),
        message: (item, ...bytes) => this.units.get(item.unit)?.inlet.arrive(item, () => this.channel.decode(...bytes)),
        ...{ took: () => {}, did: () => {} }, // runtimes do not send these
      },
      lost: () => void this.end(),
      limit: connection.limit,
    });
    this.link = line;
    this.channel = new Channel({
      ...{ end: PLACE, clock: systemClock },
      get isClosed() {
        return line.isClosed;
      },
      send: (control) => line.send(control),
      ended: () => new errors.TERMINATED({ operation: "send" }),
    });
    this.#handleMessages();
  }

  #handleMessages(): void {
    const { handlers } = this.channel;
    const on = <Given extends OfUnit>(k: string, handle: (unit: HostedUnit, given: Given) => unknown) => {
      handlers.on(k, (given: Given) => {
        const unit = this.units.get(given.unit);
        return unit && handle(unit, given);
      });
    };
    handlers.on("begin", (setup: Setup) => this.#begin(setup));
    on("setActive", ({ incarnation }, { active }: OfUnit & { active: boolean }) => incarnation.setActive(active));
    on("stop", ({ incarnation }, { mode }: OfUnit & { mode: StopMode }) => incarnation.stop(mode));
    on("flush", ({ incarnation }) => incarnation.flush());
    on("stats", async (unit) => {
      await new Promise(setImmediate); // earlier items take effect first
      return unit.stats();
    });
    on("unpark", ({ inlet }) => inlet.unpark());
    on("shut", ({ inlet }) => inlet.gate(false));
    on("clear", ({ inlet }) => inlet.clear());
    on("gate", ({ inlet }) => inlet.gate(true));
    on("credit", ({ output }, { upTo }: OfUnit & { upTo: number }) => output.grant(upTo));
    handlers.on("synchronise", () => {});
    handlers.on("bye", () => void this.end());
  }

  async #begin(setup: Setup): Promise<void> {
    const kernel = await this.#owner.load(setup);
    if (this.link.isClosed) return;
    const unit = await HostedUnit.begin(kernel, setup, this, this.#owner.place);
    if (this.link.isClosed) return unit.incarnation.stop("abandon");
    this.units.set(setup.unit, unit);
    void unit.reportExit();
    this.#owner.changed();
  }

  forget(unit: number): void {
    this.units.get(unit)?.inlet.close();
    this.units.delete(unit);
    this.#owner.changed();
  }

  /** Ends the link and stops its kernels, without further effects: the runtime is gone, or abandoned this host. */
  async end(): Promise<void> {
    if (this.link.isClosed) return;
    this.link.close();
    this.#owner.ended(this);
    this.channel.close(() => new errors.TERMINATED({ operation: "send" }));
    const units = [...this.units.values()];
    await Promise.all(units.map(({ incarnation }) => incarnation.stop("abandon")));
    for (const { inlet } of units) inlet.close();
    this.units.clear();
  }
}
