import type { Socket } from "node:net";
import { type Check, error, note, ok, type Verdict, warning } from "../diagnosis.ts";
import type { Wait } from "../observed/register.ts";
import { roundTrip } from "../server-checks.ts";
import { refusedWith } from "./zookeeper-errors.ts";
import { exists, readNode, type Step, transact } from "./zookeeper-nodes.ts";
import { type Access, codes } from "./zookeeper-operations.ts";
import type { ZookeeperServers } from "./zookeeper-servers.ts";
import type { ZookeeperSession } from "./zookeeper-session.ts";

/** What is looked at in an ensemble. Nodes are made with this `access`. */
export function zookeeperChecks(servers: ZookeeperServers, access: Access): Check[] {
  const { root } = servers.settings;
  return [
    {
      name: "reachable",
      isVital: true,
      remedy: "Check host, port and TLS, and that a majority of the servers runs.",
      run: (examination) =>
        roundTrip(examination, () => servers.ask((session) => readNode(session, "/"), examination)),
    },
    {
      name: "rights",
      remedy: `Check user and password, and the access control list of ${root} and above.`,
      run: (examination) =>
        servers.ask((session) => tryToWrite(session, root, access), examination),
    },
    { name: "servers", run: (examination) => lookAtEach(servers, examination) },
  ];
}

/** A transaction that makes what a candidate would make, and then fails, so that nothing was made. */
async function tryToWrite(
  session: ZookeeperSession,
  root: string,
  access: Access,
): Promise<Verdict[]> {
  const nodes = root.split("/").slice(1);
  const paths = nodes.map((_, depth) => `/${nodes.slice(0, depth + 1).join("/")}`);
  const missing: string[] = [];
  for (const path of paths) if (!(await exists(session, path))) missing.push(path);
  // The name of no election.
  const probe = `${root}/=doctor`;
  const steps: Step[] = [...missing, probe].map((path) => ({ create: path, data: "" }));
  const { code } = await transact(session, [...steps, { delete: `${probe}/none` }], access);
  if (code !== codes.noNode) throw refusedWith(code, missing[0] ?? root);
  const isNew = missing.length > 0;
  return isNew
    ? [note(`There is no node ${root} yet. The first candidate that starts creates it.`)]
    : [ok("The elections may be read and written.")];
}

async function lookAtEach(servers: ZookeeperServers, wait: Wait): Promise<Verdict[]> {
  const { servers: all } = servers.settings;
  const said = await Promise.all(
    all.map((server) => wordOf(servers.connect(server), "srvr", wait.signal)),
  );
  return said.flatMap((text, index) => verdictsOf(all[index] ?? "", text, all.length));
}

function verdictsOf(server: string, said: string | undefined, count: number): Verdict[] {
  if (said === undefined) {
    return [warning(`${server} does not answer.`, "Repair it, or leave it out of the URL.")];
  }
  if (/not currently serving requests/.test(said)) {
    const says = `${server} serves no requests: it has no connection to a majority.`;
    return [error(says, "Repair the others.")];
  }
  const version = /version: ([\d.]+)/.exec(said)?.[1];
  const mode = /^Mode: (\S+)/m.exec(said)?.[1];
  // The word may be forbidden.
  if (version === undefined || mode === undefined) return [];
  const says = `${server} is ZooKeeper ${version} (${mode})`;
  if (mode === "read-only") return [error(`${says}, and takes no writes.`, "Repair the others.")];
  if (mode === "standalone") {
    return [note(`${says}: if it is lost, no lease is granted.`, "Three servers survive one.")];
  }
  if (count > 1) return [ok(`${says}.`)];
  const alone = `${says}, and the URL names no other server of the ensemble.`;
  return [note(alone, "Name all of them, so that a candidate finds another one.")];
}

/** The answer to one of ZooKeeper's words of four letters. */
function wordOf(socket: Socket, word: string, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    let said = "";
    const end = () => socket.destroy();
    signal.addEventListener("abort", end);
    socket.on("data", (piece) => {
      said += String(piece);
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      signal.removeEventListener("abort", end);
      resolve(said === "" ? undefined : said);
    });
    socket.write(word);
  });
}
