import { StoreError, type StoreErrorCode } from "../../errors.ts";
import { codes } from "./zookeeper-operations.ts";

type Applied = "no" | "maybe";

/** What ZooKeeper refused to do, and at which node. */
export function refusedWith(code: number, path: string): StoreError {
  const misconfigured = (detail: string) => failure("INCUMBENT_STORE_MISCONFIGURED", detail, "no");
  const refused = (detail: string, applied: Applied = "no") =>
    failure("INCUMBENT_STORE_REFUSED", detail, applied);
  switch (code) {
    case codes.noAuth: {
      const hint = "check user and password, and the access control list of that node";
      return misconfigured(`does not allow it at ${path}: ${hint}`);
    }
    case codes.authFailed:
      return misconfigured("refused the user: check user and password");
    case codes.authRequired:
      return misconfigured("demands a login: give user and password; SASL is not supported");
    case codes.invalidAcl:
      return misconfigured(`refused the access control list of ${path}: check user and password`);
    case codes.unimplemented:
      return misconfigured("does not know transactions: use 3.5 or later");
    case codes.quotaExceeded:
      return misconfigured(`has a quota that is used up at ${path}`);
    case codes.throttled:
      return refused("is throttling requests");
    case codes.systemError:
    case codes.timeout:
      return refused(`failed at ${path} (${code})`, "maybe");
    default:
      return refused(`refused the request at ${path} (${code})`);
  }
}

/** The connection has ended before the answer came. */
export function lost(server: string, detail: string, applied: Applied = "maybe"): StoreError {
  const message = `Lost ZooKeeper at ${server}: ${detail}.`;
  return new StoreError("INCUMBENT_STORE_UNAVAILABLE", message, { applied, detail });
}

/** Of an attempt to open a session, after which nothing was asked. */
export function unopened(server: string, detail: string): StoreError {
  const message = `Cannot reach ZooKeeper at ${server}: ${detail}.`;
  return new StoreError("INCUMBENT_STORE_UNAVAILABLE", message, { applied: "no", detail });
}

/** What has answered does not speak as ZooKeeper does. */
export function strange(server: string, applied: Applied = "maybe"): StoreError {
  const detail = "has answered something that ZooKeeper does not say: check host, port and TLS";
  const message = `The server at ${server} ${detail}.`;
  return new StoreError("INCUMBENT_STORE_MISCONFIGURED", message, { applied, detail });
}

/** The node of an election is not one that this store has left like that. */
export function damaged(path: string): StoreError {
  const message = `The node ${path} of ZooKeeper lacks the node below it that belongs to its last write. Delete it with all below it: deleteall ${path}.`;
  return new StoreError("INCUMBENT_KEY_OCCUPIED", message, { applied: "no" });
}

function failure(code: StoreErrorCode, detail: string, applied: Applied): StoreError {
  return new StoreError(code, `ZooKeeper ${detail}.`, { applied, detail });
}
