interface Write<T> {
  readonly value: T;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A source fed by writes: each write resolves when its value is accepted, and rejects with the error of a rejection.
 */
export class WritableSource<T> implements AsyncIterableIterator<T, void, void> {
  readonly #writes: Write<T>[] = [];
  /** The write that is pulled and not accepted yet. */
  #pulled: Write<T> | undefined;
  #reader:
    | { readonly resolve: (result: IteratorResult<T, void>) => void; readonly reject: (error: unknown) => void }
    | undefined;
  /** Set once reading and writing have ended; `error` goes to both sides. */
  #end: { readonly error: unknown } | undefined;
  #isDone = false;
  /** Called with the error when reading ends, to notify a writer that has no pending write. */
  onEnd: ((error: unknown) => void) | undefined;
  readonly #onReturn: () => unknown;

  /** `left`: creates the error for writers once the reader has returned. */
  constructor(left: () => unknown = () => new Error("Nobody reads what is written here any more.")) {
    this.#onReturn = left;
  }

  /** Resolves when the value is accepted. Rejects with the error of a rejection, or of the end of reading. */
  write(value: T): Promise<void> {
    const end = this.#end;
    if (end !== undefined) return Promise.reject(end.error);
    return new Promise((resolve, reject) => {
      this.#writes.push({ value, resolve, reject });
      const reader = this.#reader;
      this.#reader = undefined;
      reader?.resolve(this.#pull(this.#writes.shift() as Write<T>));
    });
  }

  #pull(write: Write<T>): IteratorResult<T, void> {
    this.#pulled = write;
    return { done: false, value: write.value };
  }

  /** Confirms the item that was pulled last; the next pull does the same. */
  accepted(): void {
    this.#pulled?.resolve();
    this.#pulled = undefined;
  }

  /** Ends the source after the pending writes. */
  close(): void {
    this.#isDone = true;
    this.#reader?.resolve({ done: true, value: undefined });
    this.#reader = undefined;
  }

  /** Ends both sides with an error. */
  fail(error: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    this.#reader?.reject(error);
    this.#reader = undefined;
    this.#pulled?.reject(error);
    this.#pulled = undefined;
    for (const write of this.#writes.splice(0)) write.reject(error);
    this.onEnd?.(error);
  }

  next(): Promise<IteratorResult<T, void>> {
    const end = this.#end;
    if (end !== undefined) return Promise.reject(end.error);
    this.accepted();
    const write = this.#writes.shift();
    if (write !== undefined) return Promise.resolve(this.#pull(write));
    if (this.#isDone) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  /** Rejects further writes: the reader has returned. */
  async return(): Promise<IteratorResult<T, void>> {
    this.fail(this.#onReturn());
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
