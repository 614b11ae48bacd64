/** False where NODE_ENV is "production": what only helps to find mistakes is then left out. */
export const isDevelopment =
  (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.["NODE_ENV"] !==
  "production";
