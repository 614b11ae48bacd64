import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createRuntime } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import { expect, test } from "vitest";

/** Beside this file, where the module finds core. */
const here = fileURLToPath(new URL(".", import.meta.url));

test("a thread runs the code of an edited file, on the same queue", async () => {
  const folder = mkdtempSync(join(here, "swapped-"));
  try {
    const file = join(folder, "kernel.mjs");
    const load = async (version: number) => {
      const url = `${pathToFileURL(file)}?${version}`;
      const code = `export const doer = defineKernel({ id: "doer", module: "${url}", input: Item, output: Item, handle: ({ n }) => Item({ n: n * ${version} }) });`;
      const types = 'const Item = defineMessage("Item", body());';
      writeFileSync(file, `import { body, defineKernel, defineMessage } from "@ringline/core"; ${types} ${code}`);
      return (await import(/* @vite-ignore */ url)).doer;
    };
    const runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
    const doer = await load(10);
    const handle = await runtime.start(doer);
    const answer = async (n: number) =>
      (await runtime.request(handle, { type: "Item", n } as never, { timeout: 5000 })) as never;
    expect(await answer(1)).toMatchObject({ n: 10 });
    await runtime.swap(handle, await load(100));
    expect(await answer(1)).toMatchObject({ n: 100 });
    await runtime.dispose();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
