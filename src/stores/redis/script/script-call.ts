import { surelyPassed } from "../../connections/surely-passed.ts";
import type { GuardSettings } from "../guard-settings.ts";
import type { Acquaintance } from "./known-servers.ts";
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
  for (const { name, request, fields } of requests) {
    args.push(name);
    // The server read its clock before `at`, so this errs on the early side.
    if (isGuarded(name)) {
      const { notAfter } = request;
      args.push(server === undefined ? "0" : micros(server.micros / 1000 + notAfter - server.at));
    }
    for (const field of fields) args.push(field);
  }
  return args;
}

export function micros(ms: number): string {
  return String(Math.round(ms * 1000));
}
