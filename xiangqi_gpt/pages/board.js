// A Xiangqi board as SVG text. Squares are named a0 to i9, as in the record.
"use strict";

const CELL = 60, MARGIN = 50, WIDTH = 8 * CELL + 2 * MARGIN, HEIGHT = 9 * CELL + 2 * MARGIN;
const FACES = { K: "帥", A: "仕", B: "相", N: "傌", R: "俥", C: "炮", P: "兵", k: "將", a: "士", b: "象", n: "馬", r: "車", c: "砲", p: "卒" };

/** Centre of a square; Red is at the bottom unless flipped. */
function centre(square, flipped) {
  const file = square.charCodeAt(0) - 97, rank = Number(square[1]);
  return [MARGIN + CELL * (flipped ? 8 - file : file), MARGIN + CELL * (flipped ? rank : 9 - rank)];
}

function piecesOf(fen) {
  const pieces = [];
  fen.split(" ")[0].split("/").forEach((row, i) => {
    let file = 0;
    for (const letter of row) {
      if (letter >= "1" && letter <= "9") file += Number(letter);
      else pieces.push([letter, "abcdefghi"[file++] + (9 - i)]);
    }
  });
  return pieces;
}

function grid() {
  const parts = [], line = (x1, y1, x2, y2) => parts.push(`M${x1} ${y1}L${x2} ${y2}`);
  const x = file => MARGIN + CELL * file, y = row => MARGIN + CELL * row;
  for (let row = 0; row < 10; row++) line(x(0), y(row), x(8), y(row));
  for (let file = 0; file < 9; file++) {
    const through = file === 0 || file === 8;
    line(x(file), y(0), x(file), y(through ? 9 : 4));
    if (!through) line(x(file), y(5), x(file), y(9));
  }
  for (const top of [0, 7]) { line(x(3), y(top), x(5), y(top + 2)); line(x(5), y(top), x(3), y(top + 2)); }
  const starts = [[1, 2], [7, 2], [1, 7], [7, 7]];
  for (const row of [3, 6]) for (let file = 0; file < 9; file += 2) starts.push([file, row]);
  for (const [file, row] of starts) for (const dx of [-1, 1]) for (const dy of [-1, 1]) {
    if (x(file) + dx * CELL < MARGIN || x(file) + dx * CELL > WIDTH - MARGIN) continue;
    const px = x(file) + dx * 5, py = y(row) + dy * 5;
    parts.push(`M${px + dx * 9} ${py}H${px}V${py + dy * 9}`);
  }
  return parts.join("");
}
const GRID = grid();

function piece([letter, square], flipped) {
  const [x, y] = centre(square, flipped), red = letter < "a", color = red ? "var(--red)" : "var(--black)";
  return `<g transform="translate(${x} ${y})"><circle r="27" cy="2.2" fill="#0004"/><circle r="26.5" fill="url(#piece)" stroke="var(--rim)" stroke-width="1.4"/>` +
    `<circle r="22" fill="none" stroke="${color}" stroke-width="1.6"/><text class="face" y="10.5" font-size="30" fill="${color}">${FACES[letter]}</text></g>`;
}

function arrow(move, color, flipped) {
  const [x1, y1] = centre(move.slice(0, 2), flipped), [x2, y2] = centre(move.slice(2), flipped);
  const length = Math.hypot(x2 - x1, y2 - y1), ux = (x2 - x1) / length, uy = (y2 - y1) / length;
  const at = (along, aside) => `${x1 + ux * along - uy * aside} ${y1 + uy * along + ux * aside}`, tip = length - 6;
  const points = [at(16, 5), at(tip - 24, 6), at(tip - 27, 15), at(tip, 0), at(tip - 27, -15), at(tip - 24, -6), at(16, -5)];
  return `<path d="M${points.join("L")}Z" fill="${color}" fill-opacity=".82" stroke="#fff" stroke-opacity=".75" stroke-width="1.6" stroke-linejoin="round"/>`;
}

function corners(square, flipped) {
  const [x, y] = centre(square, flipped), r = 29, d = 10;
  return [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([sx, sy]) => `M${x + sx * r} ${y + sy * (r - d)}V${y + sy * r}H${x + sx * (r - d)}`).join("");
}

/** The board of a FEN; `last` is the move that led there, `better` a move to point at, `label` what is heard instead. */
function drawBoard(fen, { last = "", better = "", flipped = false, label = "" } = {}) {
  const numbers = "九八七六五四三二一", parts = [];
  for (let file = 0; file < 9; file++) {
    const x = MARGIN + CELL * file, red = numbers[flipped ? 8 - file : file], black = "１２３４５６７８９"[flipped ? 8 - file : file];
    parts.push(`<text class="face" x="${x}" y="${flipped ? HEIGHT - 8 : 17}" font-size="13" fill="var(--line)">${black}</text>`);
    parts.push(`<text class="face" x="${x}" y="${flipped ? 17 : HEIGHT - 8}" font-size="13" fill="var(--line)">${red}</text>`);
  }
  const river = MARGIN + 4.5 * CELL + 11;
  parts.push(`<g font-size="31" fill="var(--river)" opacity=".85"><text class="face" x="${MARGIN + 1.5 * CELL}" y="${river}" letter-spacing="22">${flipped ? "漢界" : "楚河"}</text>` +
    `<text class="face" x="${MARGIN + 6.5 * CELL + 22}" y="${river}" letter-spacing="22">${flipped ? "楚河" : "漢界"}</text></g>`);
  if (last) {
    const [x, y] = centre(last.slice(0, 2), flipped);
    parts.push(`<circle cx="${x}" cy="${y}" r="9" fill="var(--mark)" opacity=".75"/>`);
  }
  const pieces = piecesOf(fen).map(entry => piece(entry, flipped)).join("");
  const marks = last ? `<path d="${corners(last.slice(2), flipped)}" fill="none" stroke="var(--mark)" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/>` : "";
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeText(label)}"><defs>` +
    `<linearGradient id="wood" x1="0" x2="1" y2=".3"><stop stop-color="var(--wood-a)"/><stop offset=".5" stop-color="var(--wood-b)"/><stop offset="1" stop-color="var(--wood-a)"/></linearGradient>` +
    `<radialGradient id="piece" cx=".38" cy=".32" r=".8"><stop stop-color="var(--piece-a)"/><stop offset="1" stop-color="var(--piece-b)"/></radialGradient></defs>` +
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="url(#wood)"/><rect x="${MARGIN - 9}" y="${MARGIN - 9}" width="${8 * CELL + 18}" height="${9 * CELL + 18}" fill="none" stroke="var(--line)" stroke-width="3"/>` +
    `<path d="${GRID}" fill="none" stroke="var(--line)" stroke-width="1.3"/>${parts.join("")}${pieces}${marks}${better ? arrow(better, "var(--better)", flipped) : ""}</svg>`;
}

function escapeText(text) {
  return String(text).replace(/[&<>"']/g, letter => `&#${letter.charCodeAt(0)};`);
}
