import { afterEach } from "vitest";
import {
  type AnyRinglineError,
  body,
  createRuntime,
  type DeadLetter,
  type Decision,
  defineKernel,
  defineMessage,
  type MessageOf,
  type OnError,
  type PortOptions,
  type Runtime,
  type Supervision,
} from "../../src/index.js";
import type { VirtualClock } from "../../src/testing.js";
import { local } from "./local-backend.js";

/** A number, with a part that says where it has been. */
export const N = defineMessage("N", body<{ readonly n: number; readonly by?: string }>());
export type N = MessageOf<typeof N>;

type Handle = (message: N) => undefined | N | readonly N[] | Promise<undefined | N | readonly N[]>;
type Extra<E extends Decision<N>> = PortOptions & {
  readonly supervise?: Supervision;
} & {
  readonly onError?: OnError<N, N, E>;
};

/** A kernel of numbers. */
export const stage = <const Id extends string, const E extends Decision<N> = never>(
  id: Id,
  handle: Handle,
  extra: Extra<E> = {},
) => defineKernel({ id, input: N, output: N, handle, ...extra });

export const plus = <const Id extends string, const E extends Decision<N> = never>(
  id: Id,
  by = 1,
  extra: Extra<E> = {},
) => stage(id, ({ n }) => N({ n: n + by, by: id }), extra);

export const numbers = (count: number): N[] => Array.from({ length: count }, (_, n) => N({ n }));
export const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** A runtime that ends with the test, and what it told. */
export interface Watched {
  readonly runtime: Runtime<"main">;
  readonly errors: AnyRinglineError[];
  readonly letters: DeadLetter[];
}

const open: Watched[] = [];

/** `clock`: the system's, unless said otherwise. */
export function watched(clock?: VirtualClock): Watched {
  const runtime = createRuntime({ backend: local(), ...(clock !== undefined && { clock }) });
  const one: Watched = { runtime, errors: [], letters: [] };
  runtime.on("error", (error) => one.errors.push(error));
  runtime.on("deadLetter", (deadLetter) => one.letters.push(deadLetter));
  runtime.on("stalled", () => {});
  open.push(one);
  return one;
}

afterEach(async () => {
  for (const { runtime } of open.splice(0)) await runtime.dispose({ timeout: 200 });
});

/** A door that kernels wait at. */
export function door(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** All that comes. */
export async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of source) list.push(one);
  return list;
}
