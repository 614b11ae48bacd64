import { count } from "../text/numbers.js";
import type { Sample } from "./run-flights.js";

/** The part of stderr that is needed. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Shows how far a run is: one line written over in a terminal, else a line now and then. Ends when disposed. */
export function showProgress(screen: Screen, sample: () => Promise<Sample>): Disposable {
  const start = performance.now();
  let ended = false;
  const show = async () => {
    const line = render(await sample(), (performance.now() - start) / 1000);
    if (ended) return;
    // a line that wraps could not be written over
    screen.write(screen.isTTY ? `\r\x1b[2K${line.slice(0, (screen.columns ?? 80) - 1)}` : `${line}\n`);
  };
  const tick = () => void show().catch(() => {}); // a run that fails says so itself
  tick();
  const timer = setInterval(tick, screen.isTTY ? 100 : 500);
  return {
    [Symbol.dispose]() {
      ended = true;
      clearInterval(timer);
      if (screen.isTTY) screen.write("\r\x1b[2K");
    },
  };
}

function render({ rows, deadLetters, queued }: Sample, seconds: number): string {
  const rate = rows === 0 ? 0 : rows / seconds;
  const queues = [...queued].map(([stage, length]) => `${stage} ${count(length)}`).join(", ");
  return `${count(rows)} rows, ${count(rate)} rows/s, queued: ${queues}; dead letters: ${count(deadLetters)}`;
}
