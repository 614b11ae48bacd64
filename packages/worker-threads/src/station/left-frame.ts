import { type Frame, LEFT } from "../ring/frame.js";
import type { LogWriter, Payload } from "../ring/log-writer.js";
import type { Control } from "./control.js";
import type { LeftNews } from "./origin-book.js";

const words = new Int32Array(4);
const payload: Payload = { words, bytes: new Uint8Array(words.buffer), size: 4 * words.length };

/** What became of a message of a flow, in words: told for most messages, so it is no control of its own. */
export function writeLeft(writer: LogWriter, { block, slot, key, node, isCounted }: LeftNews): void {
  words[0] = block;
  words[1] = slot;
  words[2] = key;
  words[3] = node;
  writer.writeWords(LEFT, 0, isCounted ? 1 : 0, payload);
}

export function readLeft({ segment, payloadStart, flags }: Frame): Control & LeftNews {
  const { words } = segment;
  const at = payloadStart >>> 2;
  const [block, slot, key, node] = [words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!];
  return { k: "left", block, slot, key, node, isCounted: flags === 1 };
}
