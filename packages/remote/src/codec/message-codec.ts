import { errors, traceOf } from "@ringline/core";
import {
  AnyMessage,
  type Asker,
  buffersOf,
  causeOf,
  checkHeld,
  expiryOf,
  hasBuffers,
  idOf,
  isDevelopment,
  type Lineage,
  lineageOf,
  type MessageId,
  type Origin,
  SharedBuffer,
  type Slab,
  WireId,
  writeMessageId,
} from "@ringline/core/backend";
import { BUFFER, readBuffer, writeBuffer } from "./buffer-wire.js";
import { ByteReader, CorruptFrame } from "./byte-reader.js";
import { ByteWriter } from "./byte-writer.js";
import { Untravelled } from "./plain.js";
import { type Shape, Shapes } from "./shapes.js";
import { readName, readValue, writeValue } from "./values.js";

const HAS_CAUSE = 1;
const EXPIRES = 2;
const HAS_ASKER = 4;
const HAS_STAMP = 8;
const HAS_ORIGIN = 16;
const HAS_BUFFERS = 32;
const HAS_TRACE = 64;
const RARE = EXPIRES | HAS_ASKER | HAS_ORIGIN | HAS_TRACE;
/** The priority stands above the flags. */
const PRIORITY = 8;
const NO_SHAPE = 0xffff_ffff;

const NONE: readonly SharedBuffer[] = [];

/** Where whoever asks is, as it travels. */
export interface AskerRef {
  readonly origin: number;
  readonly id: number;
  readonly asked: string;
  readonly name: string;
}

/** The inputs of flows, here and elsewhere. */
export interface OriginRefs {
  write(origin: Origin, out: ByteWriter): void;
  /** Undefined where nothing of it is alive any more. */
  read(source: ByteReader): Origin | undefined;
}

/** Those who ask, here and elsewhere. */
export interface RequesterRefs {
  refer(asker: Asker): AskerRef;
  resolve(ref: AskerRef): Asker;
}

/** The milliseconds of this place's clock at which the epoch began: it is how clocks of threads are compared. */
const EPOCH = -performance.timeOrigin;

/** Messages as bytes: a fixed envelope, then the fields of the body in the order of their shape. */
export class MessageCodec {
  readonly shapes = new Shapes();
  /** What `encode` has written, until it is called again. */
  readonly out = new ByteWriter();
  readonly #source = new ByteReader();
  readonly #askers: RequesterRefs;
  readonly #origins: OriginRefs;
  readonly #slabOf: (id: number) => Slab | undefined;
  readonly #id = new Int32Array(4);
  /** The buffers of the message that was encoded last. */
  sent: readonly SharedBuffer[] = NONE;
  /** Those of the message that was decoded last; they hold no reference yet. */
  came: readonly SharedBuffer[] = NONE;

  constructor(askers: RequesterRefs, origins: OriginRefs, slabOf: (id: number) => Slab | undefined) {
    this.#askers = askers;
    this.#origins = origins;
    this.#slabOf = slabOf;
  }

  /** Writes a message into `out`. Throws `SERIALIZATION` with the path of the field that cannot travel. */
  encode(message: AnyMessage, isStamped: boolean): void {
    const { out } = this;
    const shape = this.shapes.of(message.type, message);
    const cause = causeOf(message);
    const expiresAt = expiryOf(message);
    const lineage = lineageOf(message);
    let flags = message.priority << PRIORITY;
    if (cause !== null) flags |= HAS_CAUSE;
    if (expiresAt !== Number.POSITIVE_INFINITY) flags |= EXPIRES;
    if (lineage?.asker !== undefined) flags |= HAS_ASKER;
    if (lineage?.origin !== undefined) flags |= HAS_ORIGIN;
    const trace = traceOf(message);
    if (trace !== undefined) flags |= HAS_TRACE;
    if (isStamped) flags |= HAS_STAMP;
    this.sent = hasBuffers ? buffersOf(message) : NONE;
    if (this.sent.length > 0) {
      checkHeld(this.sent, message);
      flags |= HAS_BUFFERS;
    }
    out.reset();
    out.reserve(64);
    out.word(shape === undefined ? NO_SHAPE : shape.id);
    out.word(flags);
    this.#writeId(idOf(message));
    if (isStamped) out.float(performance.now() - EPOCH);
    if (cause !== null) this.#writeId(cause);
    if (expiresAt !== Number.POSITIVE_INFINITY) out.float(expiresAt - EPOCH);
    if (lineage !== undefined) this.#writeLineage(lineage);
    if (trace !== undefined) writeValue(out, trace);
    try {
      this.#writeBody(message, shape);
    } catch (error) {
      throw error instanceof Untravelled ? refused(error, message) : error;
    }
  }

  #writeBody(message: AnyMessage, shape: Shape | undefined): void {
    const { out } = this;
    const keys = shape?.keys ?? Object.keys(message);
    if (shape === undefined) {
      out.text(message.type);
      out.word(keys.length);
    }
    const body = message as unknown as Readonly<Record<string, unknown>>;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      if (shape === undefined) out.text(key);
      const value = body[key];
      if (typeof value === "object" || typeof value === "function" || typeof value === "symbol") {
        writeField(out, key, value);
      } else {
        writeValue(out, value);
      }
    }
  }

  #writeId(id: MessageId): void {
    const { out } = this;
    const words = this.#id;
    writeMessageId(id, words);
    out.reserve(16);
    const { view, size } = out;
    view.setInt32(size, words[0]!, true);
    view.setInt32(size + 4, words[1]!, true);
    view.setInt32(size + 8, words[2]!, true);
    view.setInt32(size + 12, words[3]!, true);
    out.size = size + 16;
  }

  #writeLineage({ asker, origin }: Lineage): void {
    if (asker !== undefined) this.#writeAsker(asker);
    if (origin !== undefined) this.#origins.write(origin, this.out);
  }

  #writeAsker(asker: Asker): void {
    const { origin, id, asked, name } = this.#askers.refer(asker);
    this.out.word(origin);
    this.out.word(id);
    writeValue(this.out, asked);
    writeValue(this.out, name);
  }

  /** The message in these bytes, whose writer has these shapes. Throws `CorruptFrame`. */
  decode(bytes: Uint8Array, view: DataView, start: number, end: number, shapes: readonly Shape[]): AnyMessage {
    const source = this.#source;
    source.open(bytes, view, start, end);
    const shapeId = source.word();
    const flags = source.word();
    const id = this.#readId();
    if ((flags & HAS_STAMP) !== 0) source.float();
    const cause = (flags & HAS_CAUSE) === 0 ? null : this.#readId();
    const expiresAt = (flags & EXPIRES) === 0 ? Number.POSITIVE_INFINITY : source.float() + EPOCH;
    const lineage = (flags & (HAS_ASKER | HAS_ORIGIN)) === 0 ? undefined : this.#readLineage(flags);
    const trace = (flags & HAS_TRACE) === 0 ? undefined : String(readValue(source));
    const shape = shapeId === NO_SHAPE ? undefined : shapes[shapeId];
    if (shape === undefined && shapeId !== NO_SHAPE) throw new CorruptFrame(`there is no shape ${shapeId}`);
    const type = shape?.type ?? source.text();
    this.came = NONE;
    const body =
      (flags & HAS_BUFFERS) !== 0 ? this.#readBuffers(shape) : shape === undefined ? this.#readNamed() : undefined;
    const rarities = (flags & RARE) === 0 ? undefined : { expiresAt, lineage, trace };
    const priority = (flags >>> PRIORITY) & 0xff;
    return body === undefined
      ? this.#readInto(shape as Shape, new AnyMessage(type, undefined, id, cause, priority, rarities))
      : this.#checked(new AnyMessage(type, body, id, cause, priority, rarities));
  }

  /** When a message was accepted, by the clock of this place; 0 where that was not noted. */
  stampOf(view: DataView, start: number): number {
    const flags = view.getUint32(start + 4, true);
    return (flags & HAS_STAMP) === 0 ? 0 : view.getFloat64(start + 24, true) + EPOCH;
  }

  /** Straight into the message: it costs an object less. Shapes come from messages, which cannot have a header's names. */
  #readInto({ keys }: Shape, message: AnyMessage): AnyMessage {
    const source = this.#source;
    const target = message as unknown as Record<string, unknown>;
    for (let i = 0; i < keys.length; i++) target[keys[i]!] = readValue(source);
    if (isDevelopment) Object.freeze(message);
    return this.#checked(message);
  }

  #checked(message: AnyMessage): AnyMessage {
    const { left } = this.#source;
    if (left >= 8) throw new CorruptFrame(`${left} bytes follow a message`);
    return message;
  }

  #readBuffers(shape: Shape | undefined): object {
    const source = this.#source;
    const came: SharedBuffer[] = [];
    const body: Record<string, unknown> = {};
    const count = shape?.keys.length ?? source.word();
    for (let i = 0; i < count; i++) {
      const key = shape?.keys[i] ?? source.text();
      const isBuffer = source.next === BUFFER;
      const value = isBuffer ? readBuffer(source, this.#slabOf) : readValue(source);
      if (isBuffer) came.push(value as SharedBuffer);
      body[key] = value;
    }
    this.came = came;
    return body;
  }

  #readNamed(): object {
    const source = this.#source;
    const body: Record<string, unknown> = {};
    for (let left = source.word(); left > 0; left--) {
      const key = source.text();
      body[key] = readValue(source);
    }
    return body;
  }

  #readId(): WireId {
    const source = this.#source;
    const at = source.words(4);
    // with a sign, so that engines need no memory for each of them
    return new WireId(source.intAt(at), source.intAt(at + 4), source.intAt(at + 8), source.intAt(at + 12));
  }

  #readLineage(flags: number): Lineage {
    const asker = (flags & HAS_ASKER) === 0 ? undefined : this.#readAsker();
    const origin = (flags & HAS_ORIGIN) === 0 ? undefined : this.#origins.read(this.#source);
    return { asker, origin };
  }

  #readAsker(): Asker {
    const source = this.#source;
    const ref = { origin: source.word(), id: source.word(), asked: readName(source), name: readName(source) };
    return this.#askers.resolve(ref);
  }
}

/** Apart, so that plain fields need no `try`. */
function writeField(out: ByteWriter, key: string, value: unknown): void {
  try {
    if (hasBuffers && value instanceof SharedBuffer) writeBuffer(out, value);
    else writeValue(out, value);
    if (typeof value === "function" || typeof value === "symbol") throw new Untravelled(`a ${typeof value}`);
  } catch (error) {
    if (error instanceof Untravelled) error.path.unshift(key);
    throw error;
  }
}

function refused(cause: Untravelled, { messageId }: AnyMessage) {
  return new errors.SERIALIZATION({ path: cause.path.join(".") }, { cause, messageId });
}
