/** One type scale, one accent, light and dark; every pair of colours is 4.5:1 or better. */
export const STYLE = `:root{
color-scheme:light dark;
--paper:#f5f6f8;--card:#fff;--ink:#14181f;--quiet:#525b69;--line:#dfe3ea;--accent:#1d5fd1;--shade:#eef1f6;
--good:#0a6b45;--bad:#b3161b;--warn:#8a5200;--calm:#3d4654;
--good-bg:#e2f4eb;--bad-bg:#fde7e7;--warn-bg:#fbf0dc;--calm-bg:#e9edf3;
--s1:.8125rem;--s2:1rem;--s3:1.25rem;--s4:2.25rem;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;
font-size:clamp(15px,.28vw + 13.4px,24px);line-height:1.5}
@media (prefers-color-scheme:dark){:root{
--paper:#0e1116;--card:#171b22;--ink:#e8ebf0;--quiet:#a3adbb;--line:#2a313c;--accent:#86b1ff;--shade:#1f2530;
--good:#6fdba9;--bad:#ff9a94;--warn:#f2bd68;--calm:#c3ccd9;
--good-bg:#10281d;--bad-bg:#3a1517;--warn-bg:#30230e;--calm-bg:#1f2530}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font-size:var(--s2)}
header,main,footer{max-width:84rem;margin:0 auto;padding:0 clamp(.75rem,3vw,2rem)}
.skip{position:absolute;left:-99rem}.skip:focus{left:.5rem;top:.5rem;background:var(--card);padding:.5rem 1rem}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
.top{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline;padding:1rem 0 .75rem}
.name{font-size:var(--s3);font-weight:700;letter-spacing:-.01em}
.small,.quiet{font-size:var(--s1);color:var(--quiet)}
.quiet{margin:.25rem 0}
.hero{display:flex;gap:clamp(.75rem,2vw,1.5rem);align-items:center;padding:clamp(1rem,2.5vw,1.75rem);border-radius:14px;border:1px solid var(--line);
background:var(--calm-bg);color:var(--calm)}
.hero[data-word=PROTECTED]{background:var(--good-bg);color:var(--good)}
.hero[data-word=UNPROTECTED],.hero[data-word=HALTED]{background:var(--bad-bg);color:var(--bad);border-color:currentColor}
.hero[data-word=UNPROTECTED]{border-width:3px}
.hero[data-word=STARTING],.hero[data-word="NO NEWS"]{background:var(--warn-bg);color:var(--warn)}
.hero[data-word="NO NEWS"]{border:2px dashed currentColor}
.glyph{flex:none;width:clamp(2.75rem,7vw,4.25rem);height:auto;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.word{margin:0;font-size:clamp(1.75rem,6vw,var(--s4));line-height:1.1;font-weight:800;letter-spacing:-.015em}
.sentence{margin:.35rem 0 0;color:var(--ink)}
.ages{display:flex;flex-wrap:wrap;gap:.15rem 1.5rem;list-style:none;padding:0;margin:.75rem 0 1.25rem;font-size:var(--s1);color:var(--quiet)}
main{display:grid;gap:1rem;grid-template-columns:repeat(6,minmax(0,1fr));align-items:stretch}
.card{grid-column:span 6}
.card{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.1rem clamp(.9rem,1.6vw,1.4rem);min-width:0}
h2{margin:0 0 .6rem;font-size:var(--s1);font-weight:600;color:var(--quiet)}
h3{margin:1rem 0 .25rem;font-size:var(--s1);font-weight:600;color:var(--quiet)}
.head{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.25rem 1rem}
.lead{margin:0 0 .5rem;font-size:var(--s3);line-height:1.35}
.next{margin:0;padding-left:1.1rem}
p{margin:.4rem 0}
dl{margin:0;font-variant-numeric:tabular-nums}
.row{display:grid;grid-template-columns:minmax(6.5rem,max-content) 1fr;gap:0 1rem;padding:.38rem 0;border-top:1px solid var(--line)}
.row:first-child{border-top:0}
dt{color:var(--quiet)}dd{margin:0;text-align:right;min-width:0;overflow-wrap:anywhere}
.up{color:var(--good)}.down{color:var(--bad)}.num{text-align:right;white-space:nowrap}
.bad,.stale{color:var(--bad);font-weight:700}
.ranges{display:flex;gap:.25rem;font-size:var(--s1)}
.ranges a{padding:.3rem .7rem;border-radius:99px;text-decoration:none;min-height:24px}
.ranges a:hover{background:var(--shade)}
.ranges [aria-current]{background:var(--accent);color:var(--card);font-weight:600}
.chart{min-height:220px;margin:0 -.25rem}
#money-chart{min-height:180px}
.key{display:flex;flex-wrap:wrap;gap:.1rem 1.25rem;list-style:none;padding:0;margin:0;font-size:var(--s1)}
.key li::before{content:"";display:inline-block;width:1.5rem;height:0;margin-right:.4rem;vertical-align:middle;border-top:3px solid var(--accent)}
.key .k-trading::before{border-top-color:var(--ink);border-top-width:2px}
.key .k-held::before{border-top:2px dashed var(--quiet)}
summary{cursor:pointer;font-size:var(--s1);color:var(--accent);padding:.3rem 0}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;width:100%;font-size:var(--s1);font-variant-numeric:tabular-nums}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th,td{text-align:left;padding:.42rem .7rem .42rem 0;border-top:1px solid var(--line);vertical-align:top}
thead th{border-top:0;color:var(--quiet);font-weight:600;white-space:nowrap}
th.num,td.num{text-align:right}
td:last-child,th:last-child{padding-right:0}
.severity{font-weight:600;color:var(--quiet)}.severity.critical{color:var(--bad)}.severity.warning{color:var(--warn)}
meter{width:100%;height:.7rem;border:0}
meter::-webkit-meter-bar{background:var(--shade);border:1px solid var(--line);border-radius:99px;height:.7rem}
meter::-webkit-meter-optimum-value{background:var(--accent);border-radius:99px}
meter::-moz-meter-bar{background:var(--accent)}
code{font-family:ui-monospace,SFMono-Regular,Menlo,"Liberation Mono",monospace;font-size:.92em;overflow-wrap:anywhere}
.notes{color:var(--warn);margin:0 0 .75rem;padding-left:1.1rem}
footer{padding-top:1.5rem;padding-bottom:2rem}
.u-legend{display:none}
.scroll td:first-child{white-space:nowrap}
.facts-in-two{columns:2 24rem;column-gap:3rem}.facts-in-two .row{break-inside:avoid}
html[data-word=halted] .c-halts,html[data-word=unprotected] .c-position{order:-1}
html[data-word=halted] main .c-halts{grid-column:span 6}
@media (min-width:44rem){.half{grid-column:span 3}}
@media (min-width:66rem){.third{grid-column:span 2}.two-thirds{grid-column:span 4}}
@media (min-width:44rem) and (max-width:65.99rem){.third{grid-column:span 3}.third.last{grid-column:span 6}}
@media (max-width:43.99rem){
.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stack tr{display:block;border-top:1px solid var(--line);padding:.35rem 0}
.stack td{display:block;border:0;padding:.05rem 0;text-align:left}
.wordy td{white-space:nowrap}}
@media (min-width:120rem){header,main,footer{max-width:112rem}}
@media (prefers-reduced-motion:no-preference){.hero{transition:background-color .2s,color .2s}}
@media print{.skip,.ranges{display:none}body{background:#fff}}
`;
