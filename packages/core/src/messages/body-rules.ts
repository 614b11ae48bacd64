import type { Header } from "./header.js";
import type { Unless } from "./unless.js";

type AnyFunction = Function;
type IsAny<T> = 0 extends 1 & T ? true : false;

/** Values that are not records of fields. */
type NoRecord = AnyFunction | { readonly [Symbol.iterator]: unknown } | { readonly [Symbol.toPrimitive]: unknown };
type Reserved = keyof Header | "then" | "toJSON";

/** Names of the fields that hold functions, such as the methods of a class. */
type Methods<Body> = {
  [Name in keyof Body]-?: IsAny<Body[Name]> extends true
    ? never
    : [Body[Name]] extends [never]
      ? never
      : Body[Name] extends AnyFunction
        ? Name
        : never;
}[keyof Body];

/** The reason why a type cannot be a body; `true` if it can. For a union, one unfit member gives a reason. */
type Reason<Body> = Body extends NoRecord
  ? "a body is a record of named fields: put a list, a Map, a Date or the like into a field of it"
  : [keyof Body & Reserved] extends [never]
    ? [Methods<Body>] extends [never]
      ? true
      : `'${Methods<Body> & string}' is a function: a message carries data, which a copy keeps; make the body a plain record`
    : `'${keyof Body & Reserved}' is a name that every message uses: rename it in the body`;

/** `never` if there is a reason against the type. */
type Fit<Body> = [Exclude<Reason<Body>, true>] extends [never] ? true : never;

/** `Schema` if `Body` can be a body; otherwise a sentence, which the compiler prints. */
export type WithBody<Body, Schema> =
  IsAny<Body> extends true ? Schema : Unless<Fit<Body>, Exclude<Reason<Body>, true>, Schema>;
