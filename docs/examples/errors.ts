import { type Backend, body, createRuntime, defineKernel, defineMessage, isRinglineError } from "@ringline/core";

const Text = defineMessage("Text", body<{ json: string }>());
const Data = defineMessage("Data", body<{ keys: string[] }>());

export const parse = defineKernel({
  id: "parse",
  module: import.meta.url,
  input: Text,
  output: Data,
  handle: ({ json }) => Data({ keys: Object.keys(JSON.parse(json)) }),
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  runtime.on("error", ({ code, kernelId }) => console.log(`event: ${code} of ${kernelId}`));
  const kernel = await runtime.start(parse);

  const failed: unknown = await kernel.request(Text({ json: "{" }), { timeout: 1000 }).catch((error) => error);
  if (isRinglineError(failed, "KERNEL_FAILED")) {
    console.log(`requester: ${failed.code} of ${failed.kernelId}, because of a ${(failed.cause as Error).name}`);
  }

  const good = await kernel.request(Text({ json: '{"a":1}' }), { timeout: 1000 }); // the message failed, not the kernel
  console.log(`next: ${good.keys.join()}`);

  const [letter] = runtime.deadLetters.peek({ kernelId: "parse" });
  console.log(`kept: ${letter?.message.type}, ${letter?.reason}, attempts ${letter?.attempts}`);
}
