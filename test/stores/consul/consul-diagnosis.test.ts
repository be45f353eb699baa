import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ConsulStore } from "../../../src/consul.ts";
import { consulProgram } from "../../support/consul-program.ts";
import { type ConsulServer, startConsul } from "../../support/consul-server.ts";
import { findingsOf, troubles } from "../../support/findings.ts";
import { freePort } from "../../support/free-port.ts";

const ROOT = "11111111-2222-3333-4444-555555555555";

async function diagnose(url: string, token?: string) {
  const store = new ConsulStore(url, { token });
  try {
    return await findingsOf(store);
  } finally {
    await store.close();
  }
}

// Debian has had none since version 11, so a machine may be without.
describe.runIf(consulProgram() !== undefined)("on a Consul server with ACLs", () => {
  let server: ConsulServer;
  beforeAll(async () => {
    const acl = `acl { enabled = true, default_policy = "deny", tokens { master = "${ROOT}" } }`;
    server = await startConsul(acl, ROOT);
  }, 30_000);
  afterAll(() => server.stop());

  async function tokenFor(rules: string): Promise<string> {
    const policy = { Name: `p${rules.length}`, Rules: rules };
    await server.ask("PUT", "acl/policy", JSON.stringify(policy));
    const body = JSON.stringify({ Policies: [{ Name: policy.Name }] });
    const reply = await server.ask("PUT", "acl/token", body);
    return ((await reply.json()) as { SecretID: string }).SecretID; // As its documentation has it.
  }

  test("all that is found on one server is that it is alone, and nothing is written", async () => {
    const token = await tokenFor('key_prefix "incumbent/" { policy = "write" }');
    const findings = await diagnose(server.url, token);
    expect(troubles(findings)).toEqual(["note servers"]);
    expect(findings.map(({ check }) => check)).toEqual(["reachable", "rights", "servers"]);
    expect(await (await server.ask("GET", "kv/?keys")).text()).not.toContain("incumbent");
  });

  test("a token that may only read is an error, which does not show it", async () => {
    const token = await tokenFor('key_prefix "incumbent/" { policy = "read" }');
    const findings = await diagnose(server.url, token);
    expect(troubles(findings)).toEqual(["error rights", "note servers"]);
    expect(JSON.stringify(findings)).toContain("lacks a right");
    expect(JSON.stringify(findings)).not.toContain(token);
  });
});

test("an agent that is not there is one finding", async () => {
  const findings = await diagnose(`consul://127.0.0.1:${await freePort()}`);
  expect(troubles(findings)).toEqual(["error reachable"]);
});
