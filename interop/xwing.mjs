// Opens vectors/wrapped/*.json with @hpke/core and @hpke/hybridkem-x-wing: pure JavaScript, no OpenSSL, no code of ours.
// `make interop` installs both and runs this; it exits with 1 if any vector does not come out as it says.
import { readFileSync, readdirSync } from "node:fs";
import { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";

const ENCAPSULATED_BYTES = 1120;
const folder = new URL("../vectors/wrapped/", import.meta.url);
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const suite = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

async function opens(vector) {
  const wrapped = bytes(vector.wrapped_base64);
  const recipientKey = await suite.kem.importKey("raw", bytes(vector.seed_base64).buffer, false);
  try {
    const opened = await suite.open(
      { recipientKey, enc: wrapped.slice(0, ENCAPSULATED_BYTES).buffer, info: bytes(vector.info_base64).buffer },
      wrapped.slice(ENCAPSULATED_BYTES).buffer,
    );
    return Buffer.from(opened).toString("base64") === vector.content_key_base64;
  } catch {
    return false;
  }
}

let wrong = 0;
for (const name of readdirSync(folder).sort()) {
  const vector = JSON.parse(readFileSync(new URL(name, folder)));
  const held = (await opens(vector)) === (vector.expect === "accept");
  wrong += held ? 0 : 1;
  console.log(`${held ? "ok  " : "FAIL"} wrapped/${name}: ${vector.expect}`);
}
process.exit(wrong ? 1 : 0);
