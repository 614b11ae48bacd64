/** Pipelines and graphs that must not compile. */
import { body, defineKernel, defineMessage, graph, type MessageOf, pipeline, type Topology } from "@ringline/core";
import { ComputeResult, compute, half, type Preprocessed, preprocess, RawData, raw } from "./usage.js";
import { fanIn } from "./usage-topologies.js";

// ── pipelines
const prepared = pipeline("p").stage(preprocess);
// @ts-expect-error the stage takes ComputeResult, and is sent Preprocessed
prepared.stage(half);
// @ts-expect-error nor does a nested pipeline fit
prepared.stage(fanIn);
// @ts-expect-error a pipeline without stages is no topology
const empty: Topology<never, unknown, string> = pipeline("p");
// @ts-expect-error nor can it be a stage
prepared.stage(empty.name === "p" ? pipeline("p") : pipeline("q"));
// @ts-expect-error what is launched already is no stage
prepared.stage({ id: "handle" });
// @ts-expect-error a typing error in an option
prepared.stage(compute, { worker: 3 });
// @ts-expect-error no such key in the body
prepared.stage(compute, { by: { key: "station" } });
// @ts-expect-error no such way to share
pipeline("p").stage(preprocess, { by: "random" });
// @ts-expect-error a field of the header is no key
prepared.stage(compute, { by: { key: "messageId" } });
// @ts-expect-error a key is a string or a number
prepared.stage(compute, { by: (m) => m.normalized });
// @ts-expect-error the field is not there
prepared.stage(compute, { by: (m) => m.values.length });
// @ts-expect-error no such order
prepared.stage(compute, { order: "sorted" });
// @ts-expect-error a number of copies
prepared.stage(compute, { workers: "3" });
// @ts-expect-error no such action
pipeline("p").stage(preprocess, { onError: "ignore" });
// @ts-expect-error the replacement is not what the stage sends
pipeline("p").stage(preprocess, { onError: () => raw });
const Namesake = defineMessage("Preprocessed", body<{ normalized: string[] }>());
const namesake = defineKernel({ id: "namesake", input: Namesake, async run() {} });
// @ts-expect-error the same name with another body: the compiler shows the field
prepared.stage(namesake);
const sink = defineKernel({ id: "sink", input: ComputeResult, async run() {} });
const toSink = prepared.stage(compute).stage(sink);
// @ts-expect-error nothing follows a sink
toSink.stage(half);
// @ts-expect-error the batch's message has other fields
prepared.batch(RawData, { max: 10 });
// @ts-expect-error a batch has a size
prepared.batch(({ items }) => items[0] ?? raw, { linger: 10 });
// @ts-expect-error a filter answers yes or no
prepared.filter((m) => m.normalized);
// @ts-expect-error no such option of a topology
pipeline("p", { supervise: "rest-for-one" });

// ── graphs
type Half = MessageOf<typeof Preprocessed>;
const Both = defineMessage("Both", body<{ left: Half; right: Half }>());
const take = defineKernel({
  id: "take",
  input: Both,
  output: ComputeResult,
  handle: () => ComputeResult({ result: 1 }),
});
graph("g", RawData, (input, { join, merge }) => {
  const left = input.stage(preprocess, { name: "left" });
  const right = input.stage(preprocess, { name: "right" });
  // @ts-expect-error a stage that does not fit
  input.stage(compute);
  // @ts-expect-error a node that does not exist
  nowhere.stage(compute);
  // @ts-expect-error a join without one of its branches
  join(Both, { left }, { timeout: 100 });
  // @ts-expect-error a join whose branch has the wrong type
  join(Both, { left, right: input }, { timeout: 100 });
  // @ts-expect-error a join needs a time-out
  join(Both, { left, right }, {});
  // @ts-expect-error a merge of one
  merge(left);
  // @ts-expect-error merged wires carry both types
  merge(left, input).stage(compute);
  const { big } = left.route({ big: (m) => m.normalized.length > 9 });
  big.stage(compute);
  // @ts-expect-error no such route
  left.route({ big: (m) => m.normalized.length > 9 }).small.stage(compute);
  // @ts-expect-error a predicate over a field that is not there
  left.route({ big: (m) => m.values.length > 9 });
  return join(Both, { left, right }, { timeout: 100 }).stage(take);
});
// @ts-expect-error a graph returns its last wire
graph("g", RawData, (input) => void input.stage(preprocess));
