import { type AnyOrigin, originOf } from "../flows/joint-origin.js";
import { type AnyMessage, lineageOf } from "../messages/any-message.js";
import { type Accepted, type DurableInput, giveUp, keep, pass, recordsOf } from "./durable-input.js";
import type { Journal } from "./journal.js";
import { LeftInputs } from "./left-inputs.js";

/** Messages that each edge remembers, to tell what comes twice. */
const REMEMBERED = 65_536;
/** Messages that each edge tells the next program of, for it to know what is sent to it again. */
const TOLD = 4096;
/** Records after which an input that is still alive is written anew, so that what lies behind it can be trimmed. */
const FAR = 100_000;

/** The inputs of a flow with durable edges: what its journal has to know of them. */
export class DurableInputs {
  readonly #journal: Journal;
  readonly #left: LeftInputs;
  /** Inputs that are not done, the one with the oldest record first. */
  readonly #open = new Map<number, DurableInput>();
  readonly #byOrigin = new Map<AnyOrigin, DurableInput>();
  readonly #unread = new Map<AnyMessage, DurableInput>();
  readonly #seen = new Map<string, RecentIds>();
  #next: number;
  /** The position where edges last told what they know. */
  #toldAt = -1;
  /** The position where the last input was done. */
  #doneAt = 0;
  #isEnding = false;

  constructor(journal: Journal) {
    this.#journal = journal;
    this.#left = new LeftInputs(journal.recorded());
    this.#next = this.#left.next;
    for (const input of this.#left.inputs) this.#open.set(input.number, input);
    for (const { edge, id } of this.#left.known()) this.#seenAt(edge).add(id);
    journal.onEmptied = () => {
      this.#tellKnown();
      for (const input of [...this.#open.values()]) this.#renew(input);
    };
  }

  /** The edges at which `left` begins again. */
  get edges(): ReadonlySet<string> {
    return new Set(this.#left.inputs.flatMap(({ kept }) => [...kept.keys()]));
  }

  /** Inputs that earlier programs left, for `enter` to bring in again at their edges, in the order of acceptance. */
  *left(): Generator<{ readonly edge: string; readonly message: AnyMessage }> {
    for (const input of this.#left.inputs) {
      for (const { edge, packed } of recordsOf(input)) yield { edge, message: this.#journal.unpack(packed) };
    }
  }

  get hasRoom(): boolean {
    return this.#journal.hasRoom;
  }

  room(): Promise<void> {
    return this.#journal.room();
  }

  kept(): Promise<void> {
    return this.#journal.kept();
  }

  /** Throws `SERIALIZATION`. */
  pack(message: AnyMessage): unknown {
    return this.#journal.pack(message);
  }

  // --- edges ---

  /** True for a message that the edge has accepted before, unless it is begun again now. */
  isKnown(message: AnyMessage, edge: string): boolean {
    return !this.#left.isToBegin(message, edge) && this.#seenAt(edge).has(message.messageId);
  }

  /** A message may come to an edge once more: it was a dead letter, and is sent again. */
  forget(id: string): void {
    for (const seen of this.#seen.values()) seen.delete(id);
  }

  /** The edge is about to accept a message of the origin. */
  accepted(message: AnyMessage, packed: unknown, edge: string, origin: AnyOrigin): void {
    const begun = this.#left.begin(message, edge);
    if (begun !== undefined) {
      this.#byOrigin.set(origin, begun);
      return;
    }
    const input = this.#byOrigin.get(origin) ?? this.#newInput(origin);
    const id = message.messageId;
    const record: Accepted = { kind: "accepted", input: input.number, edge, id, packed };
    this.#seenAt(edge).add(id);
    keep(input, record);
    const position = this.#journal.write(record);
    if (input.position === -1) input.position = position;
  }

  /** Notes that the next node rejected a message. */
  refused(message: AnyMessage, edge: string, origin: AnyOrigin): void {
    const input = this.#byOrigin.get(origin);
    const id = message.messageId;
    this.#seenAt(edge).delete(id);
    if (input === undefined) return;
    giveUp(input, edge, id);
    this.#journal.write({ kind: "refused", input: input.number, edge, id });
  }

  /** Nothing of the origin is alive before the edge. */
  passed(origin: AnyOrigin, edge: string): void {
    const input = this.#byOrigin.get(origin);
    if (input === undefined || this.#isEnding) return;
    const passed = (input.passed.get(edge) ?? 0) + 1;
    input.passed.set(edge, passed);
    if (passed < input.origins || !input.kept.has(edge)) return;
    pass(input, edge);
    this.#journal.write({ kind: "passed", input: input.number, edge });
  }

  settled(origin: AnyOrigin): void {
    const input = this.#byOrigin.get(origin);
    if (input === undefined) return;
    this.#byOrigin.delete(origin);
    if (this.#isEnding) return;
    input.origins--;
    this.#finish(input);
  }

  // --- outputs ---

  /** True for an output that has arrived before. */
  hasArrived(message: AnyMessage, origin: AnyOrigin): boolean {
    return this.#byOrigin.get(origin)?.outputs.has(message.messageId) ?? false;
  }

  /** An output waits to be read. */
  arrived(message: AnyMessage): void {
    const origin = originOf(lineageOf(message));
    const input = origin && this.#byOrigin.get(origin);
    if (input === undefined) return;
    input.outputs.add(message.messageId);
    input.unread++;
    this.#unread.set(message, input);
  }

  /** Nobody wants it any more. Where the flow ends, the next program gives it. */
  discarded(message: AnyMessage): void {
    if (!this.#isEnding) this.read(message);
  }

  read(message: AnyMessage): void {
    const input = this.#unread.get(message);
    if (input === undefined) return;
    this.#unread.delete(message);
    input.unread--;
    input.delivered.add(message.messageId);
    if (!this.#finish(input)) {
      this.#journal.write({ kind: "delivered", input: input.number, id: message.messageId });
    }
  }

  /** The flow ends: what is not done by now is left for the next program. */
  end(): void {
    this.#isEnding = true;
  }

  #newInput(origin: AnyOrigin): DurableInput {
    const input: DurableInput = {
      number: this.#next++,
      position: -1,
      kept: new Map(),
      outputs: new Set(),
      delivered: new Set(),
      origins: 1,
      unread: 0,
      passed: new Map(),
    };
    this.#open.set(input.number, input);
    this.#byOrigin.set(origin, input);
    return input;
  }

  #finish(input: DurableInput): boolean {
    if (input.origins > 0 || input.unread > 0) return false;
    const position = this.#journal.write({ kind: "done", input: input.number });
    this.#doneAt = position;
    const wasOldest = this.#oldest() === input;
    this.#open.delete(input.number);
    if (wasOldest) this.#trim(this.#oldest()?.position ?? position);
    else this.#renewOldest(position);
    return true;
  }

  /** Trims records of inputs that are done, if there are enough of them. */
  free(): void {
    this.#trim(this.#oldest()?.position ?? this.#doneAt);
  }

  /** All before the position is done. */
  #trim(position: number): void {
    if (!this.#journal.isWorthTrimming(position)) return;
    if (position > this.#toldAt && this.#journal.hasRoom) this.#tellKnown();
    this.#journal.trim(position);
  }

  #tellKnown(): void {
    for (const [edge, seen] of this.#seen) {
      this.#toldAt = this.#journal.write({ kind: "known", input: this.#next, edge, ids: seen.latest(TOLD) });
    }
  }

  #oldest(): DurableInput | undefined {
    return this.#open.values().next().value;
  }

  /** One input that takes its time must not keep all that came after it from being trimmed. */
  #renewOldest(position: number): void {
    const oldest = this.#oldest();
    if (oldest === undefined || position - oldest.position < FAR) return;
    this.#renew(oldest);
    this.#trim(this.#oldest()?.position ?? position);
  }

  /** Writes what it takes to begin it again, behind all that was written before. */
  #renew(input: DurableInput): void {
    const { number, delivered } = input;
    const positions = recordsOf(input).map((record) => this.#journal.write(record));
    for (const id of delivered) this.#journal.write({ kind: "delivered", input: number, id });
    input.position = positions[0] ?? input.position;
    this.#open.delete(number);
    this.#open.set(number, input);
  }

  #seenAt(edge: string): RecentIds {
    const seen = this.#seen.get(edge) ?? new RecentIds(REMEMBERED);
    this.#seen.set(edge, seen);
    return seen;
  }
}

/** Ids of which the latest are remembered: at least `most` of them, at most twice as many. */
class RecentIds {
  readonly #most: number;
  #latest = new Set<string>();
  #former = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  has(id: string): boolean {
    return this.#latest.has(id) || this.#former.has(id);
  }

  add(id: string): void {
    this.#latest.add(id);
    if (this.#latest.size < this.#most) return;
    this.#former = this.#latest;
    this.#latest = new Set();
  }

  /** The latest so many, the oldest first. */
  latest(most: number): readonly string[] {
    const latest = [...this.#latest].slice(-most);
    return latest.length < most ? [...[...this.#former].slice(latest.length - most), ...latest] : latest;
  }

  delete(id: string): void {
    this.#latest.delete(id);
    this.#former.delete(id);
  }
}
