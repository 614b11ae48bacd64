import { expect, test } from "vitest";
import { body, createRuntime, defineKernel, defineMessage } from "../../src/index.js";
import type { Backend } from "../../src/seam/backend.js";
import { virtualClock } from "../../src/testing.js";
import { local } from "../support/local-backend.js";
import { codeOf } from "../support/settling.js";

const Task = defineMessage("Task", body<{ n: number }>());
const echo = defineKernel({ id: "echo", input: Task, output: Task, handle: ({ n }) => Task({ n }) });
const mortal = defineKernel({
  id: "mortal",
  input: Task,
  supervise: { restart: "on-failure", backoff: { initial: 1, jitter: 0 } },
  async run(ctx) {
    await ctx.receive();
    throw new RangeError("the end");
  },
});

/** A place that refuses to run kernels while `refuses` says so. */
function reluctant(refuses: () => boolean): Backend {
  const sound = local();
  return {
    ...sound,
    async start(core) {
      const place = await sound.start(core);
      return {
        ...place,
        async spawn(unit, start) {
          if (refuses()) throw new RangeError("no room here");
          return place.spawn(unit, start);
        },
      };
    },
  };
}

test("a launch that fails in the place of an ended kernel leaves that one as it was", async () => {
  let refuses = false;
  const clock = virtualClock();
  const runtime = createRuntime({ backend: reluctant(() => refuses), clock });
  const first = await runtime.start(echo);
  await first.send(Task({ n: 1 }));
  await clock.settle();
  await first.terminate();
  refuses = true;
  await expect(runtime.launch(echo)).rejects.toThrow("no room here");
  expect(runtime.state("echo")).toBe("terminated");
  expect(await codeOf(() => runtime.send("echo", Task({ n: 2 })))).toBe("TERMINATED");
  expect(await runtime.receive("echo")).toMatchObject({ n: 1 });
  refuses = false;
  await runtime.start(echo);
  await runtime.send("echo", Task({ n: 3 }));
  expect(await runtime.receive("echo")).toMatchObject({ n: 3 });
  const ledger = (await runtime.dispose()).get("echo.input");
  expect(ledger).toMatchObject({ accepted: 2, done: 2 });
});

test("a launch that fails leaves its id free", async () => {
  let refuses = true;
  const runtime = createRuntime({ backend: reluctant(() => refuses) });
  await expect(runtime.launch(echo)).rejects.toThrow("no room here");
  expect(runtime.kernels).toEqual([]);
  refuses = false;
  await runtime.start(echo);
  await runtime.dispose();
});

test("a restart that cannot begin is a failure: supervision decides, with its budget", async () => {
  let starts = 0;
  const clock = virtualClock();
  const runtime = createRuntime({ backend: reluctant(() => ++starts > 1 && starts !== 4), clock });
  const errors: (string | null)[] = [];
  runtime.on("error", ({ kernelId, cause }) => errors.push(`${kernelId}: ${(cause as Error).message}`));
  const handle = await runtime.start(mortal);
  await handle.send(Task({ n: 1 }));
  await clock.advance(100);
  expect(handle.state).toBe("active");
  const refused = "mortal: no room here";
  expect(errors).toEqual(["mortal: the end", refused, refused]);
  await handle.send(Task({ n: 2 }));
  await clock.advance(100);
  expect(handle.state).toBe("failed"); // three within a minute were its budget
  expect(errors).toEqual(["mortal: the end", refused, refused, "mortal: the end"]);
  await runtime.dispose();
});
