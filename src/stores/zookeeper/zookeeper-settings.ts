import { boundedText, checkFlag, checkOptions, invalid } from "../../input.ts";
import { checkGuard } from "../guard-options.ts";
import { readTlsFiles, type TlsContents } from "../registers/tls-files.ts";
import { readServersUrl } from "../servers-url.ts";
import { agree, textParameter, trueOrFalse } from "../url-parameters.ts";
import { type ZookeeperStoreOptions, zookeeperOptionNames } from "./zookeeper-options.ts";

/** Where the servers are, and the options, checked and complete. */
export interface ZookeeperSettings {
  /** Each as `host:port`. */
  readonly servers: readonly string[];
  /** The node below which the elections are, such as `/incumbent`. */
  readonly root: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly restartGuard: boolean;
  /** How the connection is encrypted, if it is. */
  readonly tls: TlsContents | undefined;
}

const EXAMPLE = '"zookeeper://127.0.0.1:2181"';

/** Letters, digits and some marks, with single slashes between them. */
const NODES = /^[\w.:=-]+(\/[\w.:=-]+)*$/;

const form = {
  ...{ port: 2181, example: EXAMPLE },
  schemes: ["zookeeper"] as const,
  path: {
    pattern: /^([\w.:=-]+(\/[\w.:=-]+)*\/?)?$/,
    rule: "must have a path of letters, digits and -_.:= with single / between them, or none",
  },
  parameters: {
    prefix: textParameter("incumbent"),
    restartGuard: trueOrFalse,
    tls: trueOrFalse,
    caFile: textParameter("/etc/ssl/ca.crt"),
    certFile: textParameter("client.crt"),
    keyFile: textParameter("client.key"),
  },
};

/** What the URL and the options say together. Throws `INCUMBENT_INVALID_OPTION`, without the password. */
export function zookeeperSettings(url: string, options: ZookeeperStoreOptions): ZookeeperSettings {
  if (typeof url !== "string") {
    throw invalid({ name: "store", rule: "must be a URL", value: url, example: EXAMPLE });
  }
  checkOptions(options, zookeeperOptionNames, '{ prefix: "incumbent" }');
  const { servers, path, values, ...who } = readServersUrl(url, form);
  const given = { ...values, user: who.user, password: who.password };
  const all = agree<ZookeeperStoreOptions>(options, given, zookeeperOptionNames);
  return {
    ...{ servers, root: rootOf(path, all), tls: tlsOf(all), ...credentialsOf(all) },
    restartGuard: checkGuard(all).restartGuard,
  };
}

function rootOf(path: string, { prefix = "incumbent" }: ZookeeperStoreOptions): string {
  const example = '"incumbent"';
  boundedText("prefix", prefix, { min: 1, max: 256, example });
  const nodes = [...path.split("/"), ...prefix.split("/")].filter((node) => node !== "");
  const complain = (rule: string) => invalid({ name: "prefix", rule, value: prefix, example });
  if (!NODES.test(prefix)) {
    throw complain("must consist of letters, digits and -_.:= with single / between them");
  }
  if (nodes.some((node) => node === "." || node === "..")) {
    throw complain("must have no . and .. in it, nor may the path of the URL");
  }
  if (nodes[0] === "zookeeper") throw complain("must not be in /zookeeper, which is ZooKeeper's");
  return `/${nodes.join("/")}`;
}

function credentialsOf({ user, password }: ZookeeperStoreOptions) {
  const example = '{ user: "app", password: "…" }';
  if ((user === undefined) !== (password === undefined)) {
    const rule = "must be given together with the other of user and password";
    // A password is often written in place of the user.
    const name = user === undefined ? "password" : "user";
    throw invalid({ name, rule, value: "***", example });
  }
  if (user !== undefined) {
    boundedText("user", user, { min: 1, max: 256, example: '"app"' });
    const rule = "must have no colon, which ZooKeeper takes for the end of the name";
    if (user.includes(":")) throw invalid({ name: "user", rule, value: user, example: '"app"' });
  }
  const isText = typeof password === "string" && /^[^\0]{1,4096}$/s.test(password);
  if (password !== undefined && !isText) {
    const rule = "must be a string of 1 to 4096 characters without NUL";
    throw invalid({ name: "password", rule, value: "***", example: "a password" });
  }
  return { user, password };
}

function tlsOf(options: ZookeeperStoreOptions): TlsContents | undefined {
  const { caFile, certFile, keyFile } = options;
  const tls = checkFlag("tls", options.tls);
  for (const [name, file] of Object.entries({ caFile, certFile, keyFile })) {
    if (file === undefined) continue;
    boundedText(name, file, { min: 1, max: 4096, example: '"/etc/ssl/ca.crt"' });
    if (tls) continue;
    const rule = "must be given together with tls: true";
    throw invalid({ name, rule, value: file, example: `{ tls: true, ${name}: "…" }` });
  }
  if ((certFile === undefined) !== (keyFile === undefined)) {
    const [name, value] = certFile === undefined ? ["keyFile", keyFile] : ["certFile", certFile];
    const rule = "must be given together with the other of certFile and keyFile";
    const both = '{ certFile: "client.crt", keyFile: "client.key" }';
    throw invalid({ name, rule, value, example: both });
  }
  return tls ? readTlsFiles({ caFile, certFile, keyFile }) : undefined;
}
