// Imports one entry and says what it took, in ms, and what is in it.

const begun = performance.now();
const names = Object.keys(await import(process.argv[2]));
const took = performance.now() - begun;
console.log(JSON.stringify({ took, names: names.sort() }));
