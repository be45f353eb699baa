import type { GlideClient } from "./redis-client.ts";
import type { Driver, OpenDriver } from "./redis-driver.ts";

const CONNECT_TIMEOUT = 2000;

/** Long enough that a request ends by its own deadline: the library would give up after a quarter of a second. */
const LONGEST_ANSWER = 60_000;

/**
 * A pause before the library connects again by itself, in ms, as a factor and a base. With hardly any, it is
 * so busy after a connection broke that no other one comes about (measured with 2.5).
 */
const backoff = { numberOfRetries: 1, factor: 100, exponentBase: 2 };

const SUBSCRIBE_TIMEOUT = 5000;

/** `Decoder.String`, whatever the user's client answers with. */
const asText = { decoder: 1 };

/** What the library makes of the first word of an error reply. */
const words: ReadonlyMap<string, string> = new Map([
  ["ResponseError", "ERR"],
  ["NoScriptError", "NOSCRIPT"],
  ["ReadOnly", "READONLY"],
  ["PermissionDenied", "NOPERM"],
  ["BusyLoadingError", "LOADING"],
  ["MasterDown", "MASTERDOWN"],
  ["ClusterDown", "CLUSTERDOWN"],
  ["CrossSlot", "CROSSSLOT"],
  ["TryAgain", "TRYAGAIN"],
  ["Moved", "MOVED"],
  ["Ask", "ASK"],
]);

/**
 * Connections like that of a client of `@valkey/valkey-glide`, which connects in its constructor and
 * repairs what broke by itself. So one that failed to answer is over, before it does.
 */
export function copyOfGlide(client: GlideClient): OpenDriver {
  return ({ lost, message }) => {
    let own: GlideClient | undefined;
    let isEnded = false;
    const end = () => {
      isEnded = true;
      own?.close();
      own = undefined;
    };
    const connected = () => {
      if (own === undefined) throw new Error("the connection was lost");
      return own;
    };
    const driver: Driver = {
      end,
      connect: async () => {
        const made = await client.constructor.createClient(optionsFor(client, message));
        own = made;
        if (!isEnded) return;
        end();
        throw new Error("the connection was closed");
      },
      send: async (command) => {
        try {
          return await connected().customCommand([...command], asText);
        } catch (error) {
          const reply = replyOf(error);
          if (reply !== undefined) throw reply;
          end();
          lost();
          throw error;
        }
      },
      subscribe: (channels) => connected().subscribe(new Set(channels), SUBSCRIBE_TIMEOUT),
      unsubscribe: (channel) => connected().unsubscribe(new Set([channel]), SUBSCRIBE_TIMEOUT),
      // The library offers no way; guard-settings.ts refuses the option.
      unref: () => {},
    };
    return driver;
  };
}

/** The user's, without what would answer from elsewhere, or later. */
function optionsFor(
  { config }: GlideClient,
  message: ((channel: string, text: string) => void) | undefined,
): object {
  const callback = (news: { readonly channel: unknown; readonly message: unknown }) =>
    message?.(String(news.channel), String(news.message));
  return {
    ...config,
    lazyConnect: false,
    readFrom: "primary",
    clientSideCache: undefined,
    compression: undefined,
    inflightRequestsLimit: undefined,
    // Channels need RESP3, which is the default.
    protocol: undefined,
    requestTimeout: LONGEST_ANSWER,
    connectionBackoff: backoff,
    advancedConfiguration: { ...config?.advancedConfiguration, connectionTimeout: CONNECT_TIMEOUT },
    pubsubSubscriptions: message && { channelsAndPatterns: {}, callback },
  };
}

/** The error reply in the words of the server, if it is one. */
function replyOf(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const text = error.message.replace(/^An error was signalled by the server: - /, "");
  const [, word = "", rest = ""] = /^([A-Za-z]+): (.*)$/s.exec(text) ?? [];
  const isWord = words.has(word) || /^[A-Z]+$/.test(word);
  if (!isWord && text === error.message) return undefined;
  const reply = new Error(isWord ? `${words.get(word) ?? word} ${rest}` : text);
  reply.name = "ReplyError";
  return reply;
}
