/** What jest needs for a package of ES modules: no transform, and Node.js with `--experimental-vm-modules`. */
export default {
  testMatch: ["**/jest.test.mjs"],
  transform: {},
};
