import { errors } from "@ringline/core";
import type { ThreadSettings } from "../settings.js";
import type { HostedThread } from "./hosted-thread.js";

/**
 * Chooses the thread for a kernel from `threads`; undefined for a new one. `wanted`: the number that is asked for. Throws
 * `INVALID_ARGUMENT`.
 */
export function placeThread(
  kernelId: string,
  threads: readonly HostedThread[],
  { placement, threads: most, dedicated }: ThreadSettings,
  wanted?: number | "new",
): HostedThread | undefined {
  if (wanted !== undefined) return numbered(kernelId, threads, "thread", wanted);
  if (dedicated.has(kernelId)) return undefined;
  const common = threads.filter(({ isDedicated, worker }) => !isDedicated && !worker.isEnding);
  if (typeof placement === "function") return chosen(kernelId, common, placement);
  if (placement === "pack") return common[0];
  if (common.length < most) return common.find(({ kernels }) => kernels.size === 0);
  return common.reduce((least, one) => (one.kernels.size < least.kernels.size ? one : least));
}

function chosen(
  kernelId: string,
  threads: readonly HostedThread[],
  choose: Exclude<ThreadSettings["placement"], string>,
): HostedThread | undefined {
  const loads = threads.map(({ index, kernels }) => ({ thread: index - 1, kernels: [...kernels.values()] }));
  return numbered(kernelId, threads, "placement", choose(kernelId, loads));
}

function numbered(
  kernelId: string,
  threads: readonly HostedThread[],
  argument: "placement" | "thread",
  choice: number | "new",
): HostedThread | undefined {
  if (choice === "new") return undefined;
  const thread = threads.find(({ index }) => index - 1 === choice);
  if (thread !== undefined) return thread;
  throw new errors.INVALID_ARGUMENT(
    { argument, value: choice },
    { kernelId, remedy: 'Threads have numbers from 0: choose one that runs, or "new".' },
  );
}
