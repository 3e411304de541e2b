// SPDX-License-Identifier: Apache-2.0
// Recomputes the leaf of this record in the browser, and steps through the chain by keys.
const check = document.getElementById('check');
const words = document.getElementById('check-words');

function say(state, text) {
  check.dataset.state = state;
  words.textContent = text;
}

async function recompute() {
  if (!globalThis.crypto?.subtle) {
    return say('none', 'This browser computes hashes over https or on loopback only.');
  }
  const hex = check.dataset.canonical;
  const bytes = new Uint8Array(hex.length / 2 + 1); // the first byte, zero, marks a leaf
  for (let i = 0; i < hex.length / 2; i++) bytes[i + 1] = parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const leaf = Array.from(digest, b => b.toString(16).padStart(2, '0')).join('');
  if (leaf === document.getElementById('leaf').textContent) {
    say('sound', 'Your browser recomputed the leaf from the canonical bytes: it is the same.');
  } else {
    say('broken', `Your browser recomputed another leaf: ${leaf}. These bytes are not what was sealed.`);
  }
}

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, textarea, select')) return;
  if (event.key === '[') document.getElementById('prev')?.click();
  if (event.key === ']') document.getElementById('next')?.click();
});
recompute();
