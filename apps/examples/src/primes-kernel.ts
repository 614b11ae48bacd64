import { body, defineKernel, defineMessage } from "@ringline/core";

export const Ask = defineMessage("Ask", body<{ upTo: number }>());
export const Primes = defineMessage("Primes", body<{ count: number }>());

/** Work for a thread: counts primes. Few may wait; who comes then is refused at once. */
export const primes = defineKernel({
  id: "primes",
  module: import.meta.url,
  input: Ask,
  output: Primes,
  queueSize: 4,
  backpressure: "reject",
  handle({ upTo }) {
    let count = 0;
    next: for (let n = 2; n <= upTo; n++) {
      for (let d = 2; d * d <= n; d++) if (n % d === 0) continue next;
      count++;
    }
    return Primes({ count });
  },
});
