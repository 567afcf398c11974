export const style = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#1d1a19, #ece7e4);
  --quiet: light-dark(#635b57, #a89f9a);
  --paper: light-dark(#fdfbfa, #171413);
  --card: light-dark(#fff, #1f1b1a);
  --line: light-dark(#e6dfdb, #362f2c);
  --cinnabar: light-dark(#a8281c, #ff8d7c);
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 44rem; padding: 2rem 1.25rem 3rem;
  background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.6 system-ui, sans-serif; overflow-wrap: anywhere;
}
a { color: var(--cinnabar); text-underline-offset: .2em; }
:focus-visible { outline: 3px solid var(--cinnabar); outline-offset: 2px; border-radius: 2px; }
main:focus { outline: none; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: .5rem; padding: .25rem .75rem; background: var(--card); }
header { border-bottom: 3px solid var(--cinnabar); padding-bottom: 1rem; margin-bottom: 2rem; }
header p { margin: 0; }
.name { font-size: 1.5rem; font-weight: 700; line-height: 1.25; }
.name a { color: inherit; text-decoration: none; }
.about, .by, footer, .pager span { color: var(--quiet); }
h1 { font-size: 1.125rem; margin: 0 0 1rem; }
h1 em { font-style: normal; color: var(--cinnabar); }
article {
  background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
  padding: 1.25rem 1.5rem; margin: 0 0 1.25rem;
}
article h2 { margin: 0; font-size: 1.375rem; line-height: 1.25; text-wrap: balance; }
.by { margin: .25rem 0 .75rem; font-size: .9375rem; }
.body p { margin: 0 0 .75rem; white-space: pre-line; }
.tags { display: flex; flex-wrap: wrap; gap: .5rem; list-style: none; margin: .75rem 0 0; padding: 0; }
.tags a {
  display: block; border: 1px solid var(--line); border-radius: 1rem; padding: .2rem .8rem;
  font-size: .875rem; text-decoration: none;
}
.tags a:hover { border-color: currentColor; }
.pager { display: grid; grid-template-columns: 1fr auto 1fr; align-items: baseline; gap: 1rem; }
.pager a { padding: .25rem 0; justify-self: start; }
.pager a[rel="next"] { justify-self: end; }
pre, details ol { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; }
pre { padding: 1rem; overflow-x: auto; overflow-wrap: normal; font-size: .875rem; }
footer { border-top: 1px solid var(--line); margin-top: 2.5rem; padding-top: 1rem; font-size: .9375rem; }
summary { cursor: pointer; padding: .25rem 0; }
details p { margin: .5rem 0; }
details ol { margin: 0; padding: .75rem 1rem .75rem 2.5rem; }
details li + li { margin-top: .5rem; }
code { font: .875em/1.5 ui-monospace, monospace; }
@media (max-width: 30rem) {
  body { padding: 1.25rem 1rem 2rem; }
  article { padding: 1rem; }
}
`;
