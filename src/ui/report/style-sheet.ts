/** Colours of the phases, in their order; each at least 3:1 against the page, light and dark. */
const phaseColours = [
  '#6b7280',
  '#7c6f64',
  '#57728f',
  '#0e7490',
  '#2563eb',
  '#4f46e5',
  '#7c3aed',
  '#a21caf',
  '#be185d',
  '#c2410c',
  '#a16207',
  '#15803d',
] as const;

const phaseRules = phaseColours
  .map((colour, index) => `.phase-${String(index)}{fill:${colour}}`)
  .join('');

/** The whole look of a report: no font, no picture and no script from anywhere else. */
export const styleSheet = `
:root{--page:#f6f7f9;--card:#fff;--ink:#16202c;--soft:#4a5666;--line:#d5dae1;--code:#eef1f5;
--good:#0b6b34;--good-bg:#e2f5e9;--bad:#a3161f;--bad-bg:#fde8e8;--wait:#7a4b00;--wait-bg:#fdf1d6;
--none:#44505f;--none-bg:#e6eaef;--link:#1b4fb0;color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{--page:#10151b;--card:#18202a;--ink:#e8edf3;--soft:#aab6c4;
--line:#313c49;--code:#222c37;--good:#7ee0a3;--good-bg:#10331f;--bad:#ff9d9d;--bad-bg:#43161a;
--wait:#f4c96b;--wait-bg:#3b2c0b;--none:#c3cdd8;--none-bg:#2b3541;--link:#8db8ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main,header,footer{max-width:72rem;margin:0 auto;padding:0 1rem}
header{padding-top:1.5rem}footer{padding-bottom:2rem;color:var(--soft)}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem;display:flex;flex-wrap:wrap;gap:.6rem;align-items:center}
h2{font-size:1.2rem;margin:0 0 .6rem}h3{font-size:1rem;margin:.8rem 0 .3rem}h4{font-size:.9rem;margin:.8rem 0 .4rem;color:var(--soft)}
p{margin:.25rem 0}.muted{color:var(--soft);font-size:.9rem}.lead{font-size:1.05rem}
section{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1rem 1.1rem;margin:1rem 0}
.cause{border-left:.4rem solid var(--none)}.cause.unhealthy{border-left-color:var(--bad)}.cause.progressing{border-left-color:var(--wait)}
h1,h2,h3,p,dd,dt,li,pre,code,summary{overflow-wrap:anywhere}
a{color:var(--link)}code,pre{font:.85em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--code);border-radius:.3rem}
code{padding:.1em .3em}pre{padding:.6rem .7rem;margin:.3rem 0;white-space:pre-wrap}
.next{border-left:.2rem solid var(--link);padding-left:.6rem}
.badge,.tag{display:inline-block;border-radius:1rem;padding:.05rem .6rem;font-size:.8rem;font-weight:600;white-space:nowrap}
.tag{background:var(--none-bg);color:var(--none);font-weight:500}
.badge.healthy{background:var(--good-bg);color:var(--good)}.badge.unhealthy{background:var(--bad-bg);color:var(--bad)}
.badge.progressing{background:var(--wait-bg);color:var(--wait)}.badge.unknown,.badge.skipped{background:var(--none-bg);color:var(--none)}
ul,ol{list-style:none;margin:0;padding:0}
.group+.group{border-top:1px solid var(--line);margin-top:1rem;padding-top:.4rem}
.pods{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr));gap:.7rem}
.pod{border:1px solid var(--line);border-top:.3rem solid var(--none);border-radius:.5rem;padding:.5rem .7rem}
.pod-name{display:flex;flex-wrap:wrap;gap:.3rem .6rem;justify-content:space-between}
.pod.healthy{border-top-color:var(--good)}.pod.unhealthy{border-top-color:var(--bad)}.pod.progressing{border-top-color:var(--wait)}
.pod.blamed{outline:2px solid var(--bad);outline-offset:2px}.first{color:var(--bad)}
.ranks{display:flex;flex-wrap:wrap;gap:.25rem;margin-top:.4rem}
.ranks li{min-width:2rem;text-align:center;font-size:.8rem;padding:.1rem .2rem;border-radius:.25rem;background:var(--none-bg);color:var(--none)}
.ranks li.healthy{background:var(--good-bg);color:var(--good)}.ranks li.unhealthy{background:var(--bad-bg);color:var(--bad)}
.ranks li.progressing{background:var(--wait-bg);color:var(--wait)}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1rem;font-size:.85rem;margin-bottom:.6rem}.legend svg{vertical-align:-2px}
.gantt svg{display:block;overflow:hidden}.gantt li{margin:.15rem 0 .5rem}.gantt li p{margin:.1rem 0;font-size:.9rem}
.gantt text{fill:var(--soft);font-size:12px}.gantt .mark{stroke:var(--line)}.gantt rect{stroke:var(--card);stroke-width:1}
.stalled{color:var(--bad);font-weight:600}
${phaseRules}
.checks li,.findings>li{border-top:1px solid var(--line);padding:.5rem 0}.checks li:first-child,.findings>li:first-child{border-top:0}
details{margin:.5rem 0}summary{cursor:pointer;padding:.3rem 0;font-weight:600}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);white-space:nowrap}
dl{margin:0;display:grid;gap:.35rem}dl div{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.2rem 1rem}
dt{color:var(--soft)}dd{margin:0}.digests div{grid-template-columns:minmax(8rem,1fr) 2fr}
@media (max-width:40rem){body{font-size:15px}main,header,footer{padding-left:.7rem;padding-right:.7rem}section{padding:.8rem}
dl div,.digests div{grid-template-columns:1fr}}
@media print{section{break-inside:avoid}body{background:#fff}}
`;
