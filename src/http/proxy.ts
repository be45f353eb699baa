import { once } from "node:events";
import type {
  ClientRequest,
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from "node:http";
import { builtin } from "../builtin.ts";
import { hopHeader } from "./hops.ts";
import { refuse } from "./refusal.ts";

/** What one attempt to send a request on needs. */
export interface Forwarding {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** How often it will have been sent on. */
  readonly hops: number;
  /** For how long the leader may be silent before its answer begins, in ms. */
  readonly timeout: number;
  /** Aborted if another process leads before the connection stands. */
  readonly signal: AbortSignal;
  /** Gets the error if the connection stood and the leader has not answered to the end. */
  readonly errors: unknown[];
}

/** Headers for one connection only, and one that Node.js has answered already. */
const OF_ONE_CONNECTION = new Set([
  ...["connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "trailer"],
  ...["upgrade", "expect", "proxy-authenticate", "proxy-authorization"],
]);

/**
 * Sends the request to `location`, and its answer back. Answers `false`, and has sent nothing, if there is no
 * connection: then another leader may be tried. Once connected it is not tried again, since the request may have had its
 * effect.
 */
export async function sendOn(location: URL, forwarding: Forwarding): Promise<boolean> {
  const { request, response, timeout, signal } = forwarding;
  const { request: open } = location.protocol === "https:" ? builtin.https : builtin.http;
  // A connection of its own: one that was kept alive may end just when it is used again.
  const sending = open(location, {
    ...{ method: request.method, headers: headersFor(location, forwarding) },
    ...{ agent: false, timeout },
  });
  let failure: unknown;
  const fail = (error: unknown) => {
    failure ??= error;
  };
  sending.on("error", fail);
  let hasClientLeft = false;
  const giveUp = () => {
    // An answer that breaks off closes this one as well.
    hasClientLeft = failure === undefined;
    sending.destroy();
  };
  response.once("close", giveUp);
  const tooLate = () => sending.destroy(new Error(`no answer within ${timeout} ms`));
  sending.once("timeout", tooLate);
  try {
    if (!(await connected(sending, location, signal))) return response.destroyed;
    const answer = await answerOf(sending, request);
    // An answer that has begun may take its time.
    sending.off("timeout", tooLate);
    answer.once("error", fail);
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
    await builtin.streams.pipeline(answer, response);
  } catch (error) {
    if (hasClientLeft) return true;
    if (!response.headersSent) refuse(response, 502, "the leader did not answer");
    forwarding.errors.push(failure ?? error);
  } finally {
    response.off("close", giveUp);
    sending.destroy();
  }
  return true;
}

/** Whether there is a connection, by which nothing has been sent yet. */
async function connected(
  sending: ClientRequest,
  { protocol }: URL,
  signal: AbortSignal,
): Promise<boolean> {
  const abandon = () => sending.destroy();
  signal.addEventListener("abort", abandon);
  try {
    return await new Promise((resolve) => {
      const event = protocol === "https:" ? "secureConnect" : "connect";
      sending.once("socket", (socket) => socket.once(event, () => resolve(true)));
      sending.once("close", () => resolve(false));
    });
  } finally {
    signal.removeEventListener("abort", abandon);
  }
}

async function answerOf(
  sending: ClientRequest,
  request: IncomingMessage,
): Promise<IncomingMessage> {
  const answered = once(sending, "response");
  // The leader may answer before it has read all, and then ends the connection under the rest.
  builtin.streams.pipeline(request, sending).catch(() => {});
  const [answer] = await answered;
  return answer;
}

function headersFor(location: URL, { request, hops }: Forwarding): OutgoingHttpHeaders {
  const { headers, socket } = request;
  const before = headers["x-forwarded-for"];
  return {
    ...(headers.host !== undefined && { "x-forwarded-host": headers.host }),
    "x-forwarded-proto": "encrypted" in socket ? "https" : "http",
    ...endToEnd(headers),
    // Without it, the body of a DELETE would have no frame.
    ...(headers["transfer-encoding"] !== undefined && { "transfer-encoding": "chunked" }),
    ...{ host: location.host, ...hopHeader(hops) },
    "x-forwarded-for": [before ?? [], socket.remoteAddress ?? []].flat().join(", "),
  };
}

function endToEnd(headers: IncomingMessage["headers"]): OutgoingHttpHeaders {
  const named = (headers.connection ?? "").toLowerCase().split(/\s*,\s*/);
  const isDropped = (name: string) => OF_ONE_CONNECTION.has(name) || named.includes(name);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isDropped(name)));
}
