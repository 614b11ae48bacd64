import {
  buffer,
  createRuntime,
  defineComputeKernel,
  defineMessage,
  f32,
  isRinglineError,
  struct,
  u32,
  unifiedBuffer,
} from "@ringline/core";
import { expect, test } from "vitest";
import { webgpu } from "../src/webgpu.js";

const Ask = defineMessage("Ask", struct({ values: buffer(f32), elements: u32, room: u32, rest: u32 }));
const Got = defineMessage("Got", struct({ first: buffer(f32) }));
/** Sizes are what the message says; those that a u32 cannot say come by `rest`. */
const REST = [undefined, Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY];
const sizes = defineComputeKernel({
  id: "sizes",
  kind: "program",
  input: Ask,
  output: Got,
  shape: ({ room, rest }) => ({ first: rest > 4 ? (REST[rest - 4] as number) : room }),
  scratch: { more: { of: f32, length: ({ rest }) => (rest === 9 ? Number.NaN : 1) } },
  passes: [
    {
      entry: "take",
      elements: ({ elements, rest }) => (rest > 0 && rest < 5 ? (REST[rest] as number) : elements),
      workgroup: 1,
    },
  ],
  host({ values }, out) {
    out.first[0] = values[0] as number;
  },
  wgsl: "fn take(i: u32) { if (i == 0u) { more[0] = values[0]; first[0] = more[0]; } }",
});
const ask = (value: number, { elements = 1, room = 1, rest = 0 } = {}) =>
  Ask({ values: unifiedBuffer(f32, [value]), elements, room, rest });

/** Returns the outcome of each of several requests that are sent at once. */
async function outcomes(requests: readonly Promise<{ readonly first: { read(): Promise<ArrayLike<number>> } }>[]) {
  return Promise.all(
    requests.map((request) =>
      request.then(
        async ({ first }) => (await first.read())[0],
        (error) => (isRinglineError(error) ? error.code : String(error)),
      ),
    ),
  );
}

test("sizes that are none, and sizes beyond the limits, fail by themselves", async () => {
  const runtime = createRuntime({ backend: webgpu() });
  runtime.on("error", () => {});
  const handle = await runtime.start(sizes);
  const cases: [options: Parameters<typeof ask>[1], wanted: unknown][] = [
    [{}, 0],
    [{ elements: 4_294_967_295 }, "INVALID_ARGUMENT"],
    [{}, 2],
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((rest) => [{ rest }, "INVALID_ARGUMENT"] as [object, string]),
    [{ room: 4_000_000_000 }, "INVALID_ARGUMENT"],
    [{ elements: 70_000 }, 13],
  ];
  for (let round = 0; round < 3; round++) {
    const requests = cases.map(([options], i) => handle.request(ask(i, options), { timeout: 60_000 }));
    expect(await outcomes(requests)).toEqual(cases.map(([, wanted]) => wanted));
  }
  await runtime.dispose();
});

test("a buffer of other elements than the field's is no message", () => {
  const values = unifiedBuffer(u32, [1]) as never;
  expect(() => Ask({ values, elements: 1, room: 1, rest: 0 })).toThrow(
    expect.objectContaining({ code: "INVALID_MESSAGE" }),
  );
});
