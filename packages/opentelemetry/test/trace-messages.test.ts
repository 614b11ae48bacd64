import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { SpanStatusCode, trace } from "@opentelemetry/api";
import { createRuntime, pipeline, traceOf } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { beforeEach, expect, test } from "vitest";
import { count, Order, read, write } from "./kernels/pipeline.mjs";
import { setUp, type Told } from "./kernels/spans.mjs";

interface Request {
  readonly n: number;
  readonly traceId: string;
  readonly spanId: string;
  /** Id of the span that the answer belongs to. */
  readonly answer: string | undefined;
}

const told: Told[] = [];
setUp((span) => told.push(span));
beforeEach(() => {
  told.length = 0;
});

/** Each request has a trace: its own span, then one for each of the three stages, each the child of the one before. */
function expectTraces(requests: readonly Request[], spans: readonly Told[]): void {
  expect(requests.length).toBe(3);
  expect(spans.length).toBe(12);
  for (const { n, traceId, spanId, answer } of requests) {
    const named = (name: string) => spans.find((one) => one.trace === traceId && one.name === `process orders.${name}`);
    const [first, second, third] = [named("read"), named("count"), named("write")];
    expect([first?.parent, second?.parent, third?.parent]).toEqual([spanId, first?.id, second?.id]);
    expect(answer).toBe(`00-${traceId}-${third?.id}-01`);
    expect(first?.attributes).toMatchObject({ n, "ringline.stage": "read", "ringline.outcome": "done" });
    expect(third?.events).toEqual(n % 2 === 1 ? ["exception"] : []);
    expect(third?.status).toBe(SpanStatusCode.OK);
  }
}

test.each([
  ["in process", false, 0],
  ["by copy", true, 10],
])("a message makes a trace, a span a hop: %s", async (_, copy, from) => {
  const runtime = createRuntime({ backend: inProcess({ copy }) });
  runtime.on("error", () => {});
  const flow = await runtime.run(pipeline("orders").stage(read).stage(count).stage(write));
  const tracer = trace.getTracer("test");
  const requests = [from, from + 1, from + 2].map((n) =>
    tracer.startActiveSpan(`request ${n}`, async (span): Promise<Request> => {
      const answer = traceOf(await flow.request(Order({ n })));
      span.end();
      return { n, ...span.spanContext(), answer };
    }),
  );
  const answered = await Promise.all(requests);
  await expect.poll(() => told.length).toBe(12);
  expectTraces(answered, told);
  await runtime.dispose();
});

test("a message makes a trace, a span a hop: on threads, which have providers of their own", async () => {
  const program = fileURLToPath(new URL("./kernels/traced.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  const { requests, spans } = JSON.parse(stdout) as { readonly requests: Request[]; readonly spans: Told[] };
  expectTraces(requests, spans);
});

test("what belongs to nothing begins a trace, and what an HTTP request says is gone on with", async () => {
  const runtime = createRuntime({ backend: inProcess() });
  const handle = await runtime.start(read);
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  await handle.request(Order({ n: 1 }));
  const second = await handle.request(Order({ n: 2 }, { trace: traceparent }));
  await expect.poll(() => told.length).toBe(2);
  expect(told.map(({ parent }) => parent)).toEqual([undefined, "b7ad6b7169203331"]);
  expect(traceOf(second)).toBe(`00-0af7651916cd43dd8448eb211c80319c-${told[1]?.id}-01`);
  expect(told[0]?.trace).not.toBe(told[1]?.trace);
  expect(() => Order({ n: 3 }, { trace: "mine" })).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  await runtime.dispose();
});

test("a dead letter ends its span as an error", async () => {
  const runtime = createRuntime({ backend: inProcess() });
  runtime.on("error", () => {});
  const handle = await runtime.start({ ...write, onError: "dead-letter" } as typeof write);
  await handle.send(Order({ n: 31 }));
  await expect.poll(() => told.length).toBe(1);
  expect(told[0]).toMatchObject({
    events: ["exception"],
    status: SpanStatusCode.ERROR,
    attributes: { "ringline.outcome": "dead-lettered" },
  });
  await runtime.dispose();
});
