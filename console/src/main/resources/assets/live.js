// SPDX-License-Identifier: Apache-2.0
// The live tail: one stream per tab, rows cloned from the page's own template, writes in animation frames only.
const MOST = 500, SPEAK_EVERY = 10_000, HIDDEN_CLOSES = 60_000;
const $ = id => document.getElementById(id);
const page = $('live'), rows = $('rows'), template = $('row'), bar = $('bar');
const query = page.dataset.q ?? ''; // an empty attribute is not rendered
let last = page.dataset.after, source = null, paused = false, over = false;
let waiting = [], painting = false, missed = 0, missedBy = {}, total = 0, since = Date.now(), rate = [];
let spoken = { n: 0, by: {} }, retry = 2000, hiddenTimer = 0;

const words = { allow: 'allowed', deny: 'denied', held: 'held', error: 'failed', served: 'served', cancelled: 'cancelled', system: 'by operators' };
const grouped = n => n.toLocaleString('en-US');

function pulse(state, word) {
  $('pulse').dataset.state = state;
  $('pulse-word').textContent = word;
}

function alive() {
  if (paused) pulse('paused', 'Paused');
  else if (!$('stale').hidden) pulse('stale', 'Not current');
  else pulse('live', `Live, ${perSecond()}`);
}

function perSecond() {
  const now = Date.now();
  rate = rate.filter(([at]) => now - at < 5000);
  const n = rate.reduce((sum, [, count]) => sum + count, 0);
  const span = Math.min(5, Math.max(1, (now - since) / 1000));
  return n ? `${(n / span).toFixed(n / span < 10 ? 1 : 0)} records a second` : 'nothing new';
}

function stale(from, why) {
  $('stale').hidden = !from;
  if (from) {
    $('stale-since').textContent = from;
    $('stale-why').textContent = why;
  }
  alive();
}

function lost(why) {
  stale($('stale').hidden ? new Date().toISOString().slice(11, 19) + ' UTC' : $('stale-since').textContent, why);
}

function rowOf(row) {
  const tr = template.content.firstElementChild.cloneNode(true);
  tr.dataset.key = row.key;
  tr.dataset.tone = row.tone;
  for (const cell of tr.querySelectorAll('[data-f]')) cell.textContent = row[cell.dataset.f];
  tr.querySelector('use').setAttribute('href', '#m-' + row.tone);
  tr.querySelector('a').setAttribute('href', row.href);
  tr.classList.add('new');
  return tr;
}

function paint() {
  painting = false;
  const fresh = waiting;
  waiting = [];
  if (!fresh.length) return;
  const known = new Set();
  for (const tr of rows.children) known.add(tr.dataset.key);
  const part = document.createDocumentFragment();
  for (const row of fresh) {
    if (!known.has(row.key)) {
      part.append(rowOf(row));
      known.add(row.key);
    }
  }
  rows.prepend(part);
  while (rows.children.length > MOST) rows.lastElementChild.remove();
  $('empty').hidden = rows.children.length > 0;
}

function show(frame) {
  last = frame.id;
  total += frame.n;
  rate.push([Date.now(), frame.n]);
  add(spoken.by, frame.by);
  spoken.n += frame.n;
  if (paused) {
    missed += frame.n;
    add(missedBy, frame.by);
    tellMissed();
    return;
  }
  // newest first: later frames stand before earlier ones
  waiting = frame.rows.concat(waiting).slice(0, MOST);
  if (!painting) {
    painting = true;
    requestAnimationFrame(paint);
  }
}

function add(counts, more) {
  for (const [tone, n] of Object.entries(more)) counts[tone] = (counts[tone] || 0) + n;
}

function told(counts) {
  return ['deny', 'held', 'error'].filter(t => counts[t]).map(t => `${grouped(counts[t])} ${words[t]}`).join(', ');
}

function tellMissed() {
  bar.hidden = missed === 0;
  const exceptions = told(missedBy);
  $('bar-words').textContent = `${grouped(missed)} new ${missed === 1 ? 'record' : 'records'} while paused` + (exceptions ? `: ${exceptions}` : '');
}

async function refetch() {
  const answer = await fetch('/audit/rows?q=' + encodeURIComponent(query), { headers: { Accept: 'application/json' } });
  if (answer.status === 401) return ended();
  if (!answer.ok) return lost('The log cannot be read at the moment. The console tries again by itself.');
  const page = await answer.json();
  rows.replaceChildren();
  waiting = page.rows;
  requestAnimationFrame(paint);
}

function setPaused(next) {
  if (paused === next || over) return;
  paused = next;
  const button = $('pause');
  button.setAttribute('aria-pressed', String(paused));
  button.querySelector('span').textContent = paused ? 'Resume' : 'Pause';
  if (!paused) {
    const catchUp = missed > 0;
    missed = 0;
    missedBy = {};
    tellMissed();
    if (catchUp) refetch();
    scrollTo({ top: 0 });
  }
  alive();
}

function ended() {
  over = true;
  close();
  stale(new Date().toISOString().slice(11, 19) + ' UTC', 'Your session has ended. Reload the page to sign in again.');
  pulse('stale', 'Signed out');
}

function close() {
  if (source) source.close();
  source = null;
}

function open() {
  if (over || source) return;
  source = new EventSource(`/stream?after=${encodeURIComponent(last)}&q=${encodeURIComponent(query)}`);
  source.onopen = () => { retry = 2000; since = Date.now(); rate = []; };
  source.onmessage = event => show(JSON.parse(event.data));
  source.addEventListener('state', event => {
    stale(JSON.parse(event.data).stale, 'The log cannot be followed at the moment. The console tries again by itself, and misses nothing.');
  });
  source.addEventListener('gap', event => {
    last = event.lastEventId;
    if (paused) { missed += JSON.parse(event.data).count || 0; tellMissed(); } else refetch();
  });
  source.addEventListener('bye', event => {
    close();
    if (JSON.parse(event.data).why === 'session') ended();
    else { lost('The console is starting anew.'); again(Math.random() * 10_000); }
  });
  source.onerror = () => {
    const gone = source && source.readyState === EventSource.CLOSED;
    lost('The console cannot be reached at the moment. The page tries again by itself.');
    if (gone) probe();
  };
}

function again(wait) {
  close();
  setTimeout(open, wait);
}

// A browser gives up for good on an answer that is not 200: find out which it was.
async function probe() {
  close();
  try {
    const answer = await fetch('/audit/rows?q=' + encodeURIComponent(query), { headers: { Accept: 'application/json' } });
    if (answer.status === 401 || answer.status === 403) return ended();
    if (answer.ok) lost('Too many live pages are open. This one tries again by itself.');
  } catch { /* not reachable: said already */ }
  retry = Math.min(retry * 1.6, 30_000);
  again(retry + Math.random() * 1000);
}

function speak() {
  alive();
  if (!spoken.n) return;
  const exceptions = told(spoken.by);
  $('spoken').textContent = `${grouped(spoken.n)} new` + (exceptions ? `: ${exceptions}` : '');
  spoken = { n: 0, by: {} };
}

function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.closest('input, textarea, select');
  if (event.key === 'Escape' && typing) typing.blur();
  if (typing) return;
  if (event.key === '/') { event.preventDefault(); $('q').focus(); }
  if (event.key === 'p' && last) setPaused(!paused);
}

document.addEventListener('keydown', keys);
if (last) {
  $('pause').hidden = false;
  $('pause').addEventListener('click', () => setPaused(!paused));
  $('resume').addEventListener('click', () => setPaused(false));
  addEventListener('scroll', () => { if (scrollY > 240) setPaused(true); }, { passive: true });
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hiddenTimer);
    if (document.hidden) hiddenTimer = setTimeout(close, HIDDEN_CLOSES);
    else open();
  });
  addEventListener('pagehide', close);
  setInterval(speak, SPEAK_EVERY);
  setInterval(alive, 1000);
  open();
}
