import { ThreadWorker } from "poolifier";
import { answer, type PlainMessage } from "../plain-message.js";

export default new ThreadWorker<PlainMessage, PlainMessage>((message) => answer(message as PlainMessage));
