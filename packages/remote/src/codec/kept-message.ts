import { type AnyMessage, type Clock, copyMessage, envelopeOf } from "@ringline/core/internal";
import { copiedBuffers } from "./buffer-wire.js";
import { MessageCodec } from "./message-codec.js";
import { Shapes } from "./shapes.js";

const nobody = () => {
  throw new Error("what is kept has neither a requester nor an origin");
};
const nobodys = { refer: nobody, resolve: nobody, write: nobody, read: nobody };

/** When the epoch began, by the clock of whoever keeps, or reads, a message. */
let epoch = 0;
let codec: MessageCodec | undefined;

function codecBy(clock: Clock): MessageCodec {
  epoch = clock.now() - Date.now();
  codec ??= new MessageCodec(nobodys, nobodys, copiedBuffers, () => epoch, new Shapes(0));
  return codec;
}

/** A message by itself, as a keeper has it: without those who wait for it, its deadline by the epoch. Throws `SERIALIZATION`. */
export function packMessage(message: AnyMessage, clock: Clock): Uint8Array {
  const codec = codecBy(clock);
  codec.encode(copyMessage(message, { ...envelopeOf(message), lineage: undefined }), false);
  const bytes = codec.out.bytes.slice(0, codec.out.size);
  codec.out.trim(64 * 1024);
  return bytes;
}

/** Throws `CorruptFrame`. */
export function unpackMessage(bytes: Uint8Array, clock: Clock): AnyMessage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return codecBy(clock).decode(bytes, view, 0, bytes.length, []);
}
