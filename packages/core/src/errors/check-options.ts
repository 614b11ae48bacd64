import { type ErrorPlace, errors } from "./ringline-error.js";

/** Words of other libraries, and of neighbouring calls, with the options that mean the same here. */
const SYNONYMS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    by: ["mode"],
    capacity: ["queueSize"],
    concurrency: ["workers"],
    highWaterMark: ["queueSize"],
    maxQueue: ["queueSize"],
    mode: ["by"],
    ordered: ["order"],
    ordering: ["order"],
    partition: ["by"],
    restart: ["supervise"],
    retries: ["onError"],
    retry: ["onError"],
    size: ["max", "queueSize"],
    strategy: ["backpressure", "supervise"],
    timeoutMs: ["timeout"],
    ttl: ["expiresIn"],
  }),
);

/** Most letters by which a misspelt option differs from the one that was meant. */
const MOST_EDITS = 2;

/**
 * Throws `INVALID_ARGUMENT` where `options` is no object, or has an option that is not in `known`; the remedy names the
 * known option that was probably meant. `owner`: the call or thing that takes the options, as in "a launch". `path`
 * stands before the name of the option, as in "telemetry.".
 */
export function checkOptions(
  options: unknown,
  known: readonly string[],
  owner: string,
  place: ErrorPlace & { readonly path?: string } = {},
): void {
  if (typeof options !== "object" || options === null) {
    const argument = place.path?.slice(0, -1) ?? "options";
    throw new errors.INVALID_ARGUMENT({ argument, value: options }, { ...place, remedy: optionsOf(owner, known) });
  }
  for (const option of Object.keys(options)) {
    if (known.includes(option)) continue;
    const unknown = { argument: `${place.path ?? ""}${option}`, value: (options as Record<string, unknown>)[option] };
    const meant = SYNONYMS.get(option)?.find((name) => known.includes(name)) ?? nearest(option, known);
    const hint = meant === undefined ? "" : ` Did you mean \`${meant}\`?`;
    const remedy = `There is no such option.${hint} ${optionsOf(owner, known)}`;
    throw new errors.INVALID_ARGUMENT(unknown, { ...place, remedy });
  }
}

const optionsOf = (owner: string, known: readonly string[]) => `Options of ${owner} are ${listed(known)}.`;

function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  const last = quoted.pop() ?? "none";
  return quoted.length === 0 ? last : `${quoted.join(", ")} and ${last}`;
}

/** The name that `word` is a misspelling of; undefined where none is near. */
function nearest(word: string, names: readonly string[]): string | undefined {
  const most = Math.min(MOST_EDITS, Math.floor(word.length / 2));
  let best: string | undefined;
  let least = most + 1;
  for (const name of names) {
    const edits = editsBetween(word.toLowerCase(), name.toLowerCase());
    if (edits >= least) continue;
    best = name;
    least = edits;
  }
  return best;
}

/** The Levenshtein distance: letters to insert, delete or replace. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** Options without undefined values. */
export type Complete<Options> = { readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined> };

/** `defaults` overridden by `options`; an undefined option takes its default. */
export function completed<Options extends object>(
  defaults: Complete<Options>,
  options: Options | undefined,
): Complete<Options> {
  return { ...defaults, ...givenOf(options ?? {}) } as Complete<Options>;
}

/** The options that are not undefined. */
export function givenOf<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}
