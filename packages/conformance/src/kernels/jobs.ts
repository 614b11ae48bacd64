import { body, defineKernel, defineMessage, type HandleContext, type MessageOf } from "@ringline/core";

/** A job whose fields determine its outcome, so that a case can control a kernel in another memory. */
export const Job = defineMessage(
  "Job",
  body<{
    readonly n: number;
    /** Name of the sender. */
    readonly from?: string;
    /** Outputs, default 1. */
    readonly outputs?: number;
    /** True: the job takes until the gate releases it. */
    readonly hold?: boolean;
    /** Failure of the job: before any output, after waiting, after its outputs were sent, or with an unusual error. */
    readonly fail?: "at once" | "later" | "after output" | "with a code" | "with a string" | "with nothing";
    /** Number of attempts that fail; the next one succeeds. */
    readonly failures?: number;
    /** Milliseconds before the work begins. */
    readonly delay?: number;
  }>(),
);
export type Job = MessageOf<typeof Job>;

/** One output of a job. */
export const Done = defineMessage(
  "Done",
  body<{ readonly n: number; readonly from: string; readonly output: number; readonly by: string }>(),
);
export type Done = MessageOf<typeof Done>;

export const Pass = defineMessage("Pass");

/** Lets one held job pass for each message. */
export const gate = defineKernel({
  id: "gate",
  module: import.meta.url,
  input: Pass,
  output: Pass,
  handle: () => Pass(),
});

/** The number of attempts at a job. */
export const Tries = defineMessage("Tries", body<{ readonly count: number }>());
export type Tries = MessageOf<typeof Tries>;
export const tally = defineKernel({
  id: "tally",
  module: import.meta.url,
  input: Job,
  output: Tries,
  async run(ctx) {
    const counts = new Map<number, number>();
    for await (const job of ctx) {
      const count = (counts.get(job.n) ?? 0) + 1;
      counts.set(job.n, count);
      await ctx.send(Tries({ count }, { replyTo: job }));
    }
  },
});

export type WorkerContext = HandleContext<Done, { gate: typeof gate; tally: typeof tally }>;

/** The error that jobs fail with: its name survives every boundary. */
export function failure(job: Job): RangeError {
  return new RangeError(`job ${job.n} was told to fail`);
}

export function outputsOf(job: Job, by: string): Done | readonly Done[] | undefined {
  const { n, from = "", outputs = 1 } = job;
  if (outputs === 1) return Done({ n, from, output: 0, by });
  if (outputs === 0) return undefined;
  return Array.from({ length: outputs }, (_, output) => Done({ n, from, output, by }));
}

/** Acts on the instructions of a job before its outputs are made. */
export async function prepare(job: Job, ctx: WorkerContext): Promise<void> {
  if (job.delay !== undefined) await new Promise((resolve) => setTimeout(resolve, job.delay));
  if (job.hold) await ctx.peers.gate.receive({ signal: ctx.signal });
  if (job.fail === "later") throw failure(job);
  if (job.failures !== undefined) {
    const { count } = await ctx.peers.tally.request(job, { signal: ctx.signal });
    if (count <= job.failures) throw failure(job);
  }
}

/** True for a job that can be worked on without waiting. */
export function isPlain({ delay, hold, fail, failures }: Job): boolean {
  return delay === undefined && !hold && fail === undefined && failures === undefined;
}
