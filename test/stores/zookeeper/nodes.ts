import {
  exists,
  makePath,
  namesBelow,
  readNode,
  type Step,
  transact,
} from "../../../src/stores/zookeeper/zookeeper-nodes.ts";
import { ZookeeperServers } from "../../../src/stores/zookeeper/zookeeper-servers.ts";
import type { ZookeeperSession } from "../../../src/stores/zookeeper/zookeeper-session.ts";
import { zookeeperSettings } from "../../../src/stores/zookeeper/zookeeper-settings.ts";

const wait = { signal: new AbortController().signal };

/** Looks at nodes and changes them, as an administrator would. */
export async function withNodes<Result>(
  url: string,
  use: (session: ZookeeperSession) => Promise<Result>,
): Promise<Result> {
  const servers = new ZookeeperServers(zookeeperSettings(url, {}));
  try {
    return await servers.ask(use, wait);
  } finally {
    await servers.close();
  }
}

/** Makes a node with this text, and what is missing above it. */
export function makeNode(url: string, path: string, data: string): Promise<void> {
  return withNodes(url, async (session) => {
    await makePath(session, path.slice(0, path.lastIndexOf("/")), "all");
    await done(session, [{ create: path, data }]);
  });
}

/** Deletes a node and all below it. */
export function deleteAll(url: string, path: string): Promise<void> {
  return withNodes(url, async (session) => {
    const below = await namesBelow(session, path);
    await done(session, [
      ...below.map((name) => ({ delete: `${path}/${name}` })),
      { delete: path },
    ]);
  });
}

/** Deletes what is below a node, and not the node. */
export function deleteBelow(url: string, path: string): Promise<void> {
  return withNodes(url, async (session) => {
    const below = await namesBelow(session, path);
    await done(
      session,
      below.map((name) => ({ delete: `${path}/${name}` })),
    );
  });
}

export function hasNode(url: string, path: string): Promise<boolean> {
  return withNodes(url, (session) => exists(session, path));
}

/** The names below a node, and its text. */
export function lookAt(
  url: string,
  path: string,
): Promise<{ readonly below: readonly string[]; readonly text: string | undefined }> {
  return withNodes(url, async (session) => ({
    below: await namesBelow(session, path),
    text: (await readNode(session, path))?.text,
  }));
}

async function done(session: ZookeeperSession, steps: readonly Step[]): Promise<void> {
  const { code } = await transact(session, steps, "all");
  if (code !== 0) throw new Error(`ZooKeeper has refused it (${code})`);
}
