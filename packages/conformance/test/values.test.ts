import { describe, expect, test } from "vitest";
import { difference } from "../src/values/difference.js";
import type { ValueKind } from "../src/values/kind.js";
import { valueKinds } from "../src/values/value-kinds.js";

const all = valueKinds.flatMap(({ kinds }) => kinds);

function answerOf({ answer, note }: ValueKind): string {
  if (answer === "equal") return "equal";
  return "refused" in answer ? `\`SERIALIZATION\`: ${note}` : `arrives ${note}`;
}

function page(): string {
  const groups = valueKinds.map(({ title, kinds }) => {
    const rows = kinds.map((kind) => `| ${kind.name.replaceAll("|", "\\|")} | ${answerOf(kind)} |`);
    return [`## ${title}`, "", "| Value | Answer |", "| --- | --- |", ...rows].join("\n");
  });
  return `# Values that cross

Wherever messages are copied (\`inProcess({ copy: true })\`, worker threads, child processes, hosts over NATS), each value
of a body gets one of three answers, the same everywhere: it arrives equal, it is refused where it is sent with
\`SERIALIZATION\` and the path of the field, or it arrives as something else that this page names. What arrives equal keeps
its identity: an object that stands twice in a body is one object at the other side. Fields that a loop does not see stay
behind, as do those of an array of more than 16,384 elements. A message inside another arrives as its body. A
\`UnifiedBuffer\` is handed over as a field of the body.

The table has ${all.length} kinds of value. The conformance suite sends each of them to a kernel and back, on every backend.

${groups.join("\n\n")}
`;
}

describe("the table of values", () => {
  test("has each kind once, at least 150 of them", () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    expect(all.length).toBeGreaterThanOrEqual(150);
  });

  test("docs/values.md has all of it", async () => {
    await expect(page()).toMatchFileSnapshot("../../../docs/values.md");
  });

  test("two values of a kind do not differ, and one differs from another", () => {
    for (const { name, make } of all.filter(({ answer }) => answer === "equal")) {
      const value = make();
      expect(difference(value, value), name).toBeUndefined();
    }
    expect(difference([1, undefined], Object.assign([1], { length: 2 }))).toBeDefined();
    expect(difference({ a: -0 }, { a: 0 })).toBeDefined();
    const one = {};
    expect(difference([one, one], [{}, {}])).toBeDefined();
    expect(difference([{}, {}], [one, one])).toBeDefined();
  });
});
