import { type AnyOrigin, JointOrigin, originOf } from "../flows/flow-origin.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import { type AnyMessage, idOf, lineageOf } from "../messages/any-message.js";
import type { Journal } from "./journal.js";
import type { Applied, PackedState } from "./journal-record.js";
import { RecentIds } from "./recent-ids.js";
import { migrated } from "./state-log.js";
import { type Accepted, appliedKey, DurableInput, type StoredState, UnprocessedInputs } from "./unprocessed-inputs.js";

/** Message ids that each edge remembers, to detect duplicates. */
const REMEMBERED_IDS = 65_536;
/** Message ids that each edge passes to the next program, to detect duplicates there. */
const INHERITED_IDS = 4096;
/** Records after which an unfinished input is rewritten, so that the records before can be trimmed. */
const REWRITE_AFTER = 100_000;

const NONE: readonly DurableInput[] = [];

/** Outputs that a kernel has made of a message. */
interface Made {
  readonly id: string;
  readonly origin: AnyOrigin;
  readonly outputs: readonly AnyMessage[];
}

/** A message that a batch holds. */
interface Item {
  readonly message: AnyMessage;
  readonly origin: AnyOrigin;
}

/** The inputs of a flow with durable edges, as its journal records them. */
export class DurableInputs {
  readonly #journal: Journal;
  readonly #unprocessed: UnprocessedInputs;
  /** Unfinished inputs, the one with the oldest record first. */
  readonly #open = new Map<number, DurableInput>();
  readonly #byOrigin = new Map<AnyOrigin, DurableInput>();
  /** Origins of batches, by each input that they were made of. */
  readonly #joint = new Map<AnyOrigin, Set<JointOrigin>>();
  readonly #unread = new Map<AnyMessage, DurableInput>();
  /** The latest states of kernels, by id. */
  readonly #states: Map<string, StoredState>;
  readonly #seen = new Map<string, RecentIds>();
  #next: number;
  /** The positions at which edges last wrote the ids that they know, and at which they wrote them before. */
  #knownAt = -1;
  #knownBefore = -1;
  /** The position of the last record that was rewritten: it is stored before the earlier records are trimmed. */
  #rewrittenAt = -1;
  /** The position at which the last input finished. */
  #doneAt = 0;
  #isEnding = false;

  constructor(journal: Journal) {
    this.#journal = journal;
    this.#unprocessed = new UnprocessedInputs(journal.recorded());
    this.#next = this.#unprocessed.next;
    this.#states = this.#unprocessed.states;
    for (const input of this.#unprocessed.inputs) this.#open.set(input.number, input);
    for (const { edge, id } of this.#unprocessed.known()) this.#seenAt(edge).add(id);
    journal.onEmptied = () => {
      this.#writeKnown();
      for (const [id, { state }] of this.#states) this.#writeState(id, state);
      for (const input of [...this.#open.values()]) this.#rewrite(input);
    };
  }

  /** The edges at which unprocessed inputs resume. */
  get edges(): ReadonlySet<string> {
    return new Set(this.#unprocessed.inputs.flatMap(({ edges }) => edges));
  }

  /** Number of unfinished inputs. */
  get count(): number {
    return this.#open.size;
  }

  /** Unprocessed inputs of earlier programs, for `enter` at their edges, in the order of acceptance. */
  *unprocessed(): Generator<{ readonly edge: string; readonly message: AnyMessage }> {
    for (const input of this.#unprocessed.inputs) {
      for (const { edge, packed } of input.kept) yield { edge, message: this.#journal.unpack(packed) };
    }
  }

  get hasRoom(): boolean {
    return this.#journal.hasRoom;
  }

  whenRoom(): Promise<void> {
    return this.#journal.whenRoom();
  }

  kept(): Promise<void> {
    return this.#journal.kept();
  }

  // --- edges ---

  /** True for a message that the edge has accepted before, unless the message resumes now. */
  isKnown(message: AnyMessage, edge: string): boolean {
    return this.#seenAt(edge).has(idOf(message)) && !this.#unprocessed.mustResume(message.messageId, edge);
  }

  /** Lets edges accept a message again: it was a dead letter, and is replayed. */
  forget(message: AnyMessage): void {
    for (const seen of this.#seen.values()) seen.delete(idOf(message));
  }

  /** Records that the edge is about to accept a message of the origin. Throws `SERIALIZATION`. */
  accepted(message: AnyMessage, edge: string, origin: AnyOrigin): void {
    const id = message.messageId;
    const packed = this.#journal.pack(message, id);
    const begun = this.#unprocessed.resume(id, edge);
    if (begun !== undefined) {
      this.#byOrigin.set(origin, begun);
      return;
    }
    const input = this.#byOrigin.get(origin) ?? this.#newInput(origin);
    const record: Accepted = { kind: "accepted", input: input.number, edge, id, packed, of: undefined };
    this.#seenAt(edge).add(idOf(message));
    input.accept(record);
    const position = this.#journal.write(record);
    if (input.position === -1) input.position = position;
  }

  /** Records that the next node rejected a message. */
  refused(message: AnyMessage, edge: string, origin: AnyOrigin): void {
    const input = this.#byOrigin.get(origin);
    const id = message.messageId;
    this.#seenAt(edge).delete(idOf(message));
    if (input === undefined) return;
    input.refuse(edge, id);
    this.#journal.write({ kind: "refused", input: input.number, edge, id });
  }

  /** True for a message that the batch has taken before. */
  isTaken(message: AnyMessage, batch: string, origin: AnyOrigin): boolean {
    return this.#byOrigin.get(origin)?.taken?.get(batch)?.has(message.messageId) ?? false;
  }

  /**
   * Records a batch: its message becomes an input of its own, and its items are not batched again. The batch may be
   * forwarded once it is stored, as another program would form a different one. Returns false if none of the items has
   * passed a durable edge.
   */
  made(message: AnyMessage, batch: string, origin: JointOrigin, items: readonly Item[]): boolean {
    const of = items.flatMap((item) => {
      const input = this.#byOrigin.get(item.origin);
      return input === undefined ? [] : [{ input, id: item.message.messageId }];
    });
    if (of.length === 0) return false;
    const packed = this.#journal.pack(message);
    const input = this.#newInput(origin);
    for (const { input: from, id } of of) from.take(batch, id);
    const record: Accepted = {
      ...({ kind: "accepted", input: input.number, edge: batch, id: message.messageId, packed } as const),
      of: of.map(({ input: { number }, id }) => [number, id] as const),
    };
    input.accept(record);
    input.position = this.#journal.write(record);
    return true;
  }

  /** Resumes a stored batch after its node, on behalf of this origin. */
  begin(message: AnyMessage, batch: string, origin: AnyOrigin): void {
    const begun = this.#unprocessed.resume(message.messageId, batch);
    if (begun !== undefined) this.#byOrigin.set(origin, begun);
  }

  // --- states ---

  /** The stored state that a kernel starts with. Throws `STATE_VERSION`. */
  stateOf(kernel: KernelDefinition): unknown {
    const found = this.#states.get(kernel.id);
    return found && migrated(this.#journal.unpackValue(found.state[1]), found.state[0], kernel);
  }

  /** Stores a state of a kernel that no input led to. */
  keepState(kernelId: string, version: number, state: unknown): Promise<void> {
    this.#writeState(kernelId, [version, this.#journal.packValue(state)]);
    return this.kept();
  }

  /**
   * Records outputs that a kernel has made of messages, each with its origin, and the kernel's new state. Returns false
   * if none of the messages has passed a durable edge.
   */
  applied(
    edge: string,
    kernelId: string,
    made: readonly Made[],
    state: readonly [number, unknown] | undefined,
  ): boolean {
    const packed = state && ([state[0], this.#journal.packValue(state[1])] as const);
    const of = made.flatMap(({ id, origin, outputs }) => {
      const input = this.#byOrigin.get(origin);
      if (input === undefined) return [];
      const one = { edge, kernel: kernelId, id, outputs: outputs.map((output) => this.#journal.pack(output)) };
      input.apply(one);
      return [[input.number, id, one.outputs] as const];
    });
    if (of.length > 0 || packed !== undefined) this.#writeState(kernelId, packed, edge, of);
    return of.length > 0;
  }

  /** Outputs that a kernel has made of the message, in this program or an earlier one. */
  keptOutputs(edge: string, { messageId }: AnyMessage, origin: AnyOrigin): readonly AnyMessage[] | undefined {
    const applied = this.#byOrigin.get(origin)?.applied?.get(appliedKey(edge, messageId));
    return applied?.outputs.map((output) => this.#journal.unpack(output));
  }

  #writeState(id: string, state: PackedState | undefined, edge = id, of: readonly Applied[] = []): void {
    const position = this.#journal.write({ kind: "applied", input: of[0]?.[0] ?? 0, edge, id, of, state });
    if (state === undefined) return;
    this.#states.set(id, { state, position, kept: this.#safe(this.#states.get(id)) ?? position });
  }

  /** The position of the latest state that is certainly stored. */
  #safe(stored: StoredState | undefined): number | undefined {
    return stored && (this.#journal.isKept(stored.position) ? stored.position : stored.kept);
  }

  /** Records that no message of the origin is left upstream of the edge. */
  passed(origin: AnyOrigin, edge: string): void {
    if (this.#isEnding) return;
    for (const input of this.#inputsOf(origin)) {
      if (input.countPassed(edge) < input.begun || !input.pass(edge)) continue;
      this.#journal.write({ kind: "passed", input: input.number, edge });
    }
  }

  settled(origin: AnyOrigin): void {
    const inputs = this.#inputsOf(origin);
    this.#byOrigin.delete(origin);
    if (this.#joint.size > 0) {
      for (const joint of this.#joint.get(origin) ?? []) {
        if (joint.members.every((member) => !member.isAlive)) this.#byOrigin.delete(joint);
      }
      this.#joint.delete(origin);
    }
    if (this.#isEnding) return;
    for (const input of inputs) {
      input.origins--;
      this.#finish(input);
    }
  }

  /** The input of an origin, and those that batches made of it. */
  #inputsOf(origin: AnyOrigin): readonly DurableInput[] {
    if (this.#joint.size === 0) {
      const input = this.#byOrigin.get(origin);
      return input === undefined ? NONE : [input];
    }
    const all: readonly AnyOrigin[] = [origin, ...(this.#joint.get(origin) ?? [])];
    return all.flatMap((one) => this.#byOrigin.get(one) ?? []);
  }

  // --- dead letters ---

  /**
   * True if the next program processes the input of a dead letter again: then the dead letter is not for the next program.
   */
  comesAgain(origin: AnyOrigin): boolean {
    return this.#isEnding && [origin, ...origin.members].some((one) => this.#byOrigin.has(one));
  }

  /**
   * Records that a message of the origin has become a dead letter. The input is done once the dead letter is stored:
   * call the returned function then.
   */
  deadLettered(origin: AnyOrigin): () => void {
    const joint = this.#byOrigin.get(origin);
    const inputs = joint ? [joint] : origin.members.flatMap((member) => this.#byOrigin.get(member) ?? []);
    for (const input of inputs) input.letters++;
    return () => {
      for (const input of inputs) {
        input.letters--;
        if (!this.#isEnding && this.#open.has(input.number)) this.#finish(input);
      }
    };
  }

  // --- outputs ---

  /** True for an output that has arrived before. */
  hasArrived(message: AnyMessage, origin: AnyOrigin): boolean {
    return this.#byOrigin.get(origin)?.outputs?.has(message.messageId) ?? false;
  }

  /** Records an output that waits to be read. */
  arrived(message: AnyMessage): void {
    const origin = originOf(lineageOf(message));
    const input = origin && this.#byOrigin.get(origin);
    if (input === undefined) return;
    input.arrive(message.messageId);
    input.unread++;
    this.#unread.set(message, input);
  }

  /** Counts a discarded output as read. If the flow is ending, the next program delivers the output instead. */
  discarded(message: AnyMessage): void {
    if (!this.#isEnding) this.read(message);
  }

  read(message: AnyMessage): void {
    const input = this.#unread.get(message);
    if (input === undefined) return;
    this.#unread.delete(message);
    input.unread--;
    input.deliver(message.messageId);
    if (!this.#finish(input)) {
      this.#journal.write({ kind: "delivered", input: input.number, id: message.messageId });
    }
  }

  /** Marks the flow as ending: unfinished inputs are left to the next program. */
  end(): void {
    this.#isEnding = true;
  }

  #newInput(origin: AnyOrigin): DurableInput {
    const input = new DurableInput(this.#next++, -1, origin.members.length);
    this.#open.set(input.number, input);
    this.#byOrigin.set(origin, input);
    if (origin instanceof JointOrigin) {
      for (const member of origin.members) {
        const joint = this.#joint.get(member);
        if (joint === undefined) this.#joint.set(member, new Set([origin]));
        else joint.add(origin);
      }
    }
    return input;
  }

  #finish(input: DurableInput): boolean {
    if (input.origins > 0 || input.unread > 0 || input.letters > 0) return false;
    const position = this.#journal.write({ kind: "done", input: input.number });
    this.#doneAt = position;
    this.#open.delete(input.number);
    if (this.#journal.isWorthTrimming(position)) this.#trimTo(position);
    return true;
  }

  /** Trims records of inputs that are done, if there are enough of them. */
  free(): void {
    this.#trim(this.#oldest()?.position ?? this.#doneAt);
  }

  /** Trims records up to the oldest unfinished input, which is rewritten if it is slow. */
  #trimTo(position: number): void {
    const oldest = this.#oldest();
    if (oldest !== undefined && position - oldest.position >= REWRITE_AFTER) this.#rewrite(oldest);
    else this.#trim(oldest?.position ?? position);
  }

  /** Trims records before the position; the inputs there are finished. */
  #trim(position: number): void {
    if (!this.#journal.isWorthTrimming(position) || !this.#isStored(this.#rewrittenAt)) return;
    if (position > this.#knownAt && this.#isStored(this.#knownAt) && this.#journal.hasRoom) this.#writeKnown();
    // ids and states are rewritten; the records before them are trimmed the next time, once they are stored
    let until = this.#journal.hasRoom ? Math.min(position, this.#safeKnown()) : position;
    for (const [id, stored] of this.#states) {
      until = Math.min(until, this.#safe(stored) as number);
      if (stored.position < position && this.#journal.isKept(stored.position)) this.#writeState(id, stored.state);
    }
    this.#journal.trim(until);
  }

  /** The position before which no id is needed to detect duplicates. */
  #safeKnown(): number {
    return this.#isStored(this.#knownAt) ? this.#knownAt : this.#knownBefore;
  }

  /** True for a position whose record is stored; -1: there is none. */
  #isStored(position: number): boolean {
    return position < 0 || this.#journal.isKept(position);
  }

  #writeKnown(): void {
    this.#knownBefore = this.#knownAt;
    for (const [edge, seen] of this.#seen) {
      this.#knownAt = this.#journal.write({
        kind: "known",
        input: this.#next,
        edge,
        ids: seen.latest(INHERITED_IDS),
      });
    }
  }

  #oldest(): DurableInput | undefined {
    return this.#open.values().next().value;
  }

  /** Rewrites the records that resume an input at the end of the journal. */
  #rewrite(input: DurableInput): void {
    const { number, delivered, taken } = input;
    const positions = input.kept.map((record) => this.#journal.write(record));
    for (const { edge, kernel, id, outputs } of input.applied?.values() ?? []) {
      const of = [[number, id, outputs]] as const;
      this.#journal.write({ kind: "applied", input: number, edge, id: kernel, of, state: undefined });
    }
    for (const [edge, ids] of taken ?? []) this.#journal.write({ kind: "taken", input: number, edge, ids: [...ids] });
    let last = positions.at(-1) ?? -1;
    for (const id of delivered ?? []) last = this.#journal.write({ kind: "delivered", input: number, id });
    this.#rewrittenAt = last;
    input.position = positions[0] ?? input.position;
    this.#open.delete(number);
    this.#open.set(number, input);
  }

  #seenAt(edge: string): RecentIds {
    let seen = this.#seen.get(edge);
    if (seen === undefined) {
      seen = new RecentIds(REMEMBERED_IDS);
      this.#seen.set(edge, seen);
    }
    return seen;
  }
}
