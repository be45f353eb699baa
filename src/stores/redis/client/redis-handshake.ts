/** What a connection needs that did not come about, by what the client said of it. */
const overTls: readonly (readonly [text: RegExp, hint: string])[] = [
  [/certificate|issuer/i, "give the authority that signed it as tls.ca, or in NODE_EXTRA_CA_CERTS"],
  [
    /ETIMEDOUT|ECONNRESET|timeout|wrong version number|before secure TLS/i,
    "if the server has no TLS at this port, its address is redis://…",
  ],
];

const withoutTls: typeof overTls = [
  [
    /ECONNRESET|EPIPE|closed|the connection was lost/i,
    "if the server expects TLS at this port, its address is rediss://…",
  ],
];

/** The error of a connection that did not come about, with what may be missing. */
export function explained(error: unknown, isTls: boolean): unknown {
  if (!(error instanceof Error)) return error;
  const hints = isTls ? overTls : withoutTls;
  const hint = hints.find(([text]) => text.test(error.message))?.[1];
  if (hint === undefined) return error;
  const explanation = new Error(`${error.message} (${hint})`, { cause: error });
  explanation.name = error.name;
  return explanation;
}
