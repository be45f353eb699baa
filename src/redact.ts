/** Parameters of a store's address that hold no secret, in lower case. */
const HARMLESS = new Set([
  ...["restartguard", "quarantine", "stampkey", "allownetworkfilesystem"],
  ...["schema", "table", "createtable", "sslmode", "application_name"],
  ...["allowmultiprimary", "ssl", "allowpublickeyretrieval", "socketpath"],
  "longestforeignttl",
  ...["bucket", "createbucket", "replicas", "tls", "prefix", "region"],
  ...["family", "db", "protocol", "allowusernameinuri", "minreplicas", "sentineltls"],
]);

/** `//user:password@`, up to the last @ before another address: a password may contain @, / and spaces. */
const USERINFO = /(\/\/[^:@/\s]*):(?:(?![a-z][a-z0-9+.-]*:\/\/)[\s\S])*@/gi;
/** The same with a percent-encoded colon. */
const ENCODED = /\/\/[^@/\s:]*%3a[^@\s]*@/gi;
/** `//user:password` without a host. Digits after the colon are a port. */
const HOSTLESS = /(\/\/[^:@/\s[\]]*):(?!\*\*\*@|\d+(?:[^\w%]|$))\S*/g;
/** `redis:/user:password@` and `user:password@`. */
const BARE = /([^\s:@/"'`]+):(?!\/\/)[^\s@]+@/g;
/** Parts of a name that suggest a secret. */
const SECRET_NAME = "pass|pwd|pw|secret|token|auth|cred|key";
/** Parameters whose name suggests a secret or is percent-encoded. */
const SECRET = new RegExp(`([?&;][^=&#;\\s]*(?:${SECRET_NAME}|%)[^=&#;\\s]*=)[^&#\\s]*`, "gi");
/** `password=…` in settings that are not a URL. */
const SETTING = /((?:^|[,;\s"'`])[\w-]*(?:pass|pwd|secret)[\w-]*\s*=\s*)[^&#\s]*/gi;

/** Whether an option of this name may hold a password. */
export function suggestsSecret(name: string): boolean {
  return new RegExp(SECRET_NAME, "i").test(name);
}

/** Removes the passwords of all addresses that the text quotes. */
export function redact(text: string): string {
  return text
    .replace(USERINFO, "$1:***@")
    .replace(ENCODED, "//***@")
    .replace(HOSTLESS, "$1:***")
    .replace(BARE, "$1:***@")
    .replace(SECRET, "$1***")
    .replace(SETTING, "$1***");
}

/**
 * Removes from the metadata of a leader the passwords of the addresses in it. If it is JSON, each text in it is an
 * address of its own, and a value whose name suggests a secret is removed, too.
 */
export function redactMetadata(metadata: string): string {
  const parsed = parse(metadata);
  if (typeof parsed !== "object" || parsed === null) return redact(metadata);
  const shown = JSON.stringify(parsed, (name, value: unknown) => {
    if (typeof value !== "string") return value;
    return suggestsSecret(name) ? "***" : redact(value);
  });
  // What hides nothing stays as it was written.
  return shown === JSON.stringify(parsed) ? metadata : shown;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const HEAD = /^\s*((?:rediss?|[a-z][a-z0-9+.-]*(?=:\/)):\/*)?([^:%@/?#\s]*)(:?)/i;

/**
 * Removes from one address, however malformed, its password and the value of every parameter that is not
 * known to be harmless.
 */
export function redactAddress(address: string): string {
  const at = address.lastIndexOf("@");
  const [, scheme = "", user = "", colon = ""] = HEAD.exec(address) ?? [];
  const userinfo = address.slice(scheme.length, Math.max(at, 0));
  // A password without a user is often written in place of the user.
  const isBare = scheme === "" && !/[:%\s/?#]/.test(userinfo);
  if (at < 0 || isBare) return withoutValues(redact(address));
  const shown = colon === "" ? "***" : `${user}:***`;
  return withoutValues(`${scheme}${shown}@${redact(address.slice(at + 1))}`);
}

function withoutValues(address: string): string {
  if (!/^[\s"'`]*[a-z][a-z0-9+.-]*:/i.test(address)) return address;
  return address
    .replace(/#[\s\S]*$/, "#***")
    .replace(/([?&;])([^=&;]*)(=?)([^&]*)/g, (_, mark: string, name: string, is: string, value) => {
      if (HARMLESS.has(name.toLowerCase())) return `${mark}${name}${is}${value}`;
      return is === "" ? `${mark}***` : `${mark}${name}=***`;
    });
}
