import { type AnyRinglineError, errors } from "@ringline/core";
import {
  type AnyMessage,
  copyMessage,
  envelopeOf,
  errorFromWire,
  errorToWire,
  hasBuffers,
  holdOf,
  moved,
  type SharedBuffer,
  type Slab,
  thrownFromWire,
  thrownToWire,
  type WireError,
  type WireThrown,
} from "@ringline/core/backend";
import { type AskerRef, MessageCodec } from "../codec/message-codec.js";
import type { Shape } from "../codec/shapes.js";
import { Bell } from "../ring/bell.js";
import { CONTROL, EARLY, type Frame, LEFT, MESSAGE } from "../ring/frame.js";
import type { Entering, Payload } from "../ring/log-writer.js";
import type { PortBlock } from "../ring/port-block.js";
import { Spinner } from "../ring/spinner.js";
import { Vigil } from "../ring/vigil.js";
import { Askers } from "./asker-book.js";
import { Entry, HAS_BUFFERS, type Home } from "./entry.js";
import type { Inbox } from "./inbox.js";
import { type Link, packr } from "./link.js";
import { type LeftNews, Origins } from "./origin-book.js";
import { Serving } from "./serving.js";
import { SlabBook } from "./slab-book.js";

/** The thread that created the runtime. */
export const HOST = 0;

/** Nobody waits for what is only told. */
const NOT_SERVED = new Serving();

/** Data from one thread to another, beside messages. */
export interface Control {
  /** What it is about: the name of its handler. */
  readonly k: string;
  readonly [field: string]: unknown;
}
type Handler = (control: never, from: Link, serving: Serving) => unknown;

/** A message within a control. */
export interface Parcel {
  /** Whose shapes it refers to. */
  readonly by: number;
  readonly bytes: Uint8Array;
}

/** A thread among those of one runtime: what it writes to the others, and what it takes in from them. */
export class Station {
  readonly index: number;
  readonly codec: MessageCodec;
  readonly askers: Askers;
  readonly origins: Origins;
  readonly slabs = new SlabBook();
  readonly #bell: Bell;
  readonly #later: (callback: () => void) => void;
  readonly #links = new Map<number, Link>();
  #list: Link[] = [];
  /** The one to which a message was sent last. */
  #latest: Link | undefined;
  /** How far each log is published, in the order of the list. */
  #tails: number[] = [];
  /** Shapes of threads that have ended: what they wrote is still here. */
  readonly #former = new Map<number, readonly Shape[]>();
  /** What ends the calls of other threads that are served here, by thread and call. */
  readonly #serving = new Map<string, Serving>();
  readonly #inboxes = new Map<number, Inbox>();
  readonly #handlers = new Map<string, Handler>();
  /** Calls of other threads that have not answered. */
  readonly #calls = new Map<number, { to: number; resolve(value: unknown): void; reject(error: unknown): void }>();
  #callIds = 0;
  /** Controls that are to act after the messages that came before them. */
  #deferred: { control: Control; from: Link }[] = [];
  #isPulling = false;
  readonly #left: Payload = payload(4);
  /** It wakes by itself, soon. */
  #isWaking = false;
  readonly #spinner = new Spinner();
  readonly #vigil = new Vigil();
  /** False while there are more threads than cores: whoever looks out for something keeps another one from working. */
  maySpin = true;
  /** Messages for ports that are not known here. */
  onStray: (frame: Frame, from: Link) => void = (frame) => frame.settle();
  /** A log whose bytes are not what they should be. */
  onCorrupt: (from: Link, error: unknown) => void = () => {};

  /** `later` calls back in another turn of the event loop. */
  constructor(index: number, bell: SharedArrayBuffer, later: (callback: () => void) => void) {
    this.index = index;
    this.#later = later;
    this.#bell = new Bell(bell);
    this.askers = new Askers({
      index,
      answer: (ref, answer) => this.#answer(ref, answer),
      fail: (ref, error) => this.tell(ref.origin, { k: "fail", id: ref.id, error: errorToWire(error) }, EARLY),
    });
    this.origins = new Origins(index === HOST, {
      left: (news, error) => {
        if (error === undefined) this.#tellLeft(news);
        else this.tell(HOST, { ...news, k: "left", error: errorToWire(error) });
      },
      cancelled: (id) => {
        for (const { index } of this.#list) if (index !== HOST) this.tell(index, { k: "cancelled", id }, EARLY);
      },
    });
    this.codec = new MessageCodec(this.askers, this.origins, (id) => this.#slabOf(id));
    this.on("shapes", ({ list }: { list: Shape[] }, from) => void from.shapes.push(...list));
    this.on("fail", ({ id, error }: { id: number; error: WireError }) =>
      this.askers.failed(id, errorFromWire(error) as AnyRinglineError),
    );
    this.on("call", (call: { id: number; control: Control }, from) => void this.#serve(call, from));
    this.on("cancel", ({ id }: { id: number }, from) => this.#serving.get(`${from.index}:${id}`)?.abort());
    this.on("reply", ({ id, value }: { id: number; value: unknown }) => this.#take(id)?.resolve(value));
    this.on("refusal", ({ id, error }: { id: number; error: WireThrown }) =>
      this.#take(id)?.reject(thrownFromWire(error)),
    );
  }

  /** `serving`: of what was called. */
  on<C>(kind: string, handler: (control: C, from: Link, serving: Serving) => unknown): void {
    this.#handlers.set(kind, handler as Handler);
  }

  join(link: Link): void {
    this.#links.set(link.index, link);
    this.#tails = [];
    this.#list = [...this.#links.values()];
  }

  /** A thread has ended: what it wrote is taken in, and nothing more comes. */
  part(index: number): void {
    const link = this.#links.get(index);
    if (link === undefined) return;
    this.pull();
    // what it told last: whoever loses its kernels has heard of their dead letters, their ends and what they settled
    if (this.index === HOST) this.#runDeferred();
    this.#former.set(index, link.shapes);
    link.wire.close();
    this.slabs.part(link.wire);
    this.#links.delete(index);
    this.#latest = undefined;
    this.#tails = [];
    this.#list = [...this.#links.values()];
  }

  link(index: number): Link | undefined {
    return this.#links.get(index);
  }
  get links(): readonly Link[] {
    return this.#list;
  }

  /** Notes whose message is delivered now: a thread that is lost has most likely died of it. */
  noteDelivery(port: number): void {
    this.#bell.note(port);
  }

  open(inbox: Inbox): void {
    this.#inboxes.set(inbox.id, inbox);
  }
  shut(id: number): void {
    this.#inboxes.delete(id);
  }
  /** A port that is at home here; the host tells of it by the wire, as its memory does not travel in logs. */
  inbox(id: number): Inbox | undefined {
    const inbox = this.#inboxes.get(id);
    if (inbox !== undefined) return inbox;
    this.#host.wire.pump();
    return this.#inboxes.get(id);
  }

  // --- writing ---

  /**
   * Sends the message that `codec` has encoded to a port at home in thread `home`, within `limit`. Undefined when the
   * port has no room or takes nothing: then nothing has happened. Else the thread that it went to: the host when the home
   * is gone.
   */
  send(
    home: number,
    port: number,
    block: PortBlock,
    limit: number,
    flags: number,
    passing: number,
    entering: Entering | undefined,
  ): number | undefined {
    const latest = this.#latest;
    const link = latest !== undefined && latest.index === home ? latest : this.#linkTo(home);
    const { out } = this.codec;
    if (link.shapesTold !== this.codec.shapes.list.length) this.#tellShapes(link);
    link.writer.writeWords(MESSAGE, port, flags, out);
    const accepted = link.writer.publishAccepted(block.words, limit, passing, entering);
    if (accepted === undefined) return undefined;
    if (accepted === true) {
      this.#ring(link);
      return link.index;
    }
    this.#forward(this.#host, HOST, port, accepted, flags);
    return HOST;
  }

  /** Sends what `codec` has encoded and was accepted before. */
  forward(to: number, port: number, ticket: number, flags: number): void {
    const link = this.#links.get(to) ?? this.#host;
    const { sent } = this.codec;
    if (sent.length > 0) {
      this.tellSlabs(link.index, sent);
      for (const { slab } of sent) slab.add();
      this.#forward(link, to, port, ticket, flags | HAS_BUFFERS);
    } else this.#forward(link, to, port, ticket, flags);
  }

  /** Whoever reads these buffers, or has to in another's place, knows their memory by then. */
  tellSlabs(to: number, sent: readonly SharedBuffer[]): void {
    this.slabs.tell(this.#host.wire, sent);
    const link = this.#links.get(to);
    if (link !== undefined && to !== HOST) this.slabs.tell(link.wire, sent);
  }

  #slabOf(id: number): Slab | undefined {
    const slab = this.slabs.get(id);
    if (slab !== undefined) return slab;
    for (const { wire } of this.#list) wire.pump();
    return this.slabs.get(id);
  }

  #forward(link: Link, to: number, port: number, ticket: number, flags: number): void {
    const { out } = this.codec;
    this.#tellShapes(link);
    link.writer.writeWords(MESSAGE, port, flags, out);
    if (link.writer.publish(ticket)) this.#ring(link);
    else if (to !== HOST) this.#forward(this.#host, HOST, port, ticket, flags);
  }

  #linkTo(home: number): Link {
    this.#latest = this.#links.get(home) ?? this.#host;
    return this.#latest;
  }

  get #host(): Link {
    return this.#links.get(HOST) as Link;
  }

  /** Tells another thread something. Nothing happens where it has ended. */
  tell(to: number, control: Control, kind: typeof CONTROL | typeof EARLY = CONTROL, entering?: Entering): void {
    const link = this.#links.get(to);
    if (link === undefined) return;
    if (control.k !== "shapes") this.#tellShapes(link);
    const bytes = packr.pack(control);
    link.writer.write(kind, bytes.length, 0, bytes, bytes.length);
    if (link.writer.publish(0, entering)) this.#ring(link);
  }

  /** Tells the host what became of a message of a flow. */
  #tellLeft({ block, slot, key, node, isCounted }: LeftNews): void {
    const { words } = this.#left;
    words[0] = block;
    words[1] = slot;
    words[2] = key;
    words[3] = node;
    this.#host.writer.writeWords(LEFT, 0, isCounted ? 1 : 0, this.#left);
    if (this.#host.writer.publish(0)) this.#ring(this.#host);
  }

  /**
   * Asks another thread to do something, and resolves with what its handler gives. Rejects when it ends. `entering`: what
   * counts the message of a flow that goes with it.
   */
  call(to: number, control: Control, entering?: Entering): { readonly id: number; readonly answer: Promise<unknown> } {
    const id = this.#callIds++;
    if (!this.#links.has(to)) return { id, answer: Promise.reject(lost(to)) };
    const answer = new Promise((resolve, reject) => this.#calls.set(id, { to, resolve, reject }));
    this.tell(to, { k: "call", id, control }, CONTROL, entering);
    return { id, answer };
  }

  /** Ends the calls that another thread will not answer. */
  failCalls(to: number, error: unknown): void {
    for (const [id, call] of this.#calls) if (call.to === to) this.#take(id)?.reject(error);
  }

  #take(id: number) {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    return call;
  }

  async #serve({ id, control }: { id: number; control: Control }, from: Link): Promise<void> {
    const key = `${from.index}:${id}`;
    const serving = new Serving();
    this.#serving.set(key, serving);
    try {
      const handler = this.#handlers.get(control.k) as Handler;
      const value = await handler(control as never, from, serving);
      this.tell(from.index, { k: "reply", id, value });
    } catch (error) {
      this.tell(from.index, { k: "refusal", id, error: thrownToWire(error) });
    } finally {
      this.#serving.delete(key);
    }
  }

  /** Ends what is served to a thread that has ended. */
  abortServing(index: number): void {
    for (const [key, serving] of this.#serving) if (key.startsWith(`${index}:`)) serving.abort();
  }

  /** A message to put into a control, with references of its own to its buffers. Throws `SERIALIZATION`. */
  parcel(message: AnyMessage, to = HOST): Parcel {
    this.codec.encode(message, false);
    const { out, sent } = this.codec;
    if (sent.length > 0) {
      this.tellSlabs(to, sent);
      for (const { slab } of sent) slab.add();
    }
    return { by: this.index, bytes: out.bytes.slice(0, out.size) };
  }

  /** Its references are the message's. */
  unparcel({ by, bytes }: Parcel): AnyMessage {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const message = this.codec.decode(bytes, view, 0, bytes.length, this.shapesOf(by));
    for (const buffer of this.codec.came) holdOf(buffer).adopt("lent");
    return message;
  }

  /** A message that came to the wrong place goes where it should, by its ticket. */
  readdress(frame: Frame, by: number, to: number): void {
    const { segment, port, ticket, flags, payloadStart, payloadEnd } = frame;
    const { codec } = this;
    const message = codec.decode(segment.bytes, segment.view, payloadStart, payloadEnd, this.shapesOf(by));
    const { came } = codec;
    for (const buffer of came) holdOf(buffer).add("lent");
    codec.encode(message, false);
    this.forward(to, port, ticket, flags);
    frame.settle();
    for (const buffer of came) {
      holdOf(buffer).drop("lent");
      buffer.slab.drop();
    }
  }

  shapesOf(index: number): readonly Shape[] {
    if (index === this.index) return this.codec.shapes.list;
    return this.#links.get(index)?.shapes ?? this.#former.get(index) ?? [];
  }

  /** Whoever reads a message knows its shape by then; so does the host, which reads what others cannot read any more. */
  #tellShapes(link: Link): void {
    const { list } = this.codec.shapes;
    if (link.shapesTold === list.length) return;
    for (const one of link.index === HOST ? [link] : [this.#host, link]) {
      const fresh = list.slice(one.shapesTold);
      one.shapesTold = list.length;
      if (fresh.length > 0 && one.index !== this.index) this.tell(one.index, { k: "shapes", list: fresh }, EARLY);
    }
  }

  #answer(ref: AskerRef, answer: AnyMessage): void {
    const bare = copyMessage(answer, { ...envelopeOf(answer), lineage: undefined });
    const { id, asked, name } = ref;
    // early: an answer was there before anything that it has caused elsewhere
    const parcel = this.parcel(bare, ref.origin);
    if (hasBuffers) moved(answer);
    this.tell(ref.origin, { k: "answer", id, asked, name, parcel }, EARLY);
  }

  /** Has another thread look at what is new in shared memory. */
  ring(index: number): void {
    const link = this.#links.get(index);
    if (link !== undefined) this.#ring(link);
  }

  #ring(link: Link): void {
    if (!link.bell.ring()) return;
    if (link.index === this.index) queueMicrotask(this.wake);
    else link.wire.post(0);
  }

  // --- reading ---

  /** The doorbell was rung: takes in what came, and sees to it that it is rung again. */
  readonly wake = (): void => {
    this.#isWaking = false;
    this.#bell.answer();
    const isBusy = this.pull();
    this.#runDeferred();
    this.onWake?.();
    if ((this.maySpin && this.#vigil.goesOn(isBusy)) || !this.#bell.sleep()) this.#wakeLater();
  };

  /** Called whenever this place looks at what came. */
  onWake: (() => void) | undefined;

  #wakeLater(): void {
    if (this.#isWaking) return;
    this.#isWaking = true;
    this.#later(this.wake);
  }

  /**
   * There is nothing to do here: waits for a moment whether something comes, where that has paid lately. It saves being
   * woken, which takes longer than most answers do.
   */
  idle(): void {
    if (!this.maySpin || !this.#spinner.pays) return;
    this.#bell.answer();
    const isRung = this.#spinner.spin(this.#bell);
    if (isRung) {
      this.#wakeLater(); // nobody wakes a thread that does not sleep
      this.look();
    } else if (!this.#isWaking && !this.#bell.sleep()) this.#wakeLater(); // else it looks again by itself
  }

  /** Takes in what came, if the bell was rung. What is to act, acts soon. */
  look(): void {
    if (!this.#bell.isRung) return;
    this.#bell.answer();
    this.pull();
    this.onWake?.();
    if (this.#deferred.length === 0) return;
    // the host hears of what happened before it sees what came of it; kernels are not disturbed in the middle of a delivery
    if (this.index === HOST) this.#runDeferred();
    else queueMicrotask(this.#runDeferred);
  }

  /** Takes in what came. True when there were messages. */
  pull(): boolean {
    if (this.#isPulling) return false;
    this.#isPulling = true;
    const batch: Entry[] = [];
    try {
      let senders = 0;
      const list = this.#list;
      const tails = agreed(list, this.#tails);
      for (let i = 0; i < list.length; i++) {
        const before = batch.length;
        this.#read(list[i] as Link, tails[i] as number, batch);
        if (batch.length > before) senders++;
      }
      if (senders > 1) batch.sort(byTicket);
    } finally {
      for (let i = 0; i < batch.length; i++) (batch[i] as Entry).inbox?.arrive(batch[i] as Entry);
      this.#isPulling = false;
    }
    // whoever is woken may look again, so all is in its place before
    for (let i = 0; i < batch.length; i++) (batch[i] as Entry).inbox?.wake();
    return batch.length > 0;
  }

  #read(link: Link, published: number, batch: Entry[]): void {
    try {
      for (let frame = link.reader.next(published); frame !== undefined; frame = link.reader.next(published)) {
        if (frame.kind === MESSAGE) this.#arrive(frame, link, batch);
        else this.#control(frame, link);
      }
    } catch (error) {
      this.onCorrupt(link, error);
    }
  }

  #arrive(frame: Frame, link: Link, batch: Entry[]): void {
    const inbox = this.#inboxes.get(frame.port) ?? this.inbox(frame.port);
    if (inbox === undefined) {
      this.onStray(frame, link);
      return;
    }
    const entry = new Entry(frame.ticket, frame.flags & 0xff, frame, link.index, undefined);
    entry.inbox = inbox;
    batch.push(entry);
  }

  #control(frame: Frame, from: Link): void {
    if (frame.kind === LEFT) {
      this.#deferred.push({ control: leftIn(frame), from });
      frame.settle();
      return;
    }
    const bytes = frame.segment.bytes.slice(frame.payloadStart, frame.payloadStart + frame.port);
    frame.settle();
    const control = packr.unpack(bytes) as Control;
    if (frame.kind === EARLY) this.#handle(control, from);
    else this.#deferred.push({ control, from });
  }

  readonly #runDeferred = (): void => {
    for (let next = this.#deferred.shift(); next !== undefined; next = this.#deferred.shift()) {
      this.#handle(next.control, next.from);
    }
  };

  #handle(control: Control, from: Link): void {
    const handler = this.#handlers.get(control.k);
    if (handler === undefined) throw new Error(`nobody handles "${control.k}"`);
    handler(control as never, from, NOT_SERVED);
  }
}

/** How far each log is published, at one moment: what causes a message that is seen is seen too. */
function agreed(list: readonly Link[], tails: number[]): readonly number[] {
  for (let isSame = false; !isSame; ) {
    isSame = true;
    for (let i = 0; i < list.length; i++) {
      const { published } = (list[i] as Link).reader;
      if (tails[i] === published) continue;
      tails[i] = published;
      isSame = false;
    }
  }
  return tails;
}

function payload(count: number): Payload {
  const words = new Int32Array(count);
  return { words, bytes: new Uint8Array(words.buffer), size: 4 * count };
}

function leftIn({ segment, payloadStart, flags }: Frame): Control & LeftNews {
  const { words } = segment;
  const at = payloadStart >>> 2;
  const [block, slot, key, node] = [words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!];
  return { k: "left", block, slot, key, node, isCounted: flags === 1 };
}

function byTicket(a: Entry, b: Entry): number {
  return (a.inbox as Home).id - (b.inbox as Home).id || (a.ticket - b.ticket) | 0;
}

export function lost(index: number): AnyRinglineError {
  return new errors.KERNEL_FAILED({ restarts: 0 }, { cause: new Error(`thread ${index} has ended`) });
}
