import { describe, expect, test } from "vitest";
import { connectionErrorOf, unsent } from "../../../src/stores/http/http-errors.ts";

const SERVER = "etcd at http://10.0.0.1:2379";
const { signal } = new AbortController();
const maybe = { signal, applied: "maybe" } as const;
const coded = (code: string, message = "what it says") =>
  Object.assign(new Error(message), { code });

describe("a request that was not answered", () => {
  test("could not reach the server, and what is known of that is shown", () => {
    expect(connectionErrorOf(coded("EPIPE"), SERVER, { signal, applied: "no" })).toMatchObject({
      code: "INCUMBENT_STORE_UNAVAILABLE",
      message: `Cannot reach ${SERVER}: what it says`,
      detail: "what it says",
      applied: "no",
      cause: { message: "what it says" },
    });
    expect(connectionErrorOf("a text", SERVER, maybe)).toMatchObject({
      ...{ message: `Cannot reach ${SERVER}: a text`, applied: "maybe" },
    });
  });

  test("by a closed port is briefly said to be refused", () => {
    expect(connectionErrorOf(coded("ECONNREFUSED"), SERVER, maybe)).toMatchObject({
      ...{ message: `Cannot reach ${SERVER}: what it says`, detail: "connection refused" },
    });
  });

  test("by any of several addresses says what happened at each", () => {
    const errors = [coded("ECONNREFUSED", "one"), coded("ETIMEDOUT", "two")];
    expect(connectionErrorOf(new AggregateError(errors), SERVER, maybe)).toMatchObject({
      ...{ message: `Cannot reach ${SERVER}: one; two`, detail: "connection refused" },
    });
  });

  test("because the connection broke at once may have met a server that expects TLS", () => {
    const reset = (isFirstInPlain: boolean) =>
      connectionErrorOf(coded("ECONNRESET"), SERVER, { ...maybe, isFirstInPlain }).message;
    const plain = `Cannot reach ${SERVER}: what it says`;
    expect(reset(true)).toBe(`${plain} (if the server expects TLS at this port, connect with TLS)`);
    expect(reset(false)).toBe(plain);
    expect(connectionErrorOf(coded("ECONNRESET"), SERVER, maybe).message).toBe(plain);
    const broken = { ...maybe, isFirstInPlain: true };
    expect(connectionErrorOf(coded("EPIPE"), SERVER, broken).message).toBe(plain);
  });

  test("in time has timed out, whatever else is wrong", () => {
    const late = { ...maybe, signal: AbortSignal.abort() };
    expect(connectionErrorOf(coded("CERT_HAS_EXPIRED"), SERVER, late)).toMatchObject({
      code: "INCUMBENT_STORE_TIMEOUT",
      message: `${SERVER} has not answered in time.`,
      applied: "maybe",
      cause: { message: "what it says" },
    });
  });

  test.each([
    "CERT_HAS_EXPIRED",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "ERR_SSL_WRONG_VERSION_NUMBER",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "EPROTO",
    "ERR_OSSL_PEM_NO_START_LINE",
  ])("by %s is a matter of settings", (code) => {
    expect(connectionErrorOf(coded(code), SERVER, { signal, applied: "no" })).toMatchObject({
      code: "INCUMBENT_STORE_MISCONFIGURED",
      message: `The TLS connection to ${SERVER} cannot be trusted: what it says. Check the certificates and the host name, and whether the server uses TLS.`,
      applied: "no",
      cause: { message: "what it says" },
    });
  });

  test("is a matter of settings also if that was so at one address of several", () => {
    const errors = [coded("ECONNREFUSED"), coded("CERT_HAS_EXPIRED")];
    expect(connectionErrorOf(new AggregateError(errors), SERVER, maybe).code).toBe(
      "INCUMBENT_STORE_MISCONFIGURED",
    );
  });

  test("shows no password of an address", () => {
    const error = connectionErrorOf(new Error("http://root:hush@etcd"), SERVER, maybe);
    expect(JSON.stringify([error.message, error.detail, String(error.cause)])).not.toContain(
      "hush",
    );
  });
});

test("a request that was given up before it was sent had no effect", () => {
  expect(unsent(SERVER)).toMatchObject({
    code: "INCUMBENT_STORE_TIMEOUT",
    message: `A request to ${SERVER} was given up before it was sent.`,
    applied: "no",
  });
});
