/** Decisions of an asynchronous `onError`; TypeScript 5.9 takes their words for any text. */
import {
  body,
  defineKernel,
  defineMessage,
  type MessageOf,
  type OutOf,
  pipeline,
  type StageFailure,
} from "@ringline/core";
import { same } from "../types/same.js";

const A = defineMessage("A");
const B = defineMessage("B", body<{ b: string }>());
type B = MessageOf<typeof B>;
const base = { id: "k", input: A, output: B, handle: () => B({ b: "" }) } as const;

const replies = defineKernel({ ...base, onError: async () => "reply" });
same<OutOf<typeof replies>, B | StageFailure>();
const retries = defineKernel({ ...base, onError: async () => "retry" });
same<OutOf<typeof retries>, B>();
const decides = defineKernel({
  ...base,
  async onError(error) {
    if (error.code === "TIMEOUT") return "reply";
    return error.code === "EXPIRED" ? B({ b: "late" }) : { retry: 3 };
  },
});
same<OutOf<typeof decides>, B | StageFailure>();
const stage = pipeline("p").stage(retries, { onError: async () => "reply" });
same<OutOf<typeof stage>, B | StageFailure>();
const quiet = pipeline("p").stage(retries, { onError: async () => "dead-letter" });
same<OutOf<typeof quiet>, B>();
