import { surelyPassed } from "../../connections/surely-passed.ts";
import type { GuardSettings } from "../guard-settings.ts";
import type { Acquaintance, KnownServer } from "./known-servers.ts";
import { lockKeyOf } from "./lock-key.ts";
import { introduces, isGuarded, type ScriptRequest } from "./script-request.ts";

/** What a call says besides its requests. */
export interface Caller {
  readonly settings: GuardSettings;
  /** The server that the process knows. */
  readonly acquaintance: Acquaintance;
  /** Whether one server keeps all keys, so that its stamp can be named with them. */
  readonly isStamped: boolean;
  /** What the client puts before every key. */
  readonly keyPrefix: string;
  /** A hash tag of the slot that all keys have; '' if they may have several. */
  readonly tag: string;
}

/** The arguments of one call of the script, from the number of its keys on. */
export function encodeCall(requests: readonly ScriptRequest[], caller: Caller): string[] {
  const { settings, acquaintance, isStamped, keyPrefix, tag } = caller;
  const { server, elsewhere } = acquaintance;
  const keys = requests.map(({ request }) => request.key);
  const { alsoLock } = settings;
  if (alsoLock !== undefined) keys.push(...keys.map((key) => lockKeyOf(alsoLock, key)));
  if (isStamped) keys.push(settings.stampKey);
  const [first] = requests;
  const isIntroduced = requests.some(({ name }) => introduces(name));
  const guard = settings.restartGuard ? "1" : "0";
  const heardAgo =
    first === undefined || elsewhere === undefined
      ? ""
      : micros(surelyPassed(first.request.clock.now() - elsewhere));
  const args = [
    ...[String(keys.length), ...keys, String(requests.length), server?.run ?? ""],
    ...[isIntroduced ? guard : "", micros(settings.quarantine ?? 0), heardAgo],
    ...[String(Buffer.byteLength(keyPrefix)), tag],
  ];
  let group: Group | undefined;
  for (const each of requests) {
    const { name, request, fields } = each;
    if (name === "prolong") {
      group = pushRenewal(args, each, group, server);
      continue;
    }
    group = undefined;
    args.push(name);
    if (isGuarded(name)) args.push(serverTime(request.notAfter, server));
    for (const field of fields) args.push(field);
  }
  return args;
}

/** Short renewals behind one another that say the same but for their key and nonce. */
interface Group {
  /** Where the arguments say how many they are. */
  readonly sizeAt: number;
  size: number;
  /** In whole ms: so those that left together share one. An earlier one is always safe. */
  readonly notAfter: number;
  readonly ttl: string;
}

/** Adds a short renewal, to the group if it can share that. Returns the group that it belongs to. */
function pushRenewal(
  args: string[],
  { request, fields }: ScriptRequest,
  group: Group | undefined,
  server: KnownServer | undefined,
): Group {
  const [nonce = "", ttl = ""] = fields;
  const notAfter = Math.floor(request.notAfter);
  if (group?.notAfter === notAfter && group.ttl === ttl) {
    group.size += 1;
    args[group.sizeAt] = String(group.size);
    args.push(nonce);
    return group;
  }
  args.push("prolong", "1", serverTime(notAfter, server), ttl, nonce);
  return { sizeAt: args.length - 4, size: 1, notAfter, ttl };
}

/** A not-after by the clock of the server, which it read before `at`: so this errs on the early side. */
function serverTime(notAfter: number, server: KnownServer | undefined): string {
  return server === undefined ? "0" : micros(server.micros / 1000 + notAfter - server.at);
}

export function micros(ms: number): string {
  return String(Math.round(ms * 1000));
}
