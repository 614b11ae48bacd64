import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createRuntime } from "@ringline/core";
import { expect, test } from "vitest";
import { factsOf } from "../src/device/adapter-facts.js";
import { findAdapter } from "../src/device/open-session.js";
import { settingsOf } from "../src/options.js";
import { webgpu } from "../src/webgpu.js";
import { double, Item } from "./support/kernels.js";

test.each([
  { powerPreference: "most" },
  { fallback: "none" },
  { onDeviceLost: "weep" },
  { attempts: 0 },
  { timeout: -1 },
  { batch: { depth: 17 } },
  { batch: { bytes: 1 } },
  { batch: { ring: 0 } },
  { timings: "always" },
  { speed: 2 },
])("%j is refused", (options) => {
  expect(() => webgpu(options as never)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
});

test("limits that no adapter has are named in the refusal", async () => {
  const runtime = createRuntime({ backend: webgpu({ requiredLimits: { maxBindGroups: 1000 } }) });
  const error = await runtime.start(double).catch((thrown) => thrown);
  expect([error.code, error.remedy]).toEqual(["BACKEND_UNAVAILABLE", expect.stringContaining("maxBindGroups 1000")]);
  await runtime.dispose();
});

test("a shader that does not compile is refused at launch, with the line of the user's text", async () => {
  const { defineComputeKernel } = await import("@ringline/core");
  const wrong = defineComputeKernel({
    id: "wrong",
    kind: "map",
    input: Item,
    output: Item,
    host: (m) => m,
    wgsl: "fn map(m: Item) -> Item {\n  let y = m.x + m.nowhere;\n  return m;\n}",
  });
  const runtime = createRuntime({ backend: webgpu() });
  const error = await runtime.start(wrong).catch((thrown) => thrown);
  expect([error.code, error.kernelId, error.details.value]).toEqual([
    ...["INVALID_ARGUMENT", "wrong"],
    "let y = m.x + m.nowhere;",
  ]);
  expect(error.remedy).toMatch(/line 2, column \d+: .*nowhere/);
  await runtime.dispose();
});

/** A process that finds no driver at all. */
async function withoutAdapter(program: string): Promise<string> {
  const env = { ...process.env, LD_LIBRARY_PATH: "", VK_ICD_FILENAMES: "/none", VK_DRIVER_FILES: "/none" };
  const run = promisify(execFile);
  const cwd = new URL("..", import.meta.url);
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], { env, cwd });
  return stdout.trim();
}
const program = (options: string, then: string) => `
  import { createRuntime, defineComputeKernel, defineMessage, f32, struct } from "@ringline/core";
  import { webgpu } from "@ringline/webgpu";
  const N = defineMessage("N", struct({ x: f32 }));
  const twice = defineComputeKernel({ id: "twice", kind: "map", input: N, output: N, host: ({ x }) => ({ x: x * 2 }),
    wgsl: "fn map(m: N) -> N { return N(m.x * 2); }" });
  const runtime = createRuntime({ backend: webgpu(${options}) });
  ${then}
  await runtime.dispose();`;

test.runIf(process.platform === "linux")("without an adapter a launch says what to install", async () => {
  const then = "await runtime.start(twice).catch(({ code, remedy }) => console.log(code, remedy));";
  expect(await withoutAdapter(program("", then))).toMatch(/^BACKEND_UNAVAILABLE Install a Vulkan driver/);
});

test.runIf(process.platform === "linux")(
  "without an adapter the host can take over, and telemetry says so",
  async () => {
    const then = `const handle = await runtime.start(twice);
    console.log((await handle.request(N({ x: 4 }))).x, (await handle.telemetry()).device.adapter);`;
    expect(await withoutAdapter(program('{ fallback: "host" }', then))).toBe("8 null");
  },
);

test("an adapter is chosen by a part of its name, or by a function; if none suits, the error lists what there is", async () => {
  const { name } = factsOf((await findAdapter(settingsOf({}))).info);
  for (const adapter of [name.slice(1, 5).toUpperCase(), (facts: { readonly name: string }) => facts.name === name]) {
    const runtime = createRuntime({ backend: webgpu({ adapter }) });
    const handle = await runtime.start(double);
    expect((await handle.request(Item({ id: 1, slot: 0, x: 2 }))).x).toBe(4);
    const { device } = await handle.telemetry();
    expect([device?.adapter, (device?.bufferBytes ?? 0) > 0]).toEqual([name, true]);
    await runtime.dispose();
  }
  const none = createRuntime({ backend: webgpu({ adapter: "no such adapter" }) });
  await expect(none.start(double)).rejects.toMatchObject({
    code: "BACKEND_UNAVAILABLE",
    remedy: expect.stringContaining(name),
  });
  await none.dispose();
  expect(() => webgpu({ adapter: 1 as never })).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
});
