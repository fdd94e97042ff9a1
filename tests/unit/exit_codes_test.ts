import assert from "node:assert/strict";
import { EXIT, exitOfMemory } from "../../src/common/exit_codes.ts";

Deno.test("[F-13.3 F-11.7] a start on a full or failing disk is tried again, one on a foreign journal is not", () => {
  for (const line of ["No space left on device (os error 28): data/journal", "Input/output error (os error 5)"]) {
    assert.equal(exitOfMemory(new Error(line)), EXIT.files);
  }
  assert.equal(exitOfMemory(new Error("Cannot use data as its journal is of schema 9")), EXIT.refused);
});
