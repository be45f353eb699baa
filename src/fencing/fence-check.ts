import { checkFunction, checkOptions, invalid, visibleName } from "../input.ts";
import { type Fence, MemoryFence } from "./fence.ts";
import { checkHeader, DEFAULT_HEADER, tokenIn } from "./fencing-header.ts";

/** What is used of a request: Node's `IncomingMessage`, a request of Express, and one of Fastify have it. */
export interface HttpRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** How requests are fenced. */
export interface FenceOptions<Request extends HttpRequest = HttpRequest> {
  /**
   * What the tokens guard, for example the key of the election, or a function that names it. Only tokens for the same
   * resource are compared. Take the names from a fixed set: each is remembered.
   */
  readonly resource: string | ((request: Request) => string);
  /** @defaultValue a {@link MemoryFence} */
  readonly fence?: Fence | undefined;
  /**
   * The header that has the token.
   * @defaultValue `"fencing-token"`
   */
  readonly header?: string | undefined;
  /** Called with the error if the fence, or `resource`, failed. The request is answered with 503. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** A request that was admitted. */
export interface FencedRequest {
  readonly resource: string;
  readonly token: number;
  /**
   * Whether there was still no request with a larger token. Ask it again just before an effect, if the handler has
   * awaited anything since the request came.
   */
  isNewest(): Promise<boolean>;
}

/** Why a request is not admitted. */
export interface Refusal {
  readonly status: 400 | 412 | 428 | 503;
  readonly body: string;
}

const admitted = new WeakMap<HttpRequest, FencedRequest>();

/**
 * What a fence knows of a request that it has admitted: the token, for a statement that compares it, and whether it is
 * still the newest. Of Fastify's request, it is that of `request` itself.
 *
 * @throws IncumbentError `INCUMBENT_INVALID_OPTION` for a request that passed no fence.
 */
export function fencedRequest(request: HttpRequest): FencedRequest {
  const found = admitted.get(request);
  if (found !== undefined) return found;
  throw invalid({
    name: "request",
    rule: "must have passed a fence before",
    value: request,
    example: 'app.use(expressFence({ resource: "billing" })) before the route',
  });
}

/** Answers with why the request is refused, or with nothing if it is admitted. */
export type FenceCheck<Request> = (request: Request) => Promise<Refusal | undefined>;

/** Throws `INCUMBENT_INVALID_OPTION`. */
export function fenceCheck<Request extends HttpRequest>(
  options: FenceOptions<Request>,
): FenceCheck<Request> {
  const { nameOf, fence, header, onError } = parse(options);
  return async (request) => {
    const value = request.headers[header];
    if (value === undefined) return refusal(428, `the header ${header} is missing`);
    const token = tokenIn(value);
    if (token === undefined) return refusal(400, `the header ${header} is not a token`);
    try {
      const resource = nameOf(request);
      const newest = await fence.raise(resource, token);
      if (newest !== token) return refusal(412, "a later leader was here", { token, newest });
      const isNewest = async () => (await fence.raise(resource, token)) === token;
      admitted.set(request, { resource, token, isNewest });
      return undefined;
    } catch (error) {
      onError(error);
      return refusal(503, "the fence does not answer");
    }
  };
}

function refusal(status: Refusal["status"], error: string, more?: object): Refusal {
  return { status, body: JSON.stringify({ error, ...more }) };
}

function parse<Request extends HttpRequest>(options: FenceOptions<Request>) {
  const example = '{ resource: "billing" }';
  const names = ["resource", "fence", "header", "onError"];
  const {
    resource,
    fence = new MemoryFence(),
    header = DEFAULT_HEADER,
    onError = () => {},
  } = checkOptions(options, names, example);
  if (typeof fence !== "object" || fence === null || typeof fence.raise !== "function") {
    const rule = "must be a fence";
    throw invalid({ name: "fence", rule, value: fence, example: "new RedisFence(client)" });
  }
  checkFunction("onError", onError, "(error) => console.error(error)");
  return { nameOf: namer(resource), fence, header: checkHeader(header), onError };
}

function namer<Request>(resource: FenceOptions["resource"] | ((request: Request) => string)) {
  if (typeof resource !== "function") {
    const name = checkResource(resource);
    return () => name;
  }
  return (request: Request) => checkResource((resource as (request: Request) => unknown)(request));
}

/** Throws `INCUMBENT_INVALID_OPTION`. */
export function checkResource(resource: unknown): string {
  return visibleName("resource", resource, { min: 1, max: 512, example: '"billing"' });
}
