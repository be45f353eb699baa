import { script } from "./script.ts";
import { style } from "./style.ts";

/** The page, of which nothing depends on the store. */
export function pageOf(nonce: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; connect-src 'self'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'">
<title>Elections</title>
<style nonce="${nonce}">${style}</style>
<header><h1>Elections</h1><p id="store"></p></header>
<main>
<p role="status">Looking…</p>
<p role="alert"></p>
<ul></ul>
</main>
<script nonce="${nonce}">${script}</script>
</html>
`;
}
