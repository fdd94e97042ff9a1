/** What the person's files or words do not allow; one line that says what, where and what would be needed. */
export class LabProblem extends Error {
  /** 2 the words, 65 the data, 74 the files (L-8). */
  readonly code: 2 | 65 | 74;
  constructor(code: 2 | 65 | 74, message: string) {
    super(message);
    this.name = "LabProblem";
    this.code = code;
  }
}
