import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EtcdStore } from "../../../src/etcd.ts";
import { type EtcdServer, startEtcd } from "../../support/etcd-server.ts";
import { acquireRequest, renewRequest } from "../../support/requests.ts";

describe("on an etcd server with authentication", () => {
  let server: EtcdServer | undefined;
  const started = () => {
    if (server === undefined) throw new Error("etcd was not started");
    return server;
  };
  beforeAll(async () => {
    [server] = await startEtcd();
    const { control } = started();
    await control("user", "add", "root:root");
    await control("user", "grant-role", "root", "root");
    await control("role", "add", "elections");
    await control(
      "role",
      "grant-permission",
      "elections",
      "readwrite",
      "--prefix=true",
      "incumbent/",
    );
    await control("user", "add", "app:s3cret");
    await control("user", "grant-role", "app", "elections");
    await control("user", "add", "guest:guest");
    await control("auth", "enable");
  }, 90_000);
  afterAll(() => server?.stop());

  const open = (user: string, password: string) =>
    new EtcdStore(`etcd://127.0.0.1:${started().port}`, { user, password, restartGuard: false });

  test("a user with the permission on the prefix elects, and logs in again when its login is over", async () => {
    const store = open("app", "s3cret");
    try {
      const own = acquireRequest("login", { ttl: 60_000 });
      const reply = await store.acquire(own);
      expect(reply).toMatchObject({ granted: true });
      // A member that starts again knows no login.
      await started().kill();
      await started().start();
      const renewal = renewRequest(own, reply.granted ? reply.token : 0);
      const renew = () => store.renew(renewal).catch((error) => error);
      await expect.poll(renew, { timeout: 20_000 }).toEqual({ renewed: true });
    } finally {
      await store.close();
    }
  }, 60_000);

  test.each([
    ["a wrong password", "app", "wrong-one", /check user and password/],
    ["a user without the permission", "guest", "guest", /grant the user's role readwrite/],
  ])("%s is named, and the password is not", async (_, user, password, says) => {
    const store = open(user, password);
    try {
      const error = await store.acquire(acquireRequest("login")).catch((reason) => reason);
      expect(error).toMatchObject({ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" });
      expect(error.message).toMatch(says);
      expect(error.message).not.toContain("wrong-one");
    } finally {
      await store.close();
    }
  });
});
