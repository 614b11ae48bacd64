import library from "workerpool";
import { answer } from "../plain-message.js";

library.worker({ answer });
