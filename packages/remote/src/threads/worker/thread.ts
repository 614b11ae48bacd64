import { errors } from "@ringline/core";
import {
  type AnyMessage,
  giveReferences,
  hasBuffers,
  type KernelDefinition,
  loadKernel,
  macrotask,
  type Outcome,
  releaseReferences,
  type SharedCountsSetup,
  type StopMode,
  setPlaceNumber,
  setRandomId,
  systemClock,
} from "@ringline/core/internal";
import type { Entry } from "../../account/entry.js";
import { Inbox, type InboxHome } from "../../account/inbox.js";
import { Latencies } from "../../account/latencies.js";
import { PortBlock } from "../../account/port-block.js";
import { PortSender } from "../../account/port-sender.js";
import { errorToWire } from "../../codec/error-wire.js";
import { UnreadableMessage } from "../../codec/message-codec.js";
import { Endpoint } from "../../endpoint/endpoint.js";
import { HOST, Link } from "../../endpoint/link.js";
import type { Payload } from "../../endpoint/payloads.js";
import { type SegmentEvent, takeEvents, type Wire } from "../../endpoint/wire.js";
import type { SlabEvent } from "../../tables/slab-table.js";
import type { WorkerPlatform } from "../platform.js";
import type { LinkSetup, PortSetup, TargetSetup, ThreadSetup, UnitMemorySetup, UnitSetup } from "../setup.js";
import { UnitMemory } from "../unit-memory.js";
import { ThreadUnit } from "./thread-unit.js";

/** Milliseconds in which a message that was admitted is expected to arrive. */
const PATIENCE = 1000;

/** Makes this thread one of a runtime: links it to the host, and runs kernels until the platform is told to halt. */
export function runThread(setup: ThreadSetup, platform: WorkerPlatform): void {
  new Thread(setup, platform);
}

/** Events of the host sent over the wire, as they carry shared memory. */
interface HostEvents {
  readonly join?: LinkSetup;
  readonly open?: PortSetup;
  readonly target?: TargetSetup;
  readonly unit?: UnitMemorySetup;
  readonly slab?: number;
  readonly counts?: SharedCountsSetup;
  /** The id of a port that is closed. */
  readonly closed?: number;
}

/** Settlement of a message that the host had recovered. */
interface Settlement {
  readonly port: number;
  readonly ticket: number;
  readonly outcome: Outcome;
  readonly attempts: number | undefined;
}

/** A thread of the backend: hosts ports and runs kernels. */
class Thread {
  readonly #endpoint: Endpoint;
  readonly #units = new Map<number, ThreadUnit>();
  readonly #wires: Wire[] = [];
  /** Ports that kernels here may send to directly. */
  readonly #targets = new Map<number, PortSender>();
  /** Memory of each unit, shared with the host. */
  readonly #memories = new Map<number, UnitMemory>();

  readonly #bell: SharedArrayBuffer;
  readonly #platform: WorkerPlatform;

  constructor({ index, placeNumber, randomId, bell, self, host }: ThreadSetup, platform: WorkerPlatform) {
    this.#bell = bell;
    this.#platform = platform;
    const endpoint = new Endpoint(index, bell, platform);
    this.#endpoint = endpoint;
    this.#join(host);
    endpoint.linkSelf(self, bell, (event) => endpoint.links.host.wire.post(event));
    setPlaceNumber(placeNumber);
    setRandomId(randomId);
    endpoint.intake.onStray = (frame, from) => endpoint.readdress(frame, from.index, HOST);
    this.#serve();
    endpoint.wake();
    // the host receives the exception from its worker, but not its kind
    platform.onUncaught((origin) => endpoint.notify(HOST, { k: "fault", origin }));
    endpoint.notify(HOST, { k: "ready" });
  }

  #join({ index, memory, port }: LinkSetup): void {
    const endpoint = this.#endpoint;
    const wire = endpoint.openWire(port, memory, (announcement) => {
      const { join, open, target, unit, slab, counts, closed } = announcement as HostEvents;
      if (target !== undefined) this.#learn(target);
      else if (unit !== undefined) this.#memories.set(unit.unit, new UnitMemory(unit.memory));
      else if (join !== undefined) this.#join(join);
      else if (open !== undefined) this.#open(open);
      else if (counts !== undefined) endpoint.origins.join(counts);
      else if (closed !== undefined) this.#targets.delete(closed);
      else if (slab !== undefined) endpoint.slabs.learn(announcement as SlabEvent, index);
      else takeEvents(announcement as SegmentEvent, link.reader);
    });
    const link: Link = new Link(index, memory, this.#bell, wire, this.#announcer(index, wire));
    this.#wires.push(wire);
    endpoint.links.add(link);
  }

  /** Announces segments to the reader of a log and to the host, which reads for lost threads. */
  #announcer(log: number, wire: Wire) {
    const tell = (news: SegmentEvent) => {
      wire.post(news);
      if (log !== HOST) this.#endpoint.links.get(HOST)?.wire.post(news);
    };
    return {
      segment: (id: number, memory: SharedArrayBuffer) => tell({ log, id, memory }),
      forget: (id: number) => tell({ log, id }),
    };
  }

  #learn({ id, memory, ...options }: TargetSetup): void {
    this.#targets.set(id, new PortSender(id, new PortBlock(memory), options, this.#endpoint));
  }

  readonly #find = (port: number): PortSender | undefined => this.#targets.get(port);

  #serve(): void {
    const endpoint = this.#endpoint;
    endpoint.handlers.on("opened", ({ port }: { port: number }) => endpoint.intake.inbox(port)?.wake());
    endpoint.handlers.on("shut", ({ port }: { port: number }) => endpoint.intake.close(port));
    endpoint.handlers.on("stats", ({ port }: { port: number }) => {
      const inbox = endpoint.intake.inbox(port);
      return inbox && { throughput: inbox.throughput(), counts: inbox.counted() };
    });
    endpoint.handlers.on("idle", ({ port }: { port: number }, _, { signal }) => this.#idle(port, signal));
    endpoint.handlers.on("recover", ({ port }: { port: number }) =>
      endpoint.intake
        .inbox(port)
        ?.inFlight()
        .map(([, entry]) => [entry.ticket, entry.attempts, this.#payload(entry)]),
    );
    endpoint.handlers.on("settle", ({ port, ticket, outcome, attempts }: Settlement) => {
      const inbox = endpoint.intake.inbox(port);
      const message = inbox?.currentMessage(ticket);
      if (message === undefined) return;
      inbox?.settle(message, outcome, attempts);
      inbox?.reported(message, () => {}); // the host has settled it already
      // the host has its own references
      if (hasBuffers && outcome !== "requeued" && outcome !== "done") releaseReferences(message);
    });
    endpoint.handlers.on("withdraw", ({ port }: { port: number }) => endpoint.intake.inbox(port)?.withdraw());
    endpoint.handlers.on("remove", ({ port }: { port: number }) => this.#remove(port));
    endpoint.handlers.on("spawn", (setup: UnitSetup, _, { signal }) => this.#spawn(setup, signal));
    endpoint.handlers.on("unit.setActive", ({ unit, active }: { unit: number; active: boolean }) =>
      this.#units.get(unit)?.incarnation.setActive(active),
    );
    endpoint.handlers.on("unit.stop", ({ unit, mode }: { unit: number; mode: StopMode }) =>
      this.#units.get(unit)?.incarnation.stop(mode),
    );
    endpoint.handlers.on("unit.flush", ({ unit }: { unit: number }) => this.#units.get(unit)?.incarnation.flush());
    endpoint.handlers.on("unit.stats", ({ unit }: { unit: number }) => this.#units.get(unit)?.stats());
    endpoint.handlers.on("cancelled", ({ id }: { id: number }) => endpoint.origins.cancelled(id));
    endpoint.handlers.on("part", ({ index }: { index: number }) => endpoint.disconnect(index));
    endpoint.handlers.on("answer", (answer: { id: number; responder: string; name: string; payload: Payload }) => {
      const message = endpoint.payloads.openAnswer(answer.payload, (error) =>
        endpoint.requesters.failed(answer.id, error),
      );
      if (message === undefined) return;
      const outcome = endpoint.requesters.answered(answer.id, message);
      if (outcome !== "taken")
        endpoint.notify(HOST, { ...answer, k: "late", payload: endpoint.payloads.make(message) });
      if (hasBuffers) (outcome === "taken" ? giveReferences : releaseReferences)(message);
    });
    endpoint.handlers.on("ping", () => {});
    endpoint.handlers.on("halt", () => {
      for (const wire of this.#wires) wire.close();
      this.#platform.halt();
    });
  }

  #open(spec: PortSetup): void {
    const endpoint = this.#endpoint;
    const { id } = spec;
    const block = new PortBlock(spec.memory);
    const tellOf = (k: string, entry: Entry) =>
      endpoint.notify(HOST, { k, port: id, ticket: entry.ticket, payload: this.#payload(entry) });
    const latencies = new Latencies(spec.latencies, (memory) =>
      endpoint.links.host.wire.post({ latencies: id, memory }),
    );
    const home: InboxHome = {
      clock: systemClock,
      reportsLater: true,
      roomAvailable: () => {
        if (block.claimRoomNotice()) endpoint.ring(HOST);
      },
      dropped: (entry) => tellOf("dropped", entry),
      unprocessed: (entry) => tellOf("leftover", entry),
      unreadable: ({ ticket }, error) => {
        const payload = error instanceof UnreadableMessage ? endpoint.payloads.make(error.header) : undefined;
        endpoint.notify(HOST, { k: "unreadable", port: id, ticket, error: errorToWire(error), payload });
      },
    };
    endpoint.intake.open(new Inbox(spec, block, endpoint, home, latencies));
  }

  /** Payload of an entry; packed anew if the host lacks its shapes. */
  #payload(entry: Entry): Payload {
    const { frame, by, message } = entry;
    if (frame === undefined) return this.#endpoint.payloads.make(message as never);
    const isKnown = by === this.#endpoint.index || this.#endpoint.links.get(by) !== undefined;
    if (entry.hasBuffers || !isKnown) return this.#parcelAnew(entry);
    return { by, bytes: frame.segment.bytes.slice(frame.payloadStart, frame.payloadEnd) };
  }

  /** Packs an entry with further references to its buffers, beside those of the message. */
  #parcelAnew(entry: Entry): Payload {
    const wasRead = entry.message !== undefined;
    const message = this.#endpoint.intake.inbox(entry.frame?.port ?? -1)?.read(entry) as AnyMessage;
    const payload = this.#endpoint.payloads.make(message);
    if (!wasRead) releaseReferences(message);
    return payload;
  }

  #idle(port: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = this.#endpoint.intake.inbox(port)?.whenIdle(resolve);
      signal.addEventListener("abort", () => {
        stop?.();
        reject(new errors.ABORTED({ operation: "drain" }));
      });
    });
  }

  async #remove(port: number): Promise<(readonly [number, number, Payload])[]> {
    const inbox = this.#endpoint.intake.inbox(port);
    if (inbox === undefined) return [];
    // senders that were admitted before the port was sealed publish within a moment
    for (const until = performance.now() + PATIENCE; inbox.isAwaited && performance.now() < until; )
      await this.#endpoint.turn();
    return inbox.empty(true).map((entry) => {
      const handed = [entry.ticket, entry.attempts, this.#payload(entry)] as const;
      macrotask(() => entry.settle()); // after the reply is sent: until then they are unreported dead letters
      return handed;
    });
  }

  async #spawn(setup: UnitSetup, signal: AbortSignal): Promise<void> {
    const { module, definedAs, id, port } = setup;
    this.#endpoint.noteDelivery(port); // in case the module ends or blocks the thread
    const loaded = await loadKernel(module, definedAs, setup.onError, this.#platform.exports);
    signal.throwIfAborted();
    const kernel = { ...loaded, id, supervise: setup.supervise } as KernelDefinition;
    const inbox = this.#endpoint.intake.inbox(port);
    if (inbox === undefined) throw new Error(`port ${port} is not here`);
    const memory = this.#memories.get(setup.unit);
    const { assignment, counts, isCounted } = setup;
    inbox.assignment = assignment && counts !== undefined ? { node: assignment.node, isCounted } : undefined;
    const unit = new ThreadUnit(kernel, setup, inbox, this.#endpoint, memory, this.#find, this.#platform);
    this.#units.set(setup.unit, unit);
    void unit.ended.then(() => {
      this.#units.delete(setup.unit);
      this.#memories.delete(setup.unit);
      if (counts !== undefined) this.#endpoint.origins.disconnect(counts);
    });
  }
}
