import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { clusterOf } from "../../../src/stores/kubernetes/cluster.ts";
import { configOf } from "./stores.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "incumbent-kubernetes-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function around(env: Record<string, string>) {
  const surroundings = { env: { HOME: folder, ...env }, serviceAccountFolder: join(folder, "pod") };
  return clusterOf("kubernetes:", surroundings);
}

function kubeconfig(user: string, cluster = "server: https://10.0.0.1:6443"): string {
  return `current-context: c
contexts: [{"name": "c", "context": {"cluster": "k", "user": "u", "namespace": "billing"}}]
clusters:
- name: k
  cluster:
    ${cluster}
users:
- name: u
  user:
    ${user}
`;
}

const credentials = (user: string, cluster?: string) =>
  around({ KUBECONFIG: write("config", kubeconfig(user, cluster)) }).credentials();

describe("in a pod", () => {
  const pod = { KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "443" };

  beforeEach(() => {
    mkdirSync(join(folder, "pod"));
    write("pod/token", "first\n");
    write("pod/ca.crt", "CERTIFICATE\n");
    write("pod/namespace", "billing\n");
  });

  test("the service account is used, before any kubeconfig", async () => {
    const access = around({ ...pod, KUBECONFIG: write("config", kubeconfig("token: other")) });
    expect(access).toMatchObject({ namespace: "billing" });
    expect(access.server.href).toBe("https://10.96.0.1/");
    expect(await access.credentials()).toEqual({
      tls: { ca: "CERTIFICATE" },
      headers: { authorization: "Bearer first" },
    });
  });

  test("the token is read anew: Kubernetes replaces it", async () => {
    const access = around(pod);
    await access.credentials();
    write("pod/token", "second");
    expect((await access.credentials()).headers).toEqual({ authorization: "Bearer second" });
  });

  test("an address of IPv6 is written in brackets", () => {
    const ipv6 = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "6443" };
    expect(around(ipv6).server.href).toBe("https://[fd00::1]:6443/");
  });
});

describe("beside a kubeconfig", () => {
  test("the current context is used", () => {
    const access = around({ KUBECONFIG: write("config", kubeconfig("token: secret")) });
    expect(access.namespace).toBe("billing");
    expect(access.server.href).toBe("https://10.0.0.1:6443/");
  });

  test("that is in the home directory, if no other is named", () => {
    mkdirSync(join(folder, ".kube"));
    write(".kube/config", kubeconfig("token: secret"));
    expect(around({}).namespace).toBe("billing");
  });

  test("the first of several files that names something counts", async () => {
    const first = write(
      "first",
      "current-context: c\nusers: [{name: u, user: {}}]\n".replace(
        "[{name: u, user: {}}]",
        '[{"name": "u", "user": {"token": "first"}}]',
      ),
    );
    const second = write("second", kubeconfig("token: second"));
    const access = around({ KUBECONFIG: `${first}:${join(folder, "missing")}:${second}` });
    expect((await access.credentials()).headers).toEqual({ authorization: "Bearer first" });
  });

  test("a token, a token file, or a name and password is sent", async () => {
    const headers = async (user: string) => (await credentials(user)).headers;
    expect(await headers("token: secret")).toEqual({ authorization: "Bearer secret" });
    write("token", "of-file\n");
    expect(await headers("tokenFile: token")).toEqual({ authorization: "Bearer of-file" });
    const basic = `Basic ${Buffer.from("me:pass").toString("base64")}`;
    expect(await headers("username: me\n    password: pass")).toEqual({ authorization: basic });
  });

  test("certificates are taken from the text, or from files beside it", async () => {
    write("ca.crt", "CA");
    const data = Buffer.from("CERT").toString("base64");
    const key = Buffer.from("KEY").toString("base64");
    const user = `client-certificate-data: ${data}\n    client-key-data: ${key}`;
    const cluster =
      "server: https://h\n    certificate-authority: ca.crt\n    tls-server-name: api.example";
    expect((await credentials(user, cluster)).tls).toEqual({
      ...{ ca: "CA", cert: "CERT", key: "KEY", servername: "api.example" },
      rejectUnauthorized: undefined,
    });
    const skipped = "server: https://h\n    insecure-skip-tls-verify: true";
    expect((await credentials(user, skipped)).tls.rejectUnauthorized).toBe(false);
  });

  test("a program for credentials needs a package, and the error names it", () => {
    const text = kubeconfig("exec:\n      command: aws");
    const missing = expect.objectContaining({
      code: "INCUMBENT_MISSING_PACKAGE",
      message: expect.stringContaining("npm install @kubernetes/client-node"),
    });
    expect(() => around({ KUBECONFIG: write("config", text) })).toThrow(missing);
  });

  test.each([
    ["no current-context", "clusters: []\n", /no current-context/],
    ["no such context", "current-context: x\n", /no context "x"/],
    ["a proxy", kubeconfig("token: t", "server: https://h\n    proxy-url: http://p"), /proxy-url/],
    ["no server", kubeconfig("token: t", "server: nowhere"), /no server/],
    ["anchors", "a: &x 1\n", /@kubernetes\/client-node/],
  ])("one with %s is refused, by the name of what is wrong", (_what, text, message) => {
    const invalid = expect.objectContaining({ code: "INCUMBENT_INVALID_OPTION" });
    const path = write("config", text);
    expect(() => around({ KUBECONFIG: path })).toThrow(invalid);
    expect(() => around({ KUBECONFIG: path })).toThrow(message);
  });
});

test("elsewhere, the error says what was looked for", () => {
  expect(() => around({})).toThrow(/in a pod with a service account, or beside a kubeconfig/);
});

describe("a KubeConfig of the user's", () => {
  test("says where the server is, and who asks", async () => {
    const config = configOf({ url: "https://h:6443", token: "secret" }, "billing");
    const access = clusterOf(config, { env: {}, serviceAccountFolder: "" });
    expect(access).toMatchObject({ namespace: "billing" });
    expect((await access.credentials()).headers).toEqual({ authorization: "Bearer secret" });
  });

  test("that fails to give credentials fails the request, without its secrets", async () => {
    const config = {
      ...configOf({ url: "https://h:6443", token: "secret" }),
      applyToHTTPSOptions: async () => {
        throw new Error("exec: aws: password=hunter2 refused");
      },
    };
    const access = clusterOf(config, { env: {}, serviceAccountFolder: "" });
    const failed = { code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" };
    await expect(access.credentials()).rejects.toMatchObject(failed);
    await expect(access.credentials()).rejects.not.toThrow(/hunter2/);
  });

  test("is recognised by its methods", () => {
    // As a program in JavaScript may do it.
    const wrong = {} as Parameters<typeof clusterOf>[0];
    const around = { env: {}, serviceAccountFolder: "" };
    expect(() => clusterOf(wrong, around)).toThrow(/^client must be a KubeConfig/);
  });
});
