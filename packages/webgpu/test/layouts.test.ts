import { array, f32, i32, struct, u32, vec2f, vec2u, vec3f, vec3i, vec4f, vec4u } from "@ringline/core";
import { declareStructs, type FieldPlan, Memory, Packer, type StructPlan } from "@ringline/core/internal";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { DeviceManager } from "../src/device/device-manager.js";
import { settingsOf } from "../src/options.js";

const keeper = (await DeviceManager.find(settingsOf({}), () => {})) as DeviceManager;
afterAll(() => keeper.close());

type Field = { readonly "~plan": FieldPlan };
const leaf = fc.constantFrom<Field>(f32, i32, u32, vec2f, vec3f, vec4f, vec2u, vec3i, vec4u);
const { field } = fc.letrec<{ field: Field; inner: Field }>((tie) => ({
  field: fc.oneof(
    { maxDepth: 2 },
    leaf,
    fc.tuple(tie("field"), fc.integer({ min: 1, max: 3 })).map(([of, length]) => array(of as typeof f32, length)),
    tie("inner"),
  ),
  inner: fc.array(tie("field"), { minLength: 1, maxLength: 3 }).map(structOf),
}));

function structOf(fields: readonly Field[]) {
  return struct(Object.fromEntries(fields.map((one, i) => [`f${i}`, one as typeof f32])));
}

/** Every number of a struct, as WGSL reaches it and as a walk through its value reaches it. */
function numbersOf(plan: FieldPlan, path: string, steps: readonly (string | number)[]): Leaf[] {
  switch (plan.kind) {
    case "scalar":
      return [{ text: `bitcast<u32>(${path})`, steps, scalar: plan.scalar }];
    case "vector":
      return Array.from({ length: plan.width }, (_, i) => i).flatMap((i) =>
        numbersOf({ kind: "scalar", scalar: plan.scalar, size: 4, align: 4 }, `${path}[${i}]`, [...steps, i]),
      );
    case "array":
      return Array.from({ length: plan.length }, (_, i) => i).flatMap((i) =>
        numbersOf(plan.of, `${path}[${i}]`, [...steps, i]),
      );
    case "struct":
      return plan.members.flatMap(({ name, plan }) => numbersOf(plan, `${path}.${name}`, [...steps, name]));
    default:
      return [];
  }
}
interface Leaf {
  readonly text: string;
  readonly steps: readonly (string | number)[];
  readonly scalar: string;
}

test("a shader reads back every number of any struct from where it was packed", async () => {
  const layouts = fc.array(field, { minLength: 1, maxLength: 5 }).map(structOf);
  await fc.assert(
    fc.asyncProperty(layouts, async (layout) => {
      const plan = layout["~plan"] as StructPlan;
      const leaves = numbersOf(plan, "items[i]", []);
      // the value says of each number which one it is
      const packer = new Packer(plan, layout.stride);
      const values = [0, 1, 2].map((item) => {
        const value = packer.zero();
        leaves.forEach(({ steps }, i) => {
          let at = value as Record<string | number, unknown>;
          for (const step of steps.slice(0, -1)) at = at[step] as typeof at;
          at[steps.at(-1) as string] = item * 1000 + i + 1;
        });
        return value;
      });
      const memory = new Memory(new ArrayBuffer(layout.stride * values.length));
      packer.pack(values, values.length, memory);
      const read = await readBack(
        `${declareStructs([["Item", plan]])}
         @group(0) @binding(0) var<storage, read> items: array<Item>;
         @group(0) @binding(1) var<storage, read_write> seen: array<u32>;
         @compute @workgroup_size(1) fn main(@builtin(global_invocation_id) id: vec3u) {
           let i = id.x;
           ${leaves.map(({ text }, n) => `seen[i * ${leaves.length}u + ${n}u] = ${text};`).join("\n")}
         }`,
        memory.bytes as ArrayBuffer,
        values.length,
        leaves.length * values.length,
      );
      const expected = values.flatMap((_, item) =>
        leaves.map(({ scalar }, i) => {
          const number = item * 1000 + i + 1;
          return scalar === "f32" ? new Uint32Array(Float32Array.of(number).buffer)[0] : number;
        }),
      );
      expect([...read]).toEqual(expected);
    }),
    { numRuns: 40 },
  );
}, 120_000);

async function readBack(code: string, bytes: ArrayBuffer, groups: number, words: number): Promise<Uint32Array> {
  const session = await keeper.session();
  const { device } = session;
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: "auto", compute: { module, entryPoint: "main" } });
  const items = device.createBuffer({ size: bytes.byteLength, usage: 0x80 | 0x08 });
  const seen = device.createBuffer({ size: words * 4, usage: 0x80 | 0x04 });
  const staging = device.createBuffer({ size: words * 4, usage: 0x01 | 0x08 });
  device.queue.writeBuffer(items, 0, bytes);
  const { refused } = session.watch(() => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    const entries = [items, seen].map((buffer, binding) => ({ binding, resource: { buffer } }));
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(groups);
    pass.end();
    encoder.copyBufferToBuffer(seen, 0, staging, 0, words * 4);
    device.queue.submit([encoder.finish()]);
  });
  return session.read(staging, words * 4, 30_000, refused, (mapped) => new Uint32Array(mapped).slice());
}
