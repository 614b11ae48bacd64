/** Version in package.json, inserted by the build; undefined if the sources run unbuilt. */
declare const RINGLINE_VERSION: string | undefined;

/** Version of this copy of the package, and its file if the stack of an error names one. */
export function thisCopy(): string {
  const version = typeof RINGLINE_VERSION === "string" ? RINGLINE_VERSION : "sources";
  const [, file] = /(?:\(|@|at )((?:file:|https?:|[A-Za-z]:|\/)[^\n]*?):\d+:\d+/.exec(new Error().stack ?? "") ?? [];
  return file === undefined ? version : `${version}, ${file}`;
}

/** Property by which a copy of the package recognises the messages of other copies in the same realm. */
export const BRAND = Symbol.for("ringline.message");

/** Describes the copy of the package that made a message. */
export function copyOf(message: object): string {
  const told: unknown = (message as { [BRAND]?: unknown })[BRAND];
  return typeof told === "string" ? told : "an older version";
}

/** False if NODE_ENV is "production": aids that only help to find mistakes are then off. */
export const isDevelopment =
  (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.["NODE_ENV"] !==
  "production";
