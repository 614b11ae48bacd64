import type { Closable, Subject } from "../subject.js";
import type { SubjectEntry } from "../subjects.js";
import { attempt } from "./session.js";

/** Loads the subjects of these names; those that fail are reported as failures. */
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
