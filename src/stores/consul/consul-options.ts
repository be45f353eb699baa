import { boundedText, checkOptions, invalid } from "../../input.ts";
import { checkGuard } from "../guard-options.ts";
import { readServersUrl } from "../servers-url.ts";
import { agree, textParameter, trueOrFalse } from "../url-parameters.ts";

/** How a {@link ConsulStore} keeps leases. All candidates of an election must use the same prefix. */
export interface ConsulStoreOptions {
  /**
   * What the names of all keys in Consul begin with.
   * @defaultValue "incumbent/"
   */
  readonly prefix?: string | undefined;
  /** The ACL token. */
  readonly token?: string | undefined;
  /**
   * Whether a candidate waits one ttl for a lease of which Consul knows nothing. `false`: elects at once, and two
   * leaders are possible after Consul has lost its data.
   * @defaultValue true
   */
  readonly restartGuard?: boolean | undefined;
}

/** The names of all options. */
export const consulOptionNames: readonly (keyof ConsulStoreOptions)[] = [
  "prefix",
  "token",
  "restartGuard",
];

/** The options, complete. */
export interface ConsulSettings {
  /** Of the agent, such as `http://127.0.0.1:8500`. */
  readonly agent: string;
  readonly prefix: string;
  readonly token: string | undefined;
  readonly restartGuard: boolean;
}

const EXAMPLE = '"consul://127.0.0.1:8500"';

const form = {
  ...{ port: 8500, example: EXAMPLE },
  schemes: ["consul"] as const,
  parameters: {
    prefix: textParameter("incumbent/"),
    token: textParameter("a token"),
    restartGuard: trueOrFalse,
    tls: trueOrFalse,
  },
};

/** What the URL and the options say together. Throws `INCUMBENT_INVALID_OPTION`. */
export function consulSettings(url: string, options: ConsulStoreOptions): ConsulSettings {
  if (typeof url !== "string") {
    throw invalid({ name: "store", rule: "must be a URL", value: url, example: EXAMPLE });
  }
  checkOptions(options, consulOptionNames, '{ prefix: "incumbent/" }');
  const { servers, user, password, values } = readServersUrl(url, form);
  const [server = ""] = servers;
  const complain = (rule: string) => invalid({ name: "store", rule, value: url, example: EXAMPLE });
  if (servers.length > 1) throw complain("must name one agent, which finds the servers");
  if (user !== undefined || password !== undefined) {
    throw complain("must have no user; the ACL token is the option token");
  }
  const { tls = false, ...ofUrl } = values;
  const all = agree<ConsulStoreOptions>(options, ofUrl, consulOptionNames);
  const { prefix = "incumbent/", token, restartGuard } = all;
  boundedText("prefix", prefix, { min: 1, max: 128, example: '"incumbent/"' });
  if (!/^[\w-]+(\/[\w-]+)*\/?$/.test(prefix)) {
    const rule = "must consist of letters, digits, - and _, with single / between them";
    throw invalid({ name: "prefix", rule, value: prefix, example: '"incumbent/"' });
  }
  if (token !== undefined && !/^[!-~]{1,512}$/.test(token)) {
    const rule = "must be 1 to 512 characters of ASCII without spaces";
    throw invalid({ name: "token", rule, value: "***", example: "the SecretID of a token" });
  }
  const agent = `${tls ? "https" : "http"}://${server}`;
  return { agent, prefix, token, ...checkGuard({ restartGuard }) };
}
