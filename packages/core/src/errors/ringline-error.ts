import { type ErrorCode, type ErrorTable, show, wordings } from "./table.js";

const brand = Symbol.for("ringline.error");

/** Place of an error; each part is null where it does not apply. */
export interface ErrorPlace {
  readonly kernelId?: string | null | undefined;
  readonly stage?: string | null | undefined;
  readonly messageId?: string | null | undefined;
}

export interface RinglineErrorOptions extends ErrorOptions, ErrorPlace {
  /** A remedy that fits the case better than the one in the table. */
  readonly remedy?: string | undefined;
}

/**
 * An error of Ringline. Test its `code`: codes and details survive threads and processes, classes do not.
 * `remedy` says what to do; `cause` is what was thrown underneath.
 */
export interface RinglineError<Code extends ErrorCode> extends Error {
  /** Kind of the error, such as "TIMEOUT": stable over versions, threads and processes. */
  readonly code: Code;
  /** Data of the error, by its code: `{ operation, timeout }` of a "TIMEOUT". Times are milliseconds. */
  readonly details: Readonly<ErrorTable[Code]>;
  /** Sentence that says what to do. */
  readonly remedy: string;
  /** Id of the kernel or flow that the error concerns; null if there is none. */
  readonly kernelId: string | null;
  /** Name of the stage or node of a topology; null outside topologies. */
  readonly stage: string | null;
  /** `messageId` of the message that failed; null without one. */
  readonly messageId: string | null;
  /** The form in which `JSON.stringify` writes the error. */
  toJSON(): ErrorJson;
}

/** An error as JSON. */
export interface ErrorJson {
  /** "RinglineError [CODE]" */
  readonly name: string;
  readonly code: ErrorCode;
  readonly message: string;
  /** Details of this code; a value that JSON cannot hold is a text. */
  readonly details: object;
  readonly remedy: string;
  readonly kernelId: string | null;
  readonly stage: string | null;
  readonly messageId: string | null;
}

/** A union of every error, which narrows by `code`. */
export type AnyRinglineError = { [Code in ErrorCode]: RinglineError<Code> }[ErrorCode];

type ErrorClass<Code extends ErrorCode> = new (
  details: ErrorTable[Code],
  options?: RinglineErrorOptions,
) => RinglineError<Code>;

function classFor<Code extends ErrorCode>(code: Code): ErrorClass<Code> {
  const { text, remedy } = wordings[code];
  const type = class extends Error implements RinglineError<Code> {
    readonly code = code;
    readonly details: Readonly<ErrorTable[Code]>;
    readonly remedy: string;
    readonly kernelId: string | null;
    readonly stage: string | null;
    readonly messageId: string | null;
    constructor(details: ErrorTable[Code], options: RinglineErrorOptions = {}) {
      super(
        text(details, options.kernelId ?? null, options.cause),
        "cause" in options ? { cause: options.cause } : undefined,
      );
      this.details = details;
      this.remedy = options.remedy ?? remedy;
      this.kernelId = options.kernelId ?? null;
      this.stage = options.stage ?? null;
      this.messageId = options.messageId ?? null;
    }
    get [brand](): true {
      return true;
    }
    toJSON(): ErrorJson {
      const { name, message, kernelId, stage, messageId, remedy } = this;
      return { name, code, message, details: writable(this.details), remedy, kernelId, stage, messageId };
    }
  };
  Object.defineProperty(type, "name", { value: code });
  Object.defineProperty(type.prototype, "name", { value: `RinglineError [${code}]`, configurable: true });
  return type;
}

/** Details as JSON can hold them: a value that it cannot, such as a bigint, in words. */
function writable(details: object): object {
  const entries = Object.entries(details).map(([name, value]) => {
    try {
      return [name, JSON.stringify(value) === undefined ? show(value) : value];
    } catch {
      return [name, show(value)];
    }
  });
  return Object.fromEntries(entries);
}

/** One class a code: `throw new errors.TIMEOUT({ operation: "receive", timeout: 100 })`. */
export const errors: { readonly [Code in ErrorCode]: ErrorClass<Code> } = Object.freeze(
  Object.fromEntries((Object.keys(wordings) as ErrorCode[]).map((code) => [code, classFor(code)])),
) as { readonly [Code in ErrorCode]: ErrorClass<Code> };

/**
 * True for any error of Ringline or, if codes are given, for one with one of these codes.
 *
 * @example
 * try {
 *   await runtime.request(square, Num({ n: 3 }), { timeout: 1000 });
 * } catch (error) {
 *   if (!isRinglineError(error, "TIMEOUT", "QUEUE_FULL")) throw error;
 *   console.log(error.code, error.remedy);
 * }
 */
export function isRinglineError<Code extends ErrorCode = ErrorCode>(
  value: unknown,
  ...codes: Code[]
): value is Extract<AnyRinglineError, { readonly code: Code }> {
  if (typeof value !== "object" || value === null || !isBranded(value)) return false;
  return codes.length === 0 || codes.includes((value as unknown as RinglineError<Code>).code);
}

/** A thrown proxy may throw when it is looked at. */
function isBranded(value: object): boolean {
  try {
    return brand in value;
  } catch {
    return false;
  }
}

/** The same error, with the parts of its place that it does not name yet. */
export function placed(error: AnyRinglineError, place: ErrorPlace): AnyRinglineError {
  const complete = (["kernelId", "stage", "messageId"] as const).every((part) => error[part] !== null || !place[part]);
  if (complete) return error;
  const type = errors[error.code] as ErrorClass<ErrorCode>;
  const copy = new type(error.details, {
    ...("cause" in error ? { cause: error.cause } : {}),
    remedy: error.remedy,
    kernelId: error.kernelId ?? place.kernelId,
    stage: error.stage ?? place.stage,
    messageId: error.messageId ?? place.messageId,
  });
  if (error.stack !== undefined) copy.stack = error.stack;
  return copy as AnyRinglineError;
}

/** Wraps an exception of a kernel: Ringline errors keep their code, others become `KERNEL_FAILED` with the cause. */
export function asRinglineError(thrown: unknown, place: ErrorPlace): AnyRinglineError {
  if (isRinglineError(thrown)) return placed(thrown, place);
  return new errors.KERNEL_FAILED({ restarts: 0 }, { cause: thrown, ...place });
}
