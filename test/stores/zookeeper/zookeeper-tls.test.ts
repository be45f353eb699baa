import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ZookeeperStore, type ZookeeperStoreOptions } from "../../../src/zookeeper.ts";
import { type Authority, makeAuthority } from "../../support/certificates.ts";
import { findingsOf, troubles } from "../../support/findings.ts";
import { freePort } from "../../support/free-port.ts";
import { ownFolder } from "../../support/own-process.ts";
import { acquireRequest } from "../../support/requests.ts";
import { startZookeeper, type ZookeeperServer } from "../../support/zookeeper-server.ts";

describe("on a server with TLS that asks for a certificate", () => {
  const folder = ownFolder("zookeeper-tls");
  let server: ZookeeperServer;
  let authority: Authority;
  let port = 0;
  beforeAll(async () => {
    authority = makeAuthority(folder.path);
    const { cert, key } = authority.sign("server", "IP:127.0.0.1");
    const keyStore = join(folder.path, "server.pem");
    writeFileSync(keyStore, key + cert);
    port = await freePort();
    server = await startZookeeper({
      lines: [
        `secureClientPort=${port}`,
        "secureClientPortAddress=127.0.0.1",
        "serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory",
        `ssl.keyStore.location=${keyStore}`,
        `ssl.trustStore.location=${authority.caFile}`,
        ...["ssl.keyStore.type=PEM", "ssl.trustStore.type=PEM"],
      ],
    });
  });
  afterAll(async () => {
    await server.stop();
    folder.remove();
  });

  const withStore = async <Result>(
    options: ZookeeperStoreOptions,
    use: (store: ZookeeperStore) => Promise<Result>,
  ): Promise<Result> => {
    const url = `zookeeper://127.0.0.1:${port}?restartGuard=false`;
    const store = new ZookeeperStore(url, options);
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  };
  const acquire = (options: ZookeeperStoreOptions) =>
    withStore(options, (store) => store.acquire(acquireRequest("job")).catch((error) => error));

  test("a candidate with a certificate is elected, another one is not its lesser, and doctor looks through TLS", async () => {
    const { caFile } = authority;
    for (const name of ["one", "two"]) {
      const { certFile, keyFile } = authority.sign(name, "DNS:client");
      const options = { tls: true, caFile, certFile, keyFile };
      await withStore(options, async (store) => {
        const own = acquireRequest("job");
        // The first handshakes of a new JVM may take longer than a session is waited for.
        await expect.poll(() => store.acquire(own)).toMatchObject({ granted: true });
        expect(await store.release(own)).toEqual({ released: true });
        await expect.poll(async () => troubles(await findingsOf(store))).toEqual(["note servers"]);
      });
    }
  });

  test("a server of another authority is not trusted, and nothing was applied", async () => {
    expect(await acquire({ tls: true })).toMatchObject({
      ...{ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" },
      message: expect.stringContaining("cannot be trusted"),
    });
  });

  test.each<[string, (caFile: string) => ZookeeperStoreOptions]>([
    ["without a certificate", (caFile) => ({ tls: true, caFile })],
    ["without TLS", () => ({})],
  ])("a candidate %s gets no session, and nothing was applied", async (_, options) => {
    expect(await acquire(options(authority.caFile))).toMatchObject({ applied: "no" });
  });
});
