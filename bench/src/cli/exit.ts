export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Resolves when it is written, so that ending the process cuts nothing off. */
export function print(text: string): Promise<number> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve(EXIT.done)));
}
