import {
  type AnyMessage,
  copyMessage,
  envelopeOf,
  handleReferencesOf,
  hasBuffers,
  macrotask,
  referencesMoved,
  type SharedBuffer,
} from "@ringline/core/internal";
import { HAS_BUFFERS } from "../account/entry.js";
import type { FlowCells } from "../account/flow-cells.js";
import type { PortBlock } from "../account/port-block.js";
import { Calls } from "../calls/calls.js";
import { type Control, type ControlPacker, Handlers } from "../calls/handlers.js";
import { slabBuffers } from "../codec/buffer-wire.js";
import { errorFromWire, errorToWire, type WireError } from "../codec/error-wire.js";
import { MessageCodec, type RequesterRef } from "../codec/message-codec.js";
import type { Shape } from "../codec/shapes.js";
import { Bell } from "../ring/bell.js";
import { CONTROL, EARLY, type Frame, type Mark, MESSAGE } from "../ring/frame.js";
import { PollingWindow } from "../ring/polling-window.js";
import { SendIntent } from "../ring/send-intent.js";
import { SpinWait } from "../ring/spin-wait.js";
import { type LeaveReport, OriginTable } from "../tables/origin-table.js";
import { RequesterTable } from "../tables/requester-table.js";
import { SlabTable } from "../tables/slab-table.js";
import { inBackground } from "./in-background.js";
import { Intake } from "./intake.js";
import { writeLeave } from "./leave-frame.js";
import { HOST, Link, type LinkMemory } from "./link.js";
import { Links } from "./links.js";
import { Payloads } from "./payloads.js";
import { Trimmer } from "./trimmer.js";
import { ChannelWire, type SegmentEvent, takeEvents, type Wire, type WireEvents, type WirePlatform } from "./wire.js";

/** Milliseconds after the end of a thread in which its last announcements are expected to arrive. */
const LATE = 2000;

/** The wire of a thread to itself: its announcements are calls. */
const NO_WIRE: Wire = { announced: 0, handled: 0, post() {}, ring() {}, pump() {}, giveUp() {}, close() {} };

/** Services that an endpoint uses of the platform of its thread. */
export interface Platform extends WirePlatform {
  readonly packer: ControlPacker;
}

/** Endpoint of one thread of a runtime: writes to the other threads and reads from them. */
export class Endpoint {
  readonly index: number;
  readonly codec: MessageCodec;
  readonly requesters: RequesterTable;
  readonly origins: OriginTable;
  readonly slabs = new SlabTable();
  readonly links = new Links();
  readonly handlers = new Handlers<Link>();
  readonly intake: Intake;
  readonly calls = new Calls(this.handlers, (to, control, entering) => this.notify(to, control, CONTROL, entering));
  readonly payloads = new Payloads(this);
  readonly #packer: ControlPacker;
  readonly #bell: Bell;
  readonly sendIntent: SendIntent;
  readonly #platform: Platform;
  /** True if a wake-up that it scheduled itself is pending. */
  #isWaking = false;
  readonly #spinWait = new SpinWait();
  readonly #pollingWindow = new PollingWindow();
  /** False for the host while there are more threads than cores: its spinning would take a core from one. */
  maySpin = true;

  constructor(index: number, bell: SharedArrayBuffer, platform: Platform) {
    this.#platform = platform;
    const { packer } = platform;
    this.#packer = packer;
    this.intake = new Intake(index, this.links, this.handlers, packer);
    this.index = index;
    this.#bell = new Bell(bell);
    this.sendIntent = new SendIntent(bell);
    this.requesters = new RequesterTable({
      index,
      answer: (ref, answer) => this.#answer(ref, answer),
      fail: (ref, error) => this.notify(ref.origin, { k: "fail", id: ref.id, error: errorToWire(error) }, EARLY),
    });
    this.origins = new OriginTable(index === HOST, {
      messageLeft: (news, error) => {
        if (error === undefined) this.#notifyLeave(news);
        else this.notify(HOST, { ...news, k: "left", error: errorToWire(error) });
      },
      cancelled: (id) => {
        for (const { index } of this.links.list) if (index !== HOST) this.notify(index, { k: "cancelled", id }, EARLY);
      },
    });
    this.codec = new MessageCodec(
      this.requesters,
      this.origins,
      slabBuffers((id) => this.slabs.get(id)),
    );
    new Trimmer(this.links, this.codec, packer, (index) => this.ring(index));
    const { handlers } = this;
    handlers.on("shapes", ({ list }: { list: Shape[] }, from) => void from.shapes.push(...list));
    handlers.on("fail", ({ id, error }: { id: number; error: WireError }) =>
      this.requesters.failed(id, errorFromWire(error)),
    );
  }

  /** Opens the wire to another thread. `announced` handles its announcements. */
  openWire(end: object, memory: LinkMemory, announced: WireEvents["announced"]): Wire {
    return new ChannelWire(this.#platform, end, memory, {
      announced,
      wake: this.wake,
      isBehind: () => this.links.isBehind,
    });
  }

  /** Links this thread to itself. `announce`: tells others about the memory of that log. */
  linkSelf(control: SharedArrayBuffer, bell: SharedArrayBuffer, announce: (event: SegmentEvent) => void): void {
    const tell = (event: SegmentEvent) => {
      takeEvents(event, link.reader);
      announce(event);
    };
    const link: Link = new Link(this.index, { out: control, in: control, bell }, bell, NO_WIRE, {
      segment: (id, memory) => tell({ log: this.index, id, memory }),
      forget: (id) => tell({ log: this.index, id }),
    });
    link.shapes = this.codec.shapes.list;
    this.links.add(link);
  }

  /** Resolves in another turn of the event loop. */
  turn(): Promise<void> {
    return new Promise(macrotask);
  }

  /**
   * Disconnects a thread that has ended, after reading everything that it wrote: at once where possible, else by the
   * time that the promise resolves.
   */
  disconnect(index: number): Promise<void> | undefined {
    const link = this.links.get(index);
    if (link === undefined) return undefined;
    const read = this.intake.catchUp();
    if (read === undefined) {
      this.#disconnect(link);
      return undefined;
    }
    const giveUp = () => {
      link.wire.giveUp();
      this.wake();
    };
    const late = inBackground(setTimeout(giveUp, LATE));
    return read.then(() => {
      clearTimeout(late);
      this.#disconnect(link);
    });
  }

  #disconnect(link: Link): void {
    // its last controls first: dead letters, exits and settlements of its kernels, before their loss is handled
    if (this.index === HOST) this.intake.runDeferred();
    link.wire.close();
    this.slabs.disconnect(link.wire);
    this.links.delete(link);
    this.#wakeLater(); // a wake-up by that thread may be lost with its wire
  }

  /** Records the port of the current delivery: the probable cause if the thread is lost. */
  noteDelivery(port: number): void {
    this.#bell.note(port);
  }

  // --- writing ---

  /**
   * Sends the message that `codec` has encoded to a port at home in thread `home`, within `limit`. Undefined, without
   * an effect, when the port has no room or admits nothing. Else the thread that received it: the host when the home is
   * gone.
   */
  send(
    home: number,
    port: number,
    block: PortBlock,
    limit: number,
    flags: number,
    passing: number,
    entering: FlowCells | undefined,
  ): number | undefined {
    const link = this.links.to(home);
    const { out } = this.codec;
    if (link.shapesTold !== this.codec.shapes.list.length) this.#sendShapes(link);
    link.writer.writeWords(MESSAGE, port, flags, out);
    this.sendIntent.begin(port);
    const accepted = link.writer.publishAccepted(block.words, limit, passing, entering);
    if (typeof accepted === "number") this.#forward(this.links.host, HOST, port, accepted, flags);
    this.sendIntent.end();
    if (accepted === undefined) return undefined;
    if (accepted !== true) return HOST;
    this.#ring(link);
    return link.index;
  }

  /** Sends a message that `codec` has encoded and that was admitted before; `mark`: its state at an earlier home. */
  forward(to: number, port: number, ticket: number, priority: number, mark?: Mark): void {
    const link = this.links.get(to) ?? this.links.host;
    const { sentBuffers } = this.codec;
    if (sentBuffers.length > 0) {
      this.sendSlabs(link.index, sentBuffers);
      for (const { slab } of sentBuffers) slab.add();
      this.#forward(link, to, port, ticket, priority | HAS_BUFFERS, mark);
    } else this.#forward(link, to, port, ticket, priority, mark);
  }

  /** Announces the memory of buffers before a message, to its reader and to the host, which reads for lost threads. */
  sendSlabs(to: number, sent: readonly SharedBuffer[]): void {
    this.slabs.announce(this.links.host.wire, sent);
    const link = this.links.get(to);
    if (link !== undefined && to !== HOST) this.slabs.announce(link.wire, sent);
  }

  #forward(link: Link, to: number, port: number, ticket: number, flags: number, mark?: Mark): void {
    const { out } = this.codec;
    this.#sendShapes(link);
    link.writer.writeWords(MESSAGE, port, flags, out);
    if (mark !== undefined) link.writer.mark(mark.state, mark.order, mark.outputs);
    link.writer.noted();
    if (link.writer.publish(ticket)) this.#ring(link);
    else if (to !== HOST) this.#forward(this.links.host, HOST, port, ticket, flags, mark);
  }

  /** Sends a control to another thread. False, without an effect, if that thread has ended. */
  notify(to: number, control: Control, kind: typeof CONTROL | typeof EARLY = CONTROL, entering?: FlowCells): boolean {
    const link = this.links.get(to);
    if (link === undefined) return false;
    if (control.k !== "shapes") this.#sendShapes(link);
    const bytes = this.#packer.pack(control);
    link.writer.write(kind, bytes.length, 0, bytes, bytes.length);
    const isPublished = link.writer.publish(0, entering);
    if (entering !== undefined) this.sendIntent.end();
    if (isPublished) this.#ring(link);
    return true;
  }

  /** Reports to the host that a message has left a node. */
  #notifyLeave(news: LeaveReport): void {
    writeLeave(this.links.host.writer, news);
    if (this.links.host.writer.publish(0)) this.#ring(this.links.host);
  }

  /** Forwards a message that reached the wrong thread, with its ticket. */
  readdress(frame: Frame, by: number, to: number): void {
    const { segment, port, ticket, flags, payloadStart, payloadEnd, mark } = frame;
    const { codec } = this;
    const message = codec.decode(segment.bytes, segment.view, payloadStart, payloadEnd, this.shapesOf(by));
    const { receivedBuffers } = codec;
    for (const buffer of receivedBuffers) handleReferencesOf(buffer).add("inFlight");
    codec.encode(message, false);
    this.forward(to, port, ticket, flags & ~HAS_BUFFERS, mark);
    frame.settle();
    for (const buffer of receivedBuffers) {
      handleReferencesOf(buffer).drop("inFlight");
      buffer.slab.drop();
    }
  }

  shapesOf(index: number): readonly Shape[] {
    return index === this.index ? this.codec.shapes.list : this.links.shapesOf(index);
  }

  /** Sends new shapes before a message, to its reader and to the host, which reads for lost threads. */
  #sendShapes(link: Link): void {
    const { list } = this.codec.shapes;
    if (link.shapesTold === list.length) return;
    for (const one of link.index === HOST ? [link] : [this.links.host, link]) {
      const fresh = list.slice(one.shapesTold);
      one.shapesTold = list.length;
      if (fresh.length > 0 && one.index !== this.index) this.notify(one.index, { k: "shapes", list: fresh }, EARLY);
    }
  }

  #answer(ref: RequesterRef, answer: AnyMessage): void {
    const bare = copyMessage(answer, { ...envelopeOf(answer), lineage: undefined });
    const { id, responder, name } = ref;
    // early: an answer arrives before anything that it causes elsewhere
    const payload = this.payloads.make(bare, ref.origin);
    if (hasBuffers) referencesMoved(answer);
    this.notify(ref.origin, { k: "answer", id, responder, name, payload }, EARLY);
  }

  /** Wakes another thread to read shared memory. */
  ring(index: number): void {
    const link = this.links.get(index);
    if (link !== undefined) this.#ring(link);
  }

  #ring(link: Link): void {
    if (!link.bell.ring()) return;
    if (link.index === this.index) queueMicrotask(this.wake);
    else link.wire.ring();
  }

  // --- reading ---

  /** Handles a ring of the doorbell: reads all logs, then sleeps or schedules the next poll. */
  readonly wake = (): void => {
    this.#isWaking = false;
    this.#bell.answer();
    const isBusy = this.intake.pull();
    this.intake.runDeferred();
    this.onWake?.();
    if ((this.maySpin && this.#pollingWindow.continues(isBusy)) || !this.#bell.sleep()) this.#wakeLater();
  };

  /** Called after each read of the logs. */
  onWake: (() => void) | undefined;

  #wakeLater(): void {
    if (this.#isWaking) return;
    this.#isWaking = true;
    macrotask(this.wake);
  }

  /** Spins briefly for messages when idle, if that has paid off lately. A wake-up takes longer than most answers. */
  idle(): void {
    if (!this.maySpin || !this.#spinWait.pays) return;
    this.#bell.answer();
    const isRung = this.#spinWait.spin(this.#bell);
    if (isRung) {
      this.#wakeLater(); // no sender wakes a thread that is awake
      this.poll();
    } else if (!this.#isWaking && !this.#bell.sleep()) this.#wakeLater(); // a pending wake-up polls again
  }

  /** Reads all logs if the bell was rung. Deferred controls run soon. */
  poll(): void {
    if (!this.#bell.isRung) return;
    this.#bell.answer();
    this.intake.pull();
    this.onWake?.();
    if (!this.intake.hasDeferred) return;
    // the host handles events before their effects; in a thread, no control interrupts a delivery
    if (this.index === HOST) this.intake.runDeferred();
    else queueMicrotask(this.intake.runDeferred);
  }
}
