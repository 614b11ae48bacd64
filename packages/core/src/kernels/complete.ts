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
