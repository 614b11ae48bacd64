import type { AnyKernel, Header, KernelHandle, KernelState, KernelTelemetry, LaunchOptions } from "@ringline/core";
import { deepEqual, soon, until } from "../assert.js";
import { Task } from "../kernels/messages.js";
import type { TrialRuntime } from "../trial.js";

/** Tasks numbered from `first` on. */
export function tasks(count: number, first = 0): Task[] {
  return Array.from({ length: count }, (_, i) => Task({ n: first + i }));
}

/** The next `count` outputs of a kernel, in their order. */
export async function take<Out>(from: KernelHandle<never, Out>, count: number): Promise<Out[]> {
  const taken: Out[] = [];
  while (taken.length < count) taken.push(await from.receive(soon));
  return taken;
}

/** The next outputs carry these numbers, in this order. */
export async function takes(
  from: KernelHandle<never, { readonly n: number }>,
  numbers: readonly number[],
  what = "outputs",
): Promise<void> {
  const taken = await take(from, numbers.length);
  deepEqual(
    taken.map(({ n }) => n),
    [...numbers],
    what,
  );
}

/** The numbers from `first` to before `end`. */
export function range(end: number, first = 0): number[] {
  return Array.from({ length: end - first }, (_, i) => first + i);
}

/** Waits until the telemetry of a kernel satisfies the condition, and returns it. */
export async function telemetryWhen(
  handle: KernelHandle<never, Header>,
  what: string,
  wanted: (telemetry: KernelTelemetry) => boolean,
): Promise<KernelTelemetry> {
  let seen: KernelTelemetry | undefined;
  const look = async () => {
    seen = await handle.telemetry();
    return wanted(seen);
  };
  try {
    await until(what, look);
  } catch (error) {
    if (seen !== undefined) (error as Error).message += `; last seen: ${JSON.stringify(seen.ledger)}`;
    throw error;
  }
  return seen as KernelTelemetry;
}

export type AcceptingState = Extract<KernelState, "launched" | "active" | "deactivated">;
/** The states in which a kernel accepts, and those of them in which nothing is delivered. */
export const accepting = ["launched", "active", "deactivated"] as const;
export const resting = ["launched", "deactivated"] as const;

/** Launches a kernel and brings it into a state. */
export async function launchIn<T extends AnyKernel>(
  runtime: TrialRuntime,
  kernel: T,
  state: AcceptingState,
  options: LaunchOptions<string, string> = {},
) {
  const handle = await runtime.launch(kernel, options as never);
  if (state !== "launched") await handle.activate();
  if (state === "deactivated") await handle.deactivate();
  return handle;
}

/** Activates a kernel that is launched or deactivated. */
export async function wake(handle: KernelHandle<never, Header>): Promise<void> {
  await handle.activate();
}
