/** A source that is written to: each write waits until what it brings is pulled. */
export class Feed<T> implements AsyncIterableIterator<T, void, void> {
  readonly #writes: { readonly value: T; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] =
    [];
  #reader:
    | { readonly resolve: (result: IteratorResult<T, void>) => void; readonly reject: (error: unknown) => void }
    | undefined;
  /** Set once nothing more is pulled or written; `error` goes to either side. */
  #end: { readonly error: unknown } | undefined;
  #isDone = false;
  /** Called when nothing more is read, with what ended it: whoever writes nothing now would not hear of it. */
  onEnd: ((error: unknown) => void) | undefined;
  readonly #left: () => unknown;

  /** `left`: what writers hear once whoever pulls has gone. */
  constructor(left: () => unknown = () => new Error("Nobody reads what is written here any more.")) {
    this.#left = left;
  }

  /** Resolves when it is pulled. Rejects with what ends the reading. */
  write(value: T): Promise<void> {
    const end = this.#end;
    if (end !== undefined) return Promise.reject(end.error);
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      reader.resolve({ done: false, value });
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      this.#writes.push({ value, resolve, reject });
    });
  }

  /** Nothing more comes. */
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
    for (const write of this.#writes.splice(0)) write.reject(error);
    this.onEnd?.(error);
  }

  next(): Promise<IteratorResult<T, void>> {
    const end = this.#end;
    if (end !== undefined) return Promise.reject(end.error);
    const write = this.#writes.shift();
    if (write !== undefined) {
      write.resolve();
      return Promise.resolve({ done: false, value: write.value });
    }
    if (this.#isDone) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  /** Whoever pulls has gone: writes are refused. */
  async return(): Promise<IteratorResult<T, void>> {
    this.fail(this.#left());
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
