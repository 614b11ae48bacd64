import type { Line, Reply, Subject } from "../src/subject.js";

/** A subject that answers at once, through `change` where a test wants a fault. */
export function fakeSubject(name: string, change: (n: number) => number = (n) => n, log: string[] = []): Subject {
  return {
    name,
    title: name,
    async open(): Promise<Line> {
      const replies: Reply[] = [];
      log.push(`open ${name}`);
      return {
        send: (n) => void replies.push({ n: change(n), messageId: n, priority: 128, correlationId: null }),
        receive: async () => replies.shift() ?? new Promise<never>(() => {}),
        close: async () => void log.push(`close ${name}`),
      };
    },
  };
}
