// Clicks in, visits of each user out, on a page that follows them: a visit ends when its user rests for half a minute.
import { body, defineMessage, type Flow, type MessageOf, pipeline } from "@ringline/core";
import { defineWindowKernel, session } from "@ringline/streams";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";

export const Click = defineMessage("Click", body<{ user: string; page: string; at: number }>());
export const Visit = defineMessage(
  "Visit",
  body<{ user: string; from: number; to: number; pages: readonly string[]; isOver: boolean }>(),
);

const GAP = 30_000;

export const visits = defineWindowKernel({
  id: "visits",
  module: import.meta.url,
  input: Click,
  output: Visit,
  window: session(GAP),
  time: "at",
  key: "user",
  outOfOrder: 5_000,
  early: 1, // each click shows at once
  initial: (): readonly string[] => [],
  add: (pages, { page }) => [...pages, page],
  merge: (earlier, later) => [...earlier, ...later],
  result: (pages, { key, from, to, firing }) =>
    Visit({ user: String(key), from, to: to - GAP, pages, isOver: firing !== "early" }),
});

export const clickstream = pipeline("clickstream").stage(visits, { workers: 2, by: { key: "user" } });

type Clicks = Flow<MessageOf<typeof Click>, MessageOf<typeof Visit>>;
type Listener = (visit: MessageOf<typeof Visit>) => void;

/** `POST /clicks` takes a list of clicks, `/visits` streams the visits, and `/` shows them. */
export function clickServer(flow: Clicks): Hono {
  const listeners = new Set<Listener>();
  void tellAll(flow, listeners);
  const app = new Hono();
  app.post("/clicks", async (c) => {
    const clicks: unknown = await c.req.json();
    if (!Array.isArray(clicks)) return c.text("Send a list of clicks", 400);
    for (const click of clicks) await flow.send(Click(click));
    return c.body(null, 202);
  });
  app.get("/visits", (c) =>
    streamSSE(c, async (stream) => {
      const listener: Listener = (visit) => void stream.writeSSE({ data: JSON.stringify(visit) });
      listeners.add(listener);
      await stream.writeSSE({ event: "ready", data: "" });
      await new Promise<void>((resolve) => stream.onAbort(resolve));
      listeners.delete(listener);
    }),
  );
  app.get("/", (c) => c.html(PAGE));
  return app;
}

async function tellAll(flow: Clicks, listeners: ReadonlySet<Listener>): Promise<void> {
  for await (const visit of flow) for (const listener of listeners) listener(visit);
}

const PAGE = `<!doctype html><meta charset="utf-8"><title>Visits</title><h1>Visits</h1><ul id="visits"></ul>
<script>
  const items = new Map();
  new EventSource("/visits").onmessage = ({ data }) => {
    const { user, from, to, pages, isOver } = JSON.parse(data);
    const key = user + " " + from;
    if (!items.has(key)) items.set(key, visits.appendChild(document.createElement("li")));
    const state = isOver ? (to - from) / 1000 + " s" : "now";
    items.get(key).textContent = user + " (" + state + "): " + pages.join(" → ");
  };
</script>`;
