import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { build } from "tsup";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isRinglineError } from "../src/index.js";
import { asUuid } from "../src/messages/message-id.js";
import type { main } from "./fixtures/browser-program.js";
import { repository } from "./support/repository.js";

let folder: string;
let bundle: string;
const channels: MessageChannel[] = [];

/** Core and the in-process backend in one script, everything included. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ringline-browser-"));
  await build({
    entry: [`${repository}packages/core/test/fixtures/browser-program.ts`],
    outDir: folder,
    config: false,
    silent: true,
    clean: false,
    format: ["iife"],
    globalName: "program",
    platform: "browser",
    target: "es2022",
    tsconfig: `${repository}tsconfig.base.json`,
    noExternal: [/.*/],
  });
  const [file] = readdirSync(folder);
  bundle = readFileSync(join(folder, file as string), "utf8");
}, 120_000);

afterAll(() => {
  for (const { port1 } of channels) port1.close(); // an open one keeps the process alive
  rmSync(folder, { recursive: true, force: true });
});

test("a bundle for browsers imports nothing, least of all from Node", () => {
  expect(bundle).not.toMatch(/["'`]node:|\brequire\s*\(|\bimport\s*["'{*]/);
});

test("loading it makes no random value and uses no timer, clock or channel, as workerd allows none at module scope", () => {
  const web = { AbortController, AbortSignal, Event, EventTarget, TextEncoder, TextDecoder, structuredClone, console };
  const page = createContext(web);
  runInContext(
    `{
      const forbidden = (name) => function () { throw new Error(name + " is used while modules are loaded"); };
      const names = ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "fetch", "MessageChannel", "BroadcastChannel", "Worker"];
      for (const name of names) globalThis[name] = forbidden(name);
      Math.random = forbidden("Math.random");
      Date = Object.assign(forbidden("Date"), { now: forbidden("Date.now") });
      globalThis.performance = { timeOrigin: 0, now: forbidden("performance.now") };
      globalThis.crypto = { getRandomValues: forbidden("getRandomValues"), randomUUID: forbidden("randomUUID") };
    }`,
    page,
  );
  runInContext(bundle, page);
  expect(runInContext("typeof program.main", page)).toBe("function");
});

test("it runs where there are web globals only", async () => {
  class Channel extends MessageChannel {
    constructor() {
      super();
      channels.push(this);
    }
  }
  const { performance, setTimeout, clearTimeout, crypto, structuredClone, queueMicrotask, console } = globalThis;
  const web = { performance, setTimeout, clearTimeout, crypto, structuredClone, queueMicrotask, console };
  const classes = { AbortController, AbortSignal, Event, EventTarget, TextEncoder, TextDecoder };
  const page = createContext({ ...web, ...classes, MessageChannel: Channel });
  runInContext(bundle, page);

  const count = 3000;
  const run = runInContext("program.main", page) as typeof main;
  const { reply, total, timedOut, id, done } = await run(count);
  expect(reply).toBe(49);
  expect(total).toBe((count * (count + 1) * (2 * count + 1)) / 6);
  expect(done).toBe(count + 1);
  expect(asUuid(id)).toBe(id);
  // an error of another realm is known by its code
  expect(timedOut).not.toBeInstanceOf(Error);
  expect(isRinglineError(timedOut, "TIMEOUT")).toBe(true);
  expect(channels.length).toBe(1);
});
