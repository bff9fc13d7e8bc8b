// The games of a match: `shown` are those that the filters let through, `game` and `ply` are what the board shows.
const report = JSON.parse(document.getElementById("data").textContent);
const byId = id => document.getElementById(id);
let shown = report.games, game = null, ply = 0, flipped = false, positions = [];

/** The FENs of a game before every move and after the last. */
function positionsOf({ fen, moves }) {
  const [board, side] = fen.split(" "), pieces = new Map(piecesOf(board).map(([letter, square]) => [square, letter]));
  const fens = [fen];
  for (let i = 0; i < moves.length; i += 4) {
    const from = moves.slice(i, i + 2), to = moves.slice(i + 2, i + 4);
    pieces.set(to, pieces.get(from));
    pieces.delete(from);
    fens.push(fenOf(pieces));
  }
  return { fens, red: side !== "b" };
}

function fenOf(pieces) {
  const rows = [];
  for (let rank = 9; rank >= 0; rank--) {
    let row = "", empty = 0;
    for (const file of "abcdefghi") {
      const letter = pieces.get(file + rank);
      if (!letter) { empty++; continue; }
      row += (empty || "") + letter;
      empty = 0;
    }
    rows.push(row + (empty || ""));
  }
  return rows.join("/");
}

const score = result => ({ "1-0": "1 – 0", "0-1": "0 – 1", "1/2-1/2": "½ – ½" })[result] || "–";
const plies = g => g.moves.length / 4;

function drawList() {
  const who = byId("who").value, how = byId("how").value, outcome = byId("outcome").value;
  shown = report.games.filter(g => (who === "" || g.red === Number(who) || g.black === Number(who)) && (!how || g.why === how) && (!outcome || g.result === outcome));
  byId("list").innerHTML = shown.map((g, i) =>
    `<li data-at="${i}"${g === game ? ' class="here"' : ""}><span class="number">${g.number}</span><span class="pair"><span class="dot-red">${escapeText(report.names[g.red])}</span><span class="dot-black">${escapeText(report.names[g.black])}</span></span><span class="score">${score(g.result)}</span><small>${escapeText(g.why)}, ${plies(g)} plies</small></li>`).join("");
  if (!shown.includes(game) && shown.length) open(0);
}

function open(at) {
  game = shown[at];
  const { fens, red } = positionsOf(game);
  positions = fens;
  game.redStarts = red;
  document.querySelectorAll("#list .here").forEach(li => li.classList.remove("here"));
  const item = byId("list").children[at];
  if (item) { item.classList.add("here"); reveal(byId("list"), item); }
  const cells = [], first = red ? 0 : 1;
  game.chinese.forEach((move, i) => {
    if ((i + first) % 2 === 0 || i === 0) cells.push(`<span class="number">${Math.floor((i + first) / 2) + 1}</span>`);
    if (i === 0 && first) cells.push("<span></span>");
    cells.push(`<button type="button" data-ply="${i + 1}"${i < game.opening ? ' class="book" title="opening"' : ""}>${escapeText(move)}</button>`);
  });
  byId("moves").innerHTML = cells.join("");
  go(game.opening);
}

function reveal(box, item) {
  if (item.offsetTop < box.scrollTop) box.scrollTop = item.offsetTop - 8;
  else if (item.offsetTop + item.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = item.offsetTop + item.offsetHeight - box.clientHeight + 8;
}

function go(to) {
  ply = Math.max(0, Math.min(to, positions.length - 1));
  const last = ply ? game.moves.slice(4 * ply - 4, 4 * ply) : "";
  byId("board").innerHTML = drawBoard(positions[ply], { last, flipped, label: `Game ${game.number}, after ${ply} plies` });
  const sides = [`<span class="dot-black">${escapeText(report.names[game.black])}</span>`, `<span class="dot-red">${escapeText(report.names[game.red])}</span>`];
  if (flipped) sides.reverse();
  byId("top").innerHTML = sides[0];
  byId("bottom").innerHTML = `${sides[1]}<small>round ${escapeText(game.round)} · ${score(game.result)}</small>`;
  byId("place").textContent = `${ply} / ${positions.length - 1}`;
  const mover = ply && ((ply - 1) % 2 === 0) === game.redStarts ? "Red" : "Black", note = game.notes[ply];
  byId("note").textContent = ply ? [`${mover} ${game.chinese[ply - 1]} (${last})`, note].filter(Boolean).join(": ") : "";
  document.querySelectorAll("#moves .here").forEach(button => button.classList.remove("here"));
  const button = document.querySelector(`#moves [data-ply="${ply}"]`);
  if (button) { button.classList.add("here"); reveal(byId("moves"), button); } else byId("moves").scrollTop = 0;
}

const steps = { first: () => go(0), back: () => go(ply - 1), on: () => go(ply + 1), last: () => go(positions.length - 1) };
function flip() { flipped = !flipped; go(ply); }
function theme() {
  const root = document.documentElement, now = root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
}
function neighbour(step) {
  const at = shown.indexOf(game) + step;
  if (shown[at]) open(at);
}

document.querySelectorAll("[data-go]").forEach(button => button.addEventListener("click", () => steps[button.dataset.go]()));
byId("flip").addEventListener("click", flip);
byId("theme").addEventListener("click", theme);
for (const id of ["who", "how", "outcome"]) byId(id).addEventListener("change", drawList);
byId("list").addEventListener("click", event => { const item = event.target.closest("li"); if (item) open(Number(item.dataset.at)); });
byId("moves").addEventListener("click", event => { const button = event.target.closest("[data-ply]"); if (button) go(Number(button.dataset.ply)); });
document.querySelectorAll(".openings tr[data-game]").forEach(row => row.addEventListener("click", () => {
  for (const id of ["who", "how", "outcome"]) byId(id).value = "";
  drawList();
  const at = shown.findIndex(g => g.number === Number(row.dataset.game));
  if (at >= 0) open(at);
}));
const keys = { ArrowLeft: steps.back, ArrowRight: steps.on, Home: steps.first, End: steps.last, ArrowUp: () => neighbour(-1), ArrowDown: () => neighbour(1), f: flip, t: theme };
document.addEventListener("keydown", event => {
  const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || !game || event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
  event.preventDefault();
  act();
});
if (report.games.length) drawList(); else byId("games").hidden = true;
