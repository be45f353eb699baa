import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseYaml } from "../../../src/stores/kubernetes/yaml-text.ts";

/** As kubectl, gcloud, aws and kind write it. */
const written = `apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority-data: LS0tLS1CRUdJTg==
    server: https://10.0.0.1:6443 # the first
  name: arn:aws:eks:eu-west-1:1234:cluster/one
- name: two
  cluster:
    server: "https://[::1]:6443"
    insecure-skip-tls-verify: true
contexts:
  - context:
      cluster: two
      namespace: 'bill''s'
      user: me
    name: "two"
current-context: "two"
preferences: {}
users:
- name: me
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      args:
      - --region
      - eu-west-1
      command: aws
      env: null
      installHint: Install the plugin for use with kubectl by following
        https://example.com/plugin

      interactiveMode: IfAvailable
      list: ["a", "b"]
    token: ~
    note: |
      first
      second
# the end
`;

/** Without what is not set, and with texts for numbers and booleans. */
function asTexts(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return value.map(asTexts);
  if (typeof value !== "object") return String(value).trim();
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, asTexts(each)]));
}

describe("a kubeconfig", () => {
  test("is read as other readers of YAML read it", () => {
    expect(parseYaml(written)).toEqual(asTexts(parse(written)));
    expect(parseYaml(`---\n${written}`)).toEqual(parseYaml(written));
    expect(parseYaml(written.replaceAll("\n", "\r\n"))).toEqual(parseYaml(written));
  });

  test("may be JSON", () => {
    const value = { users: [{ name: "me", user: { token: "t" } }], n: 1, flag: true, none: null };
    const texts = { ...value, n: "1", flag: "true", none: undefined };
    expect(parseYaml(JSON.stringify(value, undefined, 2))).toEqual(texts);
  });

  test("may be empty", () => {
    expect(parseYaml("")).toBeUndefined();
    expect(parseYaml("# nothing\n")).toBeUndefined();
  });

  test.each([
    "a: &x 1",
    "a: *x",
    "a: !!str 1",
    "? a",
    "just a text",
    "a: 1\n   b: 2\n c: 3",
    "- a\nb: 1",
  ])("is not guessed at: %j", (text) => {
    expect(() => parseYaml(text)).toThrow(SyntaxError);
  });
});
