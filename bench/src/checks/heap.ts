import { exchange } from "../exchange.js";
import { collectedHeap } from "../process/collect-garbage.js";
import { within } from "../process/within.js";
import type { Subject } from "../subject.js";

/** Collected heap in bytes, before and after. */
export interface HeapReport {
  readonly messages: number;
  readonly before: number;
  readonly after: number;
  readonly growth: number;
}

export interface HeapOptions {
  readonly messages: number;
  readonly outstanding: number;
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

/** Between two looks at the event loop, so that progress shows and Ctrl-C is heard. */
const CHUNK = 250_000;

/** Sends many messages through one line and compares the collected heap, with the line open at both times. */
export async function measureHeap(subject: Subject, options: HeapOptions): Promise<HeapReport> {
  const line = await subject.open(1);
  try {
    // Compiled code and grown tables are no leak: they come with the first messages.
    await within(() => exchange(line, 0, CHUNK, options.outstanding), options);
    const before = await collectedHeap();
    for (let done = 0; done < options.messages; ) {
      const chunk = Math.min(CHUNK, options.messages - done);
      await within(() => exchange(line, CHUNK + done, chunk, options.outstanding), options);
      done += chunk;
      options.onProgress?.(done);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const after = await collectedHeap();
    return { messages: options.messages, before, after, growth: after - before };
  } finally {
    await within(() => line.close(), { limit: options.limit });
  }
}
