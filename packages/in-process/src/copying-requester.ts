import type { Header } from "@ringline/core";
import type { Lineage, Requester } from "@ringline/core/internal";

/** Answers take a lane of their own, past every port: they are copied here. */
class CopyingRequester implements Requester {
  readonly #requester: Requester;
  readonly #copy: (answer: Header) => Header;

  constructor(requester: Requester, copy: (answer: Header) => Header) {
    this.#requester = requester;
    this.#copy = copy;
  }

  get responder(): string {
    return this.#requester.responder;
  }
  get name(): string {
    return this.#requester.name;
  }
  get asked(): string {
    return this.#requester.asked;
  }
  get waits(): boolean {
    return this.#requester.waits;
  }
  get isAnswered(): boolean {
    return this.#requester.isAnswered;
  }
  answer(answer: Header): ReturnType<Requester["answer"]> {
    return this.#requester.answer(this.#copy(answer));
  }
  fail(error: Parameters<Requester["fail"]>[0]): void {
    this.#requester.fail(error);
  }
}

/** The lineage with an asker that takes copies. */
export function copyingLineage(lineage: Lineage, copy: (answer: Header) => Header): Lineage {
  const { requester } = lineage;
  return requester === undefined || requester instanceof CopyingRequester
    ? lineage
    : { ...lineage, requester: new CopyingRequester(requester, copy) };
}
