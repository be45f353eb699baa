import { builtin } from "../../builtin.ts";
import { invalid } from "../../input.ts";

/** Where the certificates of a connection are. */
export interface TlsFiles {
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
}

/** What they hold. */
export interface TlsContents {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** What the files hold. Throws `INCUMBENT_INVALID_OPTION` if one cannot be read. */
export function readTlsFiles({ caFile, certFile, keyFile }: TlsFiles): TlsContents {
  return {
    ca: contentOf("caFile", caFile),
    cert: contentOf("certFile", certFile),
    key: contentOf("keyFile", keyFile),
  };
}

function contentOf(name: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return builtin.fs.readFileSync(path, "utf8");
  } catch (error) {
    const because = error instanceof Error && "code" in error ? ` (${error.code})` : "";
    const rule = `must name a file that can be read${because}`;
    throw invalid({ name, rule, value: path, example: '"/etc/ssl/ca.crt"' });
  }
}
