import { invalid, isOptions } from "../../input.ts";
import { readServersUrl } from "../servers-url.ts";
import { agree, textParameter, trueOrFalse, wholeNumberParameter } from "../url-parameters.ts";
import {
  type NatsSettings,
  type NatsStoreOptions,
  natsOptionNames,
  natsSettings,
} from "./nats-options.ts";

/** What `connect` of `@nats-io/transport-node` takes. It understands more than what is named here. */
export interface NatsConnectionOptions {
  readonly servers?: string | readonly string[] | undefined;
  readonly user?: string | undefined;
  readonly pass?: string | undefined;
  readonly token?: string | undefined;
  readonly tls?: object | null | undefined;
  readonly authenticator?: unknown;
  readonly inboxPrefix?: string | undefined;
}

const EXAMPLE = '"nats://127.0.0.1:4222"';

const form = {
  ...{ port: 4222, example: EXAMPLE },
  schemes: ["nats"] as const,
  parameters: {
    bucket: textParameter("incumbent"),
    createBucket: trueOrFalse,
    replicas: wholeNumberParameter("1"),
    restartGuard: trueOrFalse,
    tls: trueOrFalse,
  },
};

/** Where to connect, and the options of the store that a URL has. Throws `INCUMBENT_INVALID_OPTION`. */
function natsServers(place: NatsConnectionOptions | string): {
  readonly connection: NatsConnectionOptions;
  readonly options: NatsStoreOptions;
} {
  if (typeof place === "string") {
    const { servers, user, password, values } = readServersUrl(place, form);
    const { tls, ...options } = values;
    // The servers of a URL may ask for a token in place of a user.
    const who = password === undefined ? { token: user } : { user, pass: password };
    return {
      connection: { servers, ...(user !== undefined && who), ...(tls && { tls: {} }) },
      options,
    };
  }
  if (!isOptions(place) || "publish" in place) {
    const rule = "must be a URL, or the options that connect() of @nats-io/transport-node takes";
    throw invalid({ name: "connection", rule, value: place, example: EXAMPLE });
  }
  return { connection: place, options: {} };
}

/** Where to connect, and what the URL and the options say together. Throws `INCUMBENT_INVALID_OPTION`. */
export function natsPlace(
  place: NatsConnectionOptions | string,
  options: NatsStoreOptions,
): { readonly connection: NatsConnectionOptions; readonly settings: NatsSettings } {
  const { connection, options: ofUrl } = natsServers(place);
  const all = agree<NatsStoreOptions>(options, ofUrl, natsOptionNames);
  return { connection, settings: natsSettings(all) };
}
