/** False if NODE_ENV is "production": aids that only help to find mistakes are then off. */
export const isDevelopment =
  (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.["NODE_ENV"] !==
  "production";
