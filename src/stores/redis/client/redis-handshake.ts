/** What a connection needs that did not come about, by what the client said of it. */
const overTls: readonly (readonly [text: RegExp, hint: string])[] = [
  [
    /altnames/i,
    "connect by a name that is in the server's certificate, or give that name as tls.servername",
  ],
  [
    /alert (?:certificate|bad certificate)|certificate required|handshake failure/i,
    "the server wants a certificate of the client: give it as tls.cert, and its key as tls.key",
  ],
  [/certificate|issuer/i, "give the authority that signed it as tls.ca, or in NODE_EXTRA_CA_CERTS"],
  [
    /ETIMEDOUT|ECONNRESET|timeout|wrong version number|before secure TLS/i,
    "if the server has no TLS at this port, its address is redis://…",
  ],
];

const withoutTls: typeof overTls = [
  [
    /ECONNRESET|EPIPE|closed|the connection was lost/i,
    "if the server expects TLS at this port, its address is rediss://…; or it has no connection left, by its maxclients",
  ],
];

/** The error of a connection that did not come about, with what may be missing. */
export function explained(error: unknown, isTls: boolean): unknown {
  if (!(error instanceof Error)) return error;
  const hints = isTls ? overTls : withoutTls;
  const hint = hints.find(([text]) => text.test(error.message))?.[1];
  if (hint === undefined) return error;
  // Those of OpenSSL end with a line break.
  const explanation = new Error(`${error.message.trim()} (${hint})`, { cause: error });
  explanation.name = error.name;
  return explanation;
}
