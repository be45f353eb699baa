import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EtcdStore, type EtcdStoreOptions } from "../../../src/etcd.ts";
import { type Authority, makeAuthority } from "../../support/certificates.ts";
import { type EtcdServer, startEtcd } from "../../support/etcd-server.ts";
import { findingsOf, troubles } from "../../support/findings.ts";
import { freePort } from "../../support/free-port.ts";
import { ownFolder } from "../../support/own-process.ts";
import { acquireRequest } from "../../support/requests.ts";

describe("on an etcd server with TLS that asks for a certificate and a login", () => {
  const folder = ownFolder("etcd-tls");
  let server: EtcdServer | undefined;
  let authority: Authority;
  let complete: EtcdStoreOptions;
  let port = 0;
  beforeAll(async () => {
    authority = makeAuthority(folder.path);
    const own = authority.sign("server", "IP:127.0.0.1");
    const { certFile, keyFile } = authority.sign("candidate", "DNS:candidate", "/O=tests");
    const login = { user: "root", password: "s3cret" };
    complete = { ...login, caFile: authority.caFile, certFile, keyFile, restartGuard: false };
    port = await freePort();
    [server] = await startEtcd(1, {
      urls: [`https://127.0.0.1:${port}`],
      args: [
        ...["--cert-file", own.certFile, "--key-file", own.keyFile],
        ...["--trusted-ca-file", authority.caFile, "--client-cert-auth"],
      ],
    });
    await server?.control("user", "add", "root:s3cret");
    await server?.control("user", "grant-role", "root", "root");
    await server?.control("auth", "enable");
  }, 90_000);
  afterAll(async () => {
    await server?.stop();
    folder.remove();
  });

  const withStore = async <Result>(
    url: string,
    options: EtcdStoreOptions,
    use: (store: EtcdStore) => Promise<Result>,
  ): Promise<Result> => {
    const store = new EtcdStore(url, options);
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  };
  const failure = (url: string, options: EtcdStoreOptions) =>
    withStore(url, options, (store) =>
      store.acquire(acquireRequest("job")).catch((error) => error),
    );

  test("a candidate with both is elected, hears of a release, and doctor looks through TLS", async () => {
    await withStore(`etcds://127.0.0.1:${port}`, complete, async (store) => {
      const own = acquireRequest("job");
      expect(await store.acquire(own)).toMatchObject({ granted: true });
      await withStore(`etcds://127.0.0.1:${port}`, complete, async (other) => {
        const rival = acquireRequest("job");
        expect(await other.acquire(rival)).toMatchObject({ reason: "held" });
        const hint = new Promise((resolve) => other.watch?.("job", resolve));
        expect(await store.release(own)).toEqual({ released: true });
        expect(await hint).toBe("released");
        expect(await other.acquire(rival)).toMatchObject({ granted: true });
      });
      expect(troubles(await findingsOf(store))).toEqual([]);
    });
  });

  test.each<[string, string, Partial<EtcdStoreOptions>, RegExp]>([
    [
      "by another name than that of its certificate",
      "localhost",
      {},
      /cannot be trusted.*altnames/,
    ],
    ["of an authority that is not known", "127.0.0.1", { caFile: undefined }, /cannot be trusted/],
    ["with a wrong password", "127.0.0.1", { password: "wrong-one" }, /check user and password/],
  ])("a server %s is refused by name, and nothing was applied", async (_, host, changed, says) => {
    const error = await failure(`etcds://${host}:${port}`, { ...complete, ...changed });
    expect(error).toMatchObject({ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" });
    expect(error.message).toMatch(says);
    expect(error.message).not.toMatch(/s3cret|wrong-one/);
  });

  test("a certificate with a common name is refused beside a login, as etcd wants it", async () => {
    const { certFile, keyFile } = authority.sign("named", "DNS:candidate");
    const error = await failure(`etcds://127.0.0.1:${port}`, { ...complete, certFile, keyFile });
    expect(error).toMatchObject({ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" });
    expect(error.message).toContain("must have no common name");
  });

  test.each<[string, "etcd" | "etcds"]>([
    ["without a certificate", "etcds"],
    ["without TLS", "etcd"],
  ])("a candidate %s is not let in, and its password is not shown", async (_, scheme) => {
    const { certFile, keyFile, ...rest } = complete;
    const error = await failure(`${scheme}://127.0.0.1:${port}`, rest);
    expect(error).toMatchObject({ code: expect.stringMatching(/^INCUMBENT_STORE_/) });
    expect(error.message).toContain("TLS");
    expect(error.message).not.toContain("s3cret");
  });
});
