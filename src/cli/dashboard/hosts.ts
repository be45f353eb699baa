import type { RequestListener } from "node:http";

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i;

/**
 * On a loopback address, only requests for it are passed on. A page on the web can let a name of its own resolve to
 * 127.0.0.1, and would read in the browser of a user what is served there.
 */
export function onlyFor(host: string, listener: RequestListener): RequestListener {
  return (request, response) => {
    const asked = (request.headers.host ?? "").replace(/:\d+$/, "");
    if (!LOOPBACK.test(host) || LOOPBACK.test(asked)) listener(request, response);
    else response.writeHead(421, { "content-type": "text/plain" }).end("Use the address.\n");
  };
}
