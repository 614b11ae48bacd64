import { measureHeap } from "../checks/heap.js";
import { measureOverload, OVERLOAD_MODES } from "../checks/overload.js";
import { attempt, type Session } from "./session.js";

/** Every subject, so that the floor shows what the check itself leaves behind. */
export async function runHeap(session: Session): Promise<void> {
  const { heapMessages: messages, outstanding, limit } = session.parameters;
  for (const subject of session.subjects) {
    const what = `heap, ${subject.name}`;
    await attempt(what, session.failures, async () => {
      const onProgress = (done: number) => session.progress.show(what, `${((100 * done) / messages).toFixed(0)} %`);
      const options = { messages, outstanding, limit, signal: session.signal, onProgress };
      session.heap.push({ name: subject.name, ...(await measureHeap(subject, options)) });
    });
  }
}

export async function runOverload(session: Session): Promise<void> {
  const { overloadMarks: marks, overloadPerSecond: perSecond, limit } = session.parameters;
  for (const mode of OVERLOAD_MODES) {
    const what = `overload, ${mode} sends`;
    await attempt(what, session.failures, async () => {
      // Loaded late, like the subjects: without Ringline the rest can still be measured.
      const { openSlowLine } = await import("../ringline/open-slow-line.js");
      const onProgress = (second: number) => session.progress.show(what, `${second} of ${marks[1]} s`);
      const options = { marks, perSecond, limit, signal: session.signal, onProgress };
      session.overload.push(await measureOverload(openSlowLine, mode, options));
    });
  }
}
