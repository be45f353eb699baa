import type { JuteReader, JuteWriter } from "./jute.ts";

/** What ZooKeeper can be asked for, by its numbers. */
export const operations = {
  ...{ delete: 2, exists: 3, getData: 4, setData: 5, getChildren: 8, sync: 9 },
  ...{ ping: 11, multi: 14, create: 1, closeSession: -11, auth: 100 },
} as const;

/** Numbers that stand in place of that of a request. */
export const marks = { event: -1, ping: -2, auth: -4 } as const;

/** What ZooKeeper says if it does not do what it is asked for. */
export const codes = {
  ...{ ok: 0, systemError: -1, unimplemented: -6, timeout: -7, noNode: -101, noAuth: -102 },
  ...{ nodeExists: -110, invalidAcl: -114, authFailed: -115, sessionMoved: -118 },
  ...{ authRequired: -124, quotaExceeded: -125, throttled: -127 },
} as const;

/** The answer to a request. */
export interface ZookeeperReply {
  /** One of {@link codes}. */
  readonly code: number;
  readonly body: JuteReader;
}

/** What distinguishes the state of a node from every other one. */
export function versionIn(body: JuteReader): string {
  const [created, modified] = [body.long(), body.long()];
  body.long();
  body.long();
  for (let field = 0; field < 3; field += 1) body.int();
  body.long();
  body.int();
  body.int();
  body.long();
  return `${created.toString(16)}/${modified.toString(16)}`;
}

/** Who may do what with a node: all clients, or those alone that are logged in as this one. */
export type Access = "all" | "own";

const EVERY_RIGHT = 31;

/** The node, as a request to create it says it. It lasts when its creator is gone. */
export function writeNew(
  to: JuteWriter,
  node: { readonly path: string; readonly data: string; readonly access: Access },
): JuteWriter {
  const [scheme, id] = node.access === "own" ? ["auth", ""] : ["world", "anyone"];
  to.text(node.path).text(node.data);
  return to.int(1).int(EVERY_RIGHT).text(scheme).text(id).int(0);
}
