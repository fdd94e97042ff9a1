import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { hmacSha256 } from "../../src/infrastructure/exchange/fake_exchange/wire/hmac.ts";

Deno.test("[PROTOCOL-1.1] venue: signatures equal node:crypto's for every text and every ASCII secret", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "binary-ascii", maxLength: 400 }),
    fc.string({ unit: "binary", maxLength: 200 }),
  );
  fc.assert(fc.property(anyText, fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 64 }), (text, secret) => {
    assert.equal(hmacSha256(secret)(text), createHmac("sha256", secret).update(text).digest("hex"));
  }));
});

Deno.test("[PROTOCOL-1.1] venue: one signer serves long and short texts in turn", () => {
  const sign = hmacSha256("secret");
  for (const length of [0, 55, 56, 63, 64, 119, 120, 2000, 3]) {
    const text = "x".repeat(length);
    assert.equal(sign(text), createHmac("sha256", "secret").update(text).digest("hex"), `length ${length}`);
    const wide = "ü".repeat(length * 100);
    assert.equal(sign(wide), createHmac("sha256", "secret").update(wide).digest("hex"), `length ${length} of ü`);
  }
});

Deno.test("[PROTOCOL-1.1] venue: a kept signature is given for its own text and secret only", () => {
  const texts = Array.from({ length: 20 }, (_, index) => `161111111111${index}key5000`);
  for (const secret of ["one", "two", "one"]) {
    const sign = hmacSha256(secret);
    for (const text of [...texts, ...texts.toReversed(), ""]) {
      assert.equal(sign(text), createHmac("sha256", secret).update(text).digest("hex"), `${secret} ${text}`);
    }
  }
});

Deno.test("[PROTOCOL-1.1] venue: a secret that is long or not ASCII is refused", () => {
  for (const secret of ["x".repeat(65), "ü"]) assert.throws(() => hmacSha256(secret), RangeError);
});
