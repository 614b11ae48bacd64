import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { command } from "../src/cli/command.js";
import { type Devtools, devtools } from "../src/index.js";
import { Order, shop } from "./support/shop.js";

let program: Awaited<ReturnType<typeof shop>>;
let tools: Devtools;

beforeEach(async () => {
  program = await shop();
  tools = await devtools(program.runtime, { write: true });
});
afterEach(async () => {
  vi.restoreAllMocks();
  program.fraudDoor.open();
  await tools.close();
  await program.runtime.dispose({ timeout: 0 });
});

/** Runs the command with the address in the place of `@`. */
async function ringline(...args: string[]) {
  let printed = "";
  const wrong = vi.spyOn(console, "error").mockImplementation(() => {});
  const code = await command(
    args.map((arg) => (arg === "@" ? tools.url : arg)),
    (text) => {
      printed += text;
    },
  );
  return { code, printed, wrong: wrong.mock.calls.splice(0).join("\n") };
}

describe("ringline", () => {
  test("top and why say what stands still", async () => {
    for (let n = 0; n < 10; n++) void program.flow.send(Order({ n })).catch(() => {});
    await expect.poll(async () => (await ringline("why", "@")).code, { timeout: 10_000 }).toBe(2);
    expect((await ringline("why", "@")).printed).toMatch(
      /^checkout waits for room in payment: 4 of 4; payment waits for an answer of fraud/,
    );
    const { printed } = await ringline("top", "@");
    expect(printed).toMatch(/STALL {2}checkout waits for room in payment/);
    expect(printed).toMatch(/orders\.payment {2,}main {2,}active {2,}4\/4/);
    expect(JSON.parse((await ringline("top", "@", "--json")).printed).stories[0].root).toBe("fraud");
    program.fraudDoor.open();
    for (let n = 0; n < 10; n++) await program.flow.receive();
    expect(await ringline("why", "@")).toMatchObject({ code: 0, printed: "Nothing stands still.\n" });
  });

  test("graph draws the topology", async () => {
    expect((await ringline("graph", "@")).printed).toBe(
      [
        "flowchart LR",
        ...['  n0["fraud (main)"]', '  n1["orders.checkout (main)"]', '  n2["orders.payment (main)"]'],
        ...['  n3["input of orders"]', '  n4["output of orders"]'],
        ...["  n3 --> n1", "  n1 --> n2", "  n2 --> n4", "  n2 -.-> n0", ""],
      ].join("\n"),
    );
    expect((await ringline("graph", "@", "--dot")).printed).toContain("n2 -> n0 [style=dashed];");
    expect(JSON.parse((await ringline("graph", "@", "--json")).printed).edges).toHaveLength(4);
  });

  test("letters are listed, shown, exported, replayed and discarded; nothing in them controls the terminal", async () => {
    program.fraudDoor.open();
    for (const n of [-1, -2]) await program.flow.send(Order({ n, note: "\u001b[2J\u009b31mred" }));
    await program.flow.drain();
    const listed = JSON.parse((await ringline("letters", "list", "@", "--json")).printed) as { ref: number }[];
    const ref = String(listed[0]?.ref);
    for (const args of [
      ["list", "@"],
      ["show", "@", ref],
      ["export", "@"],
      ["show", "@", ref, "--json"],
    ]) {
      const { code, printed } = await ringline("letters", ...args);
      expect(code).toBe(0);
      expect(printed).toContain("red");
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
      expect(printed).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    }
    expect((await ringline("letters", "replay", "@")).code).toBe(64);
    expect(await ringline("letters", "replay", "@", ref)).toMatchObject({
      code: 0,
      printed: "replayed 1 dead letter\n",
    });
    await program.flow.drain();
    expect(await ringline("letters", "discard", "@", "--kernel", "orders.payment")).toMatchObject({
      code: 0,
      printed: "discarded 2 dead letters\n",
    });
    expect((await ringline("letters", "list", "@")).printed).toBe("No dead letters.\n");
    expect((await ringline("letters", "show", "@", ref)).wrong).toContain("no longer there");
  });

  test("wrong usage, a wrong token and nobody there are told apart", async () => {
    expect((await ringline("--help")).code).toBe(0);
    for (const args of [
      [],
      ["nothing"],
      ["top"],
      ["top", "--nope", "@"],
      ["letters", "lose", "@"],
      ["letters", "show", "@", "x"],
    ]) {
      expect((await ringline(...args)).code).toBe(64);
    }
    expect((await ringline("top", tools.url.replace(/.{5}\/$/, "/"))).wrong).toContain("token");
    expect((await ringline("top", "http://127.0.0.1:1/")).code).toBe(1);
  });
});
