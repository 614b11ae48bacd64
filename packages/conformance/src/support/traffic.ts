import type { KernelTelemetry, Ledger } from "@ringline/core";
import { fail, show, soon, until } from "../assert.js";
import { Job } from "../kernels/jobs.js";
import { balances } from "../ledger.js";

/** Jobs 0, 1, 2, …, alike but for their number. */
export function jobs(count: number, fields: Omit<Parameters<typeof Job>[0] & object, "n"> = {}): Job[] {
  return Array.from({ length: count }, (_, n) => Job({ ...fields, n }));
}

/** Sends messages one after the other. Its rejection is never unhandled, even if it is awaited late or never. */
export function sendAll<In>(to: { send(message: In): Promise<void> }, messages: readonly In[]): Promise<void> {
  const sent = (async () => {
    for (const message of messages) await to.send(message);
  })();
  sent.catch(() => {});
  return sent;
}

/** The next outputs, in order. */
export async function collect<Out>(
  from: { receive(options: { timeout: number }): Promise<Out> },
  count: number,
): Promise<Out[]> {
  const outputs: Out[] = [];
  while (outputs.length < count) outputs.push(await from.receive(soon));
  return outputs;
}

interface Watched {
  readonly id: string;
  telemetry(): Promise<KernelTelemetry>;
}

/** Counts of telemetry and, under `input` and `output`, of the ledgers. */
export interface Counts
  extends Partial<
    Pick<
      KernelTelemetry,
      "received" | "processed" | "sent" | "dropped" | "rejected" | "deadLettered" | "requeued" | "errors" | "restarts"
    >
  > {
  readonly input?: Partial<Ledger>;
  readonly output?: Partial<Ledger>;
}

/** Waits until the counts have these values; both ledgers must balance at every poll. */
export async function reaches(kernel: Watched, wanted: Counts, what = "counts"): Promise<void> {
  let last: KernelTelemetry | undefined;
  try {
    await until(`${what} of ${kernel.id}`, async () => {
      last = await looked(kernel);
      return differences(last, wanted).length === 0;
    });
  } catch (error) {
    if (last !== undefined) (error as Error).message += `: ${differences(last, wanted).join(", ")}`;
    throw error;
  }
}

/** Checks that the counts have these values now, and that both ledgers balance. */
export async function counts(kernel: Watched, wanted: Counts, what = "counts"): Promise<void> {
  const found = differences(await looked(kernel), wanted);
  if (found.length > 0) fail(`${what} of ${kernel.id}: ${found.join(", ")}`);
}

/** Waits until nothing is queued or in hand at the input, then checks the counts. */
export async function quiet(kernel: Watched, wanted: Counts = {}, what = "counts"): Promise<void> {
  await reaches(kernel, { input: { queued: 0, inHand: 0 } }, "quiet moment");
  await reaches(kernel, wanted, what);
}

async function looked(kernel: Watched): Promise<KernelTelemetry> {
  const telemetry = await kernel.telemetry();
  for (const port of ["input", "output"] as const) balances(`${kernel.id}.${port}`, telemetry.ledger[port]);
  return telemetry;
}

function differences({ ledger, ...telemetry }: KernelTelemetry, { input, output, ...own }: Counts): string[] {
  const differ = (name: string, actual: object, wanted: object = {}) =>
    Object.entries(wanted).flatMap(([count, value]) => {
      const found = (actual as Record<string, unknown>)[count];
      return Object.is(found, value) ? [] : [`${name}${count} is ${show(found)}, not ${show(value)}`];
    });
  return [
    ...differ("input.", ledger.input, input),
    ...differ("output.", ledger.output, output),
    ...differ("", telemetry, own),
  ];
}
