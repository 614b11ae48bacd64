import { count } from "../text/numbers.js";
import type { Sample } from "./run-flights.js";

/** The part of stderr that is needed. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Shows how far a run is: one line written over in a terminal, else a line now and then. Ends when disposed. */
export function showProgress(screen: Screen, sample: () => Promise<Sample>): Disposable {
  const start = performance.now();
  let ended = false;
  const show = async () => {
    const line = render(await sample(), (performance.now() - start) / 1000);
    if (!ended) screen.write(screen.isTTY ? `\r\x1b[2K${line}` : `${line}\n`);
  };
  const timer = setInterval(() => void show().catch(() => {}), screen.isTTY ? 100 : 500);
  return {
    [Symbol.dispose]() {
      ended = true;
      clearInterval(timer);
      if (screen.isTTY) screen.write("\r\x1b[2K");
    },
  };
}

function render({ rows, deadLetters, queued }: Sample, seconds: number): string {
  const queues = [...queued].map(([stage, length]) => `${stage} ${count(length)}`).join(", ");
  return `${count(rows)} rows, ${count(rows / seconds)} rows/s, queued: ${queues}; dead letters: ${count(deadLetters)}`;
}
