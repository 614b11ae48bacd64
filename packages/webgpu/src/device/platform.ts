interface NodeProcess {
  readonly platform: string;
  readonly versions?: { readonly node?: string };
}
const { process } = globalThis as { process?: NodeProcess };

/** "linux", "darwin", "win32" and so on in Node; undefined in browsers. */
export const nodePlatform: string | undefined = process?.versions?.node === undefined ? undefined : process.platform;
