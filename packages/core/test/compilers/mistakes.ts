/** Mistakes that people make. Each comment names one; `mistakes.txt` holds the first line of what each compiler says. */
import { type Backend, body, createRuntime, defineKernel, defineMessage, graph, pipeline } from "@ringline/core";

declare function inProcess(): Backend;
const Raw = defineMessage("Raw", body<{ values: number[] }>());
const Result = defineMessage("Result", body<{ result: number; unit?: string }>());
const Flush = defineMessage("Flush");
const Get = defineMessage("Get");
const raw = Raw({ values: [1] });
const compute = defineKernel({ id: "compute", input: Raw, output: Result, handle: () => Result({ result: 1 }) });
const half = defineKernel({ id: "half", input: Result, output: Result, handle: (m) => m });
const sink = defineKernel({ id: "sink", input: Result, handle() {} });
const counter = defineKernel({
  id: "counter",
  input: [Get, Raw],
  replies: { Get: Result, Raw: Flush },
  handle: { Get: () => Result({ result: 1 }), Raw: () => Flush() },
});
const runtime = createRuntime({
  backends: { main: inProcess(), threads: inProcess() },
  kernels: [compute, half, sink, counter],
});

// ── messages
// mistake: a body is forgotten
Raw();
// mistake: a field has the wrong type
Raw({ values: "1" });
// mistake: a field does not exist
Raw({ values: [1], name: "x" });
// mistake: a header option beside the body
Raw({ values: [1], priority: 3 });
// mistake: a body is a list
defineMessage("List", body<number[]>());
// mistake: a body field has the name of a header field
defineMessage("Job", body<{ type: string }>());
// mistake: a body field is a function
defineMessage("Job", body<{ run: () => void }>());
// mistake: a message without fields gets one
Flush({ all: true });
// mistake: a message is changed in place
raw.values = [2];
// mistake: replyTo is an id
Result({ result: 1 }, { replyTo: raw.messageId });

// ── kernels
// mistake: the output is forgotten
defineKernel({ id: "k", input: Raw, handle: () => Result({ result: 1 }) });
// mistake: neither body is given
defineKernel({ id: "k", input: Raw, output: Result });
// mistake: both bodies are given
defineKernel({ id: "k", input: Raw, handle() {}, async run() {} });
// mistake: the id is forgotten
defineKernel({ input: Raw, handle() {} });
// mistake: the input is forgotten
defineKernel({ id: "k", output: Result, handle: (message) => Result({ result: message.values.length }) });
// mistake: another type is returned
defineKernel({ id: "k", input: Raw, output: Result, handle: (message) => message });
// mistake: nothing is returned
defineKernel({ id: "k", input: Raw, output: Result, handle() {} });
// mistake: a spread of a message is returned
defineKernel({ id: "k", input: Raw, output: Raw, handle: (message) => ({ ...message, values: [] }) });
// mistake: a handler by type is missing
defineKernel({ id: "k", input: [Raw, Flush], handle: { Raw() {} } });
// mistake: a handler by type is for another type
defineKernel({ id: "k", input: Raw, handle: { Raw() {}, Result() {} } });
// mistake: a handler by type replies with another type
defineKernel({ id: "k", input: Get, replies: { Get: Result }, handle: { Get: () => Flush() } });
// mistake: the input is a message
defineKernel({ id: "k", input: raw, handle() {} });
// mistake: an option is misspelt
defineKernel({ id: "k", input: Raw, queuesize: 3, handle() {} });
// mistake: a strategy does not exist
defineKernel({ id: "k", input: Raw, backpressure: "drop", handle() {} });
// mistake: an action does not exist
defineKernel({ id: "k", input: Raw, onError: "ignore", handle() {} });
// mistake: supervise is a word
defineKernel({ id: "k", input: Raw, supervise: "on-failure", handle() {} });
// mistake: a peer is an id
defineKernel({ id: "k", input: Raw, peers: { half: "half" }, handle() {} });
const Other = defineMessage("Raw", body<{ other: string }>());
// mistake: two types of one name
defineKernel({ id: "k", input: [Raw, Other], handle() {} });
// mistake: handle receives
defineKernel({ id: "k", input: Raw, handle: async (_, ctx) => void (await ctx.receive()) });
// mistake: run settles without ack: "manual"
defineKernel({ id: "k", input: Raw, run: async (ctx) => ctx.settle(await ctx.receive()) });
// mistake: another type is sent
defineKernel({ id: "k", input: Raw, output: Result, run: async (ctx) => void (await ctx.send(raw)) });
// mistake: a time-out is a number
defineKernel({ id: "k", input: Raw, run: async (ctx) => void (await ctx.receive(100)) });
// mistake: an extension that no backend adds
defineKernel({ id: "k", input: Raw, needs: ["fpga"], handle() {} });

// ── runtimes
// mistake: no backend
createRuntime({});
// mistake: a backend is not called
createRuntime({ backend: inProcess });
// mistake: an unknown id
runtime.send("computer", raw);
// mistake: an unknown id at launch
runtime.start("computer");
// mistake: the kernel takes another type
runtime.send("half", raw);
// mistake: a request to a sink
runtime.request(sink, Result({ result: 1 }));
// mistake: a reply has another type
runtime.request(counter, Raw({ values: [] })).then((reply) => reply.result);
// mistake: a kernel is run
runtime.run(compute);
// mistake: an empty pipeline is run
runtime.run(pipeline("p"));
// mistake: a link to an unknown id
runtime.connect(compute, "hall");
// mistake: a link by ids that do not fit
runtime.connect("half", "compute");
// mistake: a link between kernels that do not fit
runtime.connect(half, compute);
// mistake: a backend that the runtime does not have
runtime.launch(compute, { backend: "gpu" });
// mistake: a topology names a backend that the runtime does not have
runtime.run(pipeline("p").stage(compute, { backend: "gpu" }));
// mistake: a listener of an event that does not exist
runtime.on("errors", () => {});

// ── topologies
// mistake: a stage does not fit
pipeline("p").stage(half).stage(compute);
// mistake: a stage after a sink
pipeline("p").stage(sink).stage(half);
// mistake: a pipeline begins with a filter
pipeline("p").filter(() => true);
// mistake: a key does not exist
pipeline("p").stage(compute, { workers: 2, by: { key: "user" } });
// mistake: a graph returns nothing
graph("g", Raw, (input) => {
  input.stage(compute);
});
const Both = defineMessage("Both", body<{ a: object; b: object }>());
// mistake: a join has no time-out
graph("g", Raw, (input, { join }) => join(Both, { a: input.stage(compute), b: input.stage(compute) }));
