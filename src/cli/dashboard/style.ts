/** The style of the dashboard: light and dark, from a phone on. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #f6f7f9; --card: #fff; --ink: #1b1f24; --faint: #59636e; --line: #d1d9e0;
  --red: #cf222e; --red-paper: #ffebe9; --bar: #0969da; --focus: #0969da;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0d1117; --card: #151b23; --ink: #f0f6fc; --faint: #9198a1; --line: #3d444d;
    --red: #ff7b72; --red-paper: #2d1618; --bar: #4493f8; --focus: #4493f8;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; }
h1 { font-size: 1.25rem; margin: 0; }
header p, .faint { color: var(--faint); margin: 0; overflow-wrap: anywhere; }
[role=status] { font-weight: 600; margin: .75rem 0; }
[role=alert]:not(:empty) { padding: .5rem .75rem; border: 1px solid var(--red); border-radius: .5rem;
  background: var(--red-paper); color: var(--red); overflow-wrap: anywhere; }
ul { list-style: none; margin: 0; padding: 0; }
.election { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; }
.election.vacant { border-color: var(--red); background: var(--red-paper); }
summary { display: grid; grid-template-columns: minmax(8rem, 1fr) minmax(8rem, 1fr) 12rem; gap: .25rem 1rem;
  padding: .75rem; cursor: pointer; border-radius: .5rem; }
summary:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
summary > * { min-width: 0; overflow-wrap: anywhere; }
.key { font-weight: 600; }
.key::before { content: "\\25b8\\00a0"; }
details[open] .key::before { content: "\\25be\\00a0"; }
.vacant .leader { color: var(--red); font-weight: 700; }
.lease { height: .375rem; border-radius: .25rem; background: var(--line); overflow: hidden; margin-top: .25rem; }
.lease i { display: block; height: 100%; background: var(--bar); }
.line { grid-column: 1 / -1; display: flex; height: .5rem; margin-top: .5rem; border-radius: .25rem; overflow: hidden; }
.line i { display: block; height: 100%; min-width: 2px; }
.line .none { background: var(--red); }
.more { padding: 0 .75rem .75rem; }
.more li { padding: .125rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.more .none { color: var(--red); }
time { font-variant-numeric: tabular-nums; }
@media (max-width: 40rem) { summary { grid-template-columns: 1fr; } }
`;
