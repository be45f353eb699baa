import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { type OwnProcess, ownFolder, startProcess } from "./own-process.ts";

/** A NATS server of one test file, with JetStream, on a free port of the loopback. */
export interface NatsServer extends OwnProcess {
  readonly port: number;
  readonly url: string;
  /** Starts it again on the same port, with what it has written. */
  start(): Promise<void>;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

/** `settings` are lines of its configuration. */
export async function startNats(settings = "jetstream {}"): Promise<NatsServer> {
  const port = await freePort();
  const folder = ownFolder("nats");
  const configuration = join(folder.path, "nats.conf");
  const data = `store_dir: "${folder.path}"`;
  writeFileSync(configuration, settings.replace("jetstream {}", `jetstream { ${data} }`));
  const launch = () =>
    startProcess("nats-server", ["-c", configuration, "-a", "127.0.0.1", "-p", `${port}`], {
      ready: /Server is ready/,
    });
  let server = await launch();
  return {
    port,
    url: `nats://127.0.0.1:${port}`,
    kill: () => server.kill(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    start: async () => {
      server = await launch();
    },
    stop: async () => {
      await server.kill();
      folder.remove();
    },
  };
}
