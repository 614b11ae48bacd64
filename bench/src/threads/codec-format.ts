import type { AnyMessage } from "@ringline/core/internal";
import { copiedBuffers } from "../../../packages/remote/src/codec/buffer-wire.js";
import { MessageCodec } from "../../../packages/remote/src/codec/message-codec.js";
import { Step } from "../ringline/step.js";
import type { RingFormat } from "./shared-ring.js";

const BYTES = 2 ** 20;
/** In the place of a length: the rest of the ring is empty. */
const SKIP = -1;
const nobody = () => {
  throw new Error("these messages have neither flow nor requester");
};

/** Bytes as our codec writes them, with their length ahead: whole messages of ours, of any shape. */
export const CODEC_FORMAT: RingFormat<AnyMessage> = {
  bytes: BYTES,
  writer(memory) {
    const codec = newCodec();
    const bytes = new Uint8Array(memory.memory, memory.offset);
    const words = new Int32Array(memory.memory, memory.offset);
    let tail = 0;
    return (message) => {
      codec.encode(message, false);
      const { out } = codec;
      const taken = 8 + ((out.size + 7) & ~7);
      const at = tail & (BYTES - 1);
      const left = BYTES - at;
      const needed = taken > left ? left + taken : taken;
      if (((tail - memory.head) | 0) + needed > BYTES) return undefined;
      let to = at;
      if (taken > left) {
        words[at >> 2] = SKIP;
        to = 0;
      }
      words[to >> 2] = out.size;
      bytes.set(out.bytes.subarray(0, out.size), to + 8);
      tail = (tail + needed) | 0;
      return tail;
    };
  },
  reader(memory) {
    const codec = newCodec();
    const bytes = new Uint8Array(memory.memory, memory.offset);
    const view = new DataView(memory.memory, memory.offset);
    return {
      head: 0,
      read() {
        let at = this.head & (BYTES - 1);
        let size = view.getInt32(at, true);
        if (size === SKIP) {
          this.head = (this.head + BYTES - at) | 0;
          at = 0;
          size = view.getInt32(0, true);
        }
        this.head = (this.head + 8 + ((size + 7) & ~7)) | 0;
        return codec.decode(bytes, view, at + 8, at + 8 + size, codec.shapes.list);
      },
    };
  },
};

/** Both sides know the one shape from the start. */
function newCodec(): MessageCodec {
  const codec = new MessageCodec({ refer: nobody, resolve: nobody }, { write: nobody, read: nobody }, copiedBuffers);
  const step = Step({ n: 0 }) as unknown as AnyMessage;
  codec.shapes.of(step.type, step);
  return codec;
}
