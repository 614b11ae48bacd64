import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Lineage, Origin } from "../messages/lineage.js";
import { FlowOrigin } from "./flow-origin.js";

/** The origin of a message made of several inputs. */
export class JointOrigin implements Origin, Lineage {
  readonly origin: Origin = this;
  readonly requester: undefined;
  onCancelled: (() => void) | undefined = undefined;
  /** The inputs, without duplicates, in the order of their entry. */
  readonly members: readonly FlowOrigin[];

  constructor(members: readonly FlowOrigin[]) {
    this.members = members;
  }

  get flow(): string {
    return (this.members[0] as FlowOrigin).flow;
  }

  get isCancelled(): boolean {
    return this.members.every((member) => member.isCancelled);
  }

  get isAlive(): boolean {
    return this.members.some((member) => member.isAlive);
  }

  isOpen(node: number): boolean {
    return this.members.every((member) => member.isOpen(node));
  }

  enter(node: number): void {
    for (const member of this.members) member.enter(node);
  }

  withdraw(node: number): void {
    for (const member of this.members) member.withdraw(node);
  }

  fail(error: AnyRinglineError): void {
    for (const member of this.members) member.fail(error);
  }

  leave(node: number, error?: AnyRinglineError): void {
    for (const member of this.members) member.leave(node, error);
  }
}

/** An origin that counts a message of this flow. */
export type AnyOrigin = FlowOrigin | JointOrigin;

export const originOf = (lineage: Lineage | undefined): AnyOrigin | undefined =>
  lineage?.origin as AnyOrigin | undefined;

/** The input of an origin that entered first. */
export function firstOriginOf(origin: AnyOrigin): FlowOrigin {
  return origin instanceof FlowOrigin ? origin : (origin.members[0] as FlowOrigin);
}

/** All inputs of these origins, without duplicates, in the order of their entry. */
export const membersOf = (origins: readonly AnyOrigin[]): FlowOrigin[] =>
  [...new Set(origins.flatMap(({ members }) => members))].sort((a, b) => a.sequence - b.sequence);

/** Combines origins into one. */
export function jointOriginOf(origins: readonly AnyOrigin[]): AnyOrigin {
  const members = membersOf(origins);
  return members.length === 1 ? (members[0] as FlowOrigin) : new JointOrigin(members);
}

/** Dead-letters a message that a node held; the message is counted at that node. */
export type ToDeadLetter = (message: AnyMessage, origin: AnyOrigin, node: number) => void;
