import { LAB_EXIT, LabInputError } from "../io.ts";

/** Data that do not allow what was asked: one line that says what, where and what would be needed. */
export function badData(message: string): LabInputError {
  return new LabInputError(message, LAB_EXIT.badData);
}
