import { body, defineKernel, defineMessage, errors } from "@ringline/core";
import { Done, Job } from "./jobs.js";

const module = import.meta.url;

/**
 * A message whose body is checked: `n` is a whole number, 0 or more. A schema written by hand, as any library may give
 * one.
 */
export const Checked = defineMessage("Checked", {
  "~standard": {
    version: 1,
    vendor: "ringline-conformance",
    validate(value: unknown) {
      const n = (value as { n?: unknown } | null | undefined)?.n;
      if (Number.isSafeInteger(n) && (n as number) >= 0) return { value: { n: n as number } };
      return { issues: [{ message: "is not a whole number from 0", path: ["n"] }] };
    },
    types: undefined as unknown as { readonly input: { readonly n: number }; readonly output: { readonly n: number } },
  },
});

/** Returns one kind of invalid output, chosen by the number of the message. */
export const liar = defineKernel({
  id: "liar",
  module,
  input: Checked,
  output: Checked,
  // biome-ignore lint/suspicious/noExplicitAny: what must be refused does not compile
  handle({ n }): any {
    if (n === 1) return Job({ n });
    if (n === 2) return { type: "Checked", n: -1 };
    if (n === 3) return [Checked({ n: 100 }), 5];
    if (n === 4) return Checked({ n: -1 });
    if (n === 5) return null;
    return Checked({ n });
  },
});

/** A sink that returns outputs nevertheless. */
export const talkativeSink = defineKernel({
  id: "talkativeSink",
  module,
  input: Checked,
  handle: (message) => message as never,
});

/** Throws before it reads anything. */
export const stillborn = defineKernel({
  id: "stillborn",
  module,
  input: Job,
  output: Done,
  async run() {
    throw new RangeError("it never lived");
  },
});

/** Throws synchronously. */
export const stillbornNow = defineKernel({
  id: "stillbornNow",
  module,
  input: Job,
  output: Done,
  run() {
    throw new RangeError("it never lived");
  },
});

/** A loop that throws an error of Ringline's own. */
export const coded = defineKernel({
  id: "coded",
  module,
  input: Job,
  async run(ctx) {
    const job = await ctx.receive();
    throw new errors.EXPIRED({ late: job.n });
  },
});

/** Fails every job and decides about it late, by its number: 1 says nothing, 2 answers, 3 answers wrongly, 4 throws. */
export const lateDecider = defineKernel({
  id: "lateDecider",
  module,
  input: Job,
  output: Done,
  handle() {
    throw new RangeError("always");
  },
  // biome-ignore lint/suspicious/noExplicitAny: what must be refused does not compile
  async onError(error, job): Promise<any> {
    await null;
    if (job.n === 1) return undefined;
    if (job.n === 2) return Done({ n: job.n, from: `${error.code} ${error.kernelId}`, output: 0, by: "onError" });
    if (job.n === 3) return Pong();
    throw new TypeError("the decision failed too");
  },
});

/** Not an output of any kernel here. */
export const Pong = defineMessage("Pong", body<object>());

const never = {
  module,
  input: Job,
  output: Done,
  handle: () => {
    throw new RangeError("always");
  },
} as const;

/** Retries with the default number and delays. */
export const plainRetrier = defineKernel({ ...never, id: "plainRetrier", onError: "retry" });
/** Tries again after 20, 40 and 50 milliseconds. */
export const patientRetrier = defineKernel({
  ...never,
  id: "patientRetrier",
  onError: { retry: 3, backoff: { initial: 20, factor: 2, max: 50, jitter: 0 } },
});

/** Sends three results without input once it is active. */
export const source = defineKernel({
  id: "source",
  module,
  output: Done,
  async run(ctx) {
    for (let n = 0; n < 3; n++) await ctx.send(Done({ n, from: "", output: 0, by: ctx.kernelId }));
  },
});
/** Tries again by the number of the job: 1 never, 2 always, 3 after thirty milliseconds; any other has no answer. */
export const choosy = defineKernel({
  id: "choosy",
  module,
  input: Job,
  output: Done,
  handle({ n }) {
    throw new RangeError(`job ${n}`);
  },
  onError: {
    retry: 2,
    backoff: { initial: 0 },
    retryIf({ cause }, attempt) {
      const { message } = cause as Error;
      if (message === "job 1") return false;
      if (message === "job 2") return attempt <= 2;
      if (message === "job 3") return { delay: 30 };
      throw new TypeError("no answer");
    },
  },
});
