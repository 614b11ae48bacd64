import { errors } from "@ringline/core";
import {
  AnyMessage,
  buffersOf,
  causeOf,
  checkReferences,
  hasBuffers,
  idOf,
  isBuffer,
  isDevelopment,
  type Lineage,
  type MessageId,
  type OptionalHeaders,
  type Origin,
  optionalHeadersOf,
  type Requester,
  type SharedBuffer,
  WireId,
  writeMessageId,
} from "@ringline/core/internal";
import type { BufferRefs } from "./buffer-wire.js";
import { type ByteReader, CorruptFrame } from "./byte-reader.js";
import type { ByteWriter } from "./byte-writer.js";
import { readText, writeNumber, writeText } from "./scalars.js";
import { type Shape, Shapes } from "./shapes.js";
import { SMALL_INT, TAG } from "./tags.js";
import { ValueReader } from "./value-reader.js";
import { ValueWriter } from "./value-writer.js";

const HAS_CAUSE = 1;
const EXPIRES = 2;
const HAS_REQUESTER = 4;
const HAS_STAMP = 8;
const HAS_ORIGIN = 16;
const HAS_BUFFERS = 32;
const HAS_TRACE = 64;
const HAS_OPTIONAL = EXPIRES | HAS_REQUESTER | HAS_ORIGIN | HAS_TRACE;
/** Bit at which the priority begins, above the flags. */
const PRIORITY = 8;
/** Size in bytes above which the reader releases a message's bytes after decoding. */
const LARGE = 64 * 1024;
const NO_SHAPE = 0xffff_ffff;
/** Bytes of the fixed header: shape, flags and id. */
const HEADER = 24;

const NONE: readonly SharedBuffer[] = [];

/** Reference to a requester, as it is sent. */
export interface RequesterRef {
  readonly origin: number;
  readonly id: number;
  readonly responder: string;
  readonly name: string;
  /** Name of the type of the request. */
  readonly asked: string;
}

/** Encoding of origins, the inputs of flows. */
export interface OriginRefs {
  write(origin: Origin, out: ByteWriter): void;
  /** Undefined if the input has no live messages. */
  read(source: ByteReader): Origin | undefined;
}

/** Conversion between requesters and their references. */
export interface RequesterRefs {
  refer(requester: Requester): RequesterRef;
  resolve(ref: RequesterRef): Requester;
}

/** The epoch on the clock of this thread, in milliseconds: makes the clocks of threads comparable. */
const EPOCH = -performance.timeOrigin;

/** Error for a message whose body cannot be read but whose header can. */
export class UnreadableMessage extends CorruptFrame {
  constructor(
    /** The message without its body. */
    readonly header: AnyMessage,
    cause: unknown,
  ) {
    super(`the body of a ${header.type} cannot be read`, { cause });
  }
}

/** Encodes messages: a fixed header, then the fields of the body in the order of their shape. */
export class MessageCodec {
  readonly shapes: Shapes;
  /** Output of `encode`, until it is called again. */
  readonly out: ByteWriter;
  readonly #writer = new ValueWriter();
  readonly #reader = new ValueReader();
  readonly #source = this.#reader.source;
  readonly #requesters: RequesterRefs;
  readonly #origins: OriginRefs;
  readonly #buffers: BufferRefs;
  readonly #zero: () => number;
  /** Buffers of the message that was encoded last. */
  sentBuffers: readonly SharedBuffer[] = NONE;
  /** Buffers of the message that was decoded last; they hold no reference yet. */
  receivedBuffers: readonly SharedBuffer[] = NONE;

  /** `zero`: the time on this place's clock that both places know as a reference; by default the epoch. */
  constructor(
    requesters: RequesterRefs,
    origins: OriginRefs,
    buffers: BufferRefs,
    zero = () => EPOCH,
    shapes = new Shapes(),
  ) {
    this.shapes = shapes;
    this.#requesters = requesters;
    this.#origins = origins;
    this.#buffers = buffers;
    this.#zero = zero;
    this.out = this.#writer.out;
  }

  /** Writes a message into `out`. Throws `SERIALIZATION` with the path of the field that cannot be sent. */
  encode(message: AnyMessage, isStamped: boolean): void {
    const { out } = this;
    const shape = this.shapes.of(message.type, message);
    const cause = causeOf(message);
    const optional = optionalHeadersOf(message);
    let flags = message.priority << PRIORITY;
    if (cause !== null) flags |= HAS_CAUSE;
    if (optional !== undefined) flags |= flagsOf(optional);
    if (isStamped) flags |= HAS_STAMP;
    this.sentBuffers = hasBuffers ? buffersOf(message) : NONE;
    if (this.sentBuffers.length > 0) {
      checkReferences(this.sentBuffers, message);
      flags |= HAS_BUFFERS;
    }
    out.reset();
    out.reserve(64);
    out.words[0] = shape === undefined ? NO_SHAPE : shape.id;
    out.words[1] = flags;
    out.size = 8;
    this.#writeId(idOf(message));
    if (isStamped) out.float(performance.now() - EPOCH);
    if (cause !== null) this.#writeId(cause);
    if (optional !== undefined) this.#writeOptional(optional, flags);
    this.#writeBody(message, shape);
  }

  #writeBody(message: AnyMessage, shape: Shape | undefined): void {
    const writer = this.#writer;
    const keys = shape?.keys ?? Object.keys(message);
    if (shape === undefined) {
      writeText(this.out, message.type);
      this.out.count(keys.length);
    }
    const body = message as unknown as Readonly<Record<string, unknown>>;
    try {
      for (let i = 0; i < keys.length; i++) {
        const key = keys[i]!;
        if (shape === undefined) writeText(this.out, key);
        const value = body[key];
        if (typeof value === "number") writeNumber(this.out, value);
        else if (typeof value === "string") writeText(this.out, value);
        else {
          writer.at(key);
          if (hasBuffers && isBuffer(value)) this.#buffers.write(this.out, value);
          else writer.write(value);
        }
      }
      writer.end();
    } catch (cause) {
      const { path } = writer;
      writer.end(false);
      throw new errors.SERIALIZATION({ path }, { cause, messageId: message.messageId });
    }
  }

  /** Writes an id; everything ahead of it has a multiple of 4 bytes. */
  #writeId(id: MessageId): void {
    const { out } = this;
    out.reserve(16);
    writeMessageId(id, out.words, out.size >>> 2);
    out.size += 16;
  }

  #writeOptional({ expiresAt, lineage, trace }: OptionalHeaders, flags: number): void {
    if ((flags & EXPIRES) !== 0) this.out.float(expiresAt - this.#zero());
    if (lineage?.requester !== undefined) this.#writeRequester(lineage.requester);
    if (lineage?.origin !== undefined) this.#origins.write(lineage.origin, this.out);
    if (trace !== undefined) writeText(this.out, trace);
  }

  #writeRequester(requester: Requester): void {
    const { origin, id, responder, name, asked } = this.#requesters.refer(requester);
    this.out.word(origin);
    this.out.word(id);
    writeText(this.out, responder);
    writeText(this.out, name);
    writeText(this.out, asked);
  }

  /** Decodes a message; `shapes` are those of its writer. Throws `CorruptFrame`. */
  decode(bytes: Uint8Array, view: DataView, start: number, end: number, shapes: readonly Shape[]): AnyMessage {
    this.#source.open(bytes, view, start, end);
    try {
      return this.#readMessage(shapes);
    } catch (cause) {
      this.#reader.end(false);
      throw cause instanceof CorruptFrame ? cause : new CorruptFrame("bytes that are no message", { cause });
    } finally {
      if (end - start > LARGE) this.#source.close();
    }
  }

  #readMessage(shapes: readonly Shape[]): AnyMessage {
    const source = this.#source;
    const { view } = source;
    const at = source.take(HEADER);
    const shapeId = view.getUint32(at, true);
    const flags = view.getUint32(at + 4, true);
    const id = idAt(view, at + 8);
    if ((flags & HAS_STAMP) !== 0) source.float();
    const cause = (flags & HAS_CAUSE) === 0 ? null : this.#readId();
    const expiresAt = (flags & EXPIRES) === 0 ? Number.POSITIVE_INFINITY : source.float() + this.#zero();
    const lineage = (flags & (HAS_REQUESTER | HAS_ORIGIN)) === 0 ? undefined : this.#readLineage(flags);
    const trace = (flags & HAS_TRACE) === 0 ? undefined : readText(source);
    const shape = shapeId === NO_SHAPE ? undefined : shapes[shapeId];
    if (shape === undefined && shapeId !== NO_SHAPE) throw new CorruptFrame(`there is no shape ${shapeId}`);
    const type = shape?.type ?? readText(source);
    const optionalHeaders = (flags & HAS_OPTIONAL) === 0 ? undefined : { expiresAt, lineage, trace };
    const priority = (flags >>> PRIORITY) & 0xff;
    this.receivedBuffers = NONE;
    try {
      if (shape !== undefined && (flags & HAS_BUFFERS) === 0)
        return this.#readInto(shape, new AnyMessage(type, undefined, id, cause, priority, optionalHeaders));
      return new AnyMessage(type, this.#readBody(shape), id, cause, priority, optionalHeaders);
    } catch (fault) {
      throw new UnreadableMessage(new AnyMessage(type, {}, id, cause, priority, optionalHeaders), fault);
    }
  }

  /** Time at which a message was accepted, by the clock of this place; 0 if not recorded. */
  stampOf(view: DataView, start: number): number {
    const flags = view.getUint32(start + 4, true);
    return (flags & HAS_STAMP) === 0 ? 0 : view.getFloat64(start + 24, true) + EPOCH;
  }

  /**
   * Reads fields directly into the message, which saves an object. Shapes come from messages, so no key is a header
   * name.
   */
  #readInto({ keys }: Shape, message: AnyMessage): AnyMessage {
    const reader = this.#reader;
    const source = this.#source;
    const target = message as unknown as Record<string, unknown>;
    for (let i = 0; i < keys.length; i++) {
      const tag = source.byte();
      target[keys[i]!] = tag >= SMALL_INT ? tag - SMALL_INT : tag === TAG.int ? source.int() : reader.readAs(tag);
    }
    this.#end();
    if (isDevelopment) Object.freeze(message);
    return message;
  }

  #readBody(shape: Shape | undefined): object {
    const source = this.#source;
    const came: SharedBuffer[] = [];
    const body: Record<string, unknown> = {};
    const count = shape?.keys.length ?? source.countOf(2);
    for (let i = 0; i < count; i++) {
      const key = shape?.keys[i] ?? readText(source);
      const isHandle = source.next === TAG.buffer;
      const value = isHandle ? this.#buffers.read(source) : this.#reader.read();
      if (isHandle) came.push(value as SharedBuffer);
      body[key] = value;
    }
    this.#end();
    if (came.length > 0) this.receivedBuffers = came;
    return body;
  }

  #end(): void {
    this.#reader.end();
    const { left } = this.#source;
    if (left >= 8) throw new CorruptFrame(`${left} bytes follow a message`);
  }

  #readId(): WireId {
    return idAt(this.#source.view, this.#source.take(16));
  }

  #readLineage(flags: number): Lineage {
    const requester = (flags & HAS_REQUESTER) === 0 ? undefined : this.#readRequester();
    const origin = (flags & HAS_ORIGIN) === 0 ? undefined : this.#origins.read(this.#source);
    return { requester, origin };
  }

  #readRequester(): Requester {
    const source = this.#source;
    const [origin, id] = [source.word(), source.word()];
    const [responder, name, asked] = [readText(source), readText(source), readText(source)];
    return this.#requesters.resolve({ origin, id, responder, name, asked });
  }
}

function flagsOf({ expiresAt, lineage, trace }: OptionalHeaders): number {
  let flags = 0;
  if (expiresAt !== Number.POSITIVE_INFINITY) flags |= EXPIRES;
  if (lineage?.requester !== undefined) flags |= HAS_REQUESTER;
  if (lineage?.origin !== undefined) flags |= HAS_ORIGIN;
  if (trace !== undefined) flags |= HAS_TRACE;
  return flags;
}

function idAt(view: DataView, at: number): WireId {
  // signed, so that engines store small values without an allocation
  return new WireId(
    view.getInt32(at, true),
    view.getInt32(at + 4, true),
    view.getInt32(at + 8, true),
    view.getInt32(at + 12, true),
  );
}
