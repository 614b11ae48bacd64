import {
  buffer,
  createRuntime,
  defineComputeKernel,
  defineMessage,
  f32,
  isRinglineError,
  pipeline,
  struct,
  u32,
  unifiedBuffer,
} from "@ringline/core";
import { afterAll, describe, expect, test } from "vitest";
import { webgpu } from "../src/webgpu.js";

const In = defineMessage("In", struct({ values: buffer(f32) }));
const Out = defineMessage("Out", struct({ ones: buffer(f32) }));

interface Parts {
  readonly wgsl: string;
  readonly entry?: string;
  readonly workgroup?: number;
  readonly scratch?: string;
}
const program = ({ wgsl, entry = "fill", workgroup, scratch }: Parts) =>
  defineComputeKernel({
    id: "ones",
    kind: "program",
    input: In,
    output: Out,
    shape: ({ values }) => ({ ones: values.length }),
    ...(scratch !== undefined && { scratch: { [scratch]: { of: f32, length: () => 1 } } }),
    passes: [{ entry, elements: ({ values }) => values.length, ...(workgroup !== undefined && { workgroup }) }],
    host(_, out) {
      out.ones.fill(1);
    },
    wgsl,
  });

const runtime = createRuntime({ backend: webgpu() });
afterAll(() => runtime.dispose());

async function refusal(make: () => Parameters<typeof runtime.start>[0]) {
  try {
    await runtime.start(make());
  } catch (error) {
    if (isRinglineError(error)) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

const WHOLE = (size: string, more = "") =>
  `${more}@compute @workgroup_size(${size}) fn fill(@builtin(global_invocation_id) id: vec3u) {
    if (id.x < arrayLength(&ones)) { ones[id.x] = 1.0; }
  }`;

describe("is refused at launch", () => {
  test.each<[name: string, parts: Parts, says: RegExp]>([
    ["an entry that is no name", { wgsl: "fn p(i: u32) {}", entry: "p(" }, /"p\("/],
    ["an entry that is a word of WGSL", { wgsl: "fn p(i: u32) {}", entry: "loop" }, /"loop"/],
    ["an entry that the text does not have", { wgsl: "fn fil(i: u32) {} // fn fill(i: u32)" }, /"fill".*: fil\./],
    ["a workgroup of another size", { wgsl: WHOLE("32"), workgroup: 64 }, /32 lanes/],
    ["a workgroup of another size, by a constant", { wgsl: WHOLE("N", "const N = 32u; "), workgroup: 64 }, /32 lanes/],
    ["a workgroup whose size is not known", { wgsl: WHOLE("N * 2", "const N = 32u; ") }, /numbers/],
    ["an entry with a blank in it", { wgsl: "fn p(i: u32) {}", entry: "p q" }, /"p q"/],
    ["scratch of the name of an array", { wgsl: "fn fill(i: u32) {}", scratch: "ones" }, /another array/],
    ["scratch of a name that Ringline uses", { wgsl: "fn fill(i: u32) {}", scratch: "ringline_n" }, /Ringline uses/],
    [
      "a length of what is no array",
      { wgsl: "fn fill(i: u32) {\n  let n = arrayLength(&valves);\n}" },
      /line 2, column 11/,
    ],
  ])("%s", async (_, parts, says) => {
    const error = await refusal(() => program(parts));
    expect(error.code).toBe("INVALID_ARGUMENT");
    expect(`${error.message} ${error.remedy}`).toMatch(says);
  });

  test("what does not compile, with the place in the user's own text", async () => {
    const wgsl = `/* a comment /* in a comment */ */\r\nfn fill(i: u32) {
      let n = arrayLength(&values); let y = values[0] + nowhere; // here
    }`;
    const error = await refusal(() => program({ wgsl }));
    expect([error.code, error.kernelId]).toEqual(["INVALID_ARGUMENT", "ones"]);
    expect(error.details).toMatchObject({
      value: "let n = arrayLength(&values); let y = values[0] + nowhere; // here",
    });
    const column = (wgsl.split("\n")[2] as string).indexOf("nowhere") + 1;
    expect(error.remedy).toContain(`line 3, column ${column}: `);
  });

  test("a text that does not end, and an entry that cannot be called", async () => {
    for (const wgsl of ["fn fill(i: u32) {", "fn fill(i: f32) { ones[u32(i)] = 1.0; }"]) {
      expect((await refusal(() => program({ wgsl }))).remedy).toMatch(/behind the end of the text|line 1/);
    }
  });

  test("a map without a function `map`, and one of a type that is called State", async () => {
    const State = defineMessage("State", struct({ n: u32 }));
    const base = { id: "m", kind: "map", input: State, output: State, host: (m: { n: number }) => m } as const;
    expect((await refusal(() => defineComputeKernel({ ...base, wgsl: "fn mop(m: State) {}" }))).remedy).toMatch(
      /`map`/,
    );
    const state = { layout: struct({ sum: u32 }), slots: 1, key: "n" } as const;
    const wgsl = "fn map(m: State) -> State { return m; }";
    expect((await refusal(() => defineComputeKernel({ ...base, state, wgsl }))).code).toBe("INVALID_ARGUMENT");
  });

  test("a state beyond what the device binds, by its name", async () => {
    const N = defineMessage("N", struct({ n: u32 }));
    const make = () =>
      defineComputeKernel({
        id: "wide",
        kind: "map",
        input: N,
        output: N,
        state: { layout: struct({ sum: u32 }), slots: 2 ** 31, key: "n" },
        host: (m) => m,
        wgsl: "fn map(m: N, s: ptr<storage, State, read_write>) -> N { return m; }",
      });
    const error = await refusal(make);
    expect([error.code, error.details]).toEqual(["INVALID_ARGUMENT", { argument: "state.slots", value: 2 ** 31 }]);
  });

  test("more arrays than the device binds, with the limit", async () => {
    const names = Array.from({ length: 70 }, (_, i) => `b${i}`);
    const fields = Object.fromEntries(names.map((name) => [name, buffer(f32)])) as { b0: ReturnType<typeof buffer> };
    const Many = defineMessage("Many", struct(fields));
    const make = () =>
      defineComputeKernel({
        id: "many",
        kind: "program",
        input: Many,
        output: Out,
        shape: () => ({ ones: 1 }),
        passes: [{ entry: "add", elements: () => 1 }],
        host() {},
        wgsl: `fn add(i: u32) { ones[0] = ${names.map((name) => `${name}[0]`).join(" + ")}; }`,
      });
    const error = await refusal(make);
    expect(error.code).toBe("UNSUPPORTED");
    expect(`${error.message} ${error.remedy}`).toMatch(/71 storage buffers.*maxStorageBuffersPerShaderStage/);
  });

  test("two layouts under one name, in a kernel and between two", async () => {
    const Narrow = defineMessage("Point", struct({ a: f32 }));
    const Wide = defineMessage("Point", struct({ b: f32, a: f32 }));
    const [narrow, wide] = [struct({ a: f32 }), struct({ b: f32, a: f32 })];
    expect(narrow.wgsl).not.toBe(wide.wgsl);
    const host = () => ({ a: 0, b: 0 });
    const wgsl = "fn map(m: Point) -> Point { return m; }";
    const both = () => defineComputeKernel({ id: "both", kind: "map", input: Narrow, output: Wide, host, wgsl });
    expect((await refusal(both)).code).toBe("INVALID_ARGUMENT");
    const first = defineComputeKernel({ id: "first", kind: "map", input: Narrow, output: Narrow, host, wgsl });
    const second = defineComputeKernel({ id: "second", kind: "map", input: Wide, output: Wide, host, wgsl });
    const running = runtime.run(
      pipeline("two")
        .stage(first)
        .stage(second as never),
    );
    await expect(running).rejects.toMatchObject({ code: "INVALID_ARGUMENT", kernelId: "second" });
  });
});

test("a workgroup of several dimensions whose entry does not look at them fails a message with a single size", async () => {
  const handle = await runtime.start(program({ wgsl: WHOLE("8, 8") }).as("square"));
  const asked = handle.request(In({ values: unifiedBuffer(f32, 1000) }), { timeout: 20_000 });
  await expect(asked).rejects.toMatchObject({ code: "INVALID_ARGUMENT", remedy: expect.stringContaining("8 × 8 × 1") });
});

describe("works", () => {
  test.each(["i", "id", "step", "main"])("an entry that is called %s", async (name) => {
    const kernel = program({ wgsl: `fn ${name}(at: u32) { ones[at] = 1.0; }`, entry: name }).as(`entry ${name}`);
    const { ones } = await (await runtime.start(kernel)).request(In({ values: unifiedBuffer(f32, 3) }));
    expect([...(await ones.read())]).toEqual([1, 1, 1]);
    ones.release();
  });

  test.each([
    ["a whole entry point, by its own size", WHOLE("32")],
    ["one whose size is a constant", WHOLE("SIZE, 1", "const SIZE: u32 = 16; ")],
    ["a text with directives", `diagnostic(off, derivative_uniformity);\n${WHOLE("64")}`],
    [
      "a workgroup of several dimensions",
      `@workgroup_size(8, 4, 2) @compute
      fn fill(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
        let i = group.x * 64 + lane;
        if (i < arrayLength(&ones)) { ones[i] = 1.0; }
      }`,
    ],
    ["names in comments", `/* fn fill(i: f32) { */ fn fill(i: u32) { ones[i] = 1.0; } // arrayLength(&nothing)`],
  ])("%s", async (_, wgsl) => {
    const handle = await runtime.start(program({ wgsl }).as(`works ${Math.random()}`));
    const { ones } = await handle.request(In({ values: unifiedBuffer(f32, 1000) }), { timeout: 60_000 });
    const count = [...(await ones.read())].filter((x) => x === 1).length;
    expect(count).toBe(1000);
    ones.release();
  });
});
