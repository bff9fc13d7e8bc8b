// One game, one place in it (`ply`, 0 is the start), and everything on the page drawn from the two.
const report = JSON.parse(document.getElementById("data").textContent), moves = report.moves;
const byId = id => document.getElementById(id);
const MARKS = { inaccuracy: "?!", mistake: "?", blunder: "??" };
const TEXTS = {
  en: {
    red: "Red", black: "Black", graph: "WIN · DRAW · LOSS, RED'S SIDE BELOW", surprise: "SURPRISE, BITS A MOVE", sides: "BOTH SIDES", record: "MOVES",
    moments: "MISTAKES, THE GRAVEST FIRST", start: "Start of the game", chance: "Chance", of: (rank, n) => `no. ${rank} of ${n} legal moves`, bits: "Surprise", unit: "bits",
    value: "Win/draw/loss", better: "Better", lost: "Lost", points: n => `${n} points of expected score`, next: "next mistake", moves: "moves", likeliest: "the likeliest move",
    mean: "bits a move", loss: "points lost a move", inaccuracy: "inaccuracy", mistake: "mistake", blunder: "blunder", inaccuracies: "inaccuracies ?!", mistakes: "mistakes ?", blunders: "blunders ??",
    flip: "flip", theme: "theme", other: "中文", illegal: "Illegal wish", illegalText: (move, p) => `${move}; ${p} on illegal moves`, nothing: "No move lost 4 points or more.",
    keys: [["← →", "back, on"], ["Home End", "start, end"], ["N P", "next, previous mistake"], ["F", "flip the board"], ["L", "中文"], ["T", "light or dark"], ["?", "these keys"]], close: "close",
    foot: (model, deep) => `Chances by the model ${model}${deep ? `, values by ${deep}` : ", values by the same model"}. Percentages are for the side that moves. A loss of 4 points of expected score is an inaccuracy, 8 a mistake, 16 a blunder; book moves are exempt.`,
    half: share => `The review was not done: ${share} of the moves were searched, from the last one on, the others judged at a glance. `,
    accuracy: "accuracy, %", book: "Book", bookMoves: "book moves", score: "Score", played: "After it", before: "before", after: "after", likely: "What the model would have played",
  },
  zh: {
    red: "红方", black: "黑方", graph: "胜 · 和 · 负（红方在下）", surprise: "意外程度（比特）", sides: "双方统计", record: "着法",
    moments: "失误（由重到轻）", start: "开局", chance: "概率", of: (rank, n) => `${n} 种合法着法中的第 ${rank} 位`, bits: "意外", unit: "比特",
    value: "胜/和/负", better: "更好", lost: "损失", points: n => `期望得分 ${n} 分`, next: "下一个失误", moves: "着数", likeliest: "走了首选着法",
    mean: "每着比特", loss: "每着失分", inaccuracy: "缓着", mistake: "失误", blunder: "败着", inaccuracies: "缓着 ?!", mistakes: "失误 ?", blunders: "败着 ??",
    flip: "翻转", theme: "明暗", other: "English", illegal: "想走的非法着", illegalText: (move, p) => `${move}；非法着共占 ${p}`, nothing: "没有一着失分达到 4 分。",
    keys: [["← →", "后退、前进"], ["Home End", "开头、结尾"], ["N P", "下一个、上一个失误"], ["F", "翻转棋盘"], ["L", "English"], ["T", "明暗主题"], ["?", "按键说明"]], close: "关闭",
    foot: (model, deep) => `概率来自模型 ${model}${deep ? `，评价来自 ${deep}` : "，评价来自同一模型"}。百分比均就走子一方而言。期望得分损失 4 分为缓着，8 分为失误，16 分为败着；谱着不计。`,
    half: share => `分析尚未完成：已从最后一着起分析了 ${share}，其余着法只是粗略评价。`,
    accuracy: "准确率 %", book: "谱着", bookMoves: "谱着数", score: "评分", played: "其后", before: "走前", after: "走后", likely: "模型会怎么走",
  },
};
let ply = 0, flipped = false, language = (navigator.language || "en").startsWith("zh") ? "zh" : "en";
const text = () => TEXTS[language], percent = share => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)}%`;
const triple = wdl => { const w = Math.round(100 * wdl[0]), l = Math.round(100 * wdl[2]); return `${w} / ${100 - w - l} / ${l}`; };
const turned = wdl => [wdl[2], wdl[1], wdl[0]];
const forRed = (wdl, side) => (side === "red" ? wdl : turned(wdl));
/** Red's win, draw and loss after each ply, the start included. */
const values = moves.length ? [forRed(moves[0].before, moves[0].side), ...moves.map(m => forRed(m.after, m.side))] : [];
const curve = values;
/** A score in pawns, or moves to mate, for the side that moves. */
const scoreText = s => ("mate" in s ? `${s.mate > 0 ? "+" : "−"}M${Math.abs(s.mate)}` : `${s.cp < 0 ? "−" : "+"}${(Math.abs(s.cp) / 100).toFixed(2)}`);
const fens = [report.fen, ...moves.map(m => m.fen)];
const name = m => `${escapeText(m.chinese)} <small>${m.move}</small>`;
const mark = m => (m.book ? `<span class="mark book">${text().book}</span>` : m.judgement ? `<span class="mark ${m.judgement}" title="${text()[m.judgement]}">${MARKS[m.judgement]}</span>` : "");
const numberOf = m => (m ? `${Math.floor((m.ply + (moves[0].side === "black" ? 0 : -1)) / 2) + 1}${m.side === "red" ? "." : "…"}` : "");

function drawHeader() {
  const tags = report.tags, t = text();
  byId("red-name").textContent = tags.Red && tags.Red !== "?" ? tags.Red : t.red;
  byId("black-name").textContent = tags.Black && tags.Black !== "?" ? tags.Black : t.black;
  byId("result").textContent = { "1-0": "1 – 0", "0-1": "0 – 1", "1/2-1/2": "½ – ½" }[report.result] || "–";
  byId("event").textContent = [tags.Event, tags.Date, report.opening ? report.opening.name : tags.Opening, report.opening ? report.opening.ecco : tags.ECCO].filter(Boolean).join(" · ");
  byId("foot").textContent = (report.reviewed < 1 ? t.half(`${Math.floor(100 * report.reviewed)}%`) : "") + t.foot(report.model, report.deep);
  byId("language").textContent = t.other;
  byId("theme").textContent = `◐ ${t.theme}`;
  byId("flip").textContent = `⇅ ${t.flip}`;
  document.querySelector(".steps .wide").textContent = `${t.next} ⚑`;
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = t[element.dataset.text];
  byId("keys").innerHTML = `<table>${t.keys.map(([key, what]) => `<tr><td>${key.split(" ").map(k => `<kbd>${k}</kbd>`).join(" ")}</td><td>${what}</td></tr>`).join("")}</table><p><button type="button" onclick="byId('keys').close()">${t.close}</button></p>`;
}

function drawSides() {
  const t = text(), { red, black } = report.sides, rows = [
    [t.moves, s => s.moves], [t.likeliest, s => percent(s.likeliest)], [t.mean, s => s.surprise.toFixed(2)], [t.accuracy, s => (s.accuracy === null ? "–" : s.accuracy.toFixed(0))], [t.loss, s => (100 * s.loss).toFixed(1)], [t.bookMoves, s => s.book],
    [t.inaccuracies, s => s.inaccuracy], [t.mistakes, s => s.mistake], [t.blunders, s => s.blunder],
  ];
  byId("sides").innerHTML = `<thead><tr><th></th><th>${t.red}</th><th>${t.black}</th></tr></thead><tbody>${rows.map(([label, of]) => `<tr><td>${label}</td><td>${of(red)}</td><td>${of(black)}</td></tr>`).join("")}</tbody>`;
}

function drawMoves() {
  const cells = [];
  moves.forEach((m, i) => {
    if (m.side === "red" || i === 0) cells.push(`<li class="number">${numberOf(m).replace("…", ".")}</li>`);
    if (i === 0 && m.side === "black") cells.push("<li></li>");
    cells.push(`<li><button type="button" data-ply="${m.ply}">${escapeText(m.chinese)} ${mark(m)}<small>${m.move} · ${percent(m.probability)}</small></button></li>`);
  });
  byId("moves").innerHTML = cells.join("");
}

function drawMoments() {
  const worst = moves.filter(m => m.judgement).sort((a, b) => b.loss - a.loss).slice(0, 6), t = text();
  byId("moments").innerHTML = worst.length ? worst.map(m => `<button type="button" data-ply="${m.ply}">${drawBoard(m.fen, { last: m.move, better: m.best.move, flipped, label: `${m.chinese}` })}` +
    `<strong>${numberOf(m)} ${escapeText(m.chinese)}</strong> ${mark(m)}<small>${t[m.judgement]}, −${(100 * m.loss).toFixed(1)}; ${t.better.toLowerCase()} ${escapeText(m.best.chinese)} ${m.best.move}</small></button>`).join("") : `<p>${t.nothing}</p>`;
}

const GRAPH = { width: 640, height: 170 }, STRIP = 54;
const across = i => (GRAPH.width * i) / Math.max(1, moves.length);

function drawGraph() {
  const { width, height } = GRAPH, band = (low, high) => {
    const up = curve.map((v, i) => `${across(i).toFixed(1)} ${(height * (1 - high(v))).toFixed(1)}`), down = curve.map((v, i) => `${across(i).toFixed(1)} ${(height * (1 - low(v))).toFixed(1)}`).reverse();
    return `M${[...up, ...down].join("L")}Z`;
  };
  const score = curve.map((v, i) => `${across(i).toFixed(1)} ${(height * (1 - v[0] - v[1] / 2)).toFixed(1)}`).join("L");
  const dots = moves.filter(m => m.judgement && m.judgement !== "inaccuracy").map(m => { const v = curve[m.ply];
    return `<circle cx="${across(m.ply)}" cy="${height * (1 - v[0] - v[1] / 2)}" r="4.5" fill="var(--${m.judgement})" stroke="var(--card)" stroke-width="1.5"><title>${numberOf(m)} ${escapeText(m.chinese)} ${MARKS[m.judgement]}</title></circle>`; }).join("");
  byId("graph").innerHTML = curve.length ? `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${text().graph}"><rect width="${width}" height="${height}" fill="var(--bar-black)"/>` +
    `<path d="${band(v => v[0], v => v[0] + v[1])}" fill="var(--bar-draw)"/><path d="${band(() => 0, v => v[0])}" fill="var(--bar-red)"/>` +
    `<path d="M0 ${height / 2}H${width}" stroke="#fff" stroke-opacity=".35" stroke-dasharray="3 4"/><path d="M${score}" fill="none" stroke="#fff" stroke-width="2.2" stroke-linejoin="round"/>${dots}<path class="here" data-tall="${height}" stroke="var(--accent)" stroke-width="2.5"/></svg>` : "";
  const wide = Math.max(1.5, (0.72 * width) / Math.max(1, moves.length)), bars = moves.map(m => {
    const tall = Math.min(1, m.surprise / 8) * (STRIP - 2);
    return `<rect x="${(across(m.ply) - wide).toFixed(1)}" y="${(STRIP - tall - 1).toFixed(1)}" width="${wide.toFixed(1)}" height="${(tall + 1).toFixed(1)}" rx="1" fill="${m.judgement ? `var(--${m.judgement})` : "var(--muted)"}" fill-opacity="${m.judgement ? 1 : 0.55}"><title>${numberOf(m)} ${escapeText(m.chinese)} ${m.surprise.toFixed(1)} ${text().unit}</title></rect>`;
  }).join("");
  const ticks = moves.filter(m => m.side === "red" && Math.ceil(m.ply / 2) % 10 === 0).map(m => `<text x="${across(m.ply)}" y="${STRIP + 14}" font-size="12" text-anchor="middle" fill="var(--muted)">${numberOf(m).slice(0, -1)}</text>`).join("");
  byId("strip").innerHTML = `<svg viewBox="0 0 ${width} ${STRIP + 18}" role="img" aria-label="${text().surprise}"><rect width="${width}" height="${STRIP}" fill="var(--sunken)"/>${bars}${ticks}<path class="here" data-tall="${STRIP}" stroke="var(--accent)" stroke-width="2.5"/></svg>`;
}

/** What is written in the record behind a move, or before the first. */
const remark = m => (m.comment ? `<p class="remark">${escapeText(m.comment)}</p>` : "");

function drawNow() {
  const t = text(), m = moves[ply - 1], likely = (m || { likely: [] }).likely;
  if (!m) {
    byId("now").innerHTML = `<div class="head">${t.start}</div>${values.length ? `<dl><dt>${t.value}</dt><dd>${triple(values[0])} (${t.red})</dd></dl>` : ""}${remark(report)}`;
    return;
  }
  const rows = [
    [t.chance, `${percent(m.probability)}, ${t.of(m.rank, m.legal_moves)}`],
    [t.bits, `${m.surprise.toFixed(1)} ${t.unit}`],
    [t.value, `${triple(m.before)} &nbsp;→&nbsp; ${triple(m.after)}`],
    [t.score, scoreText(m.score)],
  ];
  if (m.judgement) rows.push([t.better, `${name(m.best)} &nbsp;${triple(m.best.after)}${m.best.line.length > 1 ? `<br><small>${m.best.line_chinese.map(escapeText).join(" ")}</small>` : ""}`], [t.lost, t.points((100 * m.loss).toFixed(1))]);
  if (m.judgement && m.refutation.length) rows.push([t.played, `<small>${m.refutation_chinese.map(escapeText).join(" ")}</small>`]);
  if (m.illegal) rows.push([t.illegal, t.illegalText(m.illegal.move, percent(m.illegal.probability))]);
  const list = likely.map(l => `<div class="${l.move === m.move ? "played" : ""}"><span>${name(l)}</span><span class="track"><b style="width:${(100 * l.probability).toFixed(1)}%"></b></span><span class="share">${percent(l.probability)}</span></div>`).join("");
  byId("now").innerHTML = `<div class="head"><span>${numberOf(m)} ${escapeText(m.chinese)}</span><small>${m.move}</small>${mark(m)}${m.judgement ? `<small>${t[m.judgement]}</small>` : ""}</div>${remark(m)}` +
    `<dl>${rows.map(([label, value]) => `<dt>${label}</dt><dd>${value}</dd>`).join("")}</dl><h2 style="margin:.8rem 0 .3rem">${t.likely.toUpperCase()}</h2><div class="likely" style="margin:0">${list}</div>`;
}

function drawPlace() {
  const m = moves[ply - 1], [win, draw, loss] = values[ply] || [0.33, 0.34, 0.33], bar = byId("bar");
  byId("board").innerHTML = drawBoard(fens[ply], { last: m ? m.move : "", better: m && m.judgement ? m.best.move : "", flipped, label: m ? `${numberOf(m)} ${m.chinese}` : text().start });
  for (const [part, share] of [[".red", win], [".draw", draw], [".black", loss]]) bar.querySelector(part).style.flexBasis = `${100 * share}%`;
  bar.classList.toggle("flipped", flipped);
  bar.setAttribute("aria-label", `${text().red} ${triple([win, draw, loss])}`);
  byId("place").textContent = `${ply} / ${moves.length}`;
  for (const line of document.querySelectorAll("path.here")) line.setAttribute("d", `M${across(ply)} 0V${line.dataset.tall}`);
  for (const button of byId("moves").querySelectorAll("button")) button.classList.toggle("here", Number(button.dataset.ply) === ply);
  const here = byId("moves").querySelector(".here"), list = byId("moves");
  if (here && list.scrollHeight > list.clientHeight) list.scrollTop = here.offsetTop - list.clientHeight / 2;
  if (!here) list.scrollTop = 0;
  drawNow();
}

function drawAll() { drawHeader(); drawSides(); drawMoves(); drawGraph(); drawMoments(); fit(); drawPlace(); }

function go(to) { ply = Math.max(0, Math.min(moves.length, to)); drawPlace(); history.replaceState(null, "", ply ? `#${ply}` : "#"); }

function mistake(step) {
  const found = (step > 0 ? moves : [...moves].reverse()).find(m => m.judgement && (m.ply - ply) * step > 0);
  if (found) go(found.ply);
}

const ACTIONS = { first: () => go(0), back: () => go(ply - 1), on: () => go(ply + 1), last: () => go(moves.length), mistake: () => mistake(1) };
const KEYS = { ArrowLeft: "back", ArrowRight: "on", ArrowUp: "back", ArrowDown: "on", Home: "first", End: "last", n: "mistake" };

function flipBoard() { flipped = !flipped; drawMoments(); drawPlace(); }
function changeLanguage() { language = language === "en" ? "zh" : "en"; drawAll(); }
function changeTheme() {
  const root = document.documentElement, dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
}
/** The move list is as tall as what stands beside it. */
function fit() {
  const beside = [".play", ".mind"].map(part => document.querySelector(part).offsetHeight);
  byId("moves").style.maxHeight = `${Math.max(320, ...beside) - 62}px`;
}

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("keys").open) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const more = { p: () => mistake(-1), f: flipBoard, l: changeLanguage, t: changeTheme, "?": () => byId("keys").showModal() }, act = ACTIONS[KEYS[key]] || more[key];
  if (act) { act(); event.preventDefault(); }
});
document.addEventListener("click", event => {
  const button = event.target.closest("[data-ply], [data-go]");
  if (button) button.dataset.go ? ACTIONS[button.dataset.go]() : go(Number(button.dataset.ply));
});
for (const id of ["graph", "strip"]) byId(id).addEventListener("click", event => {
  const box = byId(id).getBoundingClientRect();
  go(Math.round(((event.clientX - box.left) / box.width) * moves.length));
});
byId("flip").onclick = flipBoard;
byId("language").onclick = changeLanguage;
byId("theme").onclick = changeTheme;
byId("help").onclick = () => byId("keys").showModal();
addEventListener("resize", fit);
const asked = /^#(\d+)$/.exec(location.hash);
ply = asked ? Math.min(moves.length, Number(asked[1])) : 0;
drawAll();
