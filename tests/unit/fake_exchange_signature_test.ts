import assert from "node:assert/strict";
import fc from "fast-check";
import { hmacSha256 } from "../../src/infrastructure/exchange/fake_exchange/wire/signature.ts";
import { simulatedSigner } from "../../src/infrastructure/platform/virtual/signer.ts";

Deno.test("[PROTOCOL-1.1] venue: a signature on a real wire is HMAC-SHA256 (RFC 4231, case 2)", () => {
  assert.equal(
    hmacSha256("Jefe")("what do ya want for nothing?"),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});

Deno.test("[PROTOCOL-1.1] venue: a simulated signature tells another text and another secret", () => {
  const text = fc.string({ unit: "binary", maxLength: 400 });
  fc.assert(fc.property(text, text, fc.string({ minLength: 1 }), (one, other, secret) => {
    const sign = simulatedSigner(secret);
    assert.match(sign(one), /^[0-9a-f]{64}$/);
    assert.equal(sign(one), simulatedSigner(secret)(one));
    assert.equal(sign(one) === sign(other), one === other);
    assert.notEqual(sign(one), simulatedSigner(`${secret}x`)(one));
  }));
});
