import { type AnyRinglineError, errors } from "@ringline/core";
import { type AnyMessage, type Clock, hasBuffers, referencesMoved } from "@ringline/core/internal";
import { copiedBuffers } from "../codec/buffer-wire.js";
import { CorruptFrame } from "../codec/byte-reader.js";
import type { ByteWriter } from "../codec/byte-writer.js";
import { errorFromWire, errorToWire, type WireError } from "../codec/error-wire.js";
import { MessageCodec, UnreadableMessage } from "../codec/message-codec.js";
import { type Shape, Shapes } from "../codec/shapes.js";
import { NumberedOrigins } from "../tables/numbered-origins.js";
import { RequesterTable } from "../tables/requester-table.js";
import { Calls } from "./calls.js";
import { type Control, Handlers } from "./handlers.js";

/** The two ends of a channel. */
export const RUNTIME = 0;
export const PLACE = 1;
/** Maximum size in bytes of the kept write buffer. */
const SCRATCH = 1024 * 1024;

/** Link of a channel to its other end. */
export interface ChannelLink {
  readonly end: typeof RUNTIME | typeof PLACE;
  readonly clock: Clock;
  /** True once nothing is sent or received. */
  readonly isClosed: boolean;
  /** False if what this end sends may arrive out of order: then each message carries its own field names. Default true. */
  readonly isOrdered?: boolean;
  /** Sends a control, in the order of the calls, as bytes by `packValue`. Throws if it cannot be sent. */
  send(control: Control): void;
  /** The error of calls after the end. */
  ended(): Error;
  /** At the runtime: handles an answer whose requester has stopped waiting or, with an error, that cannot be read. */
  late?(answer: AnyMessage, responder: string, requester: string, error?: AnyRinglineError): void;
  /** At the runtime: handles the leave of a flow's message from a node; counted at once by default. */
  messageLeft?(flow: string, node: number, leave: () => void): void;
}

interface Answer {
  readonly id: number;
  readonly responder: string;
  readonly name: string;
  readonly message: Uint8Array;
}

/**
 * One end of a channel between a runtime and a place without shared memory: sends messages as bytes, makes calls, and
 * keeps the tables of requesters and origins.
 */
export class Channel {
  /** Index of the other end, by which callers are identified. */
  readonly index: number;
  readonly handlers = new Handlers<Channel>();
  readonly calls: Calls<Channel>;
  readonly requesters: RequesterTable;
  readonly origins: NumberedOrigins;
  readonly #link: ChannelLink;
  readonly #codec: MessageCodec;
  /** Shapes of the messages from the other end. */
  readonly #shapes: Shape[] = [];
  #shapesTold = 0;

  constructor(line: ChannelLink) {
    this.#link = line;
    this.index = line.end === RUNTIME ? PLACE : RUNTIME;
    const tell = (control: Control) => this.send(control);
    const toCall = (_: number, control: Control) => {
      tell(control);
      return !line.isClosed;
    };
    this.calls = new Calls(this.handlers, toCall, line.ended);
    this.requesters = new RequesterTable({
      index: line.end,
      get isClosed() {
        return line.isClosed;
      },
      answer: ({ id, responder, name }, answer) =>
        tell({ k: "answer", id, responder, name, message: this.packForReceiver(answer) }),
      fail: ({ id }, error) => tell({ k: "fail", id, error: errorToWire(error) }),
    });
    this.origins = new NumberedOrigins(line.end === RUNTIME, {
      messageLeft: (id, node, error) => tell({ k: "left", id, node, error: error && errorToWire(error) }),
      cancelled: (id) => tell({ k: "cancelled", id }),
    });
    const shapes = new Shapes(line.isOrdered === false ? 0 : undefined);
    this.#codec = new MessageCodec(this.requesters, this.origins, copiedBuffers, () => line.clock.now(), shapes);
    this.#listen();
  }

  #listen(): void {
    const { handlers, requesters, origins } = this;
    handlers.on("shapes", ({ list }: { list: readonly Shape[] }) => this.#learn(list));
    handlers.on("answer", (answer: Answer) => this.#answered(answer));
    handlers.on("fail", ({ id, error }: { id: number; error: WireError }) =>
      requesters.failed(id, errorFromWire(error)),
    );
    if (this.#link.end === PLACE) {
      handlers.on("cancelled", ({ id }: { id: number }) => origins.cancelled(id));
      return;
    }
    handlers.on("late", ({ responder, name, message, error }: Answer & { error?: WireError }) =>
      this.#link.late?.(this.open(message), responder, name, error && errorFromWire(error)),
    );
    handlers.on("left", ({ id, node, error }: { id: number; node: number; error?: WireError }) => {
      const origin = origins.get(id);
      if (origin === undefined) return;
      const leave = () => origin.leave(node, error && errorFromWire(error));
      if (this.#link.messageLeft === undefined) leave();
      else this.#link.messageLeft(origin.flow, node, leave);
    });
  }

  #learn(list: readonly Shape[]): void {
    for (const { type, keys } of list) {
      const areKeys = Array.isArray(keys) && keys.every((key) => typeof key === "string" && key !== "__proto__");
      if (typeof type !== "string" || !areKeys) throw new CorruptFrame("a shape is none");
      this.#shapes.push({ id: this.#shapes.length, type, keys });
    }
  }

  /** Handles a control of the other end. Throws for an invalid one, and any error of its handler. */
  handle(control: unknown): unknown {
    if (typeof control !== "object" || control === null) throw new TypeError("it has told what is no control");
    return this.handlers.handle(control as Control, this);
  }

  /** Sends a control to the other end, unless closed. Throws `SERIALIZATION`. */
  send(control: Control): void {
    if (!this.#link.isClosed) this.#link.send(control);
  }

  /** Calls the other end, and resolves with its answer. `answered`: called before any later control is handled. */
  call(control: Control, answered?: () => void): Promise<unknown> {
    return this.calls.make(this.index, control, undefined, answered).answer;
  }

  /** Ends all calls after the link has closed. */
  close(error: () => Error): void {
    this.calls.fail(this.index, error());
    this.calls.abort(this.index);
  }

  /**
   * Encodes a message; the bytes are valid until the next call. Throws `SERIALIZATION`, and `INVALID_ARGUMENT` for a
   * buffer that was released.
   */
  encode(message: AnyMessage): ByteWriter {
    const codec = this.#codec;
    codec.encode(message, false);
    const { list } = codec.shapes;
    if (list.length > this.#shapesTold) {
      const fresh = list.slice(this.#shapesTold);
      this.#shapesTold = list.length;
      this.#link.send({ k: "shapes", list: fresh });
    }
    return codec.out;
  }

  /** Encodes a message as a copy, for use within a control. */
  pack(message: AnyMessage): Uint8Array {
    const out = this.encode(message);
    const bytes = out.bytes.slice(0, out.size);
    out.trim(SCRATCH);
    return bytes;
  }

  /** Packs a message that leaves this place for good: the references of its sender move with it. */
  packForReceiver(message: AnyMessage): Uint8Array {
    const bytes = this.pack(message);
    if (hasBuffers) referencesMoved(message);
    return bytes;
  }

  /** Decodes a message of the other end. Throws `UnreadableMessage`, `CorruptFrame`. */
  decode(bytes: Uint8Array, view: DataView, start: number, end: number): AnyMessage {
    return this.#codec.decode(bytes, view, start, end, this.#shapes);
  }

  /** Decodes a packed message; returns only the header if the body cannot be read. */
  open(bytes: Uint8Array): AnyMessage {
    try {
      return this.#open(bytes);
    } catch (error) {
      if (error instanceof UnreadableMessage) return error.header;
      throw error;
    }
  }

  /** Decodes a packed message. Throws `SERIALIZATION` if the body cannot be read. */
  read(bytes: Uint8Array, kernelId: string): AnyMessage {
    try {
      return this.#open(bytes);
    } catch (error) {
      throw error instanceof UnreadableMessage ? unreadable(error, kernelId) : error;
    }
  }

  #open(bytes: Uint8Array): AnyMessage {
    return this.decode(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.length);
  }

  #answered({ id, responder, name, message }: Answer): void {
    try {
      const answer = this.#open(message);
      if (this.requesters.answered(id, answer) === "late") this.#late(answer, responder, name);
    } catch (fault) {
      if (!(fault instanceof UnreadableMessage)) throw fault;
      const error = unreadable(fault, responder);
      this.requesters.failed(id, error);
      this.#late(fault.header, responder, name, error);
    }
  }

  #late(message: AnyMessage, responder: string, name: string, error?: AnyRinglineError): void {
    if (this.#link.end === RUNTIME) this.#link.late?.(message, responder, name, error);
    else
      this.#link.send({
        k: "late",
        responder,
        name,
        message: this.packForReceiver(message),
        error: error && errorToWire(error),
      });
  }
}

/** Error for a message that its receiver cannot decode; no kernel caused it. */
export function unreadable(cause: UnreadableMessage, kernelId: string): AnyRinglineError {
  const remedy = "Use the same release of Ringline and of the runtime wherever messages go.";
  return new errors.SERIALIZATION({ path: "" }, { cause, remedy, kernelId, messageId: cause.header.messageId });
}
