import { answer, type PlainMessage } from "../plain-message.js";

export default (message: PlainMessage): PlainMessage => answer(message);
