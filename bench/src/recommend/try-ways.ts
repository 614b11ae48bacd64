import { availableParallelism } from "node:os";
import type { BackendName } from "../backends.js";
import { shuffled } from "../stats/random.js";
import type { Program } from "./load-program.js";
import { placeOf } from "./recommend.js";
import { type Found, nameOf, Trial, type Tried, type Way } from "./trial.js";

export interface TryOptions {
  readonly backends: readonly BackendName[];
  /** Milliseconds of a round, and rounds that count. */
  readonly duration: number;
  readonly rounds: number;
  readonly onProgress: (what: string) => void;
}

/** First where, and on how many threads; then, at the one to take, how many inputs at once. */
export async function tryWays(program: Program, options: TryOptions): Promise<Tried> {
  const places = await tryAll(placesOf(program, options.backends), program, options);
  const place = placeOf(places.found);
  if (place === undefined) return places;
  const windows = [1, 16, 128, 1024].map((inFlight) => ({ ...place.way, inFlight }));
  const sizes = await tryAll(windows, program, options);
  return { found: [...places.found, ...sizes.found], refused: [...places.refused, ...sizes.refused] };
}

function placesOf({ takesWorkers }: Program, backends: readonly BackendName[]): Way[] {
  const cores = availableParallelism();
  const counts = [...new Set([1, 2, cores])].filter((count) => count <= Math.max(2, cores));
  return backends.flatMap((backend): Way[] => {
    const plain = { backend, threads: null, workers: takesWorkers ? 1 : null, inFlight: null };
    if (backend !== "worker-threads") return [plain];
    return counts.map((threads) => ({ ...plain, threads, workers: takesWorkers ? threads : null }));
  });
}

/** Round by round in turn, so that a busy machine meets all of them. */
async function tryAll(ways: readonly Way[], program: Program, options: TryOptions): Promise<Tried> {
  const trials: Trial[] = [];
  const refused: { way: Way; why: string }[] = [];
  const found: Found[] = [];
  const refuse = (way: Way, error: unknown) => refused.push({ way, why: (error as Error).message });
  try {
    for (const way of ways) {
      options.onProgress(`opening ${nameOf(way)}`);
      await Trial.open(way, program).then(
        (trial) => trials.push(trial),
        (error) => refuse(way, error),
      );
    }
    const failed = new Set<Trial>();
    for (let round = -1; round < options.rounds; round++) {
      for (const trial of shuffled(trials, Math.random)) {
        if (failed.has(trial)) continue;
        options.onProgress(
          `${nameOf(trial.way)}: ${round < 0 ? "warm-up" : `round ${round + 1} of ${options.rounds}`}`,
        );
        await trial.round(options.duration, round >= 0).catch((error) => {
          failed.add(trial);
          refuse(trial.way, error);
        });
      }
    }
    for (const trial of trials) {
      if (failed.has(trial)) continue;
      await trial.found().then(
        (one) => found.push(one),
        (error) => refuse(trial.way, error),
      );
    }
    return { found, refused };
  } finally {
    for (const trial of trials) await trial.close();
  }
}
