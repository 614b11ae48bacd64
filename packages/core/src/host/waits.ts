import type { Wait } from "../seam/incarnation.js";

/** Kinds of waits for other kernels. */
type Kind = "answer" | "output" | "room";

/** The current waits of a body, counted by the kernel that can end them. */
export class Waits {
  readonly #counts: Readonly<Record<Kind, Map<string, number>>> = {
    answer: new Map(),
    output: new Map(),
    room: new Map(),
  };

  begin(kind: Kind, kernelId: string): void {
    const counts = this.#counts[kind];
    counts.set(kernelId, (counts.get(kernelId) ?? 0) + 1);
  }

  end(kind: Kind, kernelId: string): void {
    const counts = this.#counts[kind];
    const left = (counts.get(kernelId) ?? 0) - 1;
    if (left > 0) counts.set(kernelId, left);
    else counts.delete(kernelId);
  }

  list(): Wait[] {
    return (["answer", "output", "room"] as const).flatMap((kind) =>
      [...this.#counts[kind]].map(([kernelId, count]): Wait => ({ for: kind, kernelId, count })),
    );
  }
}
