const NAME = /^[\w-]{1,128}$/;

/** True for what can be the name of a member: one token of a subject, without blanks, dots and wildcards. */
export const isName = (value: unknown): value is string => typeof value === "string" && NAME.test(value);
