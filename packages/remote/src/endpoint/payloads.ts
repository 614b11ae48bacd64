import { type AnyRinglineError, errors } from "@ringline/core";
import { type AnyMessage, handleReferencesOf, type SharedBuffer } from "@ringline/core/internal";
import type { MessageCodec } from "../codec/message-codec.js";
import type { Shape } from "../codec/shapes.js";
import { HOST } from "./link.js";

/** A message within a control. */
export interface Payload {
  /** Index of the thread whose shapes the bytes refer to. */
  readonly by: number;
  readonly bytes: Uint8Array;
}

/** Services of the thread that makes and opens payloads. */
interface Place {
  readonly index: number;
  readonly codec: MessageCodec;
  /** Announces the memory of buffers before a message. */
  sendSlabs(to: number, sent: readonly SharedBuffer[]): void;
  /** Shapes of the messages of a thread. */
  shapesOf(index: number): readonly Shape[];
}

/** Messages sent within controls: recovered, late, or waiting for an acceptance. */
export class Payloads {
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  /**
   * Packs a message for thread `to`, by default the host, with references of its own to its buffers. Throws
   * `SERIALIZATION`.
   */
  make(message: AnyMessage, to = HOST): Payload {
    const { codec, index } = this.#place;
    codec.encode(message, false);
    const { out, sentBuffers } = codec;
    if (sentBuffers.length > 0) {
      this.#place.sendSlabs(to, sentBuffers);
      for (const { slab } of sentBuffers) slab.add();
    }
    return { by: index, bytes: out.bytes.slice(0, out.size) };
  }

  /** Decodes an answer. Undefined if it cannot be read: then `failed` gets the error for the requester. */
  openAnswer(payload: Payload, failed: (error: AnyRinglineError) => void): AnyMessage | undefined {
    try {
      return this.open(payload);
    } catch (cause) {
      failed(new errors.SERIALIZATION({ path: "" }, { cause }));
      return undefined;
    }
  }

  /** Decodes a payload, whose references become the message's. Throws `CorruptFrame`. */
  open({ by, bytes }: Payload): AnyMessage {
    const { codec } = this.#place;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const message = codec.decode(bytes, view, 0, bytes.length, this.#place.shapesOf(by));
    for (const buffer of codec.receivedBuffers) handleReferencesOf(buffer).adopt("inFlight");
    return message;
  }
}
