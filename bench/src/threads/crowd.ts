import { createRuntime, type KernelHandle, type MessageOf } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import type { Closable, Subject } from "../subject.js";
import { Amount, consumer, producer } from "./kernels.js";

/** Producers that send to one consumer. */
export interface Crowd extends Closable {
  /** Resolves when the consumer has all of so many messages, shared out among the producers. */
  produce(messages: number): Promise<void>;
}

export function crowd(name: string, producers: number): Subject<Crowd> {
  return {
    name,
    title: `${producers} on threads of their own, one consumer on another`,
    async open() {
      const runtime = createRuntime({ backend: workerThreads({ threads: producers + 1 }) });
      const sink = await runtime.start(consumer);
      const sources: KernelHandle<MessageOf<typeof Amount>, unknown>[] = [];
      for (let i = 0; i < producers; i++) {
        const source = await runtime.start(producer.as(`producer-${i}`));
        await runtime.connect(source, sink);
        sources.push(source);
      }
      return {
        async produce(messages) {
          const each = Math.ceil(messages / producers);
          await Promise.all(sources.map((source) => source.send(Amount({ count: each, all: each * producers }))));
          await sink.receive();
        },
        close: async () => void (await runtime.dispose()),
      };
    },
  };
}
