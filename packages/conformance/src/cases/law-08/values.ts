import { equal, fail, ok, PATIENCE, patience, rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { archive, Cargo, mirror } from "../../kernels/cargo.js";
import { Task } from "../../kernels/messages.js";
import type { Trial } from "../../trial.js";
import { difference } from "../../values/difference.js";
import type { ValueKind } from "../../values/kind.js";
import { nested } from "../../values/objects.js";
import { valueKinds } from "../../values/value-kinds.js";

/** Levels of nesting that are transported, however deep; each error has a stack trace. */
const LEVELS = { list: 100_000, object: 100_000, map: 100_000, error: 10_000 };

/** Values that cross a boundary, and the form in which each arrives. */
export const values: readonly Case[] = [
  ...valueKinds.map(({ title, kinds }) =>
    everywhere(`values: ${title.toLowerCase()}`, (trial, place) => checkAll(trial, place, kinds)),
  ),
  everywhere("values: the state of a checkpoint gets the same answers", checkStates),
  ...Object.entries(LEVELS).map(([kind, levels]) =>
    everywhere(`values: ${levels} levels of ${kind} arrive`, async (trial, backend) => {
      const handle = await trial.runtime().start(mirror, { backend });
      const { value } = await handle.request(Cargo({ value: nested[kind as keyof typeof nested](levels) }), {
        timeout: patience(2 * PATIENCE),
      });
      equal(levelsOf(value), levels, "levels");
    }),
  ),
];

async function checkAll(trial: Trial, backend: string, kinds: readonly ValueKind[]): Promise<void> {
  const handle = await trial.runtime().start(mirror, { backend });
  const isCopied = trial.manifest(backend).transport === "copy";
  let accepted = 0;
  for (const { name, make, answer } of kinds) {
    const sent = make();
    if (sent === undefined && name !== "undefined") continue; // the platform has none
    const cargo = Cargo({ value: sent });
    if (isCopied && typeof answer === "object" && "refused" in answer) {
      const error = await rejects(handle.request(cargo, soon), "SERIALIZATION", name);
      equal(error.details.path, answer.refused === "" ? "value" : `value.${answer.refused}`, `path of ${name}`);
      equal(error.messageId, cargo.messageId, `messageId of ${name}`);
      continue;
    }
    accepted++;
    const { value } = await handle.request(cargo, soon).catch((error) => fail(`${name}: ${error}`, error));
    if (!isCopied) equal(value, sent, name);
    else {
      const wanted = answer === "equal" ? sent : (answer as { becomes: (value: unknown) => unknown }).becomes(sent);
      const where = difference(value, wanted);
      ok(where === undefined, `${name}: other than it was at ${where}`);
      ok(typeof sent !== "object" || sent === null || value !== sent, `${name}: not a copy`);
    }
  }
  equal((await handle.telemetry()).ledger.input.accepted, accepted, "accepted");
}

async function checkStates(trial: Trial, backend: string): Promise<void> {
  if (trial.manifest(backend).transport !== "copy") return;
  const handle = await trial.runtime().start(archive, { backend });
  for (const [n, { name, make, answer }] of valueKinds.flatMap(({ kinds }) => kinds).entries()) {
    if (make() === undefined && name !== "undefined") continue; // the platform has none
    const { value } = await handle.request(Task({ n }), soon).catch((error) => fail(`${name}: ${error}`, error));
    const isRefused = typeof answer === "object" && "refused" in answer;
    const path = isRefused && answer.refused !== "" ? `value.${answer.refused}` : "value";
    equal(value, isRefused ? `refused: ${path}` : "", name);
  }
}

function levelsOf(value: unknown): number {
  let levels = 0;
  for (let one = inner(value); one !== undefined; one = inner(one)) levels++;
  return levels;
}

function inner(value: unknown): unknown {
  if (Array.isArray(value)) return value[0];
  if (value instanceof Map) return value.get("inner");
  return value instanceof Error ? value.cause : (value as { inner?: unknown }).inner;
}

/** On each backend of the subject. */
function everywhere(name: string, run: (trial: Trial, backend: string) => Promise<void>): Case {
  return {
    law: 8,
    name,
    limit: 60_000,
    async run(trial) {
      for (const place of trial.places) await run(trial, place);
    },
  };
}
