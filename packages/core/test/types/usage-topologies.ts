/** Pipelines and graphs, and the types they come to. */
import {
  body,
  defineKernel,
  defineMessage,
  errors,
  graph,
  isRinglineError,
  type MessageOf,
  otherwise,
  type Pipeline,
  pipeline,
  StageFailure,
  type Topology,
} from "@ringline/core";
import { same } from "./same.js";
import { ComputeResult, compute, Flush, half, type Preprocessed, preprocess, type RawData } from "./usage.js";

// ── pipelines

export const stats = pipeline("stats").stage(preprocess).stage(compute, { workers: 3 }).stage(half);
same<typeof stats, Pipeline<RawData, ComputeResult, never>>();
export const parallel = pipeline("parallel")
  .stage(preprocess, { workers: 3, order: "any" })
  .stage(compute, { workers: 3, order: "unordered", by: "least-loaded", queueSize: 64, backpressure: "block" })
  .stage(half, { workers: 2, by: { key: "unit" } })
  .stage(half.as("half_2"), { workers: 2, by: (m) => Math.trunc(m.result) });
/** A batch of anything as one message. */
const counted = ({ items }: { items: readonly object[] }) => Flush({}, { priority: Math.min(items.length, 255) });
export const places = pipeline("places", { module: import.meta.url })
  .stage(preprocess, { backend: "threads", supervise: { restart: "on-failure" }, rate: 100 })
  .stage(compute, { backend: "gpu" })
  .filter((m) => m.result > 0, { name: "positive" })
  .batch(counted, { max: 2, name: "pairs" });
same<typeof places, Pipeline<RawData, MessageOf<typeof Flush>, "threads" | "gpu">>();

const Work = defineMessage("Work", body<{ n: number }>());
export const Result = defineMessage("Result", body<{ n: number }>());
export const Summary = defineMessage("Summary", body<{ count: number; total: number }>());
export type Result = MessageOf<typeof Result>;
const worker = defineKernel({
  id: "worker",
  input: Work,
  output: Result,
  handle: (work) => Result({ n: work.n ** 2 }),
});
const Results = defineMessage("Results", body<{ items: Result[] }>());
const summed = defineKernel({
  id: "sum",
  input: Results,
  output: Summary,
  handle: ({ items }) => Summary({ count: items.length, total: items.reduce((sum, { n }) => sum + n, 0) }),
});
export const fanIn = pipeline("fan-in")
  .stage(worker, { workers: 3 })
  .batch(Results, { max: 10, linger: 100 })
  .stage(summed);

// ── a diamond, and the other shapes

const Request = defineMessage("Request", body<{ text: string }>());
const A = defineMessage("A", body<{ score: number }>());
const B = defineMessage("B", body<{ b: number }>());
const C = defineMessage("C", body<{ c: number }>());
const Merged = defineMessage("Merged", body<{ b: MessageOf<typeof B>; c: MessageOf<typeof C> }>());
const Final = defineMessage("Final", body<{ total: number }>());
const a = defineKernel({ id: "a", input: Request, output: A, handle: (m) => A({ score: m.text.length }) });
const b = defineKernel({ id: "b", input: A, output: B, handle: (m) => B({ b: m.score }) });
const c = defineKernel({ id: "c", input: A, output: C, handle: (m) => C({ c: m.score }) });
const d = defineKernel({ id: "d", input: Merged, output: Final, handle: (m) => Final({ total: m.b.b + m.c.c }) });
const audit = defineKernel({ id: "audit", input: A, handle: (m, ctx) => ctx.log.info(String(m.score)) });

export const diamond = graph("diamond", Request, (request, { join }) => {
  const fromA = request.stage(a);
  return join(Merged, { b: fromA.stage(b), c: fromA.stage(c) }, { timeout: 5000 }).stage(d);
});
same<typeof diamond, Topology<MessageOf<typeof Request>, MessageOf<typeof Final>, never>>();

/** Side branch to a sink, routes by predicate and by type, merge, join by a function, a graph as a stage. */
export const shapes = graph("shapes", [Request, Flush], (input, { merge, join }) => {
  const { request, flush } = input.route({ request: Request.is, flush: otherwise });
  const fromA = request.stage(a);
  fromA.stage(audit);
  const { high, low } = fromA.route({ high: (m) => m.score > 9, low: otherwise });
  const either = merge(high.stage(b), low.stage(c));
  same<(typeof either)["~out"], MessageOf<typeof B> | MessageOf<typeof C>>();
  const onlyB = either.filter((m) => m.type === "B"); // the compiler infers the guard
  same<(typeof onlyB)["~out"], MessageOf<typeof B>>();
  const branches = { x: onlyB, y: request.stage(diamond) };
  const joined = join(({ x, y }) => Final({ total: x.b + y.total }), branches, { timeout: 1000 });
  return merge(joined, flush.filter(Flush.is));
});

// ── failures

export const resilient = pipeline("resilient", { supervise: "all-for-one" })
  .stage(preprocess, { onError: "reply", name: "parse" })
  .stage(compute, {
    onError: (error, m) =>
      error.code === "TIMEOUT" ? "retry" : m.normalized.length ? "dead-letter" : ComputeResult({ result: 0 }),
  });
same<typeof resilient, Pipeline<RawData, ComputeResult | StageFailure, never>>();
/** A function may also decide for a failure. */
export const decided = pipeline("decided").stage(preprocess, {
  onError: (error) => (isRinglineError(error, "TIMEOUT") ? "reply" : "dead-letter"),
});
same<typeof decided, Pipeline<RawData, Preprocessed | StageFailure, never>>();
export function told(out: ComputeResult | StageFailure): string {
  return StageFailure.is(out) ? `${out.stage}: ${out.error.code} of ${out.failedId}` : out.unit;
}
const sink = defineKernel({ id: "sink", input: Result, handle() {} });
/** Failures pass by every later node: none of these sees one, all hand them on. */
export const passing = graph("passing", Work, (work, { join }) => {
  const squared = work.stage(worker, { onError: "reply" });
  const { odd, even } = squared.filter((m) => m.n < 9).route({ odd: (m) => m.n % 2 === 1, even: otherwise });
  even.stage(sink);
  const into = ({ x, y }: { x: Result; y: Result }) => Result({ n: x.n + y.n });
  return join(into, { x: squared, y: odd }, { timeout: 100 }).batch(Results, { max: 10 }).stage(summed);
});
same<typeof passing, Topology<MessageOf<typeof Work>, MessageOf<typeof Summary> | StageFailure, never>>();

export const refusal = new errors.INVALID_TOPOLOGY({ topology: "t", nodes: ["a"], problem: "nobody reads it" }).details
  .nodes;
