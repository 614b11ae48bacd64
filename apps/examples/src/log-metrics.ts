// Log lines in, figures of each minute out. Lines that are none become dead letters, with the line in them.
import { type Backend, body, createRuntime, defineKernel, defineMessage, type Flow, pipeline } from "@ringline/core";

export const Line = defineMessage("Line", body<{ text: string }>());
const Hit = defineMessage("Hit", body<{ minute: string; status: number; ms: number }>());
const Minute = defineMessage("Minute", body<{ minute: string; requests: number; errors: number; slowest: number }>());

export const parse = defineKernel({
  id: "parse",
  module: import.meta.url,
  input: Line,
  output: Hit,
  handle({ text }) {
    const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)\S* (\d{3}) (\d+)ms /.exec(text);
    if (found === null) throw new SyntaxError(`not a line of the log: ${text}`);
    return Hit({ minute: found[1] as string, status: Number(found[2]), ms: Number(found[3]) });
  },
});

/** Keeps the minute at hand; a later one, or the end of the log, sends it off. */
export const perMinute = defineKernel({
  id: "per_minute",
  module: import.meta.url,
  input: Hit,
  output: Minute,
  async run(ctx) {
    let now = { minute: "", requests: 0, errors: 0, slowest: 0 };
    ctx.onFlush(async () => {
      if (now.requests > 0) await ctx.send(Minute(now));
      now = { minute: "", requests: 0, errors: 0, slowest: 0 };
    });
    for (;;) {
      const { minute, status, ms } = await ctx.receive();
      if (minute !== now.minute) {
        if (now.requests > 0) await ctx.send(Minute(now));
        now = { minute, requests: 0, errors: 0, slowest: 0 };
      }
      now.requests++;
      if (status >= 500) now.errors++;
      now.slowest = Math.max(now.slowest, ms);
    }
  },
});

export const metrics = pipeline("metrics").stage(parse, { workers: 2 }).stage(perMinute);

/** The figures of each minute, and the lines that could not be read. */
export async function logMetrics(backend: Backend, lines: AsyncIterable<string> | Iterable<string>) {
  await using runtime = createRuntime({ backend });
  runtime.on("error", () => {}); // they are in the dead letters
  await using flow = await runtime.run(metrics);
  const minutes: string[] = [];
  for await (const { minute, requests, errors, slowest } of flow.process(messages(lines))) {
    minutes.push(`${minute} ${requests} requests, ${errors} errors, slowest ${slowest} ms`);
  }
  return { minutes, unread: await unreadLines(flow) };
}

async function* messages(lines: AsyncIterable<string> | Iterable<string>) {
  for await (const text of lines) yield Line({ text });
}

async function unreadLines({ deadLetters }: Pick<Flow<never, unknown>, "deadLetters">): Promise<string[]> {
  return deadLetters.take().map(({ error }) => String(error));
}
