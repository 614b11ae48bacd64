import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { NodeView } from "../watch/model.js";
import { count, many } from "../watch/words.js";
import { type Client, plain, toJson, type WirePicture } from "./client.js";
import type { Options } from "./options.js";

const CLEAR = "\u001b[H\u001b[2J";

/** Runs `ringline top`: refreshes once a second until Ctrl+C; prints once with `--once` or `--json`. */
export async function top(client: Client, options: Options, print: (text: string) => void): Promise<number> {
  const isOnce = options.once || options.json || !process.stdout.isTTY;
  const stop = new AbortController();
  if (!isOnce) void once(process, "SIGINT").then(() => stop.abort());
  do {
    const picture = await client.get<WirePicture>("api/picture");
    if (options.json) print(`${toJson(picture)}\n`);
    else
      print(
        `${isOnce ? "" : CLEAR}${screenOf(picture, isOnce ? Number.POSITIVE_INFINITY : (process.stdout.rows ?? 40) - 2)}`,
      );
    if (isOnce) return 0;
    await sleep(1000, undefined, { signal: stop.signal }).catch(() => {});
  } while (!stop.signal.aborted);
  return 0;
}

/** One screen: flows, what stands still, then the stages, the fullest queue first. */
export function screenOf({ at, nodes, flows, stories, letters }: WirePicture, rows: number): string {
  const kernels = nodes.filter((node) => node.kernels.length > 0);
  const lines = [
    `${new Date(at).toISOString().slice(11, 19)}  ${many(kernels.length, "stage")}  ${many(letters.size, "dead letter")}`,
  ];
  for (const { id, rate, inFlight, latency, bottleneck } of flows) {
    const name = nodes.find((node) => node.id === bottleneck)?.name ?? bottleneck;
    const slow = name === null ? "" : `, bottleneck ${name}`;
    lines.push(`${id}: ${rate}/s, ${latency.p50} / ${latency.p99} ms, ${count(inFlight)} in flight${slow}`);
  }
  for (const { kind, text } of stories) lines.push(`${kind === "slow" ? "slow " : "STALL"}  ${text}`);
  const fill = ({ queued, capacity }: NodeView) => (capacity === 0 ? 0 : queued / capacity);
  kernels.sort((a, b) => fill(b) - fill(a) || b.rate - a.rate);
  const shown = kernels.slice(0, Math.max(1, rows - lines.length - 2));
  const table = [
    ["STAGE", "PLACE", "STATE", "QUEUE", "RATE/S", "BUSY", "P50 MS", "P99 MS", "ERRORS", "LETTERS"],
    ...shown.map((node) => [
      `${node.id}${node.kernels.length > 1 ? ` ×${node.kernels.length}` : ""}`,
      `${node.backend}${node.threads.length > 0 ? `:${node.threads.join(",")}` : ""}`,
      node.state ?? "",
      `${count(node.queued)}/${count(node.capacity)}`,
      String(node.rate),
      `${Math.round(node.utilization * 100)}%`,
      node.processing.p50.toFixed(2),
      node.processing.p99.toFixed(2),
      count(node.errors),
      count(
        letters.groups
          .filter(({ kernelId }) => node.kernels.includes(kernelId))
          .reduce((all, group) => all + group.count, 0),
      ),
    ]),
  ];
  const widths = (table[0] as string[]).map((_, column) =>
    Math.max(...table.map((row) => (row[column] as string).length)),
  );
  const padded = table.map((row) =>
    row.map((cell, i) => (i < 3 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number))),
  );
  const more = kernels.length > shown.length ? [`… ${many(kernels.length - shown.length, "more stage")}`] : [];
  return `${plain([...lines, "", ...padded.map((row) => row.join("  ").trimEnd()), ...more].join("\n"))}\n`;
}
