import { body, defineKernel, defineMessage } from "@ringline/core";
export const Ping = defineMessage("Ping", body());
export const Pong = defineMessage("Pong", body());
export const echo = defineKernel({ id: "echo", module: import.meta.url, input: Ping, output: Pong, handle: (m) => Pong({ n: m.n, x: m.x, s: m.s }) });
export const echoLoop = defineKernel({ id: "echoLoop", module: import.meta.url, input: Ping, output: Pong, async run(ctx) { for await (const m of ctx) await ctx.send(Pong({ n: m.n, x: m.x, s: m.s }, {replyTo: m})); } });
