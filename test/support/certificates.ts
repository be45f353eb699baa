import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A certificate and its key, as files and as text. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

/** An authority of our own, and what it has signed. */
export interface Authority {
  readonly caFile: string;
  readonly ca: string;
  /**
   * `names`: as OpenSSL writes them, such as `IP:127.0.0.1`. `distinguished`: whose it is, by default the common name
   * `subject`.
   */
  sign(subject: string, names: string, distinguished?: string): Certificate;
}

/** Makes them in this folder, which the caller removes. */
export function makeAuthority(folder: string): Authority {
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "pipe" });
  const file = (name: string) => join(folder, name);
  const fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const [caFile, caKey] = [file("ca.crt"), file("ca.key")];
  const self = ["-x509", "-days", "2", "-subj", "/CN=tests of incumbent"];
  openssl("req", ...self, ...fresh, "-keyout", caKey, "-out", caFile);
  return {
    caFile,
    ca: readFileSync(caFile, "utf8"),
    sign: (subject, names, distinguished = `/CN=${subject}`) => {
      const [certFile, keyFile] = [file(`${subject}.crt`), file(`${subject}.key`)];
      const [request, extensions] = [file(`${subject}.csr`), file(`${subject}.ext`)];
      writeFileSync(extensions, `subjectAltName=${names}\n`);
      openssl("req", ...fresh, "-subj", distinguished, "-keyout", keyFile, "-out", request);
      const by = ["-CA", caFile, "-CAkey", caKey, "-CAcreateserial", "-days", "2"];
      openssl("x509", "-req", "-in", request, ...by, "-extfile", extensions, "-out", certFile);
      const [cert, key] = [certFile, keyFile].map((path) => readFileSync(path, "utf8"));
      return { certFile, keyFile, cert: cert ?? "", key: key ?? "" };
    },
  };
}
