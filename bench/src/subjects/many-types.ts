import { body, createRuntime, defineKernel, defineMessage } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import type { Line, Reply, Subject } from "../subject.js";

type Fields = { readonly n: number };

/** Types with fields of their own, as a program has them, and bodies as literals: each has a shape that engines know apart. */
function typesOf(count: number) {
  return Array.from({ length: count }, (_, i) => ({
    type: defineMessage(`Step${i}`, body<{ n: number }>()),
    fields: new Function("n", `return { n, amount${i}: n, label${i}: "one of many" };`) as (n: number) => Fields,
  }));
}

/** A kernel that answers each type with a message of the same, in a process with so many of them. */
export function manyTypes(name: "ringline-handle" | "ringline-run", count: number): Subject {
  return {
    name,
    title: `${name === "ringline-handle" ? "handle" : "run"} body, ${count} message ${count === 1 ? "type" : "types"}`,
    singleStage: true,
    async open(): Promise<Line> {
      const types = typesOf(count);
      const byName = new Map<string, (typeof types)[number]>(types.map((one) => [one.type.type, one]));
      const shared = { input: types.map(({ type }) => type), output: types.map(({ type }) => type) };
      const kernel =
        name === "ringline-handle"
          ? defineKernel({
              id: "of-many-types",
              ...shared,
              handle(message) {
                const { type, fields } = byName.get(message.type)!;
                return type(fields(message.n));
              },
            })
          : defineKernel({
              id: "of-many-types",
              ...shared,
              async run(ctx) {
                for await (const message of ctx) {
                  const { type, fields } = byName.get(message.type)!;
                  await ctx.send(type(fields(message.n), { replyTo: message }));
                }
              },
            });
      const runtime = createRuntime({ backend: inProcess() });
      const handle = await runtime.start(kernel);
      return {
        send(n) {
          const { type, fields } = types[n % count]!;
          return handle.send(type(fields(n)));
        },
        receive: () => handle.receive() as Promise<Reply>,
        close: async () => void (await runtime.dispose()),
      };
    },
  };
}
