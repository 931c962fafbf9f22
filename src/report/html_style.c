/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/html.h"

/* Colours are named by what they say, so that the dark scheme only gives other values. */
static const char colours[] =
        ":root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--text:#1b2330;--soft:#5b6675;--line:#dfe3e8;"
        "--bad:#b42318;--bad-back:#fdecea;--good:#17703c;--good-back:#e7f5ec;--warn:#8a5a00;--warn-back:#fdf3dc;"
        "--gone:#fbd5d0;--come:#c8ecd4;--code:#f8f9fa;--accent:#1f5fbf}\n"
        "@media(prefers-color-scheme:dark){:root{--page:#12161c;--card:#1b212a;--text:#e6e9ee;--soft:#9aa5b4;"
        "--line:#323b47;--bad:#ff9a8f;--bad-back:#3a1c1a;--good:#7ed9a0;--good-back:#16301f;--warn:#f0c060;"
        "--warn-back:#362a10;--gone:#6b2620;--come:#1c5433;--code:#141920;--accent:#8bb8ff}}\n";

static const char page[] =
        "*,*::before,*::after{box-sizing:border-box}\n"
        "body{margin:0;background:var(--page);color:var(--text);font:16px/1.55 system-ui,-apple-system,\"Segoe UI\","
        "Roboto,\"Noto Sans\",\"DejaVu Sans\",sans-serif;overflow-wrap:anywhere}\n"
        "main{max-width:68rem;margin:0 auto;padding:1.5rem 1rem 3rem}\n"
        ".top{display:flex;flex-wrap:wrap;gap:.25rem 1rem;justify-content:space-between;color:var(--soft);"
        "font-size:.9rem;margin-bottom:.75rem}\n"
        ".top b{color:var(--text)}\n"
        "h1{font-size:1.65rem;line-height:1.25;margin:0}\n"
        "h2{font-size:1.2rem;margin:2.2rem 0 .7rem}\n"
        "h3{font-size:1.08rem;margin:0;line-height:1.35}\n"
        "p{margin:.4rem 0}\n"
        "code,pre,.message{font-family:ui-monospace,\"SF Mono\",Menlo,Consolas,\"DejaVu Sans Mono\",monospace;"
        "font-size:.86rem}\n"
        "a{color:var(--accent)}\n"
        ".card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.1rem 1.25rem;"
        "margin:.8rem 0}\n"
        ".verdict{border:0;border-left:8px solid;padding:1.4rem "
        "1.5rem;display:flex;gap:1.1rem;align-items:flex-start}\n"
        ".verdict svg{flex:none;width:3rem;height:3rem}\n"
        ".verdict p{color:var(--text);margin-bottom:0}\n"
        ".verdict.bad{background:var(--bad-back);color:var(--bad);border-color:var(--bad)}\n"
        ".verdict.good{background:var(--good-back);color:var(--good);border-color:var(--good)}\n"
        ".verdict.warn{background:var(--warn-back);color:var(--warn);border-color:var(--warn)}\n";

static const char parts[] =
        "dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.25rem;margin:0}\n"
        "dt{color:var(--soft)}\n"
        "dd{margin:0}\n"
        ".head{display:flex;flex-wrap:wrap;gap:.4rem .7rem;align-items:center;margin-bottom:.6rem}\n"
        ".head h3{flex:1 1 16rem}\n"
        ".pill{border-radius:99px;padding:.1rem .65rem;font-size:.78rem;font-weight:600;letter-spacing:.02em;"
        "white-space:nowrap}\n"
        ".pill.bad{background:var(--bad-back);color:var(--bad)}\n"
        ".pill.good{background:var(--good-back);color:var(--good)}\n"
        ".pill.warn{background:var(--warn-back);color:var(--warn)}\n"
        ".pill.none{background:var(--page);color:var(--soft)}\n"
        ".notice{font-size:1.05rem;margin:.2rem 0 .7rem}\n"
        ".means{color:var(--soft)}\n"
        ".name{color:var(--soft);font-size:.8rem}\n"
        ".fault{border-left:5px solid var(--bad)}\n"
        ".seen{margin:.7rem 0 0;padding:0;list-style:none}\n"
        ".seen>li{border-top:1px solid var(--line);padding:.55rem 0 .3rem}\n"
        ".seen details li{list-style:disc;margin-left:1.2rem}\n"
        ".seen details ul{margin:.3rem 0;padding:0}\n"
        ".seen small{color:var(--soft)}\n"
        "ol.steps{margin:0;padding-left:1.3rem}\n"
        "ol.steps li{margin:.35rem 0}\n"
        ".escape{color:var(--warn);font-style:normal}\n"
        "table{border-collapse:collapse;width:100%}\n"
        "td,th{text-align:left;padding:.4rem .6rem .4rem 0;border-top:1px solid var(--line);vertical-align:top;"
        "font-weight:400}\n"
        "tr:first-child td,tr:first-child th{border-top:0}\n"
        "td:first-child{white-space:nowrap;width:1%}\n"
        "summary{cursor:pointer;color:var(--soft)}\n"
        "footer{color:var(--soft);font-size:.85rem;margin-top:2.5rem;border-top:1px solid var(--line);"
        "padding-top:1rem}\n";

static const char pictures[] =
        ".message{background:var(--code);border:1px solid var(--line);border-radius:8px;margin:.6rem 0;overflow:hidden;"
        "line-height:1.5}\n"
        ".row{display:grid;grid-template-columns:1fr 1fr}\n"
        ".row>div{padding:.05rem .6rem;white-space:pre-wrap;min-height:1.5em}\n"
        ".row>div+div{border-left:1px solid var(--line)}\n"
        ".one .row{grid-template-columns:1fr}\n"
        ".labels{font-weight:600;border-bottom:1px solid var(--line);padding:.2rem 0}\n"
        ".same{color:var(--soft)}\n"
        ".changed,.removed,.added,.moved{background:var(--card)}\n"
        ".removed>.sent,.moved>.sent.full{background:var(--gone)}\n"
        ".added>.received,.moved>.received.full{background:var(--come)}\n"
        "mark{color:inherit;border-radius:3px;font-weight:600;box-decoration-break:clone}\n"
        ".sent mark{background:var(--gone);text-decoration:underline;text-decoration-thickness:2px}\n"
        ".received mark{background:var(--come);text-decoration:underline;text-decoration-thickness:2px}\n"
        ".message summary{padding:.1rem .6rem;font-size:.8rem;border-top:1px dashed var(--line);"
        "border-bottom:1px dashed var(--line)}\n"
        ".tag{font:600 .72rem system-ui,sans-serif;color:var(--soft);margin-left:.5rem;white-space:nowrap}\n"
        ".path{list-style:none;margin:0;padding:0}\n"
        ".path li{position:relative;padding:.15rem 0 1.1rem 2.4rem}\n"
        ".path li::before{content:\"\";position:absolute;left:.4rem;top:.35rem;width:1rem;height:1rem;"
        "border-radius:50%;border:3px solid var(--soft);background:var(--card);z-index:1}\n"
        ".path li::after{content:\"\";position:absolute;left:.81rem;top:1rem;bottom:-.5rem;width:3px;"
        "background:var(--line)}\n"
        ".path li:last-child::after{display:none}\n"
        ".path li:last-child{padding-bottom:0}\n"
        ".path .good::before{border-color:var(--good)}\n"
        ".path .bad::before{border-color:var(--bad);background:var(--bad)}\n"
        ".path .before::after{background:var(--bad)}\n"
        ".path .end::before{border-color:var(--accent);background:var(--accent)}\n"
        ".path small{color:var(--soft)}\n"
        ".scroll{overflow-x:auto;-webkit-overflow-scrolling:touch}\n"
        ".ladder{display:block;min-width:44rem;width:100%;height:auto;max-width:62rem;margin:0 auto;"
        "font:13px ui-monospace,Menlo,Consolas,\"DejaVu Sans Mono\",monospace}\n"
        ".ladder text{fill:var(--text)}\n"
        ".ladder g text{paint-order:stroke;stroke:var(--card);stroke-width:4px}\n"
        ".ladder .time,.ladder .remark{fill:var(--soft);font-size:11.5px}\n"
        ".ladder .life{stroke:var(--line);stroke-width:2}\n"
        ".ladder .host{fill:var(--page);stroke:var(--line)}\n"
        ".ladder .arrow{stroke:var(--soft);fill:none;stroke-width:1.7}\n"
        ".ladder .tip{fill:var(--soft);stroke:none}\n"
        ".ladder .media .arrow{stroke-width:6;opacity:.55}\n";

static const char marks[] =
        ".ladder .good .arrow{stroke:var(--good)}.ladder .good .tip{fill:var(--good)}\n"
        ".ladder .changed .arrow{stroke:var(--warn)}.ladder .changed .tip,.ladder .changed text{fill:var(--warn)}\n"
        ".ladder .lost .arrow{stroke:var(--bad);stroke-dasharray:6 5}.ladder .lost .cross{stroke:var(--bad);"
        "stroke-width:2.5;fill:none}.ladder .lost text{fill:var(--bad)}\n"
        ".ladder .bad .arrow{stroke:var(--bad)}.ladder .bad .tip,.ladder .bad text{fill:var(--bad)}\n"
        ".ladder g .time{fill:var(--soft)!important}\n"
        "@media(max-width:46rem){h1{font-size:1.35rem}.verdict{padding:1.1rem 1rem;gap:.8rem}.verdict svg{width:2.2rem;"
        "height:2.2rem}.card{padding:.9rem .95rem}dl{grid-template-columns:1fr;gap:0}dt{font-size:.85rem}"
        "dd{margin-bottom:.5rem}.row{grid-template-columns:1fr}.row>div+div{border-left:0}.labels{display:none}.one "
        ".labels{display:grid}.one .row>div::before{display:none!important}.pill{white-space:normal;border-radius:10px}"
        ".row>div.none{display:none}.same>.received{display:none}.changed>div::before,.removed>.sent::before,"
        ".added>.received::before{font:600 .68rem system-ui,sans-serif;color:var(--soft);display:block;"
        "content:attr(title)}.changed{border-top:1px solid var(--line);border-bottom:1px solid var(--line)}"
        "td:first-child{white-space:normal}}\n"
        "@media print{body{background:#fff}.card{break-inside:avoid}.scroll{overflow:visible}}\n";

void html_style(FILE *out)
{
	fputs("<style>\n", out);
	fputs(colours, out);
	fputs(page, out);
	fputs(parts, out);
	fputs(pictures, out);
	fputs(marks, out);
	fputs("</style>\n", out);
}
