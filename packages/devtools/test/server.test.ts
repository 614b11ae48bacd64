import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Act, type Devtools, devtools } from "../src/index.js";
import { Order, shop } from "./support/shop.js";

let program: Awaited<ReturnType<typeof shop>>;
let tools: Devtools;
const audited: Act[] = [];

async function open(write = true) {
  program = await shop();
  tools = await devtools(program.runtime, { write, audit: (act) => audited.push(act) });
}
beforeEach(() => open());
afterEach(async () => {
  audited.length = 0;
  await tools.close();
  program.fraudDoor.open();
  await program.runtime.dispose({ timeout: 0 });
});

interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** By node:http, where every header is ours. */
function ask(
  path: string,
  { method = "GET", headers = {}, body }: Sent = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, tools.url), { method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
const act = async (asked: object, headers: Record<string, string> = {}) => {
  const all = { "content-type": "application/json", ...headers };
  const { status, text } = await ask("api/act", { method: "POST", headers: all, body: JSON.stringify(asked) });
  return { status, ...(text && (JSON.parse(text) as { text?: string; error?: string; isDone?: boolean })) };
};
const read = async (path: string) => JSON.parse((await ask(path)).text);

describe("who is told something", () => {
  test("nobody without the token: every path answers alike, and with nothing", async () => {
    const paths = [
      "/",
      "/api/picture",
      "/stream",
      "/wrong-token-wrong-token/",
      `${new URL(tools.url).pathname.slice(0, -2)}/`,
    ];
    for (const path of paths) expect(await ask(path)).toEqual({ status: 404, text: "" });
    expect(await ask("api/nothing")).toEqual({ status: 404, text: "" });
  });

  test.each([
    ["a name that leads here", { host: "evil.example" }],
    ["a name that leads here, with the port", { host: "evil.example:80" }],
    ["the origin of another page", { origin: "http://evil.example" }],
    ["an origin of a file", { origin: "null" }],
    ["another port of this machine", { origin: "http://127.0.0.1:1" }],
    ["a script of another site", { "sec-fetch-site": "cross-site" }],
    ["a page of another port", { "sec-fetch-site": "same-site" }],
  ])("nobody from elsewhere: %s", async (_, headers) => {
    for (const path of ["api/picture", "stream", "page.js"]) {
      expect(await ask(path, { headers: headers as Record<string, string> })).toEqual({ status: 404, text: "" });
    }
    expect((await act({ act: "pause", target: "orders" }, headers as Record<string, string>)).status).toBe(404);
    expect(program.runtime.state("orders.payment")).toBe("active");
  });

  test("a form cannot act: its types of content are refused", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
      const sent = { method: "POST", headers: { "content-type": type }, body: '{"act":"pause","target":"orders"}' };
      expect((await ask("api/act", sent)).status).toBe(415);
    }
    expect(program.runtime.state("orders.payment")).toBe("active");
  });

  test("a viewer of a view that only shows cannot act", async () => {
    await tools.close();
    tools = await devtools(program.runtime);
    expect(await read("api/hello")).toMatchObject({ canWrite: false, acts: [] });
    expect((await act({ act: "pause", target: "orders" })).status).toBe(403);
    expect(program.runtime.state("orders.payment")).toBe("active");
  });

  test("a body that is too long, or no act, is refused", async () => {
    const long = { method: "POST", headers: { "content-type": "application/json" }, body: "x".repeat(1_100_000) };
    expect([413, 0]).toContain((await ask("api/act", long).catch(() => ({ status: 0 }))).status);
    for (const asked of [{}, { act: "toString" }, { act: "pause", target: 1 }, { act: "replay", refs: ["1"] }]) {
      expect((await act(asked)).status).toBe(400);
    }
    expect((await act({ act: "pause", target: "nobody" })).text).toContain('no kernel "nobody"');
  });
});

describe("what is told", () => {
  test("the graph, its figures and its letters", async () => {
    program.fraudDoor.open();
    await program.flow.send(Order({ n: 1 }));
    await program.flow.send(Order({ n: -1, note: "<img src=x onerror=alert(1)>" }));
    await program.flow.drain();
    const { nodes, edges, flows, letters } = await read("api/picture");
    expect(nodes.map(({ id }: { id: string }) => id)).toEqual(["fraud", "orders.checkout", "orders.payment"]);
    expect(nodes[2]).toMatchObject({
      name: "payment",
      backend: "main",
      state: "active",
      capacity: 4,
      processed: 1,
      errors: 1,
    });
    expect(edges).toEqual([
      { from: "orders>in", to: "orders.checkout", label: null, kind: "flow" },
      { from: "orders.checkout", to: "orders.payment", label: null, kind: "flow" },
      { from: "orders.payment", to: "orders>out", label: null, kind: "flow" },
      { from: "orders.payment", to: "fraud", label: null, kind: "peer" },
    ]);
    expect(flows).toMatchObject([{ id: "orders", inFlight: 0, unread: 1 }]);
    expect(letters.groups).toMatchObject([{ kernelId: "orders.payment", reason: "KERNEL_FAILED", count: 1 }]);

    const { ledger, events } = await read("api/stage?id=orders.payment");
    const { accepted, queued, inHand, done, dropped, deadLettered } = ledger.input;
    expect(accepted).toBe(queued + inHand + done + dropped + deadLettered);
    expect(events.map(({ kind }: { kind: string }) => kind)).toContain("error");

    const [letter] = await read("api/letters?kernelId=orders.payment&reason=KERNEL_FAILED");
    expect(letter).toMatchObject({ stage: "payment", type: "Order", attempts: 1 });
    const shown = await read(`api/letter?ref=${letter.ref}`);
    expect(JSON.parse(shown.message)).toEqual({ type: "Order", n: -1, note: "<img src=x onerror=alert(1)>" });
    expect(shown.causes[1]).toMatchObject({ name: "RangeError" });
    const exported = (await ask("api/export")).text.trim().split("\n");
    expect(exported.map((line) => JSON.parse(line).message.n)).toEqual([-1]);
    expect((await ask("api/letters?reason=NOPE")).status).toBe(400);
  });

  test("a stream of what changes, to two viewers; nothing is measured once they have left", async () => {
    const streams = await Promise.all([fetch(`${tools.url}stream`), fetch(`${tools.url}stream`)]);
    const readers = streams.map((stream) => stream.body!.pipeThrough(new TextDecoderStream()).getReader());
    const first = async (i: number) => {
      let text = "";
      while (!text.includes("\n\n")) text += (await readers[i]!.read()).value ?? "";
      return JSON.parse(text.slice(6, text.indexOf("\n\n")));
    };
    for (const i of [0, 1]) expect(await first(i)).toMatchObject({ isWhole: true, flows: [{ id: "orders" }] });
    expect(tools.viewers).toBe(2);
    for (const reader of readers) await reader.cancel();
    await expect.poll(() => tools.viewers).toBe(0);
  });
});

describe("acts", () => {
  test("pause and resume a stage and a flow; each is an event and told to the program", async () => {
    const { runtime } = program;
    expect((await act({ act: "pause", target: "orders.payment" }, { "x-ringline-viewer": "the page" })).isDone).toBe(
      true,
    );
    expect(runtime.state("orders.payment")).toBe("deactivated");
    await act({ act: "resume", target: "orders.payment" });
    expect(runtime.state("orders.payment")).toBe("active");
    await act({ act: "pause", target: "orders" });
    expect(runtime.state("orders.checkout")).toBe("deactivated");
    await act({ act: "resume", target: "orders" });
    expect(audited.map(({ name, by, isDone }) => [name, by, isDone])).toEqual([
      ["pause", "the page", true],
      ["resume", "a viewer", true],
      ["pause", "a viewer", true],
      ["resume", "a viewer", true],
    ]);
    const events = (await read("api/events")) as { kind: string; text: string }[];
    expect(events.find(({ kind }) => kind === "act")?.text).toBe("the page paused orders.payment");
  });

  test("move a stage to another backend, as an event says", async () => {
    const { runtime } = program;
    expect(await read("api/hello")).toMatchObject({ backends: ["main", "other"] });
    expect((await act({ act: "move", target: "orders.payment", to: "other" })).isDone).toBe(true);
    expect(runtime.kernels.find(({ id }) => id === "orders.payment")?.backend).toBe("other");
    const events = (await read("api/events")) as { kind: string; text: string }[];
    expect(events.find(({ kind }) => kind === "relocated")?.text).toMatch(
      /^moved from main to other in \d+ ms, as a viewer asked$/,
    );
    expect((await act({ act: "move", target: "orders.payment", to: "nowhere" })).isDone).toBe(false);
  });

  test("send a message, drain, replay a changed letter, discard, terminate", async () => {
    const { runtime, flow, fraudDoor } = program;
    fraudDoor.open();
    await act({ act: "inject", target: "orders", message: '{"type":"Order","n":-5}' });
    await act({ act: "inject", target: "orders", message: '{"type":"Order","n":-6}' });
    await act({ act: "drain", target: "orders" });
    expect((await act({ act: "inject", target: "orders", message: '{"type":"Nothing"}' })).text).toContain(
      "TYPE_MISMATCH",
    );
    expect((await act({ act: "inject", target: "orders", message: "{" })).isDone).toBe(false);
    const letters = (await read("api/letters")) as { ref: number }[];
    expect(letters).toHaveLength(2);
    const [six, five] = letters.map(({ ref }) => ref);
    expect((await act({ act: "edit-and-replay", refs: [five], message: '{"type":"Order","n":5}' })).isDone).toBe(true);
    expect((await flow.receive({ timeout: 1000 })).n).toBe(5);
    expect((await act({ act: "replay", target: "orders.payment", reason: "KERNEL_FAILED" })).text).toBe(
      "replayed 1 dead letter",
    );
    await act({ act: "drain", target: "orders" });
    expect(runtime.deadLetters.size).toBe(1);
    expect((await act({ act: "replay", refs: [six] })).text).toBe("replayed 0 dead letters");
    expect((await act({ act: "discard" })).text).toBe("discarded 1 dead letter");
    await act({ act: "terminate", target: "orders" });
    expect(runtime.flows).toEqual([]);
  });
});

test("a token that could be guessed, and a port that is taken, are refused", async () => {
  await expect(devtools(program.runtime, { token: "short" })).rejects.toThrow(RangeError);
  await expect(devtools(program.runtime, { port: tools.port })).rejects.toThrow("EADDRINUSE");
});
