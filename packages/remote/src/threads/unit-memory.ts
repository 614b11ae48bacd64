/** Memory that a thread and the host share for one incarnation. */
export class UnitMemory {
  readonly memory: SharedArrayBuffer;
  /** Word that counts the changes of the output's route. */
  readonly route: Int32Array;
  /** Outputs accepted and errors, which outlive the thread: see `UnitSpec.counts`. */
  readonly counts: Float64Array;

  constructor(memory = new SharedArrayBuffer(24)) {
    this.memory = memory;
    this.route = new Int32Array(memory, 0, 1);
    this.counts = new Float64Array(memory, 8, 2);
  }
}
