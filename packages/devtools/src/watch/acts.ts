import { isRinglineError, type Runtime } from "@ringline/core";
import type { LetterBook } from "./letter-book.js";
import { readMessage } from "./message-json.js";
import type { ActView } from "./model.js";
import { many } from "./words.js";

/** Milliseconds that an act may take. */
const WITHIN = 30_000;

/** An act as a viewer asks for it; every field was checked to have this type. */
export interface Asked {
  readonly act: string;
  /** Id of a flow or kernel. */
  readonly target?: string;
  /** Numbers of dead letters; without them the letters of `target` with `reason`. */
  readonly refs?: readonly number[];
  readonly reason?: string;
  /** Id of the kernel that gets replayed letters; name of the backend of a move. */
  readonly to?: string;
  /** "new": a move to a thread that is started for it. */
  readonly thread?: string;
  /** A message as JSON. */
  readonly message?: string;
}

/** An act that was done, or failed. */
export interface Act {
  readonly name: string;
  readonly target: string | null;
  /** The viewer: "the page", "ringline", or the name that another caller gives itself. */
  readonly by: string;
  readonly at: number;
  readonly isDone: boolean;
  /** Result or reason of the failure, in words. */
  readonly text: string;
}

interface Context {
  readonly runtime: Runtime;
  readonly letters: LetterBook;
}

interface Performer extends Omit<ActView, "name"> {
  run(asked: Asked, context: Context, by: string): Promise<string>;
}

/** All acts, by name. A further act on a running system goes here, and has a button, a route and an audit event. */
const PERFORMERS: Readonly<Record<string, Performer>> = {
  pause: {
    ...{ label: "Pause", on: "kernel", question: null },
    async run({ target }, { runtime }) {
      const flow = flowOf(runtime, target);
      if (flow !== undefined) await flow.pause();
      else await each(kernelsOf(runtime, target, "active"), (id) => runtime.deactivate(id, { timeout: WITHIN }));
      return `paused ${target}`;
    },
  },
  resume: {
    ...{ label: "Resume", on: "kernel", question: null },
    async run({ target }, { runtime }) {
      const flow = flowOf(runtime, target);
      if (flow !== undefined) await flow.resume();
      else {
        const kernels = [...kernelsOf(runtime, target, "deactivated"), ...kernelsOf(runtime, target, "launched")];
        await each(kernels, (id) => runtime.activate(id, { timeout: WITHIN }));
      }
      return `resumed ${target}`;
    },
  },
  drain: {
    ...{ label: "Drain", on: "flow", question: null },
    async run({ target }, { runtime }) {
      const flow = flowOf(runtime, target);
      if (flow === undefined) throw new RangeError(`There is no flow "${target}".`);
      await flow.drain({ timeout: WITHIN });
      return `drained ${target}`;
    },
  },
  inject: {
    ...{ label: "Send a message", on: "kernel", question: null },
    async run({ target, message }, { runtime }) {
      const flow = flowOf(runtime, target);
      const read = readMessage(message ?? "");
      if (flow !== undefined) await (flow.send as Send)(read, { timeout: WITHIN });
      else
        await (runtime.send as (to: string, ...sent: Parameters<Send>) => Promise<void>)(target ?? "", read, {
          timeout: WITHIN,
        });
      return `sent ${read.type} to ${target}`;
    },
  },
  move: {
    ...{ label: "Move", on: "kernel", question: null },
    async run({ target, to, thread }, { runtime }, by) {
      const options = {
        timeout: WITHIN,
        by,
        ...(to && { backend: to }),
        ...(thread === "new" && { thread: "new" as const }),
      };
      await each(kernelsOf(runtime, target), (id) => runtime.move(id, options));
      return `moved ${target} to ${thread === "new" ? "a new thread of " : ""}${to ?? "its backend"}`;
    },
  },
  terminate: {
    ...{ label: "Terminate", on: "kernel" },
    question: "Its queued messages become dead letters, and it does not start again. Terminate it?",
    async run({ target }, { runtime }) {
      const flow = flowOf(runtime, target);
      if (flow !== undefined) await flow.terminate();
      else await each(kernelsOf(runtime, target), (id) => runtime.terminate(id));
      return `terminated ${target}`;
    },
  },
  replay: {
    ...{ label: "Replay", on: "letters", question: null },
    async run(asked, { runtime, letters }) {
      const { to } = asked;
      const accepted = await runtime.deadLetters.replay(lettersOf(asked, letters), {
        timeout: WITHIN,
        ...(to !== undefined && { to }),
      });
      return `replayed ${many(accepted, "dead letter")}${to === undefined ? "" : ` to ${to}`}`;
    },
  },
  "edit-and-replay": {
    ...{ label: "Edit and replay", on: "letters", question: null },
    async run(asked, { runtime, letters }) {
      const [letter] = lettersOf(asked, letters);
      if (letter === undefined) throw new RangeError("This dead letter is no longer there.");
      const message = readMessage(asked.message ?? "") as unknown as typeof letter.message;
      await runtime.deadLetters.replay([{ ...letter, message }], { timeout: WITHIN });
      runtime.deadLetters.discard([letter]);
      return `replayed a changed ${message.type} to ${letter.kernelId}`;
    },
  },
  discard: {
    ...{ label: "Discard", on: "letters", question: "Discarded dead letters cannot be brought back. Discard them?" },
    async run(asked, { runtime, letters }) {
      return `discarded ${many(runtime.deadLetters.discard(lettersOf(asked, letters)), "dead letter")}`;
    },
  },
};

type Send = (message: object, wait: { readonly timeout: number }) => Promise<void>;

/** The acts that there are, as viewers see them. */
export const acts: readonly ActView[] = Object.entries(PERFORMERS).map(([name, { label, on, question }]) => ({
  ...{ name, label, on, question },
}));

export const isAct = (name: string): boolean => Object.hasOwn(PERFORMERS, name);

/** Does what a viewer asks for. Never rejects: an act that fails says why. */
export async function perform(asked: Asked, by: string, context: Context): Promise<Act> {
  const done = { name: asked.act, target: asked.target ?? null, by, at: Date.now() };
  try {
    const text = await (PERFORMERS[asked.act] as Performer).run(asked, context, by);
    return { ...done, isDone: true, text };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { ...done, isDone: false, text: isRinglineError(error) ? `${error.code}: ${text} ${error.remedy}` : text };
  }
}

function flowOf(runtime: Runtime, target: string | undefined) {
  return runtime.flows.find(({ id }) => id === target);
}

/** The kernels of a target: itself, or the workers of a stage. Throws if there are none at all. */
function kernelsOf(runtime: Runtime, target: string | undefined, state?: string): string[] {
  const found = runtime.kernels.filter(
    ({ id }) =>
      id === target ||
      (target !== undefined && id.startsWith(`${target}_`) && /^\d+$/.test(id.slice(target.length + 1))),
  );
  const exact = found.filter(({ id }) => id === target);
  const kernels = exact.length > 0 ? exact : found;
  if (kernels.length === 0) throw new RangeError(`There is no kernel "${target}".`);
  return kernels.filter((kernel) => state === undefined || kernel.state === state).map(({ id }) => id);
}

async function each(ids: readonly string[], act: (id: string) => Promise<void>): Promise<void> {
  await Promise.all(ids.map(act));
}

function lettersOf({ refs, target, reason }: Asked, letters: LetterBook) {
  if (refs !== undefined) return letters.withRefs(refs);
  return letters.find({ kernelId: target, reason: reason as never });
}
