import { checkFlag, checkOptions, invalid, wholeNumber } from "../../input.ts";
import { checkGuard } from "../guard-options.ts";

/** How a {@link NatsStore} keeps leases. All candidates of an election must use the same bucket. */
export interface NatsStoreOptions {
  /**
   * The key-value bucket: 1 to 64 letters, digits, `-` and `_`.
   * @defaultValue "incumbent"
   */
  readonly bucket?: string | undefined;
  /**
   * Whether the store makes the bucket if it is missing. `false`: then requests fail with
   * `INCUMBENT_STORE_MISCONFIGURED`.
   * @defaultValue true
   */
  readonly createBucket?: boolean | undefined;
  /**
   * On how many servers the bucket is kept: 1, 3 or 5. With more than one, two leaders are possible when servers fail,
   * so the store calls itself advisory. A bucket with another number is refused.
   * @defaultValue 1
   */
  readonly replicas?: number | undefined;
  /**
   * Whether a candidate waits one ttl for a lease of which the bucket knows nothing. `false`: elects at once, and two
   * leaders are possible after the bucket was lost.
   * @defaultValue true
   */
  readonly restartGuard?: boolean | undefined;
}

/** The options, complete. */
export interface NatsSettings {
  readonly bucket: string;
  readonly createBucket: boolean;
  readonly replicas: number;
  readonly restartGuard: boolean;
}

/** The names of all options. */
export const natsOptionNames: readonly (keyof NatsStoreOptions)[] = [
  "bucket",
  "createBucket",
  "replicas",
  "restartGuard",
];

/** Throws `INCUMBENT_INVALID_OPTION`. */
export function natsSettings(options: NatsStoreOptions): NatsSettings {
  const {
    bucket = "incumbent",
    createBucket,
    replicas = 1,
    restartGuard,
  } = checkOptions(options, natsOptionNames, '{ bucket: "incumbent" }');
  if (typeof bucket !== "string" || !/^[\w-]{1,64}$/.test(bucket)) {
    const rule = "must be 1 to 64 letters, digits, - and _";
    throw invalid({ name: "bucket", rule, value: bucket, example: '"incumbent"' });
  }
  wholeNumber("replicas", replicas, { min: 1, max: 5, example: "1" });
  return {
    ...{ bucket, replicas, ...checkGuard({ restartGuard }) },
    createBucket: checkFlag("createBucket", createBucket, true),
  };
}
