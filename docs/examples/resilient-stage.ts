import {
  type Backend,
  body,
  createRuntime,
  defineKernel,
  defineMessage,
  isRinglineError,
  pipeline,
  StageFailure,
} from "@ringline/core";

const Text = defineMessage("Text", body<{ json: string }>());
const Value = defineMessage("Value", body<{ value: unknown }>());

export const parse = defineKernel({
  id: "parse",
  module: import.meta.url,
  input: Text,
  output: Value,
  handle: ({ json }) => Value({ value: JSON.parse(json) }),
});

/** The function is part of the kernel, so that it is available wherever the kernel runs. */
export const lenient = defineKernel({
  id: "lenient",
  module: import.meta.url,
  input: Text,
  output: Value,
  handle: ({ json }) => Value({ value: JSON.parse(json) }),
  onError: (error, { json }) => (json === "" ? Value({ value: null }) : error.code === "TIMEOUT" ? "retry" : "reply"),
});

export const answering = pipeline("answering").stage(parse, { onError: "reply" });
export const keeping = pipeline("keeping").stage(parse, { onError: "dead-letter" }); // the default
export const trying = pipeline("trying").stage(parse, { onError: { retry: 2, backoff: { initial: 1 } } });
export const deciding = pipeline("deciding").stage(lenient);

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  runtime.on("error", () => {}); // without a listener, errors are printed
  const texts = ['{"a":1}', "{a:1}", "", "[2]"].map((json) => Text({ json }));

  for (const topology of [answering, deciding]) {
    await using flow = await runtime.run(topology);
    for await (const out of flow.process(texts)) {
      if (StageFailure.is(out)) console.log(`${topology.name}: ${out.stage} failed with ${out.error.code}`);
      else console.log(`${topology.name}: ${JSON.stringify(out.value)}`);
    }
  }

  for (const topology of [keeping, trying]) {
    await using flow = await runtime.run(topology);
    for await (const { value } of flow.process(texts)) console.log(`${topology.name}: ${JSON.stringify(value)}`);
    const letters = flow.deadLetters.take();
    console.log(
      `${topology.name}: ${letters.length} dead letters, attempts ${letters.map(({ attempts }) => attempts)}`,
    );
  }

  await using flow = await runtime.run(keeping);
  const error: unknown = await flow.request(Text({ json: "{" }), { timeout: 1000 }).catch((reason) => reason);
  if (isRinglineError(error)) console.log(`a request hears of it at once: ${error.code} in ${error.stage}`);
}
