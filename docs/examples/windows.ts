import { type Backend, body, createRuntime, defineMessage, pipeline } from "@ringline/core";
import { defineWindowKernel, session, tumbling } from "@ringline/streams";

const Click = defineMessage("Click", body<{ user: string; at: number }>());
const Clicks = defineMessage("Clicks", body<{ user: string; from: number; to: number; count: number }>());

/** Clicks of each user in each ten seconds. A click may come three seconds after a later one. */
export const perTenSeconds = defineWindowKernel({
  id: "per-ten-seconds",
  module: import.meta.url,
  input: Click,
  output: Clicks,
  window: tumbling(10_000),
  time: "at",
  key: "user",
  outOfOrder: 3_000,
  initial: () => 0,
  add: (count) => count + 1,
  result: (count, { key, from, to }) => Clicks({ user: String(key), from, to, count }),
});

/** Visits: clicks of a user that are less than five seconds apart. */
export const visits = defineWindowKernel({
  id: "visits",
  module: import.meta.url,
  input: Click,
  output: Clicks,
  window: session(5_000),
  time: "at",
  key: "user",
  outOfOrder: 3_000,
  initial: () => 0,
  add: (count) => count + 1,
  merge: (a, b) => a + b,
  result: (count, { key, from, to }) => Clicks({ user: String(key), from, to, count }),
});

const clicks = [
  { user: "ann", at: 1_000 },
  { user: "bob", at: 4_000 },
  { user: "ann", at: 9_000 },
  { user: "ann", at: 12_000 },
  { user: "bob", at: 9_500 }, // out of order
  { user: "ann", at: 15_000 },
  { user: "bob", at: 2_000 }, // too late
];

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  runtime.on("error", () => {});
  for (const kernel of [perTenSeconds, visits]) {
    const flow = await runtime.run(pipeline(kernel.id).stage(kernel, { workers: 2, by: { key: "user" } }));
    console.log(kernel.id);
    for await (const { user, from, to, count } of flow.process(clicks.map((click) => Click(click)))) {
      console.log(`  ${user} ${from / 1000} to ${to / 1000} s: ${count}`);
    }
    for (const { reason } of flow.deadLetters.peek()) console.log(`  ${reason}`);
  }
}
