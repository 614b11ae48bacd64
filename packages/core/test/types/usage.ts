/** The patterns of the seed, as far as they are built, and the types they come to. */
import {
  type Backend,
  body,
  createRuntime,
  defineKernel,
  defineMessage,
  errors,
  isRinglineError,
  type KernelContext,
  type KernelHandle,
  type Ledger,
  type Message,
  type MessageOf,
  peer,
  type Runtime,
  type Supervision,
} from "@ringline/core";
import * as v from "valibot";
import { z } from "zod";
import { same } from "./same.js";

export declare function inProcess(): Backend;
declare const rows: AsyncIterable<number[]>;

// ── messages: by type, by schema, empty

export const RawData = defineMessage("RawData", body<{ values: number[] }>());
export const Preprocessed = defineMessage("Preprocessed", z.object({ normalized: z.array(z.number()) }));
export const ComputeResult = defineMessage(
  "ComputeResult",
  v.object({ result: v.number(), unit: v.optional(v.string(), "1") }),
);
export const Flush = defineMessage("Flush");
export type RawData = MessageOf<typeof RawData>;
export type Preprocessed = MessageOf<typeof Preprocessed>;
export type ComputeResult = MessageOf<typeof ComputeResult>;

export const raw = RawData({ values: [1, 2, 3, 4, 5] });
same<typeof raw, Message<"RawData", { values: number[] }>>();
same<typeof raw.type, "RawData">();
same<typeof raw.values, number[]>();
const answer = ComputeResult({ result: 0.5 }, { replyTo: raw, priority: 200 }); // its schema fills in `unit`
same<typeof answer.unit, string>();
Flush();
Flush({}, { priority: 3 });
RawData.with(raw, { priority: 0, expiresIn: 1000 });
const foreign: unknown = JSON.parse("{}");
if (RawData.is(foreign)) same<typeof foreign, RawData>();
const mixed: (RawData | ComputeResult)[] = [raw, answer];
same<ReturnType<typeof onlyRaw>, RawData[]>();
const onlyRaw = () => mixed.filter(RawData.is);
same<MessageOf<readonly [typeof RawData, typeof Flush]>, RawData | MessageOf<typeof Flush>>();

// ── a simple pipeline, by hand

/** The loop of the seed, as it is written there. */
export const preprocess = defineKernel({
  id: "preprocess",
  module: import.meta.url,
  input: RawData,
  output: Preprocessed,
  async run(ctx) {
    while (!ctx.shouldTerminate) {
      if (!ctx.isActive) {
        await ctx.waitActive();
        continue;
      }
      try {
        const message = await ctx.receive({ timeout: 100 });
        same<typeof message, RawData>();
        const [min, max] = [Math.min(...message.values), Math.max(...message.values)];
        const normalized = message.values.map((x) => (x - min) / (max - min));
        await ctx.send(Preprocessed({ normalized }, { replyTo: message }));
      } catch (error) {
        if (!isRinglineError(error, "TIMEOUT")) throw error;
      }
    }
  },
});
/** The same as a loop over messages. */
export const compute = defineKernel({
  id: "compute",
  module: import.meta.url,
  input: Preprocessed,
  output: ComputeResult,
  queueSize: 4096,
  backpressure: "block",
  async run(ctx) {
    for await (const data of ctx) {
      const sum = data.normalized.reduce((a, b) => a + b, 0);
      await ctx.send(ComputeResult({ result: sum / data.normalized.length }, { replyTo: data }));
    }
  },
});
/** And as a function of one message. */
export const half = defineKernel({
  id: "half",
  input: ComputeResult,
  output: ComputeResult,
  handle: (message) => ComputeResult({ result: message.result / 2 }),
});

export async function simple() {
  await using runtime = createRuntime({ backend: inProcess(), kernels: [preprocess, compute] });
  const first = await runtime.start(preprocess);
  same<typeof first, KernelHandle<RawData, Preprocessed>>();
  await first.send(raw);
  const data = await first.receive({ timeout: 1000 });
  same<typeof data, Preprocessed>();
  // by id, typed through `kernels`
  await runtime.launch("compute");
  await runtime.activate("compute");
  await runtime.send("compute", data);
  const result = await runtime.receive("compute", { timeout: 1000 });
  same<typeof result, ComputeResult>();
  const reply = await runtime.request("compute", data, { timeout: 1000 });
  same<typeof reply.result, number>();
  await runtime.connect(preprocess, compute);
  await runtime.move(compute, { thread: "new", grace: 100, by: "test" });
  await runtime.swap(compute, compute, { migrate: (state) => state });
  await runtime.swap("compute", compute);
  await runtime.connect(first, compute.as("compute_2"), { mode: "round-robin" });
  const accounts = await runtime.dispose();
  same<typeof accounts, ReadonlyMap<string, Ledger>>();
}

/** Without `kernels` every id goes; what comes out is a bare header until a message type parses it. */
export async function loose() {
  await using runtime = createRuntime({ backend: inProcess() });
  await runtime.start(preprocess, { id: "p1" });
  await runtime.send("p1", raw);
  const data = Preprocessed.parse(await runtime.receive("p1", { timeout: 1000 }));
  same<typeof data, Preprocessed>();
}

// ── a coordinator

const Job = defineMessage("Job", body<{ data: string }>());
const Step = defineMessage("Step", body<{ data: string; success: boolean; error?: string }>());
const PipelineError = defineMessage("PipelineError", body<{ failedStage: string; error: string }>());
const PipelineResult = defineMessage("PipelineResult", body<{ result: string }>());
const stage1 = defineKernel({
  id: "stage1",
  input: [Job, Step],
  output: Step,
  handle: (message) => Step({ data: `${message.data}1`, success: true }),
});

export const coordinator = defineKernel({
  id: "coordinator",
  input: Job,
  output: [PipelineResult, PipelineError],
  peers: { one: stage1, two: stage1.as("stage2"), three: peer("stage3", { input: Step, output: Step }) },
  async run(ctx) {
    for await (const job of ctx) {
      let current: MessageOf<typeof Job> | MessageOf<typeof Step> = job;
      let failed = false;
      for (const stage of ["one", "two"] as const) {
        const reply = await ctx.peers[stage].request(current, { timeout: 5000 });
        same<typeof reply, MessageOf<typeof Step>>();
        if (!reply.success) {
          await ctx.send(PipelineError({ failedStage: stage, error: reply.error ?? "unknown" }, { replyTo: job }));
          failed = true;
          break;
        }
        current = reply;
      }
      if (!failed) await ctx.send(PipelineResult({ result: current.data }, { replyTo: job }));
    }
  },
});
export async function coordinated(runtime: Runtime<"main", {}>) {
  const handle = await runtime.start(coordinator, { peers: { three: "stage1" } });
  const reply = await handle.request(Job({ data: "x" }), { timeout: 10_000 });
  switch (reply.type) {
    case "PipelineResult":
      return reply.result;
    case "PipelineError":
      throw new Error(`${reply.failedStage}: ${reply.error}`);
  }
}

// ── parallel copies, by hand

export async function parallel(runtime: Runtime<"main", {}>) {
  const workers = await Promise.all([0, 1, 2].map((i) => runtime.start(preprocess.as(`preprocess_${i}`))));
  let next = 0;
  for await (const values of rows) await workers[next++ % workers.length]?.send(RawData({ values }));
}

// ── a distributor, an aggregator, a source and a sink

const Work = defineMessage("Work", body<{ n: number }>());
const Result = defineMessage("Result", body<{ n: number }>());
const Summary = defineMessage("Summary", body<{ count: number; total: number }>());
type Result = MessageOf<typeof Result>;
const worker = defineKernel({
  id: "worker",
  input: Work,
  output: Result,
  handle: (work) => Result({ n: work.n ** 2 }),
});

export const distributor = defineKernel({
  id: "distributor",
  input: Work,
  async run(ctx) {
    const workers = [worker.as("worker_0"), worker.as("worker_1"), worker.as("worker_2")] as const;
    let next = 0;
    for await (const work of ctx) await ctx.sendTo(workers[next++ % 3] ?? workers[0], work);
  },
});
export const aggregator = defineKernel({
  id: "aggregator",
  input: [Result, Flush],
  output: Summary,
  async run(ctx) {
    for await (const batch of ctx.batches({ max: 10, linger: 100 })) {
      const results = batch.filter(Result.is);
      same<typeof results, Result[]>();
      await ctx.send(Summary({ count: results.length, total: results.reduce((sum, { n }) => sum + n, 0) }));
    }
  },
});
export const source = defineKernel({
  id: "source",
  output: Work,
  async run(ctx) {
    for (let n = 0; !ctx.shouldTerminate; n++) await ctx.send(Work({ n }));
  },
});
export const sink = defineKernel({ id: "sink", input: Result, handle() {} });

// ── backpressure, retries, manual settling

export const slow = defineKernel({
  id: "slow_stage",
  input: Work,
  output: Result,
  queueSize: 100,
  backpressure: "drop-oldest",
  async handle(work, ctx) {
    await new Promise((done) => setTimeout(done, 10));
    ctx.signal.throwIfAborted();
    return work.n < 0 ? undefined : [Result({ n: work.n }), Result({ n: work.n + 1 })];
  },
});
export const resilient = defineKernel({
  id: "resilient",
  input: Preprocessed,
  output: ComputeResult,
  handle: (m) => ComputeResult({ result: m.normalized.length }),
  onError(error, message) {
    if (error.code === "TIMEOUT") return { retry: 5, backoff: { initial: 10 } };
    return message.normalized.length > 0 ? "dead-letter" : ComputeResult({ result: 0 });
  },
});
export const pairs = defineKernel({
  id: "pairs",
  input: Work,
  output: Result,
  ack: "manual",
  async run(ctx) {
    const [one, two] = await ctx.receiveBatch({ max: 2, linger: 50, timeout: 1000 });
    if (one === undefined || two === undefined) return;
    await ctx.send(Result({ n: one.n + two.n }));
    ctx.settle(one);
    ctx.settle(two);
  },
});

// ── supervision

const careful: Supervision = { restart: "on-failure", limit: { max: 5, window: 10_000 }, backoff: { initial: 50 } };
/** A loop that lives again after a failure, gets the message once more, and doubles nothing. */
export const supervised = defineKernel({
  id: "supervised",
  input: Work,
  output: Result,
  supervise: { ...careful, onCrash: "retry", effects: "commit" },
  async run(ctx) {
    for await (const work of ctx) await ctx.send(Result({ n: work.n }));
  },
});
export async function supervision(runtime: Runtime<"main", {}>) {
  await runtime.start(supervised, { supervise: { restart: "always", onCrash: "dead-letter", effects: "immediate" } });
  using _ = runtime.on("restart", ({ kernelId, attempt, delay }) => {
    same<[typeof kernelId, typeof attempt, typeof delay], [string, number, number]>();
  });
  const { restarts } = await runtime.telemetry(supervised);
  same<typeof restarts, number>();
}

/** Keeps its sum over restarts; a helper takes the context of any kernel that sends the same. */
export const summing = defineKernel({
  id: "summing",
  input: RawData,
  output: ComputeResult,
  state: z.object({ sum: z.number() }),
  supervise: { restart: "on-failure", onCrash: "retry", effects: "commit" },
  async run(ctx) {
    same<typeof ctx.restored, { sum: number } | undefined>();
    let sum = ctx.restored?.sum ?? 0;
    for await (const { values } of ctx) {
      sum += values.length;
      await ctx.checkpoint({ sum });
      await report(ctx, sum);
    }
  },
});
const report = (ctx: KernelContext<RawData, ComputeResult>, result: number) => ctx.send(ComputeResult({ result }));
/** Without a schema anything may be saved. */
export const remembering = defineKernel({
  id: "remembering",
  input: RawData,
  async handle({ values }, ctx) {
    same<typeof ctx.restored, unknown>();
    await ctx.checkpoint(values);
  },
});

// ── errors, dead letters and monitoring

export function explain(error: unknown): string {
  if (error instanceof errors.EXPIRED) return String(error.details.late);
  if (!isRinglineError(error)) return "not ours";
  switch (error.code) {
    case "QUEUE_FULL":
      return `queue of ${error.details.queueSize}`;
    case "TIMEOUT":
      return `${error.details.operation} after ${error.details.timeout} ms`;
    case "KERNEL_STATE":
      return `${error.details.state} is not ${error.details.wanted}`;
    default:
      return `${error.code} in ${error.kernelId}: ${error.remedy}`;
  }
}
export async function monitoring() {
  const kernels = [preprocess, compute, half] as const;
  await using runtime = createRuntime({ backend: inProcess(), telemetry: { window: 5000 }, kernels });
  for (const stage of ["preprocess", "compute", "half"] as const) {
    const telemetry = await runtime.telemetry(stage);
    console.log(stage, telemetry.throughput.recent.toFixed(1), telemetry.processed, telemetry.wait.p99);
  }
  using _ = runtime.on("error", (error) => console.error(error.kernelId, error.code));
  for (const letter of runtime.deadLetters.take({ reason: "EXPIRED" })) console.log(letter.error.remedy);
  await runtime.deadLetters.replay(runtime.deadLetters.peek(), { to: "preprocess" });
}
export async function severalBackends() {
  const backends = { main: inProcess(), threads: inProcess() };
  await using runtime = createRuntime({ backends, defaultBackend: "threads", kernels: [half] });
  await runtime.launch(half, { backend: "main" });
  same<(typeof runtime.kernels)[number]["backend"], "main" | "threads">();
}
export async function ends() {
  await using runtime = createRuntime({ backend: inProcess(), kernels: [source, sink] });
  const handle = await runtime.start(source);
  same<typeof handle, KernelHandle<never, MessageOf<typeof Work>>>();
  await runtime.start("sink");
  const work = await runtime.receive("source");
  same<typeof work, MessageOf<typeof Work>>();
  await runtime.connect(source, worker);
}

// ── a runtime in a variable, a field, a parameter

export const declared: Runtime<"main", {}> = createRuntime({ backend: inProcess() });
export const named: Runtime<"main" | "threads", { preprocess: typeof preprocess }> = createRuntime({
  backends: { main: inProcess(), threads: inProcess() },
  kernels: [preprocess],
});
void parallel(createRuntime({ backend: inProcess(), kernels: [] }));
const plain = createRuntime({ backend: inProcess() });
same<typeof plain, Runtime<"main", {}>>();
/** Kernels made in a loop have no ids that the compiler knows: any id goes. */
export async function many(
  runtime = createRuntime({ backend: inProcess(), kernels: [1, 2].map((n) => half.as(`h${n}`)) }),
) {
  await runtime.start("h1");
  await runtime.send("h1", answer);
}
