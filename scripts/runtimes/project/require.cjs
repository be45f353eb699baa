// Requires one entry and says what is in it.

const names = Object.keys(require(process.argv[2])).filter((name) => name !== "__esModule");
console.log(JSON.stringify({ names: names.sort() }));
