import type { Header } from "../messages/header.js";
import type { MessageOf, OneOrMore } from "../messages/message-type.js";
import type { KernelRef, OutOf } from "./address.js";
import type { Kernel } from "./kernel.js";

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
/** The reply of a kernel, handle, peer or address to a request `M`. */
export type ReplyOf<T, M> = T extends Replying<infer R> ? Reply<R, M, OutOf<T>> : OutOf<T>;

/** A kernel with `replies`. */
export interface ReplyingKernel<out Id extends string, in In, out Out, out Peer extends string, out R>
  extends Kernel<Id, In, Out, Peer>,
    Replying<R> {
  as<const NewId extends string>(id: NewId): ReplyingKernel<NewId, In, Out, Peer, R>;
}
/** An address with `replies`, as `peer` makes it. */
export interface ReplyingRef<in In, out Out, out R> extends KernelRef<In, Out>, Replying<R> {}

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
export type RefOf<In, Out, R> = [keyof R] extends [never] ? KernelRef<In, Out> : ReplyingRef<In, Out, R>;
export type KernelOf<Id extends string, In, Out, Peer extends string, R> = [keyof R] extends [never]
  ? Kernel<Id, In, Out, Peer>
  : ReplyingKernel<Id, In, Out, Peer, R>;
