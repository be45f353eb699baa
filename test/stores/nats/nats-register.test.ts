import { afterAll, beforeAll, describe } from "vitest";
import { NatsStore } from "../../../src/nats.ts";
import { type NatsServer, startNats } from "../../support/nats-server.ts";
import { checkRegister } from "../registers/claims.ts";
import { checkCommand } from "../registers/command.ts";

let server: NatsServer;
beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server.stop());

describe("on a NATS server", () => {
  checkRegister({
    port: () => server.port,
    open: (port, restartGuard) => new NatsStore(`nats://127.0.0.1:${port}`, { restartGuard }),
    ...{ rivals: 50, rounds: 4 },
  });
  checkCommand(
    () => `${server.url}?restartGuard=false`,
    (url) => new NatsStore(url),
  );
});
