import { threadId } from "node:worker_threads";
import { errors } from "@ringline/core";
import {
  type AnyMessage,
  give,
  hasBuffers,
  type KernelDefinition,
  loadKernel,
  type Outcome,
  release,
  type SharedCountsSetup,
  setHolder,
  systemClock,
  thrownToWire,
} from "@ringline/core/backend";
import { PortBlock } from "../ring/port-block.js";
import type { Entry } from "../station/entry.js";
import { Inbox } from "../station/inbox.js";
import { HOST, Link, type Wire } from "../station/link.js";
import { NodeWire, type SegmentNews, takeNews } from "../station/node-wire.js";
import type { Parcel } from "../station/parcels.js";
import { PortSender } from "../station/port-sender.js";
import type { LinkSetup, PortSetup, RouteSetup, TargetSetup, ThreadSetup, UnitSetup } from "../station/setup.js";
import type { SlabNews } from "../station/slab-book.js";
import { Station } from "../station/station.js";
import { ThreadUnit } from "./thread-unit.js";

/** What a thread runs, as one task of the pool, for as long as the runtime lives. */
export default function main(setup: ThreadSetup): Promise<void> {
  return new Promise((resolve) => {
    new Thread(setup, resolve);
  });
}

/** What the host tells by the wire, as it is about memory. */
interface HostNews {
  readonly join?: LinkSetup;
  readonly open?: PortSetup;
  readonly target?: TargetSetup;
  readonly route?: RouteSetup;
  readonly slab?: number;
  readonly counts?: SharedCountsSetup;
}

/** What became of a message that the host has recovered. */
interface Settlement {
  readonly port: number;
  readonly ticket: number;
  readonly outcome: Outcome;
  readonly attempts: number | undefined;
}

/** What a thread does for the host: it keeps ports and runs kernels. */
class Thread {
  readonly #station: Station;
  readonly #units = new Map<number, ThreadUnit>();
  readonly #wires: NodeWire[] = [];
  /** Ports to which kernels here may send past the host. */
  readonly #targets = new Map<number, PortSender>();
  /** How often the route of each kernel's output has changed. */
  readonly #routes = new Map<number, Int32Array>();

  constructor({ index, holder, bell, self, links }: ThreadSetup, halt: () => void) {
    const station = new Station(index, bell, setImmediate);
    this.#station = station;
    for (const link of links) this.#join(link);
    this.#joinSelf(index, self, bell);
    setHolder(holder);
    station.intake.onStray = (frame, from) => station.readdress(frame, from.index, HOST);
    this.#serve(halt);
    station.wake();
    station.tell(HOST, { k: "ready", threadId });
  }

  #join({ index, memory, port }: LinkSetup): void {
    const station = this.#station;
    const wire = new NodeWire(port, (message) => {
      const { join, open, target, route, slab, counts } = message as HostNews;
      if (message === 0) station.wake();
      else if (target !== undefined) this.#learn(target);
      else if (route !== undefined) this.#routes.set(route.unit, new Int32Array(route.memory));
      else if (join !== undefined) this.#join(join);
      else if (open !== undefined) this.#open(open);
      else if (counts !== undefined) station.origins.join(counts);
      else if (slab !== undefined) station.slabs.hear(message as SlabNews, index);
      else takeNews(message as SegmentNews, link.reader);
    });
    const link: Link = new Link(index, memory, wire, this.#announcer(index, wire));
    this.#wires.push(wire);
    station.links.add(link);
  }

  /** Tells the reader of a log, and the host, which reads it when the reader is lost. */
  #announcer(log: number, wire: Wire) {
    const tell = (news: SegmentNews) => {
      wire.post(news);
      if (log !== HOST) this.#station.links.get(HOST)?.wire.post(news);
    };
    return {
      segment: (id: number, memory: SharedArrayBuffer) => tell({ log, id, memory }),
      forget: (id: number) => tell({ log, id }),
    };
  }

  #joinSelf(index: number, memory: SharedArrayBuffer, bell: SharedArrayBuffer): void {
    const wire: Wire = { post: (news) => takeNews(news as SegmentNews, link.reader), pump() {}, close() {} };
    const link: Link = new Link(index, { out: memory, in: memory, bell }, wire, this.#announcer(index, wire));
    this.#station.links.add(link);
  }

  #learn({ id, memory, ...options }: TargetSetup): void {
    this.#targets.set(id, new PortSender(id, new PortBlock(memory), options, this.#station));
  }

  readonly #find = (port: number): PortSender | undefined => {
    if (!this.#targets.has(port)) this.#station.links.get(HOST)?.wire.pump();
    return this.#targets.get(port);
  };

  #serve(halt: () => void): void {
    const station = this.#station;
    station.handlers.on("opened", ({ port }: { port: number }) => station.intake.inbox(port)?.wake());
    station.handlers.on("shut", ({ port }: { port: number }) => station.intake.shut(port));
    station.handlers.on("stats", ({ port }: { port: number }) => {
      const inbox = station.intake.inbox(port);
      return inbox && { throughput: inbox.throughput(), wait: inbox.waits(), counts: inbox.counted() };
    });
    station.handlers.on("idle", ({ port }: { port: number }, _, { signal }) => this.#idle(port, signal));
    station.handlers.on("recover", ({ port }: { port: number }) =>
      station.intake
        .inbox(port)
        ?.inHand()
        .map(([, entry]) => [entry.ticket, entry.attempts, this.#parcel(entry)]),
    );
    station.handlers.on("settle", ({ port, ticket, outcome, attempts }: Settlement) => {
      const inbox = station.intake.inbox(port);
      const message = inbox?.messageInHand(ticket);
      if (message === undefined) return;
      inbox?.settle(message, outcome, attempts);
      if (hasBuffers && outcome !== "requeued" && outcome !== "done") release(message); // the host has its own
    });
    station.handlers.on("remove", ({ port }: { port: number }) => this.#remove(port));
    station.handlers.on("spawn", (setup: UnitSetup) => this.#spawn(setup));
    station.handlers.on("setActive", ({ unit, active }: { unit: number; active: boolean }) =>
      this.#units.get(unit)?.incarnation.setActive(active),
    );
    station.handlers.on("stop", ({ unit, mode }: { unit: number; mode: "cooperative" | "abandon" }) =>
      this.#units.get(unit)?.incarnation.stop(mode),
    );
    station.handlers.on("flush", ({ unit }: { unit: number }) => this.#units.get(unit)?.incarnation.flush());
    station.handlers.on("unitStats", ({ unit }: { unit: number }) => this.#units.get(unit)?.stats());
    station.handlers.on("cancelled", ({ id }: { id: number }) => station.origins.cancelled(id));
    station.handlers.on("part", ({ index }: { index: number }) => station.part(index));
    station.handlers.on("answer", (answer: { id: number; asked: string; name: string; parcel: Parcel }) => {
      const message = station.parcels.open(answer.parcel);
      const outcome = station.askers.answered(answer.id, message);
      if (outcome !== "taken") station.tell(HOST, { ...answer, k: "late", parcel: station.parcels.make(message) });
      if (hasBuffers) (outcome === "taken" ? give : release)(message);
    });
    station.handlers.on("ping", () => {});
    station.handlers.on("halt", () => {
      for (const wire of this.#wires) wire.close();
      halt();
    });
  }

  #open(spec: PortSetup): void {
    const station = this.#station;
    const { id } = spec;
    const block = new PortBlock(spec.memory);
    const tellOf = (k: string, entry: Entry) => station.tell(HOST, { k, port: id, parcel: this.#parcel(entry) });
    const inbox = new Inbox(spec, block, station, {
      clock: systemClock,
      room: () => {
        if (block.tellRoom()) station.ring(HOST);
      },
      dropped: (entry) => tellOf("dropped", entry),
      leftover: (entry) => tellOf("leftover", entry),
      unreadable: (_, error) => station.tell(HOST, { k: "unreadable", port: id, error: thrownToWire(error) }),
    });
    station.intake.open(inbox);
  }

  /** A message as it lies in its log. */
  #parcel(entry: Entry): Parcel {
    const { frame, by, message } = entry;
    if (frame === undefined) return this.#station.parcels.make(message as never);
    if (entry.hasBuffers) return this.#parcelWithBuffers(entry);
    return { by, bytes: frame.segment.bytes.slice(frame.payloadStart, frame.payloadEnd) };
  }

  /** Its references are beside those that the message has here. */
  #parcelWithBuffers(entry: Entry): Parcel {
    const wasRead = entry.message !== undefined;
    const message = this.#station.intake.inbox(entry.frame?.port ?? -1)?.read(entry) as AnyMessage;
    const parcel = this.#station.parcels.make(message);
    if (!wasRead) release(message);
    return parcel;
  }

  #idle(port: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = this.#station.intake.inbox(port)?.whenIdle(resolve);
      signal.addEventListener("abort", () => {
        stop?.();
        reject(new errors.ABORTED({ operation: "drain" }));
      });
    });
  }

  #remove(port: number): (readonly [number, number, Parcel])[] {
    const inbox = this.#station.intake.inbox(port);
    if (inbox === undefined) return [];
    return inbox.empty(true).map((entry) => {
      const handed = [entry.ticket, entry.attempts, this.#parcel(entry)] as const;
      entry.settle();
      return handed;
    });
  }

  async #spawn(setup: UnitSetup): Promise<void> {
    const { module, definedAs, id, port } = setup;
    const loaded = await loadKernel(module, definedAs);
    const kernel = {
      ...loaded,
      id,
      supervise: setup.supervise,
      ...(setup.onError !== undefined && { onError: setup.onError }),
    } as KernelDefinition;
    const inbox = this.#station.intake.inbox(port);
    if (inbox === undefined) throw new Error(`port ${port} is not here`);
    if (!this.#routes.has(setup.unit)) this.#station.links.get(HOST)?.wire.pump();
    const route = this.#routes.get(setup.unit);
    const { seat, counts, isCounted } = setup;
    inbox.seat = seat && counts !== undefined ? { node: seat.node, isCounted } : undefined;
    const unit = new ThreadUnit(kernel, setup, inbox, this.#station, route, this.#find);
    this.#units.set(setup.unit, unit);
    void unit.ended.then(() => {
      this.#units.delete(setup.unit);
      this.#routes.delete(setup.unit);
      if (counts !== undefined) this.#station.origins.part(counts);
    });
  }
}
