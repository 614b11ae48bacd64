/** One line on stderr that says what runs: written over in a terminal, else a new line where `what` changes. */
export class Progress {
  private last = "";

  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly prefix = "",
  ) {}

  /** `how far` is for terminals only, where it costs no line. */
  show(what: string, howFar: string): void {
    if (this.stream.isTTY) {
      this.stream.write(`\r\x1b[2K${this.prefix}${what}: ${howFar}`);
    } else if (what !== this.last) {
      this.stream.write(`${this.prefix}${what}\n`);
    }
    this.last = what;
  }

  clear(): void {
    if (this.stream.isTTY && this.last !== "") this.stream.write("\r\x1b[2K");
    this.last = "";
  }
}
