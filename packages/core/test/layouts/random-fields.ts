import fc from "fast-check";
import { test as plain } from "vitest";
import {
  type AnyField,
  array,
  f16,
  f32,
  i32,
  u32,
  vec2f,
  vec2u,
  vec3f,
  vec3i,
  vec4f,
} from "../../src/layouts/field.js";
import { type Layout, struct } from "../../src/layouts/struct.js";
import { fitOf } from "../../src/layouts/values.js";

const leaf = fc.constantFrom<AnyField>(f32, i32, u32, f16, vec2f, vec3f, vec4f, vec2u, vec3i);
const { field } = fc.letrec<{ field: AnyField; fields: AnyField }>((tie) => ({
  field: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    leaf,
    fc.tuple(tie("field"), fc.integer({ min: 1, max: 4 })).map(([of, length]) => array(of as typeof f32, length)),
    tie("fields"),
  ),
  fields: fc.array(tie("field"), { minLength: 1, maxLength: 4 }).map(structOf),
}));

function structOf(fields: readonly AnyField[]): AnyField {
  return struct(Object.fromEntries(fields.map((one, i) => [`f${i}`, one]))) as unknown as AnyField;
}

/** Any layout of fixed fields, as deep as three structs. */
const layouts = fc
  .array(field, { minLength: 1, maxLength: 6 })
  .map((all) => structOf(all) as unknown as Layout<object>);

/** A value that fits a field: what a random generator gives, put through the field. */
function randomValue(plan: AnyField["~plan"], next: () => number): unknown {
  switch (plan.kind) {
    case "scalar":
      return number(plan.scalar, next);
    case "vector":
      return Array.from({ length: plan.width }, () => number(plan.scalar, next));
    case "array":
      return Array.from({ length: plan.length }, () => randomValue(plan.of, next));
    case "struct":
      return Object.fromEntries(plan.members.map((member) => [member.name, randomValue(member.plan, next)]));
    default:
      return undefined;
  }
}

function number(scalar: string, next: () => number): number {
  if (scalar === "u32") return next() >>> 0;
  if (scalar === "i32") return next() | 0;
  return (next() % 4096) / 8;
}

export const test = (name: string, check: (layout: Layout<object>, values: object[]) => void) =>
  plain(name, () => {
    fc.assert(
      fc.property(
        layouts,
        fc.array(fc.integer(), { minLength: 1 }),
        fc.integer({ min: 1, max: 5 }),
        (layout, seeds, n) => {
          let at = 0;
          const next = () => Math.imul((seeds[at++ % seeds.length] as number) ^ at, 0x9e3779b1);
          const fit = fitOf(layout["~plan"]);
          const values = Array.from({ length: n }, () => fit(randomValue(layout["~plan"], next)) as object);
          check(layout, values);
        },
      ),
    );
  });
