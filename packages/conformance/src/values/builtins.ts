import { errors } from "@ringline/core";
import { converted, equal, platform, refused, type ValueGroup } from "./kind.js";

class HttpError extends Error {
  static {
    HttpError.prototype.name = "HttpError";
  }
  constructor(readonly status: number) {
    super(`status ${status}`);
  }
}
const CLASSES = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];
const make = (name: string, ...values: unknown[]) => {
  const type = platform<new (...values: unknown[]) => unknown>(name);
  return type && new type(...values);
};

export const dates: ValueGroup = {
  title: "Date and RegExp",
  kinds: [
    ...equal({
      "a Date": () => new Date(1_234_567_890_123),
      "an invalid Date": () => new Date(Number.NaN),
      "the latest Date": () => new Date(8.64e15),
      "the earliest Date": () => new Date(-8.64e15),
      "the same Date twice": () => {
        const date = new Date(0);
        return { from: date, to: date };
      },
      "a RegExp": () => /a+(?<b>b)/gi,
      "a RegExp in the middle of its work": () => Object.assign(/a/g, { lastIndex: 3 }),
      "a RegExp of nothing": () => /(?:)/,
      "a RegExp with a slash and a line": () => /\/\n/u,
    }),
    ...refused("its own fields, or its class, would be lost", {
      "a Date with a field": () => Object.assign(new Date(0), { extra: 1 }),
      "an instance of a subclass of Date": () => new (class Day extends Date {})(0),
      "what only looks like a Date": () => Object.create(Date.prototype),
      "a RegExp with a field": () => Object.assign(/a/, { extra: 1 }),
      "a RegExp whose lastIndex is no number": () => Object.assign(/a/, { lastIndex: "x" }),
    }),
  ],
};

export const failures: ValueGroup = {
  title: "Errors",
  kinds: [
    ...equal({
      ...Object.fromEntries(CLASSES.map((type) => [`an instance of ${type.name}`, () => new type("message")])),
      "an AggregateError": () => new AggregateError([new RangeError("one"), "two"], "both"),
      "an error without a message": () => new Error(),
      "an error with a cause": () => new TypeError("outer", { cause: new RangeError("inner") }),
      "an error whose cause is undefined": () => new Error("outer", { cause: undefined }),
      "an error whose cause is data": () => new Error("outer", { cause: { code: 7 } }),
      "an error that is its own cause": () => {
        const error = new Error("round");
        error.cause = error;
        return error;
      },
      "an error with a code and a number": () => Object.assign(new Error("e"), { code: "E1", errno: -2 }),
      "an error with a Date": () => Object.assign(new Error("e"), { when: new Date(5) }),
      "an error with a Map": () => Object.assign(new Error("e"), { seen: new Map([["a", 1]]) }),
      "an error with an error": () => Object.assign(new Error("e"), { inner: new RangeError("in") }),
      "an error with a list of errors": () => Object.assign(new Error("e"), { all: [new RangeError("in")] }),
      "an error with a name of its own": () => Object.assign(new Error("e"), { name: "Mine" }),
      "an error without a stack": () => Object.assign(new Error("e"), { stack: undefined }),
      "an error in a list": () => [new Error("e")],
      "the same error twice": () => {
        const error = new Error("e");
        return { error, causes: [error] };
      },
      "a DOMException": () => make("DOMException", "stopped", "AbortError"),
      "an error of Ringline": () => new errors.TIMEOUT({ operation: "receive", timeout: 5 }, { kernelId: "k" }),
      "an error of Ringline with a cause": () =>
        new errors.KERNEL_FAILED({ restarts: 1 }, { cause: new RangeError("deep"), messageId: "m", stage: "s" }),
    }),
    converted(
      "an instance of a class of errors",
      "as an error with its name, message, stack and fields",
      () => new HttpError(404),
      (error) =>
        Object.defineProperty(
          Object.assign(new Error(error.message), { status: error.status, stack: error.stack }),
          "name",
          { value: error.name },
        ),
    ),
    ...refused("a field of it cannot travel", {
      "an error with a function": [() => Object.assign(new Error("e"), { retry: () => 0 }), "retry"],
      "an error whose cause is a function": [() => new Error("e", { cause: () => 0 }), "cause"],
      "an error with an instance of a class": [
        () => Object.assign(new Error("e"), { socket: new WeakMap() }),
        "socket",
      ],
    }),
  ],
};

export const platformObjects: ValueGroup = {
  title: "Objects of the platform",
  kinds: [
    ...refused("it has no data of its own, or cannot be copied", {
      "a URL": () => make("URL", "http://a/b"),
      "a URLSearchParams": () => make("URLSearchParams", "a=b"),
      Headers: () => make("Headers", { a: "b" }),
      "a FormData": () => make("FormData"),
      "a Request": () => make("Request", "http://a/b"),
      "a Response": () => make("Response", "x"),
      "a Blob": () => make("Blob", ["x"]),
      "a File": () => make("File", ["x"], "name"),
      "an AbortController": () => make("AbortController"),
      "an AbortSignal": () => new AbortController().signal,
      "an Event": () => make("Event", "click"),
      "an EventTarget": () => make("EventTarget"),
      "a ReadableStream": () => make("ReadableStream"),
      "a TextEncoder": () => make("TextEncoder"),
      "a FinalizationRegistry": () => new FinalizationRegistry(() => {}),
      "an Intl.NumberFormat": () => new Intl.NumberFormat(),
    }),
  ],
};
