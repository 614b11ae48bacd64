import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { showProgress } from "../src/flights/progress.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function watch(isTTY: boolean, milliseconds: number): Promise<string> {
  let written = "";
  let rows = 0;
  const screen = {
    isTTY,
    columns: 20,
    write(text: string) {
      written += text;
    },
  };
  const sample = async () => {
    rows += 500;
    return { rows, deadLetters: 2, queued: new Map([["clean", 7]]) };
  };
  const shown = showProgress(screen, sample);
  await vi.advanceTimersByTimeAsync(milliseconds);
  shown[Symbol.dispose]();
  await vi.advanceTimersByTimeAsync(10_000);
  return written;
}

test("without a terminal: a line now and then", async () => {
  const lines = (await watch(false, 1000)).trimEnd().split("\n");
  expect(lines).toHaveLength(3);
  expect(lines[2]).toBe("1,500 rows, 1,500 rows/s, queued: clean 7; dead letters: 2");
});

test("in a terminal: one line, gone at the end", async () => {
  const written = await watch(true, 200);
  expect(written).not.toContain("\n");
  const lines = written.split("\r\x1b[2K").slice(1);
  expect(lines).toHaveLength(4);
  for (const line of lines) expect(line.length).toBeLessThan(20);
  expect(written.endsWith("\r\x1b[2K")).toBe(true);
});
