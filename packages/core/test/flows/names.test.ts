import { expect, test } from "vitest";
import { pipeline } from "../../src/index.js";
import { N, plus, stage, watched } from "../support/flow-kit.js";
import { codeOf, quiet } from "../support/settling.js";

const failing = stage("p", () => {
  throw new Error("no");
});

test("a kernel and a flow do not share a name, nor their dead letters", async () => {
  const { runtime } = watched();
  const kernel = await runtime.start(failing);
  const flow = await runtime.run(pipeline("p").stage(plus("a")));
  await kernel.send(N({ n: 1 }));
  while (runtime.deadLetters.size === 0) await quiet();
  expect(flow.deadLetters.size).toBe(0);
});

test("a kernel cannot take the name of a running flow", async () => {
  const { runtime } = watched();
  await runtime.run(pipeline("p").stage(plus("a")));
  expect(await codeOf(() => runtime.launch(failing))).toBe("KERNEL_EXISTS");
});
