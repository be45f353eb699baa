import { filesEndingIn } from "./test/support/suite.ts";

/** What `npm run proof` runs: the same claims by volume. */
export default filesEndingIn("proof.ts");
