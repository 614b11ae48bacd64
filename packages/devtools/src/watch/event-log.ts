import type { Runtime } from "@ringline/core";
import type { EventView } from "./model.js";

/** Maximum events that are kept. */
const MOST = 2000;
/** Similar events within this many milliseconds count as one. */
const MERGE_WITHIN = 1000;
const LONGEST = 2000;

type Told = Pick<EventView, "kind" | "subject" | "text"> & { readonly error?: unknown };
type Stored = { -readonly [Name in keyof EventView]: EventView[Name] };

/** The latest events of a runtime. Listening is passive: what nobody handles is still printed. */
export class EventLog {
  /** Called at each stall, at most once until the next refresh. */
  onStall: (() => void) | undefined;
  /** Counts dead letters, so that a viewer knows when to group them again. */
  letters = 0;
  readonly #events: Stored[] = [];
  readonly #recent = new Map<string, Stored>();
  readonly #listeners: Disposable[];
  readonly #runtime: Runtime;
  #drops: Disposable | undefined;
  #n = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    const passive = { passive: true };
    this.#listeners = [
      runtime.on(
        "error",
        (error) => this.add({ kind: "error", subject: error.kernelId, text: lineOf(error), error }),
        passive,
      ),
      runtime.on(
        "deadLetter",
        ({ kernelId, reason, message, error }) => {
          this.letters++;
          this.add({
            kind: "deadLetter",
            subject: kernelId,
            text: `${message.type} became a dead letter: ${reason}`,
            error,
          });
        },
        passive,
      ),
      runtime.on(
        "state",
        ({ kernelId, from, to }) => this.add({ kind: "state", subject: kernelId, text: `${from} → ${to}` }),
        passive,
      ),
      runtime.on(
        "restart",
        ({ kernelId, attempt, delay, error }) => {
          const after = delay > 0 ? ` after ${Math.round(delay)} ms` : "";
          const why = error === null ? "" : `: ${lineOf(error)}`;
          this.add({ kind: "restart", subject: kernelId, text: `restart ${attempt}${after}${why}`, error });
        },
        passive,
      ),
      runtime.on(
        "log",
        ({ kernelId, level, text, fields }) => {
          this.add({ kind: "log", subject: kernelId, text: `${level}: ${text}${fieldsOf(fields)}` });
        },
        passive,
      ),
      runtime.on(
        "stalled",
        ({ kernelId, waitsOn }) => {
          this.add({ kind: "stalled", subject: kernelId, text: `no progress for a second: waits on ${waitsOn}` });
          this.onStall?.();
        },
        passive,
      ),
      runtime.on(
        "relocated",
        ({ kernelId, from, to, messages, pause, by }) => {
          const queue = messages === 0 ? "" : ` with ${messages} queued messages`;
          const text = `moved from ${from} to ${to}${queue} in ${Math.round(pause)} ms, as ${by} asked`;
          this.add({ kind: "relocated", subject: kernelId, text });
        },
        passive,
      ),
      runtime.on(
        "device",
        (event) => this.add({ kind: "device", subject: event.backend, text: wordsOf(event, "backend") }),
        passive,
      ),
      runtime.on(
        "connection",
        ({ backend, to, change, reason }) => {
          const text = `the connection to ${to} is ${change}${reason ? `: ${reason}` : ""}`;
          this.add({ kind: "connection", subject: backend, text });
        },
        passive,
      ),
      runtime.on(
        "recovered",
        ({ flow, took, inputs }) => {
          this.add({
            kind: "recovered",
            subject: flow,
            text: `${inputs} stored inputs recovered in ${Math.round(took)} ms`,
          });
        },
        passive,
      ),
    ];
  }

  /** Listens to drops, which may be many, only while there is a viewer. */
  watchDrops(isWatched: boolean): void {
    this.#drops?.[Symbol.dispose]();
    this.#drops = isWatched
      ? this.#runtime.on(
          "drop",
          ({ kernelId, message }) => this.add({ kind: "drop", subject: kernelId, text: `dropped ${message.type}` }),
          { passive: true },
        )
      : undefined;
  }

  add({ kind, subject, text, error }: Told): EventView {
    const at = Date.now();
    const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
    const key = `${kind} ${subject} ${short}`;
    const like = this.#recent.get(key);
    if (like !== undefined && at - like.at < MERGE_WITHIN) {
      like.count++;
      return like;
    }
    if (this.#recent.size > 100) this.#recent.clear();
    const event: Stored = { n: ++this.#n, at, kind, subject, text: short, count: 1, stack: stackOf(error) };
    this.#recent.set(key, event);
    this.#events.push(event);
    if (this.#events.length > MOST) this.#events.splice(0, this.#events.length - MOST);
    return event;
  }

  get last(): number {
    return this.#n;
  }

  /** Events after number `n`, and those before that were counted up in the last second; oldest first. */
  since(n: number, at = Date.now()): EventView[] {
    return this.#events.filter((event) => event.n > n || at - event.at < 2 * MERGE_WITHIN);
  }

  /** The latest events of these kernels, latest first. */
  of(subjects: ReadonlySet<string>, most: number): EventView[] {
    const found: EventView[] = [];
    for (let i = this.#events.length - 1; i >= 0 && found.length < most; i--) {
      const event = this.#events[i] as EventView;
      if (event.subject !== null && subjects.has(event.subject)) found.push(event);
    }
    return found;
  }

  close(): void {
    for (const listener of this.#listeners) listener[Symbol.dispose]();
    this.watchDrops(false);
  }
}

/** An error in one line, with its innermost cause. */
export function lineOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as { code?: unknown }).code;
  const { cause, message } = error;
  const isNamed = !(cause instanceof Error) || message.includes(cause.message);
  const why = isNamed ? "" : ` (${cause.name}: ${cause.message})`;
  return `${typeof code === "string" ? `${code}: ` : ""}${message.split("\n")[0]}${why}`.slice(0, 500);
}

/** Stack of an error and its causes; null for anything else. */
function stackOf(error: unknown): string | null {
  const parts: string[] = [];
  for (let one = error; one instanceof Error && parts.length < 5; one = one.cause) {
    parts.push(String(one.stack ?? `${one.name}: ${one.message}`));
  }
  return parts.length === 0 ? null : parts.join("\ncaused by ").slice(0, 8000);
}

function fieldsOf(fields: object | undefined): string {
  if (fields === undefined) return "";
  try {
    return ` ${JSON.stringify(fields)}`;
  } catch {
    return "";
  }
}

function wordsOf(event: object, without: string): string {
  return Object.entries(event)
    .filter(([name, value]) => name !== without && value !== undefined && value !== null)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ");
}
