import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const SECONDS = 30;
const program = `
  import { createRuntime, defineComputeKernel, defineMessage, f32, struct } from "@ringline/core";
  import { webgpu } from "@ringline/webgpu";
  const N = defineMessage("N", struct({ x: f32 }));
  const twice = defineComputeKernel({ id: "twice", kind: "map", input: N, output: N, host: ({ x }) => ({ x: x * 2 }),
    wgsl: "fn map(m: N) -> N { return N(m.x * 2); }" });
  const runtime = createRuntime({ backend: webgpu() });
  const handle = await runtime.start(twice);
  for (let i = 0; i < 200; i++) await handle.request(N({ x: i }));
  await new Promise((done) => setTimeout(done, 500));
  const before = process.cpuUsage();
  await new Promise((done) => setTimeout(done, ${SECONDS * 1000}));
  const { user, system } = process.cpuUsage(before);
  console.log((user + system) / ${SECONDS}e6);
  await runtime.dispose();`;

// the share of a core is processor time that the process was given, which does not depend on what else runs
test("thirty seconds idle after work cost less than 1% of a core, and the process ends by itself", async () => {
  const options = { cwd: new URL("..", import.meta.url), timeout: (SECONDS + 60) * 1000 };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], options);
  expect(Number(stdout)).toBeLessThan(0.01);
}, 120_000);
