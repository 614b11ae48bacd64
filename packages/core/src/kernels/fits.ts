import type { Header } from "../messages/header.js";
import type { Unless } from "../messages/unless.js";
import type { InOf, Typed } from "./address.js";

type NameOf<M> = [M] extends [never] ? "nothing" : M extends Header<infer Name> ? Name : never;
type IdOf<S> = S extends { readonly id: infer Id extends string } ? Id : "the nested topology";

/** `S` if it takes all of `Out`; otherwise a sentence, which the compiler prints. */
export type Fits<Out, S> = Unless<
  Out,
  "nothing can follow here: what comes before has no output",
  [Out] extends [InOf<S>] ? S : Misfit<Out, S>
>;

/** `Target` if its kernel `To` takes all of `Out`, or if either is an id without types; otherwise a sentence. */
export type Linked<Out, Target, To> = Unless<
  Out,
  "nothing can follow here: what comes before has no output",
  [Header] extends [Out] ? Target : [Out] extends [InOf<To>] ? Target : Misfit<Out, To>
>;

type Misfit<Out, S> = [NameOf<Out>] extends [NameOf<InOf<S>>]
  ? // same name, different body: the compiler shows the field
    Typed<Out, unknown>
  : `'${IdOf<S>}' takes ${NameOf<InOf<S>>}, but what comes before it sends ${Exclude<NameOf<Out>, NameOf<InOf<S>>>}`;
