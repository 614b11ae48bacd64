import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { createRuntime } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { findServer } from "@ringline/nats/testing";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { devtools } from "../src/index.js";
import { square } from "./kernels/squares.mjs";
import { openBrowser } from "./support/browser.js";
import { Order, shop } from "./support/shop.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 }); // a busy machine starts a browser slowly

let browser: Awaited<ReturnType<typeof openBrowser>>;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
afterEach(async () => {
  await browser.closePages();
  expect(browser.failures.splice(0)).toEqual([]);
});

describe("a stage that stands still", () => {
  test("is named with the way to it; two viewers see it; it moves again", async () => {
    const { runtime, flow, fraudDoor } = await shop();
    await using tools = await devtools(runtime, { write: true });
    for (let n = 0; n < 10; n++) void flow.send(Order({ n })).catch(() => {});
    const [page, other] = await Promise.all([browser.page(tools.url), browser.page(tools.url, 390)]);
    for (const viewer of [page, other]) {
      const story = viewer.locator(".story");
      await story.waitFor();
      expect(await story.getAttribute("data-root")).toBe("fraud");
      await story
        .getByText(
          /checkout waits for room in payment: 4 of 4 → payment waits for an answer of fraud since \d+ s → fraud has worked on one message for \d+ s without an end\./,
        )
        .waitFor();
      await viewer.locator('[data-node="fraud"].root.in-stall').waitFor();
    }
    await expect.poll(() => tools.viewers).toBe(2);
    await page.getByText("2 viewers").waitFor();
    fraudDoor.open();
    for (let i = 0; i < 10; i++) await flow.receive();
    await page.locator(".story").waitFor({ state: "detached" });
    await page.context().close();
    await expect.poll(() => tools.viewers).toBe(1);
    await other.context().close();
    await runtime.dispose();
  });

  test("is paused and resumed by click; a question comes before what cannot be undone; acts are events", async () => {
    const { runtime, fraudDoor } = await shop();
    fraudDoor.open();
    await using tools = await devtools(runtime, { write: true });
    const page = await browser.page(`${tools.url}#/stage/orders.payment`);
    await page.getByRole("button", { name: "Pause" }).click();
    await expect.poll(() => runtime.state("orders.payment")).toBe("deactivated");
    await page.getByRole("status").getByText("Paused orders.payment.").waitFor();
    await page.getByRole("button", { name: "Resume" }).click();
    await expect.poll(() => runtime.state("orders.payment")).toBe("active");

    await page.getByRole("button", { name: "Send a message" }).click();
    await page.getByRole("textbox", { name: "Message as JSON" }).fill('{"type":"Order","n":7}');
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.locator("[data-ledger=input]").getByText("1 done").waitFor();
    expect(await page.locator("[data-ledger=input]").textContent()).toMatch(/1 accepted= 0 queued.*✓ balances/);

    await page.getByRole("button", { name: "Terminate" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    expect(runtime.state("orders.payment")).toBe("active");
    await page.getByRole("button", { name: "Terminate" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Terminate" }).click();
    await expect.poll(() => runtime.state("orders.payment")).toBe("terminated");

    await page.keyboard.press("4"); // the view of events
    await page.getByRole("button", { name: /the page terminated orders\.payment/ }).waitFor();
    await runtime.dispose();
  });
});

describe("dead letters", () => {
  const hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>";

  test("are text whatever they hold; replay, edit and replay, discard by click", async () => {
    const { runtime, flow, fraudDoor } = await shop();
    fraudDoor.open();
    await using tools = await devtools(runtime, { write: true });
    for (const n of [-1, -2, -3]) await flow.send(Order({ n, note: hostile }));
    await flow.drain();
    const page = await browser.page(`${tools.url}#/letters`);
    await page.getByRole("button", { name: /payment KERNEL_FAILED/ }).waitFor();
    const letters = page.locator(".letter");
    await letters.first().click();
    expect(JSON.parse((await page.locator("[data-message]").textContent()) ?? "")).toEqual({
      type: "Order",
      n: -3,
      note: hostile,
    });
    expect(await page.locator("main img, main script").count()).toBe(0);

    await page.getByRole("button", { name: "Edit and replay" }).click();
    await page.getByRole("textbox", { name: "Message as JSON" }).fill('{"type":"Order","n":3}');
    await page.getByRole("dialog").getByRole("button", { name: "Replay" }).click();
    expect((await flow.receive({ timeout: 10_000 })).n).toBe(3);
    await page.getByText("2 letters of payment").waitFor();

    await letters.first().click();
    await page.getByRole("button", { name: "Replay", exact: true }).click();
    await page.getByRole("status").getByText("Replayed 1 dead letter.").waitFor();
    await expect.poll(() => runtime.deadLetters.size).toBe(2); // it failed again

    await page.getByRole("button", { name: "Discard all" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Discard" }).click();
    await page.getByText("No dead letters.").waitFor();
    expect(runtime.deadLetters.size).toBe(0);
    await runtime.dispose();
  });

  test("a view that only shows has no buttons that change something", async () => {
    const { runtime, flow, fraudDoor } = await shop();
    fraudDoor.open();
    await using tools = await devtools(runtime);
    await flow.send(Order({ n: -1 }));
    await flow.drain();
    const page = await browser.page(`${tools.url}#/letters`);
    await page.locator(".letter").first().click();
    await page.locator("[data-message]").waitFor();
    for (const name of ["Replay", "Edit and replay", "Discard"]) {
      expect(await page.getByRole("button", { name, exact: true }).count()).toBe(0);
    }
    await runtime.dispose();
  });
});

test("a page of another origin is told nothing, whatever it tries", async () => {
  const { runtime, fraudDoor } = await shop();
  fraudDoor.open();
  await using tools = await devtools(runtime, { write: true });
  const elsewhere = createServer((_, response) => response.setHeader("content-type", "text/html").end("<p>evil"));
  await new Promise<void>((listening) => elsewhere.listen(0, "127.0.0.1", listening));
  const page = await browser.page(`http://localhost:${(elsewhere.address() as AddressInfo).port}/`);
  const outcomes = await page.evaluate(async (url) => {
    const act = { method: "POST", body: '{"act":"pause","target":"orders"}' };
    const tries = [
      fetch(`${url}api/picture`),
      fetch(`${url}api/act`, { ...act, headers: { "content-type": "application/json" } }),
      fetch(`${url}api/act`, { ...act, mode: "no-cors", headers: { "content-type": "text/plain" } }),
    ];
    return Promise.all(
      tries.map((one) =>
        one.then(
          ({ type, status }) => `${type} ${status}`,
          () => "refused",
        ),
      ),
    );
  }, tools.url);
  elsewhere.close();
  expect(outcomes).toEqual(["refused", "refused", "refused"]);
  expect(runtime.state("orders.payment")).toBe("active");
  await runtime.dispose();
});

test("a message is followed through the flow", async () => {
  const { runtime, flow, fraudDoor } = await shop();
  fraudDoor.open();
  await using tools = await devtools(runtime);
  const page = await browser.page(`${tools.url}#/trace`);
  await page.getByRole("combobox", { name: "Follow" }).selectOption("1");
  await page.getByText("Waiting for a message").waitFor();
  await flow.send(Order({ n: 1 }));
  await flow.drain();
  await page.getByRole("link", { name: "Order" }).click();
  await page.getByText("3 steps in").waitFor();
  const steps = await page.locator(".waterfall li > a").allTextContents();
  expect(steps).toEqual(["checkout", "payment", "fraud"]);
  await runtime.dispose();
});

test("10,000 kernels: a list of those that can be seen, and every one can be found", async () => {
  const runtime = createRuntime({ backend: inProcess() });
  for (let n = 0; n < 10_000; n++) await runtime.start(square.as(`kernel-${n}`));
  await using tools = await devtools(runtime);
  const page = await browser.page(`${tools.url}#/stages`);
  await page.getByText("10,000 shown").waitFor();
  expect(await page.locator(".stage-row").count()).toBeLessThan(100);
  await page.getByRole("searchbox", { name: "Filter stages" }).fill("kernel-9876");
  await page.getByText("1 shown").waitFor();
  expect(await page.locator(".stage-row b").allTextContents()).toEqual(["kernel-9876"]);
  await page.goto(`${tools.url}#/graph`);
  await page.getByText("9,880 more nodes not drawn").waitFor();
  await runtime.dispose();
});

/** Starts a program of its own, on what was built. */
async function start(...args: string[]) {
  const file = fileURLToPath(new URL("programs/numbers.mjs", import.meta.url));
  const program = spawn(process.execPath, [file, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(program, "exit");
  const [printed] = (await once(program.stdout.setEncoding("utf8"), "data")) as [string];
  return {
    url: printed.trim(),
    /** Ends the program; a page that is still open keeps nothing alive. */
    async end() {
      program.stdin.end();
      expect(await ended).toEqual([0, null]);
    },
  };
}

test("kernels on threads: the page shows on which; pause, resume and move by click", async () => {
  const program = await start();
  const page = await browser.page(program.url);
  await page.locator('[data-node="numbers.square"]').getByText("threads · thread").waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.locator('[data-node="numbers.half"].off').waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  const half = page.locator('[data-node="numbers.half"]:not(.off)');
  await half.click();
  await page.getByRole("button", { name: "Move" }).click();
  await page.getByRole("button", { name: "To loop" }).click();
  await page.getByRole("cell", { name: "loop" }).waitFor();
  await program.end();
});

test("a message is followed from thread to thread", async () => {
  const program = await start();
  const page = await browser.page(`${program.url}#/trace`);
  await page.getByRole("combobox", { name: "Follow" }).selectOption("1");
  await page.getByText("Waiting for a message").waitFor();
  await page.getByRole("link", { name: "Graph" }).click();
  await page.getByRole("button", { name: "Send a message" }).click();
  await page.getByRole("textbox", { name: "Message as JSON" }).fill('{"type":"Num","n":4}');
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText("1 unread").first().waitFor();
  await page.getByRole("link", { name: "Trace" }).click();
  await page.getByRole("link", { name: "Num" }).click();
  await page.getByText("2 steps in").waitFor();
  expect(await page.locator(".waterfall li > a").allTextContents()).toEqual(["square", "half"]);
  await program.end();
});

test.skipIf(findServer() === undefined)("kernels on hosts: a paused one is named; resume by click", async () => {
  const program = await start("--hosts");
  const page = await browser.page(`${program.url}#/stage/numbers.half`);
  await page.getByRole("cell", { name: "hosts" }).waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("link", { name: "Graph" }).click();
  await page.getByRole("button", { name: "Send a message" }).click();
  await page.getByRole("textbox", { name: "Message as JSON" }).fill('{"type":"Num","n":4}');
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText("half is paused, with 1 message queued").waitFor();
  await page.getByRole("button", { name: "Resume half" }).click();
  await page.locator(".story").waitFor({ state: "detached" });
  await page.getByText("1 unread").first().waitFor();
  await program.end();
});
