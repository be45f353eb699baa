import type { ServerResponse } from "node:http";

/** Answers a request that cannot be sent to the leader. A client may repeat it after a second if it was a 503. */
export function refuse(response: ServerResponse, status: 400 | 502 | 503, error: string): void {
  response
    .writeHead(status, {
      "content-type": "application/json",
      ...(status === 503 && { "retry-after": "1" }),
    })
    .end(JSON.stringify({ error }));
}
