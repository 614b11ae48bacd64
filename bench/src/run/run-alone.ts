import { measureAlone } from "../process/passes.js";
import { Interrupted } from "../process/within.js";
import { inStore } from "../subjects/in-store.js";
import { manyTypes } from "../subjects/many-types.js";
import { throughput } from "../workloads/throughput.js";
import { runWorkload } from "./run-workloads.js";
import { attempt, type Session } from "./session.js";

const TYPES = [1, 8, 24] as const;

/** Rows that need a process of their own: what an engine has seen, or how it was started, is what they are about. */
export const ALONE = [
  ...TYPES.map((count) => `types/${count}` as const),
  "development/echo",
  "context/none",
  "context/store",
] as const;
export type AloneRow = (typeof ALONE)[number];

/** Has each of them measured, where its part was asked for. */
export async function runAlone(session: Session, parts: readonly string[]): Promise<void> {
  for (const row of ALONE) {
    if (!parts.includes(row.slice(0, row.indexOf("/")))) continue;
    session.progress.show(row, "in a process of its own");
    await attempt(row, session.failures, async () => {
      const report = await measureAlone(row, row === "development/echo" ? undefined : "production", session.signal);
      session.workloads.push(...report.workloads);
      session.failures.push(...report.failures);
    });
    if (session.signal.aborted) throw new Interrupted();
  }
}

/** Measures one of them: this is its process. */
export async function runAloneRow(session: Session, row: AloneRow): Promise<void> {
  const { echoMessages: messages, outstanding, slices } = session.parameters;
  const workload = throughput({ name: row, stages: 1, messages, outstanding, slices, isAlone: true });
  if (row === "development/echo") {
    const title = `${workload.title}, NODE_ENV unset: messages are frozen and checked`;
    return runWorkload(session, { ...workload, title }, session.reference, session.subjects);
  }
  if (row === "context/none" || row === "context/store") {
    const isInStore = row === "context/store";
    const title = `${workload.title}, ${isInStore ? "each message sent in an AsyncLocalStorage store of its own" : "no AsyncLocalStorage"}`;
    // the floor stays as it is: the control of the row
    const subjects = session.subjects.map((one) =>
      isInStore && one.name !== session.reference.name ? inStore(one) : one,
    );
    return runWorkload(session, { ...workload, title }, session.reference, subjects);
  }
  const count = Number(row.slice("types/".length));
  const title = `${workload.title}, ${count} message ${count === 1 ? "type" : "types"} in the process`;
  const names = ["ringline-handle", "ringline-run"] as const;
  const subjects = names.filter((name) => session.wanted.includes(name)).map((name) => manyTypes(name, count));
  await runWorkload(session, { ...workload, title }, session.reference, [session.reference, ...subjects]);
}
