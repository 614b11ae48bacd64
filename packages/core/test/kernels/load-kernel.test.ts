import { describe, expect, test } from "vitest";
import { createRuntime } from "../../src/index.js";
import { loadKernel } from "../../src/kernels/load-kernel.js";
import { local } from "../support/local-backend.js";

const fixture = (name: string) => new URL(`../fixtures/${name}.mjs`, import.meta.url).href;
const refusal = async (module: string | undefined, id: string) => loadKernel(module, id).catch((error) => error);

describe("a kernel is loaded from its module", () => {
  test("by the id it was defined with, also for a copy", async () => {
    expect(await loadKernel(fixture("kernels"), "first")).toMatchObject({ id: "first", module: fixture("kernels") });
    const { again } = await import("./../fixtures/kernels.mjs" as string);
    expect((await loadKernel(again.module, again.definedAs)).id).toBe("first");
  });

  test.each([
    ["names no module", undefined, "first"],
    ["is no export of it", fixture("kernels"), "absent"],
    ["is a copy's id, which nothing exports", fixture("kernels"), "again"],
    ["is something else there", fixture("kernels"), "other"],
    ["is in a module that throws", fixture("throws"), "first"],
    ["is in a module that is not there", fixture("absent"), "first"],
  ])("MODULE_MISSING when it %s", async (_, module, id) => {
    const details = { module: module ?? null };
    expect(await refusal(module, id)).toMatchObject({ code: "MODULE_MISSING", kernelId: id, details });
  });

  test("what the module threw is the cause", async () => {
    expect((await refusal(fixture("throws"), "first")).cause).toBeInstanceOf(Error);
  });
});

describe("a kernel module that creates a runtime", () => {
  const module = fixture("starts-a-runtime");

  test("is refused, each time", async () => {
    for (let i = 0; i < 2; i++) {
      expect(await refusal(module, "lost")).toMatchObject({ code: "RUNTIME_IN_KERNEL_MODULE", details: { module } });
    }
  });

  test("does not keep others from creating one", async () => {
    await refusal(module, "lost");
    await createRuntime({ backend: local() }).dispose();
  });
});
