import { compareDesigns } from "../checks/gpu.js";
import { measureHeap } from "../checks/heap.js";
import { measureIdle } from "../checks/idle.js";
import { measureOverload, OVERLOAD_MODES } from "../checks/overload.js";
import { grownMemory, soak } from "../checks/soak.js";
import { openSoakLine, SOAK_WAYS } from "../checks/soak-ways.js";
import { countAll } from "../counts/count-row.js";
import { Interrupted } from "../process/within.js";
import { attempt, type Session } from "./session.js";

export async function runChecks(session: Session, parts: readonly string[]): Promise<void> {
  if (parts.includes("counts")) await runCounts(session);
  if (parts.includes("idle")) await runIdle(session);
  if (parts.includes("heap")) await runHeap(session);
  if (parts.includes("overload")) await runOverload(session);
  if (parts.includes("gpu")) await runGpu(session);
  if (parts.includes("soak")) await runSoak(session);
}

async function runCounts(session: Session): Promise<void> {
  await attempt("counts", session.failures, async () => {
    session.progress.show("counts", "promises, bytes, wake-ups");
    session.counts.push(...(await countAll({ signal: session.signal })));
  });
}

async function runIdle(session: Session): Promise<void> {
  for (const backend of session.backends) {
    for (const kernels of session.parameters.idleKernels) {
      const what = `idle, ${backend}`;
      session.progress.show(what, `${kernels} kernels`);
      await attempt(what, session.failures, async () => {
        session.idle.push(await measureIdle(backend, kernels, session.signal));
      });
      if (session.signal.aborted) throw new Interrupted();
    }
  }
}

async function runGpu(session: Session): Promise<void> {
  if (!session.backends.includes("webgpu")) return;
  await attempt("gpu", session.failures, async () => {
    const isQuick = session.parameters.budget !== null;
    const onProgress = (line: string) => session.progress.show("gpu", line);
    session.gpu.push(...(await compareDesigns({ isQuick, signal: session.signal, onProgress })));
  });
}

async function runSoak(session: Session): Promise<void> {
  const { soakSeconds: seconds } = session.parameters;
  for (const backend of session.backends) {
    for (const way of SOAK_WAYS) {
      const what = `soak, ${backend}, ${way}`;
      await attempt(what, session.failures, async () => {
        const onProgress = (second: number) => session.progress.show(what, `${second} of ${seconds} s`);
        const options = { seconds, signal: session.signal, onProgress };
        const report = await soak(backend, way, () => openSoakLine(backend, way), options);
        session.soak.push(report);
        const grown = grownMemory(report);
        if (grown.length > 0) throw new Error(`memory grows: ${grown.join(", ")}`);
      });
      if (session.signal.aborted) throw new Interrupted();
    }
  }
}

/** Every subject, so that the floor shows what the check itself leaves behind. */
async function runHeap(session: Session): Promise<void> {
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

async function runOverload(session: Session): Promise<void> {
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
