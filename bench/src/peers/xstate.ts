import { type ActorRefFrom, createActor, fromCallback } from "xstate";
import { answer, createMessage, type PlainMessage } from "../plain-message.js";
import type { Line, Subject } from "../subject.js";
import { Inbox } from "../subjects/inbox.js";

interface Arrived {
  readonly type: "arrived";
  readonly message: PlainMessage;
}

/** An actor that answers each event to whoever is next. */
const stageLogic = fromCallback<Arrived, (message: PlainMessage) => void>(({ receive, input: forward }) => {
  receive(({ message }) => forward(answer(message)));
});

/** One callback actor a stage, that sends its answer on to the next. Their mailboxes have no bound. */
export const xstate: Subject = {
  name: "xstate",
  title: "XState, one callback actor a stage",
  async open(stages): Promise<Line> {
    const inbox = new Inbox<PlainMessage>();
    const actors: ActorRefFrom<typeof stageLogic>[] = [];
    let forward = (message: PlainMessage) => inbox.push(message);
    for (let stage = 0; stage < stages; stage++) {
      const actor = createActor(stageLogic, { input: forward }).start();
      actors.push(actor);
      forward = (message) => actor.send({ type: "arrived", message });
    }
    const first = forward;
    return {
      send: (n) => first(createMessage(n, null)),
      receive: () => inbox.take(),
      close: async () => {
        for (const actor of actors) actor.stop();
      },
    };
  },
};
