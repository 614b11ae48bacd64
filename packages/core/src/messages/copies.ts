/** The version in package.json, which the build puts here; absent where the sources run as they are. */
declare const RINGLINE_VERSION: string | undefined;

/** Version of this copy of the package, and the file that it is in where the stack of an error tells. */
export function thisCopy(): string {
  const version = typeof RINGLINE_VERSION === "string" ? RINGLINE_VERSION : "sources";
  const [, file] = /(?:\(|@|at )((?:file:|https?:|[A-Za-z]:|\/)[^\n]*?):\d+:\d+/.exec(new Error().stack ?? "") ?? [];
  return file === undefined ? version : `${version}, ${file}`;
}

/** By this every copy of the package in a realm knows the messages of another one. */
export const BRAND = Symbol.for("ringline.message");

/** The copy of the package that made a message. */
export function copyOf(message: object): string {
  const told: unknown = (message as { [BRAND]?: unknown })[BRAND];
  return typeof told === "string" ? told : "an older version";
}
