import { expect, test } from "vitest";
import { body, defineMessage, type FlowInspection, graph } from "../../src/index.js";
import { door, N, plus, stage, watched } from "../support/flow-kit.js";
import { quiet } from "../support/settling.js";

const Pair = defineMessage("Pair", body<{ readonly x: N; readonly y: N }>());

test("inspect() says what a flow holds, and who waits for it", async () => {
  const { runtime } = watched();
  const held = door();
  const slow = stage("slow", ({ n }) => held.opened.then(() => N({ n })));
  const flow = await runtime.run(
    graph("g", N, (input, { join }) =>
      join(Pair, { x: input.stage(slow), y: input.stage(plus("fast", 0)) }, { timeout: 60_000, name: "meet" }),
    ),
    { maxInFlight: 2 },
  );
  const sent = [1, 2, 3].map((n) => flow.send(N({ n })));
  const look = async () => (await runtime.inspect()).flows;
  while ((await look())[0]?.holds[0]?.messages !== 2) await quiet();
  expect(await look()).toMatchObject([
    { flow: "g", inFlight: 2, waitingSenders: 1, unread: 0, holds: [{ node: "meet", messages: 2 }] },
  ]);
  expect(runtime.flows).toEqual([flow]);
  const kernels = (await runtime.inspect()).kernels.map(({ flow: of, stage, accepts, sends }) => [
    of,
    stage,
    accepts,
    sends,
  ]);
  expect(kernels.sort()).toEqual([
    ["g", "fast", ["N"], ["N"]],
    ["g", "slow", ["N"], ["N"]],
  ]);
  held.open();
  await Promise.all(sent);
  await flow.drain();
  expect(await look()).toMatchObject([{ flow: "g", inFlight: 0, waitingSenders: 0, unread: 3, holds: [] }]);
  const [{ latency }] = (await look()) as [FlowInspection];
  expect(latency).toEqual((await flow.telemetry()).latency);
  await flow.terminate();
  expect(await look()).toEqual([]);
  expect(runtime.flows).toEqual([]);
});
