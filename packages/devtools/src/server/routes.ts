import { type ErrorCode, isRinglineError, type Runtime } from "@ringline/core";
import type { Act, Asked } from "../watch/acts.js";
import { acts, isAct, perform } from "../watch/acts.js";
import { writeMessage } from "../watch/message-json.js";
import type { Hello } from "../watch/model.js";
import type { Observer } from "../watch/observer.js";

/** The subject of the routes. */
export interface Served {
  readonly runtime: Runtime;
  readonly observer: Observer;
  readonly title: string;
  readonly canWrite: boolean;
  readonly started: number;
  readonly audit: ((act: Act) => void) | undefined;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const json = (value: unknown, status = 200): Answer => ({
  status,
  type: "application/json; charset=utf-8",
  body: JSON.stringify(value),
});
const refused = (status: number, error: string) => json({ error }, status);

type Route = (query: URLSearchParams, served: Served) => Promise<Answer> | Answer;

/** Routes that only read, by path below the token. */
const READ: Readonly<Record<string, Route>> = {
  "api/hello": (_, { runtime, title, canWrite, started }) => {
    const { backends } = runtime;
    const hello: Hello = { title, pid: process.pid, started, canWrite, acts: canWrite ? acts : [], backends };
    return json(hello);
  },
  "api/picture": async (_, { observer, runtime }) => {
    const { at, nodes, edges, flows, stories } = await observer.look();
    const { size, evicted } = runtime.deadLetters;
    const letters = { size, evicted, groups: observer.letters.groups() };
    return json({ at, nodes: [...nodes.values()], edges, flows, stories, letters });
  },
  "api/stage": async (query, { observer }) => {
    const detail = await observer.detail(query.get("id") ?? "");
    return detail === undefined ? refused(404, "There is no such stage.") : json(detail);
  },
  "api/events": (query, { observer }) => json(observer.events.since(numberOf(query, "since", 0), 0)),
  "api/letters": (query, { observer }) => {
    const letters = observer.letters.list(filterOf(query), numberOf(query, "offset", 0), numberOf(query, "most", 100));
    return json(letters);
  },
  "api/letter": (query, { observer }) => {
    const letter = observer.letters.show(numberOf(query, "ref", 0));
    return letter === undefined ? refused(404, "This dead letter is no longer there.") : json(letter);
  },
  "api/export": (query, { observer }) => {
    const lines = observer.letters.find(filterOf(query)).map((letter) => {
      const { at, kernelId, stage, reason, attempts, message, error } = letter;
      const { messageId, correlationId, priority } = message;
      const written = JSON.parse(writeMessage(message, 1_000_000).text) as unknown;
      return `${JSON.stringify({ at, kernelId, stage, reason, attempts, messageId, correlationId, priority, message: written, error })}\n`;
    });
    return { status: 200, type: "application/x-ndjson; charset=utf-8", body: lines.join("") };
  },
  "api/traces": (_, { observer }) => json({ every: observer.tracing.every, traces: observer.tracing.list() }),
  "api/trace": (query, { observer }) => {
    const trace = observer.tracing.find(query.get("id") ?? "");
    return trace === undefined ? refused(404, "No trace of this message was kept.") : json(trace);
  },
};

/** Answers a request that only reads. Returns undefined for an unknown path. */
export async function read(path: string, query: URLSearchParams, served: Served): Promise<Answer | undefined> {
  const route = Object.hasOwn(READ, path) ? READ[path] : undefined;
  try {
    return await route?.(query, served);
  } catch (error) {
    return refused(isRinglineError(error) ? 400 : 500, error instanceof Error ? error.message : String(error));
  }
}

/** Answers a request that changes something. Returns undefined for an unknown path. */
export async function write(path: string, body: string, viewer: string, served: Served): Promise<Answer | undefined> {
  const asked = parsed(body);
  if (path === "api/sample") {
    const { every } = asked as { every?: unknown };
    if (!(typeof every === "number" && Number.isSafeInteger(every) && every >= 0))
      return refused(400, "every: 0 or more");
    served.observer.tracing.sample(every);
    return json({ every });
  }
  if (path !== "api/act") return undefined;
  if (!served.canWrite) return refused(403, "This view only shows: start it with devtools(runtime, { write: true }).");
  if (!isAsked(asked)) return refused(400, "This is no act.");
  const act = await perform(asked, viewer, { runtime: served.runtime, letters: served.observer.letters });
  served.observer.events.add({
    kind: "act",
    subject: act.target,
    text: `${act.by} ${act.isDone ? act.text : `asked for ${act.name} in vain: ${act.text}`}`,
  });
  served.audit?.(act);
  return json(act, act.isDone ? 200 : 409);
}

function parsed(body: string): object {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // not JSON: there is no action to perform
  }
  return {};
}

function isAsked(value: object): value is Asked {
  const { act, refs, ...rest } = value as { readonly [Name in keyof Asked]: unknown };
  const isRefs = refs === undefined || (Array.isArray(refs) && refs.every(Number.isSafeInteger));
  const texts = ["target", "reason", "to", "message", "thread"] as const;
  const isText = texts.every((name) => rest[name] === undefined || typeof rest[name] === "string");
  return typeof act === "string" && isAct(act) && isRefs && isText;
}

function numberOf(query: URLSearchParams, name: string, otherwise: number): number {
  const value = Number(query.get(name) ?? otherwise);
  return Number.isSafeInteger(value) && value >= 0 ? value : otherwise;
}

function filterOf(query: URLSearchParams) {
  const [kernelId, reason] = [query.get("kernelId"), query.get("reason")];
  return { kernelId: kernelId ?? undefined, reason: (reason ?? undefined) as ErrorCode | undefined };
}
