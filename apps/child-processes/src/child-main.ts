import { hostKernel, type Incarnation, type Port, type UnitSpec } from "@ringline/core/backend";
import {
  copyValue,
  errorFromWire,
  errorToWire,
  type KernelDefinition,
  loadKernel,
  systemClock,
  type WireError,
} from "@ringline/remote";
import { ChildBook } from "./child-book.js";
import { ChildInlet } from "./child-inlet.js";
import { childReports } from "./child-reports.js";
import { ChildRoutes } from "./child-routes.js";
import { HostLine } from "./host-line.js";
import { fromWire, toWire, type WireMessage } from "./wire-message.js";

/** What a child process runs: lives of kernels, one at a time. */
const line = new HostLine();
const book = new ChildBook(line);
let inlet = new ChildInlet(line, book);
let incarnation: Incarnation | undefined;

type Setup = Pick<KernelDefinition, "id" | "definedAs" | "module" | "supervise"> &
  Pick<UnitSpec, "peers" | "restored" | "telemetry" | "seat" | "isActive"> &
  Partial<Pick<KernelDefinition, "onError">>;

async function begin({ id, definedAs, module, supervise, onError, ...unit }: Setup): Promise<void> {
  const loaded = await loadKernel(module, definedAs, onError);
  inlet = new ChildInlet(line, book);
  const kernel = { ...loaded, id, supervise };
  const running = hostKernel(
    {
      ...unit,
      kernel,
      input: { inlet } as unknown as Port, // the rest of the port is with the host
      routes: new ChildRoutes(id, line, book),
      reports: childReports(line, book, inlet),
      clock: systemClock,
    },
    { copyState: copyValue },
  );
  incarnation = running;
  void running.exited.then(async (exit) => {
    const stats = await running.stats();
    const error = exit.kind === "failed" ? exit.error : exit.kind === "stopped" ? exit.unfinished : undefined;
    line.tell("exited", { kind: exit.kind, error: error && errorToWire(error), stats });
  });
}

const calls: Readonly<Record<string, (told: never) => unknown>> = {
  begin,
  setActive: ({ active }: { active: boolean }) => incarnation?.setActive(active),
  stop: ({ mode }: { mode: "cooperative" | "abandon" }) => incarnation?.stop(mode),
  flush: () => incarnation?.flush(),
  stats: () => incarnation?.stats(),
};

const news: Readonly<Record<string, (told: never) => void>> = {
  readable: () => inlet.readable(),
  waited: (told) => line.waited(told),
  answer({ id, asked, name, message }: { id: number; asked: string; name: string; message: WireMessage }) {
    const answer = fromWire(message, book, systemClock);
    const outcome = book.askers.get(id)?.answer(answer) ?? "late";
    if (outcome === "late") line.tell("late", { asked, name, message: toWire(answer, book, systemClock) });
  },
  fail: ({ id, error }: { id: number; error: WireError }) => book.askers.get(id)?.fail(errorFromWire(error)),
};

async function serve(told: { readonly k: string; readonly call: number }): Promise<void> {
  const { k, call } = told;
  try {
    line.tell("result", { call, value: await calls[k]?.(told as never) });
  } catch (error) {
    line.tell("result", { call, error: errorToWire(error) });
  }
}

process.on("message", (told: { readonly k: string; readonly call: number }) => {
  const hear = news[told.k];
  if (hear === undefined) void serve(told);
  else hear(told as never);
});
process.on("disconnect", () => process.exit());
// a throw in a timer, a rejection that nobody handles: the kernel has lost its place, and its host is told why
process.on("uncaughtException", (error) => {
  line.tell("crashed", { error: errorToWire(error) });
  process.exit(1);
});
