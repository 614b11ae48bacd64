import type { AnyKernel, AnyRinglineError, LaunchOptions } from "@ringline/core";
import { ok, PATIENCE, show, until, within } from "../assert.js";
import type { Case, Law } from "../case.js";
import type { Trial, TrialRuntime } from "../trial.js";
import { BESIDE } from "./beside.js";
import { retrying, SupervisedRig } from "./supervised.js";

/** Capability of backends whose places can end while the program goes on. */
export const LOSABLE = "losable";

/** Codes that say that a place was lost. */
export const LOSSES: readonly string[] = ["THREAD_LOST", "HOST_LOST", "DEVICE_LOST"];

/** A case for places that can be lost. */
export function losing(law: Law, name: string, run: Case["run"]): Case {
  return { law, name: `lost place: ${name}`, requires: LOSABLE, limit: 30_000, run };
}

/** Restarts at once and without end; outputs leave when their input settles. */
export const committing = { ...retrying, effects: "commit" } as const;

/** Launches a kernel on a place that can be lost, and its peers on one that cannot. */
export function launchLosable(
  trial: Trial,
  kernel: AnyKernel,
  options: LaunchOptions<string, string> = {},
  runtime = trial.runtimeWithBeside(),
): Promise<SupervisedRig> {
  const supervised = { supervise: retrying, ...options };
  return SupervisedRig.launch(trial, kernel, supervised, runtime, { backend: BESIDE });
}

/** The same, active. */
export async function startLosable(...args: Parameters<typeof launchLosable>): Promise<SupervisedRig> {
  const rig = await launchLosable(...args);
  await rig.kernel.activate();
  return rig;
}

/** Places of kernels, by their ids. Kernels that do not run now, or run in the thread of the runtime, are left out. */
export async function placesOf(runtime: TrialRuntime): Promise<ReadonlyMap<string, string>> {
  const { kernels } = await within(PATIENCE, runtime.inspect(), "inspect");
  return new Map(kernels.flatMap(({ kernelId, place }) => (place === null ? [] : [[kernelId, place] as const])));
}

/** Loses the places of these kernels at the same time. Resolves with their names once they have ended. */
export async function lose(trial: Trial, runtime: TrialRuntime, ...ids: readonly string[]): Promise<Set<string>> {
  const places = await placesOf(runtime);
  const lost = new Set(
    ids.map((id) => {
      const place = places.get(id);
      ok(place, `\`inspect\` says where ${id} runs`);
      return place;
    }),
  );
  await Promise.all([...lost].map((place) => trial.lose(place)));
  return lost;
}

/** Loses the places of supervised kernels, and waits until they run again elsewhere. */
export async function loseAndWait(trial: Trial, runtime: TrialRuntime, ...ids: readonly string[]): Promise<void> {
  const lost = await lose(trial, runtime, ...ids);
  await runElsewhere(runtime, lost, ids);
}

/** Waits until kernels run, and on none of these places. */
export async function runElsewhere(
  runtime: TrialRuntime,
  lost: ReadonlySet<string>,
  ids: readonly string[],
): Promise<void> {
  await until(`${ids.join(", ")} on another place`, async () => {
    const places = await placesOf(runtime);
    return ids.every((id) => places.has(id) && !lost.has(places.get(id) as string));
  });
}

/** Checks that an error has the code of a loss and names the reason. */
export function tellsLoss(error: unknown, what: string): void {
  const { code, details } = (error ?? {}) as Partial<AnyRinglineError>;
  ok(LOSSES.includes(code as string), `${what} has the code of a lost place: ${show(error)}`);
  const { reason } = details as { readonly reason?: unknown };
  ok(typeof reason === "string" && reason !== "", `${what} says why: ${show(details)}`);
}
