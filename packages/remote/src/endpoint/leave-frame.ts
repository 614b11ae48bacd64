import type { Control } from "../calls/handlers.js";
import { type Frame, LEAVE } from "../ring/frame.js";
import type { FrameBytes, LogWriter } from "../ring/log-writer.js";
import type { LeaveReport } from "../tables/origin-table.js";

const words = new Int32Array(4);
const payload: FrameBytes = { words, bytes: new Uint8Array(words.buffer), size: 4 * words.length };

/** Writes a leave report in words rather than as a control: it is sent for most messages of a flow. */
export function writeLeave(writer: LogWriter, { block, slot, key, node, isCounted }: LeaveReport): void {
  words[0] = block;
  words[1] = slot;
  words[2] = key;
  words[3] = node;
  writer.writeWords(LEAVE, 0, isCounted ? 1 : 0, payload);
}

export function readLeave({ segment, payloadStart, flags }: Frame): Control & LeaveReport {
  const { words } = segment;
  const at = payloadStart >>> 2;
  const [block, slot, key, node] = [words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!];
  return { k: "left", block, slot, key, node, isCounted: flags === 1 };
}
