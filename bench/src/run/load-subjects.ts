import type { Closable, Subject } from "../subject.js";
import type { SubjectEntry } from "../subjects.js";
import { attempt } from "./session.js";

/** Those of these names that load; the others are failures. */
export async function loadSubjects<L extends Closable>(
  entries: readonly SubjectEntry<L>[],
  names: readonly string[],
  failures: string[],
): Promise<Subject<L>[]> {
  const loaded: Subject<L>[] = [];
  for (const entry of entries) {
    if (!names.includes(entry.name)) continue;
    await attempt(`${entry.name} does not load`, failures, async () => void loaded.push(await entry.load()));
  }
  return loaded;
}
