import { invalid } from "../../input.ts";

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = new RegExp(`^${LABEL}(\\.${LABEL})*$`);
const SINGLE = new RegExp(`^${LABEL}$`);

/**
 * The key, which is the name of the Lease: kubectl shows it, and candidates of client-go find it. Throws
 * `INCUMBENT_INVALID_OPTION`.
 */
export function checkLeaseName(key: string): string {
  if (key.length <= 253 && SUBDOMAIN.test(key)) return key;
  const rule =
    "must be the name of a Lease (RFC 1123): at most 253 lower-case letters, digits, - and ., beginning and ending with a letter or digit, also before and after each .";
  throw invalid({ name: "key", rule, value: key, example: '"billing-scheduler"' });
}

/** Throws `INCUMBENT_INVALID_OPTION`. */
export function checkNamespace(namespace: string): string {
  if (namespace.length <= 63 && SINGLE.test(namespace)) return namespace;
  const rule =
    "must be the name of a namespace (RFC 1123): at most 63 lower-case letters, digits and -, beginning and ending with a letter or digit";
  throw invalid({ name: "namespace", rule, value: namespace, example: '"billing"' });
}
