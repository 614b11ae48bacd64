import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { createRuntime, unifiedBuffer } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import type { Subject } from "../subject.js";
import { Inbox } from "../subjects/inbox.js";
import type { Carrier } from "./carrier.js";
import { ArrayLoad, BufferLoad, takeArray, takeBuffer, turnBack } from "./kernels.js";

const BYTES = 4 * 2 ** 20;
/** Different loads in turn, so that none stays in a cache because of the others' habits. */
const loads = () => Array.from({ length: 4 }, (_, i) => new Float64Array(BYTES / 8).fill(i));

export const structuredClone: Subject<Carrier> = {
  name: "structured-clone",
  title: "postMessage of a Float64Array, its arrival told",
  async open() {
    const worker = new Worker(
      `const { parentPort: p } = require("node:worker_threads"); p.on("message", (a) => p.postMessage(a[0]));`,
      {
        eval: true,
      },
    );
    await once(worker, "online");
    const source = loads();
    const arrived = new Inbox<number>();
    worker.on("message", (n: number) => arrived.push(n));
    let n = 0;
    return {
      bytes: BYTES,
      send: () => worker.postMessage(source[n++ % source.length]),
      arrived: () => arrived.take(),
      close: async () => void (await worker.terminate()),
    };
  },
};

export const memcpy: Subject<Carrier> = {
  name: "memcpy",
  title: "set() into shared memory that is there already, in turn; no thread, nothing told",
  async open() {
    const source = loads();
    // as many as whoever hands memory over needs, with some outstanding
    const targets = source.map(() => new Float64Array(new SharedArrayBuffer(BYTES)));
    let n = 0;
    return {
      bytes: BYTES,
      send: () => targets[n % targets.length]?.set(source[n++ % source.length] as Float64Array),
      arrived: async () => {},
      close: async () => {},
    };
  },
};

export const threadArray: Subject<Carrier> = {
  name: "thread-array",
  title: "a Float64Array as a field of a message",
  async open() {
    const runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
    const handle = await runtime.start(takeArray);
    const source = loads();
    let n = 0;
    return {
      bytes: BYTES,
      send: () => handle.send(ArrayLoad({ data: source[n++ % source.length] as Float64Array })),
      arrived: () => handle.receive(),
      close: async () => void (await runtime.dispose()),
    };
  },
};

export const threadBuffer: Subject<Carrier> = {
  name: "thread-buffer",
  title: "a UnifiedBuffer that is filled and handed over",
  async open() {
    const runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
    const handle = await runtime.start(takeBuffer);
    const source = loads();
    let n = 0;
    return {
      bytes: BYTES,
      send: () =>
        handle.send(BufferLoad({ data: unifiedBuffer(Float64Array, source[n++ % source.length] as Float64Array) })),
      arrived: () => handle.receive(),
      close: async () => void (await runtime.dispose()),
    };
  },
};

/** Hands a buffer, filled once, to a thread and back: the cost of the hand-over alone. */
export function handOver(name: string, bytes: number): Subject<Carrier> {
  return {
    name,
    title: `a UnifiedBuffer of ${bytes.toLocaleString("en")} bytes, there and back`,
    async open() {
      const runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
      const handle = await runtime.start(turnBack);
      let data = unifiedBuffer(Float64Array, bytes / 8);
      return {
        bytes,
        send: () => handle.send(BufferLoad({ data })),
        async arrived() {
          data = (await handle.receive()).data;
        },
        async close() {
          data.release();
          await runtime.dispose();
        },
      };
    },
  };
}
