import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type PostgresServer, startPostgres } from "../support/postgres-server.ts";
import { Workshop } from "./incumbent.ts";

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres(["fsync=on"]);
});
afterAll(() => postgres.stop());

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(() => workshop.close());

const on = (...args: string[]) => workshop.start(...args, "--store", postgres.url);

test("on PostgreSQL, one process after the other runs its command, status shows which, and doctor finds nothing wrong", async () => {
  const run = (name: string) =>
    workshop.start(
      ...["run", "--key", "job", "--ttl", "2s", "--node-id", name, "--store", postgres.url],
      ...["--", "sh", "-c", `echo ${name} $INCUMBENT_TOKEN; exec sleep 60`],
    );
  const first = run("first");
  const token = Number((await first.says(/first \d+\n/)).split(" ")[1]);
  const second = run("second");
  await second.says(/leader changed .*leader=first/);

  const status = on("status", "job", "--json");
  expect(await status.ended()).toBe(0);
  expect(JSON.parse(status.out)).toMatchObject({ leader: { nodeId: "first", token } });
  const doctor = on("doctor", "job");
  expect(await doctor.ended()).toBe(0);
  expect(doctor.out).toMatch(/nothing wrong\n$/);

  first.process.kill("SIGTERM");
  expect(await first.ended()).toBe(143);
  const next = Number((await second.says(/second \d+\n/)).split(" ")[1]);
  expect(next).toBeGreaterThan(token);
});
