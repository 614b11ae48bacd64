import type { StandardSchemaV1 } from "@standard-schema/spec";
import { errors } from "../errors/ringline-error.js";
import { type AnyField, elementsOfPlan, type Field, type FieldKind, fieldPlanOf } from "./field.js";
import { type FieldPlan, type StructPlan, strideOf, structPlan } from "./field-plan.js";
import { fitOf, issueOf, Misfit } from "./values.js";
import { structName, WGSL_WORDS } from "./wgsl.js";

type FieldsOf = Readonly<Record<string, AnyField>>;
type BodyOf<F extends FieldsOf> = { -readonly [Name in keyof F]: F[Name]["~field"]["value"] };
/** Input of a field: any list of numbers is accepted for a typed array. */
type Loose<Value> = Value extends Float32Array | Int32Array | Uint32Array
  ? ArrayLike<number>
  : Value extends readonly number[]
    ? Value
    : Value extends readonly (infer Item)[]
      ? readonly Loose<Item>[]
      : Value;
type InputOf<T> = { [Name in keyof T]: Loose<T[Name]> };

/**
 * Description of a struct: its TypeScript type, its memory layout, and its declaration in WGSL. A layout is a Standard
 * Schema, so that `defineMessage` takes it, and a field for other structs. Numbers are rounded to the precision of
 * their field when a message is created.
 */
export interface Layout<T, out K extends FieldKind = "fixed">
  extends StandardSchemaV1<InputOf<T>, T>,
    Field<T, readonly T[], K> {
  /** Bytes of one element, padding included, buffers excluded. */
  readonly stride: number;
  readonly "~plan": StructPlan;
}

/** A WGSL identifier. */
export const IDENTIFIER = /^(?!_+$)(?!__)[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Defines a struct of fields, in order: `struct({ sensor: u32, at: vec3f, last: array(f32, 4) })`. Names must be valid
 * WGSL identifiers. Throws `INVALID_ARGUMENT`.
 *
 * @example
 * const Point = defineMessage("Point", struct({ x: f32, y: f32 }));
 */
export function struct<F extends FieldsOf>(fields: F): Layout<BodyOf<F>, F[keyof F]["~field"]["kind"]> {
  if (typeof fields !== "object" || fields === null || Object.keys(fields).length === 0) {
    throw new errors.INVALID_ARGUMENT(
      { argument: "fields", value: fields },
      { remedy: "A struct has at least one field: struct({ value: f32 })." },
    );
  }
  const plan = structPlan(Object.entries(fields).map(([name, field]) => [name, checkedPlan(name, field)] as const));
  const fit = fitOf(plan);
  const validate = (value: unknown): StandardSchemaV1.Result<BodyOf<F>> => {
    try {
      return { value: fit(value) as BodyOf<F> };
    } catch (error) {
      if (error instanceof Misfit) return { issues: [issueOf(error)] };
      throw error;
    }
  };
  return Object.freeze({
    wgsl: structName(plan),
    stride: strideOf(plan),
    "~plan": plan,
    "~elements": elementsOfPlan(plan),
    "~standard": { version: 1, vendor: "ringline", validate },
  }) as unknown as Layout<BodyOf<F>, F[keyof F]["~field"]["kind"]>;
}

function checkedPlan(name: string, field: unknown): FieldPlan {
  const plan = (field as Partial<AnyField> | null | undefined)?.["~plan"];
  if (plan === undefined) {
    throw new errors.INVALID_ARGUMENT(
      { argument: name, value: field },
      { remedy: "Fields are f32, i32, u32, f16, vec2f and the like, array(…), buffer(…) and struct({ … })." },
    );
  }
  const reserved = WGSL_WORDS.has(name) || !IDENTIFIER.test(name);
  if (reserved) {
    throw new errors.INVALID_ARGUMENT(
      { argument: "fields", value: name },
      {
        remedy: `"${name}" cannot name a member of a struct in WGSL: use letters, digits and _, and no reserved word of WGSL.`,
      },
    );
  }
  if (plan.kind === "scalar") fieldPlanOf(name, field);
  if (plan.kind === "struct" && plan.buffers.length > 0) {
    throw new errors.INVALID_ARGUMENT(
      { argument: name, value: field },
      { remedy: "A struct inside a struct cannot have buffers: put them into the outer one." },
    );
  }
  return plan;
}
