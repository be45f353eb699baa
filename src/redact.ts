/** Parameters of a store's address that keep no secret, in lower case. */
const HARMLESS = new Set([
  ...["restartguard", "quarantine", "stampkey", "allownetworkfilesystem"],
  ...["family", "db", "protocol", "allowusernameinuri"],
]);

/** `//user:password@`, to the last @ before another address: a password may have @, / and spaces. */
const USERINFO = /(\/\/[^:@/\s]*):(?:(?![a-z][a-z0-9+.-]*:\/\/)[\s\S])*@/gi;
/** The same with its colon encoded. */
const ENCODED = /\/\/[^@/\s:]*%3a[^@\s]*@/gi;
/** `//user:password` that lacks its host; digits are a port. */
const HOSTLESS = /(\/\/[^:@/\s[\]]*):(?!\*\*\*@|\d+(?:[^\w%]|$))\S*/g;
/** `redis:/user:password@` and `user:password@`. */
const BARE = /([^\s:@/"'`]+):(?!\/\/)[^\s@]+@/g;
/** Parameters whose names speak of a secret, or are encoded. */
const SECRET = /([?&;][^=&#;\s]*(?:pass|pwd|pw|secret|token|auth|cred|key|%)[^=&#;\s]*=)[^&#\s]*/gi;
/** `password=…` among settings that are no URL. */
const SETTING = /((?:^|[,;\s"'`])[\w-]*(?:pass|pwd|secret)[\w-]*\s*=\s*)[^&#\s]*/gi;

/** A text that may quote addresses, without their passwords. */
export function redact(text: string): string {
  return text
    .replace(USERINFO, "$1:***@")
    .replace(ENCODED, "//***@")
    .replace(HOSTLESS, "$1:***")
    .replace(BARE, "$1:***@")
    .replace(SECRET, "$1***")
    .replace(SETTING, "$1***");
}

const HEAD = /^\s*((?:rediss?|[a-z][a-z0-9+.-]*(?=:\/)):\/*)?([^:%@/?#\s]*)(:?)/i;

/**
 * One address, which may be malformed in any way: without its password, and without the values of
 * parameters that are not known to be harmless.
 */
export function redactAddress(address: string): string {
  const at = address.lastIndexOf("@");
  const [, scheme = "", user = "", colon = ""] = HEAD.exec(address) ?? [];
  const userinfo = address.slice(scheme.length, Math.max(at, 0));
  // A password is often written in the place of the user.
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
