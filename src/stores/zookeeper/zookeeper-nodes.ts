import { JuteWriter } from "./jute.ts";
import { refusedWith } from "./zookeeper-errors.ts";
import { type Access, codes, operations, versionIn, writeNew } from "./zookeeper-operations.ts";
import type { ZookeeperSession } from "./zookeeper-session.ts";

/** A node as it is. */
export interface ZookeeperNode {
  readonly text: string;
  readonly version: string;
}

/** One step of a transaction. */
export type Step =
  | { readonly create: string; readonly data: string }
  | { readonly delete: string }
  | { readonly set: string; readonly data: string };

/** What became of a transaction: all of its steps were done, or none. */
export type Outcome =
  /** `version`: of the node that was set last. */
  | { readonly code: 0; readonly version: string }
  /** Why not. */
  | { readonly code: number; readonly version?: never };

/** Lets the server that is asked catch up with the ensemble, for the questions that follow. */
export async function catchUp(session: ZookeeperSession, path: string): Promise<void> {
  const { code } = await session.ask(operations.sync, new JuteWriter().text(path));
  if (code !== codes.ok) throw refusedWith(code, path);
}

/** The node, if there is one. With `isWatched`, the next change of it is reported to the listeners of the session. */
export async function readNode(
  session: ZookeeperSession,
  path: string,
  isWatched = false,
): Promise<ZookeeperNode | undefined> {
  const question = new JuteWriter().text(path).flag(isWatched);
  for (;;) {
    const { code, body } = await session.ask(operations.getData, question);
    if (code === codes.ok) return { text: body.text(), version: versionIn(body) };
    if (code !== codes.noNode) throw refusedWith(code, path);
    // No watch is left at what is not there, unless one asks whether it is.
    if (!isWatched) return undefined;
    const { code: found } = await session.ask(operations.exists, question);
    if (found === codes.noNode) return undefined;
    if (found !== codes.ok) throw refusedWith(found, path);
  }
}

export async function exists(session: ZookeeperSession, path: string): Promise<boolean> {
  const { code } = await session.ask(operations.exists, new JuteWriter().text(path).flag(false));
  if (code !== codes.ok && code !== codes.noNode) throw refusedWith(code, path);
  return code === codes.ok;
}

/** The names of the nodes below this one: none if it is not there. */
export async function namesBelow(session: ZookeeperSession, path: string): Promise<string[]> {
  const question = new JuteWriter().text(path).flag(false);
  const { code, body } = await session.ask(operations.getChildren, question);
  if (code === codes.noNode) return [];
  if (code !== codes.ok) throw refusedWith(code, path);
  return Array.from({ length: body.int() }, () => body.text());
}

/** Makes the node and all above it, unless they are there. */
export async function makePath(
  session: ZookeeperSession,
  path: string,
  access: Access,
): Promise<void> {
  const nodes = path.split("/").slice(1);
  for (const [depth] of nodes.entries()) {
    const above = `/${nodes.slice(0, depth + 1).join("/")}`;
    if (await exists(session, above)) continue;
    const node = writeNew(new JuteWriter(), { path: above, data: "", access });
    const made = await session.ask(operations.create, node);
    if (made.code !== codes.ok && made.code !== codes.nodeExists) {
      throw refusedWith(made.code, above);
    }
  }
}

/** Does all of the steps, or none. Of those that a server answers, only that of a `set` has the version of its node. */
export async function transact(
  session: ZookeeperSession,
  steps: readonly Step[],
  access: Access,
): Promise<Outcome> {
  const question = new JuteWriter();
  for (const step of steps) writeStep(question, step, access);
  writeHead(question, -1, true);
  const { code, body } = await session.ask(operations.multi, question);
  if (code !== codes.ok) return { code };
  let version = "";
  for (const _ of steps) {
    const type = body.int();
    body.flag();
    body.int();
    // Steps before the one that failed were undone, and are said to be without fault.
    const failure = type === FAILED ? body.int() : codes.ok;
    if (failure !== codes.ok) return { code: failure };
    if (type === operations.create) body.text();
    if (type === operations.setData) version = versionIn(body);
  }
  return { code: 0, version };
}

const FAILED = -1;

function writeStep(to: JuteWriter, step: Step, access: Access): void {
  if ("create" in step) {
    writeHead(to, operations.create);
    writeNew(to, { path: step.create, data: step.data, access });
  } else if ("set" in step) {
    writeHead(to, operations.setData);
    to.text(step.set).text(step.data).int(ANY_VERSION);
  } else {
    writeHead(to, operations.delete);
    to.text(step.delete).int(ANY_VERSION);
  }
}

const ANY_VERSION = -1;

function writeHead(to: JuteWriter, type: number, isLast = false): void {
  to.int(type).flag(isLast).int(-1);
}
