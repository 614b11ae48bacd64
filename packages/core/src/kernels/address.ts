import { errors } from "../errors/ringline-error.js";
import type { Header } from "../messages/header.js";
import type { MessageOf, OneOrMore } from "../messages/message-type.js";
import type { RepliedBy, Replies, RepliesTo, Reply, Replying, ReplyMessages } from "./replies.js";

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

/** The reply of a kernel, handle, peer or address to a request `M`. */
export type ReplyOf<T, M> = T extends Replying<infer R> ? Reply<R, M, OutOf<T>> : OutOf<T>;
/** An address with `replies`, as `peer` makes it. */
export interface ReplyingRef<in In, out Out, out R> extends KernelRef<In, Out>, Replying<R> {}
export type RefOf<In, Out, R> = [keyof R] extends [never] ? KernelRef<In, Out> : ReplyingRef<In, Out, R>;
