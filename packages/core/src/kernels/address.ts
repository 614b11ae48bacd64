import { errors } from "../errors/ringline-error.js";
import type { Unless } from "../messages/body.js";
import type { Header } from "../messages/header.js";
import type { MessageOf, OneOrMore } from "../messages/message-type.js";

/** Carries a pair of types; contravariant in the input, covariant in the output. */
export interface Typed<in In, out Out> {
  readonly "~types": { readonly in: (message: In) => void; readonly out: Out };
}
/** Messages that a kernel, handle, address, topology or flow takes: `InOf<typeof compute>`. */
export type InOf<T> = T extends Typed<never, unknown> ? Parameters<T["~types"]["in"]>[0] : never;
/** Messages that a kernel, handle, address, topology or flow sends: `OutOf<typeof compute>`. */
export type OutOf<T> = T extends Typed<never, unknown> ? T["~types"]["out"] : never;

/** A typed address: a kernel, `kernel.as(id)`, a handle, a peer. */
export interface KernelRef<in In, out Out> extends Typed<In, Out> {
  readonly id: string;
}
/** Matches every ref, also one without input. */
export type AnyRef = KernelRef<never, unknown>;
/** Kernels or addresses by name, as in `peers`. */
export type Names = Record<string, AnyRef>;

/**
 * A ref or an id. If ids are declared (a runtime's `kernels`, a kernel's `peers`) it must be one of them; otherwise
 * any id is accepted, untyped.
 */
export type Target<N> = AnyRef | IdIn<N>;
/** The ids in `N`; any text if there are none. Beside `AnyRef` in a signature, so that compilers list the ids. */
export type IdIn<N> = [keyof N] extends [never] ? string : keyof N & string;
/** The kernel or address that a target `T` stands for, where the ids in `N` are known. */
export type Resolve<T, N> = T extends AnyRef ? T : T extends keyof N ? N[T] : KernelRef<Header, Header>;

/**
 * Makes an address from a contract alone: for kernels that refer to each other, or whose code is elsewhere. Throws
 * `INVALID_ARGUMENT`.
 *
 * @example
 * const resize = peer("resize", { input: Image, output: Image });
 */
export function peer<const I extends OneOrMore, const O extends OneOrMore = never, const R extends Replies = {}>(
  id: string,
  messages: { readonly input: I; readonly output?: O; readonly replies?: R & RepliesTo<I, R> },
): RefOf<MessageOf<I>, MessageOf<O> | RepliedBy<R>, ReplyMessages<R, never>> {
  if (typeof messages !== "object" || messages === null) {
    throw new errors.INVALID_ARGUMENT({ argument: "messages", value: messages });
  }
  return Object.freeze({ id: checkId(id) }) as never;
}

export function checkId(id: unknown): string {
  if (typeof id === "string" && id !== "") return id;
  throw new errors.INVALID_ARGUMENT({ argument: "id", value: id }, { remedy: "An id is a non-empty string." });
}

/** Id of a target. */
export function idOfTarget(target: unknown): string {
  if (typeof target === "string") return target;
  const id = (target as AnyRef | null | undefined)?.id;
  if (typeof id === "string") return id;
  throw new errors.INVALID_ARGUMENT(
    { argument: "target", value: target },
    { remedy: "Name a kernel by its id, or pass the kernel, its handle or a peer." },
  );
}

/** Replies by the name of the request's type: `{ Get: Sum, Add: Ok }`. */
export type Replies = Readonly<Record<string, OneOrMore>>;

/** A kernel, handle or address that says which message answers which request. */
export interface Replying<out R = unknown> {
  /** For the compiler only. */
  readonly "~replies": R;
}
/** The reply to a request `M`; for a type that `R` does not name, any output. */
export type Reply<R, M, Out> =
  M extends Header<infer Name> ? (Name extends keyof R ? Extract<Out, R[Name]> : Out) : never;

/** The messages of `replies`, which are outputs of the kernel too; none if their names are unknown: `replies: undefined`. */
export type RepliedBy<R extends Replies> = string extends keyof R ? never : MessageOf<R[keyof R]>;
/** `R` as messages; `Failure` may come in place of any of them. */
export type ReplyMessages<R extends Replies, Failure> = {
  readonly [Name in keyof R as string extends Name ? never : Name]: MessageOf<R[Name]> | Failure;
};
/** Accepts replies to the messages of `I`; a sentence, which the compiler prints, in place of any other. */
export type RepliesTo<I extends OneOrMore, R> = {
  readonly [Name in keyof R]: Name extends MessageOf<I>["type"] ? OneOrMore : "the kernel has no input of this name";
};

/** The reply of a kernel, handle, peer or address to a request `M`. */
export type ReplyOf<T, M> = T extends Replying<infer R> ? Reply<R, M, OutOf<T>> : OutOf<T>;
/** An address with `replies`, as `peer` makes it. */
export interface ReplyingRef<in In, out Out, out R> extends KernelRef<In, Out>, Replying<R> {}
export type RefOf<In, Out, R> = [keyof R] extends [never] ? KernelRef<In, Out> : ReplyingRef<In, Out, R>;

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
