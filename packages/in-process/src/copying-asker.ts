import type { Header } from "@ringline/core";
import type { Asker, Lineage } from "@ringline/core/internal";

/** Answers take a lane of their own, past every port: they are copied here. */
class CopyingAsker implements Asker {
  readonly #asker: Asker;
  readonly #copy: (answer: Header) => Header;

  constructor(asker: Asker, copy: (answer: Header) => Header) {
    this.#asker = asker;
    this.#copy = copy;
  }

  get asked(): string {
    return this.#asker.asked;
  }
  get name(): string {
    return this.#asker.name;
  }
  get waits(): boolean {
    return this.#asker.waits;
  }
  answer(answer: Header): ReturnType<Asker["answer"]> {
    return this.#asker.answer(this.#copy(answer));
  }
  fail(error: Parameters<Asker["fail"]>[0]): void {
    this.#asker.fail(error);
  }
}

/** The lineage with an asker that takes copies. */
export function copyingLineage(lineage: Lineage, copy: (answer: Header) => Header): Lineage {
  const { asker } = lineage;
  return asker === undefined || asker instanceof CopyingAsker
    ? lineage
    : { ...lineage, asker: new CopyingAsker(asker, copy) };
}
