/** Light and dark by what the reader's system says; no font, no script, nothing from a network. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1a1d23;--soft:#5b6472;--rule:#e3e6eb;--good:#147a3d;--bad:#b3261e;--warn:#8a5a00;
--good-bg:#e2f4e8;--bad-bg:#fce6e4;--warn-bg:#fbf0d9;--c1:#2563c9;--c2:#c2410c;--c3:#0d8a6a;--c4:#8b3fc7;--c5:#b8860b;--c6:#c2185b;--cplain:#a3abb8}
@media(prefers-color-scheme:dark){:root{--bg:#101318;--card:#181c23;--ink:#e8eaee;--soft:#9aa4b2;--rule:#2b313b;--good:#6fd295;--bad:#ff8a80;--warn:#f0c15c;
--good-bg:#15301f;--bad-bg:#3a1b1a;--warn-bg:#33280f;--c1:#6ea2ff;--c2:#ff8f5a;--c3:#3fcfa5;--c4:#c792f5;--c5:#e0b94a;--c6:#ff7fae;--cplain:#5f6979}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1120px;margin:0 auto;padding:28px 20px 64px}
h1{font-size:26px;margin:0 0 4px;letter-spacing:-.01em}h2{font-size:19px;margin:40px 0 4px;letter-spacing:-.005em}h3{font-size:15px;margin:0}
p{margin:4px 0}.soft,figcaption p,.unit{color:var(--soft);font-size:13px}a{color:var(--c1)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:20px 0 8px;padding:0;list-style:none}
.tiles li{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:12px 16px}.tiles b{display:block;font-size:24px;line-height:1.2}
.tiles span{color:var(--soft);font-size:13px}
.grid-2{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:16px;margin-top:14px;align-items:start}
figure,.card{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:16px 18px;margin:14px 0 0}.grid-2 figure{margin:0}
figcaption{margin-bottom:12px}
.row{display:grid;grid-template-columns:minmax(120px,32%) 1fr;gap:12px;align-items:center;padding:2px 0}.bars .row{grid-template-columns:minmax(150px,42%) 1fr}
.label{font-size:13px;overflow-wrap:anywhere;line-height:1.3}.label b{display:block;font-weight:400;color:var(--soft);font-size:12px}
svg{display:block;width:100%;overflow:visible}svg text{fill:var(--soft);font-size:11px}.grid{stroke:var(--rule);stroke-width:1}.whisker{stroke:var(--ink);stroke-width:2;opacity:.55}
.axis span{color:var(--soft);font-size:12px;text-align:right}.y{paint-order:stroke;stroke:var(--card);stroke-width:3px}
.plane{height:220px;margin-top:14px}.unit.end{text-align:right}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;margin:0 0 8px;padding:0;list-style:none;font-size:13px}.legend i{display:inline-block;width:10px;height:10px;border-radius:50%;margin-right:6px}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:13px}th{font-weight:600;color:var(--soft)}
th,td{text-align:right;padding:5px 8px;border-bottom:1px solid var(--rule);white-space:nowrap;vertical-align:top}th:first-child,td:first-child{text-align:left;white-space:normal;min-width:140px;padding-left:0}
td.wrap{white-space:normal;text-align:left;min-width:160px;color:var(--warn)}
.map table{table-layout:fixed}.map th,.map td{text-align:center;padding:4px 3px;border:0;white-space:normal;min-width:0}.map th:first-child,.map td:first-child{width:64px;text-align:left;min-width:0}
.cell{display:block;border-radius:8px;border:2px solid transparent;padding:7px 4px;font-size:13px;line-height:1.25}.cell b{display:block;font-weight:600}.hollow{border:2px dashed currentColor}
.chip{display:inline-block;padding:0 8px;border-radius:999px;font-size:12px;line-height:20px;white-space:nowrap}
.met{color:var(--good);background:var(--good-bg)}.missed{color:var(--bad);background:var(--bad-bg)}.open{color:var(--soft);background:var(--bg)}.doubt{color:var(--warn);background:var(--warn-bg)}
details{background:var(--card);border:1px solid var(--rule);border-radius:10px;margin-top:12px}.group{margin-top:14px;border:1px solid var(--rule);border-radius:10px;overflow:hidden}.group details{margin:0;border:0;border-radius:0}.group details+details{border-top:1px solid var(--rule)}
summary{cursor:pointer;padding:12px 18px;font-weight:600;font-size:14px}
summary .soft{font-weight:400}details>div{padding:0 18px 16px}details figure{border:0;padding:0}
.controls{display:flex;flex-wrap:wrap;gap:8px;margin:16px 0}button,select{font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:6px 14px}button:disabled{opacity:.5}#start{background:var(--c1);border-color:var(--c1);color:var(--bg)}
.banner{background:var(--warn-bg);color:var(--warn);border-radius:10px;padding:10px 16px;margin-top:14px}
@media(max-width:640px){.map th{font-size:11px}.map th:first-child,.map td:first-child{width:40px}.map .card{padding:10px 6px}.cell{font-size:11px;padding:6px 1px}
main{padding:18px 12px 48px}h1{font-size:22px}figure,.card{padding:14px 12px}.row,.bars .row{grid-template-columns:1fr;gap:2px;padding:4px 0}
.bars .label{display:flex;justify-content:space-between;gap:12px}.bars .label b{text-align:right;white-space:nowrap}.axis span{display:none}.tiles{grid-template-columns:1fr 1fr}.tiles b{font-size:20px}}
@media print{body{background:#fff}details>div{display:block}}
`.replaceAll("\n", "");
