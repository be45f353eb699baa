import { boundedText, checkFlag, checkOptions, invalid } from "../../input.ts";
import {
  agree,
  percentDecoded,
  readParameters,
  textParameter,
  trueOrFalse,
} from "../url-parameters.ts";
import { type EtcdStoreOptions, etcdOptionNames } from "./etcd-options.ts";

const EXAMPLE = '"etcd://127.0.0.1:2379"';
const DEFAULT_PORT = "2379";
const LONGEST_PREFIX = 256;

const parameters = {
  prefix: textParameter("incumbent/"),
  restartGuard: trueOrFalse,
  caFile: textParameter("/etc/etcd/ca.crt"),
  certFile: textParameter("client.crt"),
  keyFile: textParameter("client.key"),
};

/** Where the members are, and the options, checked and complete. */
export interface EtcdSettings {
  /** Such as `http://10.0.0.1:2379`. */
  readonly endpoints: readonly string[];
  readonly prefix: string;
  readonly restartGuard: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
}

/** The settings for `etcd://a:2379,b:2379` or `etcds://…`. Throws `INCUMBENT_INVALID_OPTION`, without the password. */
export function etcdSettings(url: string, options: EtcdStoreOptions): EtcdSettings {
  const example = '{ user: "app", password: "…" }';
  const { endpoints, ...ofUrl } = readUrl(url);
  const given = checkOptions(options, etcdOptionNames, example);
  const all = agree<EtcdStoreOptions>(given, ofUrl, etcdOptionNames);
  const { user, password, caFile, certFile, keyFile } = all;
  const restartGuard = checkFlag("restartGuard", all.restartGuard, true);
  const [isNamed, isSecret] = [user !== undefined, password !== undefined];
  if (isNamed !== isSecret) {
    const rule = "must be given together with the other of user and password";
    const name = isNamed ? "user" : "password";
    throw invalid({ name, rule, value: isNamed ? user : "***", example });
  }
  if ((certFile === undefined) !== (keyFile === undefined)) {
    const [name, value] = certFile === undefined ? ["keyFile", keyFile] : ["certFile", certFile];
    const rule = "must be given together with the other of certFile and keyFile";
    const both = '{ certFile: "client.crt", keyFile: "client.key" }';
    throw invalid({ name, rule, value, example: both });
  }
  const longest = { min: 1, max: LONGEST_PREFIX, example: '"incumbent/"' };
  const text = (name: string, value: string | undefined) =>
    value && boundedText(name, value, { min: 1, max: 4096, example: "a text" });
  return {
    ...{ endpoints, restartGuard, user: text("user", user), password },
    ...{ caFile: text("caFile", caFile), certFile: text("certFile", certFile) },
    keyFile: text("keyFile", keyFile),
    prefix: boundedText("prefix", all.prefix ?? "incumbent/", longest),
  };
}

function readUrl(text: string): EtcdStoreOptions & { readonly endpoints: readonly string[] } {
  const complain = (rule: string) =>
    invalid({ name: "store", rule, value: text, example: EXAMPLE });
  const [, scheme, userinfo, hosts = "", path, query = ""] =
    /^(etcds?):\/\/(?:([^@/?#]*)@)?([^/?#@]*)(\/[^?#]*)?(?:\?([^#]*))?$/i.exec(String(text)) ?? [];
  if (scheme === undefined) {
    throw complain("must be a URL that begins with etcd:// or etcds://, and have no fragment");
  }
  if (path !== undefined && path !== "/")
    throw complain("must have no path; a prefix is ?prefix=…");
  const protocol = scheme.toLowerCase() === "etcds" ? "https" : "http";
  const endpoints = hosts.split(",").map((host) => {
    const address = `${protocol}://${/:\d+$/.test(host) ? host : `${host}:${DEFAULT_PORT}`}`;
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (host === "" || url === undefined || url.port === "0") {
      throw complain("must have hosts, separated by commas, each with a port from 1 to 65535");
    }
    return `${protocol}://${url.hostname}:${/:(\d+)$/.exec(address)?.[1]}`;
  });
  const [user, password] = userinfo === undefined ? [] : credentialsOf(userinfo, complain);
  return { endpoints, user, password, ...readParameters(query, parameters) };
}

function credentialsOf(
  userinfo: string,
  complain: (rule: string) => Error,
): [user: string, password: string] {
  const [user, password, ...more] = userinfo.split(":");
  if (!user || password === undefined || more.length > 0) {
    throw complain("must have a user and a password before the @, with : in them written as %3A");
  }
  const decoded = { user: percentDecoded(user), password: percentDecoded(password) };
  if (decoded.user === undefined || decoded.password === undefined) {
    throw complain("must have % in user and password written as %25");
  }
  return [decoded.user, decoded.password];
}
