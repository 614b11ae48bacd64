import { expect, test, vi } from "vitest";
import { createRuntime } from "../../src/index.js";
import { N, stage, watched } from "../support/flow-kit.js";
import { local } from "../support/local-backend.js";

test("no body runs within another, also after one that took its time", async () => {
  const { runtime } = watched();
  let inside = 0;
  let nested = 0;
  const b = stage("b", ({ n }) => {
    nested += inside;
    return N({ n });
  });
  const a = stage("a", async ({ n }) => {
    inside = 1;
    void runtime.send("b" as never, N({ n }) as never);
    inside = 0;
    await undefined;
    return N({ n });
  });
  const [handleA, handleB] = [await runtime.start(a), await runtime.start(b)];
  for (let n = 0; n < 50; n++) {
    await handleA.send(N({ n }));
    await handleB.receive();
    await handleA.receive();
  }
  expect(nested).toBe(0);
});

test("an error that cannot be shown disturbs nobody", async () => {
  const shown = vi.spyOn(console, "error");
  const runtime = createRuntime({ backend: local() });
  try {
    const odd = stage("odd", ({ n }) => {
      if (n === 0) {
        throw Object.defineProperty(new Error("odd"), "message", {
          get() {
            throw new Error("not to be read");
          },
        });
      }
      return N({ n });
    });
    const kernel = await runtime.start(odd);
    await kernel.send(N({ n: 0 }));
    expect((await kernel.request(N({ n: 1 }), { timeout: 60_000 })).n).toBe(1);
    expect(shown).toHaveBeenLastCalledWith("[ringline] an error that cannot be shown");
  } finally {
    await runtime.dispose();
    shown.mockRestore();
  }
});
