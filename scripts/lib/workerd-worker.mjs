// Runs in workerd: the suite on the event loop of one request, and a pipeline of its own for each of many requests at a time.
import { runSuite, selectCases } from "@ringline/conformance";
import { body, createRuntime, defineKernel, defineMessage, pipeline } from "@ringline/core";
import { inProcess } from "@ringline/in-process";

const Value = defineMessage("Value", /** @type {typeof body<{ n: number }>} */ (body)());
const double = defineKernel({ id: "double", input: Value, output: Value, handle: ({ n }) => Value({ n: 2 * n }) });

export default {
  /** @param {Request} request */
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const count = searchParams.get("sum");
    if (count !== null) return new Response(String(await sum(Number(count))));
    return Response.json(
      await suite(/** @type {import("@ringline/conformance").Law[]} */ (searchParams.getAll("law").map(Number))),
    );
  },
};

/** Cases that need a clock which goes on while a program computes: the one of workerd stands still until the next I/O. */
const CLOCK = ["timers and I/O run", "percentiles are in order, and zero before anything was measured"];

/** @param {readonly import("@ringline/conformance").Law[]} laws none: all */
async function suite(laws) {
  const selected = selectCases(laws.length === 0 ? {} : { law: laws });
  const skipped = selected.filter(({ name }) => CLOCK.some((text) => name.includes(text)));
  const cases = selected.filter((one) => !skipped.includes(one));
  const tally = { passed: 0, failed: 0, skipped: skipped.length };
  /** @type {string[]} */
  const failures = [];
  for await (const result of runSuite({ name: "in-process", create: () => inProcess() }, { cases })) {
    tally[result.outcome]++;
    if (result.outcome === "failed") failures.push(`${result.case.name}: ${result.error}`);
  }
  return { name: "in-process", ...tally, failures };
}

/** @param {number} count */
async function sum(count) {
  await using runtime = createRuntime({ backend: inProcess() });
  const flow = await runtime.run(pipeline("doubled").stage(double));
  let total = 0;
  let seen = 0;
  for await (const { n } of flow.process(Array.from({ length: count }, (_, n) => Value({ n })))) {
    total += n;
    if (++seen % 10 === 0) await new Promise((done) => setTimeout(done, 5)); // others have their turn
  }
  return total;
}
