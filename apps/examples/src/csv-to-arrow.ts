// CSV in, an Arrow file out, in record batches: never more of it in memory than a batch and what is in flight.
import { type Backend, body, createRuntime, defineKernel, defineMessage, pipeline } from "@ringline/core";
import { Float64, RecordBatchStreamWriter, Table, Utf8, vectorFromArray } from "apache-arrow";

export const Row = defineMessage("Row", body<{ line: string }>());
export const Reading = defineMessage("Reading", body<{ station: string; celsius: number }>());

export const parseRow = defineKernel({
  id: "parse_row",
  module: import.meta.url,
  input: Row,
  output: Reading,
  handle({ line }) {
    const [station, celsius] = line.split(",");
    if (station === undefined || celsius === undefined || Number.isNaN(Number(celsius))) {
      throw new SyntaxError(`not a reading: ${line}`);
    }
    return Reading({ station, celsius: Number(celsius) });
  },
});

export const readings = pipeline("readings").stage(parseRow);

/** Lines with a head line → the bytes of an Arrow stream, with `rows` rows to a batch. */
export async function csvToArrow(backend: Backend, lines: Iterable<string>, rows = 1000): Promise<Uint8Array> {
  await using runtime = createRuntime({ backend });
  await using flow = await runtime.run(readings);
  const writer = new RecordBatchStreamWriter();
  let batch: { station: string; celsius: number }[] = [];
  const write = () => {
    const station = vectorFromArray(
      batch.map((reading) => reading.station),
      new Utf8(),
    );
    const celsius = vectorFromArray(
      batch.map((reading) => reading.celsius),
      new Float64(),
    );
    for (const record of new Table({ station, celsius }).batches) writer.write(record);
    batch = [];
  };
  for await (const { station, celsius } of flow.process(messages(lines))) {
    batch.push({ station, celsius });
    if (batch.length === rows) write();
  }
  if (batch.length > 0) write();
  writer.close();
  return writer.toUint8Array();
}

function* messages(lines: Iterable<string>) {
  let isHead = true;
  for (const line of lines) {
    if (!isHead) yield Row({ line });
    isHead = false;
  }
}
