import { vi } from "vitest";
import { consulProgram } from "./consul-program.ts";
import { freePort } from "./free-port.ts";
import { type OwnProcess, ownFolder, startProcess } from "./own-process.ts";

/** A Consul server of one test file, on a free port of the loopback. */
export interface ConsulServer extends OwnProcess {
  readonly port: number;
  readonly url: string;
  /** Asks its HTTP interface, as an administrator would. */
  ask(method: string, path: string, body?: string): Promise<Response>;
  /** Starts it again on the same port, with what it has written. */
  start(): Promise<void>;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

/** `settings` are of its configuration, in HCL; `token` is what `ask` uses. */
export async function startConsul(settings = "", token = ""): Promise<ConsulServer> {
  const folder = ownFolder("consul");
  const [http, server, lan] = await Promise.all([freePort(), freePort(), freePort()]);
  const ports = `ports { http = ${http}, server = ${server}, serf_lan = ${lan}, serf_wan = -1, dns = -1, grpc = -1 }`;
  const args = ["agent", "-server", "-bootstrap-expect=1", "-bind=127.0.0.1"];
  const all = ["-hcl", `${ports}\nperformance { raft_multiplier = 1 }\n${settings}`];
  const ask: ConsulServer["ask"] = (method, path, body) =>
    fetch(`http://127.0.0.1:${http}/v1/${path}`, {
      method,
      headers: { "X-Consul-Token": token },
      ...(body !== undefined && { body }),
    });
  const launch = async () => {
    const program = consulProgram() ?? "consul";
    const options = [...args, `-data-dir=${folder.path}`, ...all];
    const started = await startProcess(program, options, { ready: /cluster leadership acquired/ });
    // It answers with errors until it has read what it had written, and refuses its tokens until it knows them.
    const isReady = async () => (await ask("GET", "kv/none")).status === 404;
    try {
      await vi.waitUntil(isReady, { timeout: 15_000 });
      return started;
    } catch (error) {
      await started.kill();
      throw error;
    }
  };
  let own = await launch();
  return {
    port: http,
    url: `consul://127.0.0.1:${http}`,
    ask,
    kill: () => own.kill(),
    pause: () => own.pause(),
    resume: () => own.resume(),
    start: async () => {
      own = await launch();
    },
    stop: async () => {
      await own.kill();
      folder.remove();
    },
  };
}
