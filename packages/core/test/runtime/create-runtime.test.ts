import { describe, expect, test } from "vitest";
import { type Backend, createRuntime, defineKernel, defineMessage, peer } from "../../src/index.js";
import { local } from "../support/local-backend.js";
import { codeOf } from "../support/settling.js";

const Tick = defineMessage("Tick");
const kernel = defineKernel({ id: "k", input: Tick, output: Tick, handle: () => Tick() });
const backend = local();

/** As a caller without types would. */
const create = (options: unknown) => createRuntime(options as { backend: Backend });

describe("INVALID_ARGUMENT", () => {
  test.each<[string, unknown]>([
    ["no options", undefined],
    ["no backend", {}],
    ["one backend and several", { backend, backends: { main: backend } }],
    ["no backend among several", { backends: {} }],
    ["something else than a backend", { backend: {} }],
    ["a factory instead of a backend", { backend: local }],
    ["something else among several", { backends: { main: backend, gpu: null } }],
    ["a default backend that is not there", { backends: { main: backend }, defaultBackend: "gpu" }],
    ["an unknown option", { backend, telemetrie: false }],
    ["a window of 0", { backend, telemetry: { window: 0 } }],
    ["a window of NaN", { backend, telemetry: { window: Number.NaN } }],
    ["an endless window", { backend, telemetry: { window: Number.POSITIVE_INFINITY } }],
    ["telemetry: true", { backend, telemetry: true as never }],
    ["telemetry in words", { backend, telemetry: "off" as never }],
    ["a misspelt option of telemetry", { backend, telemetry: { windows: 5 } as never }],
    ["no dead letters", { backend, deadLetterLimit: 0 }],
    ["half a dead letter", { backend, deadLetterLimit: 1.5 }],
    ["something else than a kernel", { backend, kernels: [kernel, {}] }],
    ["a peer among the kernels", { backend, kernels: [peer("k", { input: Tick })] }],
    ["two kernels with one id", { backend, kernels: [kernel, kernel] }],
  ])("%s", async (_, options) => {
    expect(await codeOf(() => create(options))).toBe("INVALID_ARGUMENT");
  });
});

describe("a runtime", () => {
  test("names its one backend main, and starts it with the first launch", async () => {
    let starts = 0;
    const counting: Backend = {
      ...backend,
      start(core) {
        starts++;
        return backend.start(core);
      },
    };
    await using runtime = createRuntime({ backend: counting });
    expect(starts).toBe(0);
    await Promise.all([runtime.launch(kernel), runtime.launch(kernel.as("k_2"))]);
    expect(starts).toBe(1);
    expect(runtime.kernels.map(({ id, backend }) => [id, backend])).toEqual([
      ["k", "main"],
      ["k_2", "main"],
    ]);
  });

  test("launches on the backend that is named, by default on the first, or on another that is said to be it", async () => {
    const backends = { one: local(), two: local() };
    await using first = createRuntime({ backends });
    await using second = createRuntime({ backends, defaultBackend: "two" });
    await first.launch(kernel, { backend: "two" });
    await first.launch(kernel, { id: "k_2" });
    await second.launch(kernel);
    expect(first.kernels.map(({ backend }) => backend)).toEqual(["two", "one"]);
    expect(second.kernels.map(({ backend }) => backend)).toEqual(["two"]);
  });

  test("launches kernels that it knows by their id", async () => {
    await using runtime = createRuntime({ backend, kernels: [kernel, kernel.as("k_2")] });
    expect((await runtime.launch("k_2")).id).toBe("k_2");
    expect(await codeOf(() => runtime.launch("other" as "k"))).toBe("KERNEL_UNKNOWN");
  });

  test("may be disposed several times, and launches nothing after that", async () => {
    const runtime = createRuntime({ backend });
    await runtime.start(kernel);
    const [accounts, again] = await Promise.all([runtime.dispose(), runtime.dispose()]);
    expect(again).toBe(accounts);
    expect([...accounts.keys()]).toEqual(["k.input", "k.output"]);
    expect(await codeOf(() => runtime.launch(kernel))).toBe("TERMINATED");
  });

  test("says why a backend cannot start, and tries again at the next launch", async () => {
    let attempts = 0;
    const shy: Backend = {
      ...backend,
      async start(core) {
        if (attempts++ === 0) throw new Error("no adapter");
        return backend.start(core);
      },
    };
    await using runtime = createRuntime({ backend: shy });
    await expect(runtime.launch(kernel)).rejects.toMatchObject({
      code: "BACKEND_UNAVAILABLE",
      cause: { message: "no adapter" },
    });
    await runtime.launch(kernel);
  });
});
