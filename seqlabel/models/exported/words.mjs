/**
 * The words of English text, the numbers and hashed features of words, and the spans of tags; the network is run by
 * `run.mjs`.
 */

// What Python's \w, \d and \s are, inside brackets; JavaScript's own are those of ASCII, and its \s is another set.
const WORD = "\\p{L}\\p{N}_";
const DIGIT = "\\p{Nd}";
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const CLASSES = { w: WORD, d: DIGIT, s: SPACE };
const MARKS = "=,:;|<>{}()\\[\\]/\\\\@\"#&?%+*~`“”‘«»";
const PIECE = new RegExp(
  `[${MARKS}]|(?<=[0-9]Z)\\.$|(?:[^${MARKS}'’.]|(?!(?<=[0-9]Z)\\.$)\\.|(?<=[${WORD}])['’](?=[${WORD}]))+|['’]`, "gu",
);
// A run of more than 256 characters without white space is cut after every 256.
const RUN = new RegExp(`[^${SPACE}]{1,256}`, "gu");
const CONTRACTION = new RegExp(`^(?:n['’]t|['’][${WORD}]{1,2})$`, "iu");
// Digits that are not decimal, such as ² and ①.
const OTHER_DIGITS =
  "\\xb2\\xb3\\xb9\\u1369-\\u1371\\u19da\\u2070\\u2074-\\u2079\\u2080-\\u2089\\u2460-\\u2468\\u2474-\\u247c" +
  "\\u2488-\\u2490\\u24ea\\u24f5-\\u24fd\\u24ff\\u2776-\\u277e\\u2780-\\u2788\\u278a-\\u2792";
const IS_DIGIT = new RegExp(`[${DIGIT}${OTHER_DIGITS}]`, "u");
const MOST_RUNS = 1 << 12;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ENCODER = new TextEncoder();

/** Write a regular expression of Python's as one of JavaScript's. */
export function translated(pattern, flags = "u") {
  let inside = false;
  const source = pattern.replace("(?u)", "").replace(/\\U([0-9A-Fa-f]{8})|\\(.)|[[\]]/gsu, (found, wide, escaped) => {
    if (wide) return `\\u{${wide}}`;
    if (found === "[" || found === "]") inside = found === "[";
    if (!escaped) return found;
    const kind = CLASSES[escaped.toLowerCase()];
    if (kind && inside) return kind;
    if (kind) return escaped === escaped.toLowerCase() ? `[${kind}]` : `[^${kind}]`;
    // Before other characters JavaScript wants no backslash.
    return /[!"'#&<>=:;,%@`~_ -]/u.test(escaped) && !(inside && escaped === "-") ? escaped : found;
  });
  return new RegExp(source, flags);
}

/** Cuts English text into words, by the rules in `words.json`; cut at marks too where words are `fine`. */
export class EnglishWords {
  constructor(rules, { fine }) {
    this.fine = fine;
    this.special = new Map(Object.entries(rules.special));
    this.inner = new Map();
    for (const [text, wanted] of Object.entries(rules.inner)) {
      if (!this.inner.has(wanted[0])) this.inner.set(wanted[0], []);
      this.inner.get(wanted[0]).push({ wanted, become: this.special.get(text) });
    }
    const { prefix, suffix, infix, url } = rules.patterns;
    Object.assign(this, { prefix: translated(prefix), suffix: translated(suffix), url: translated(url) });
    this.infix = translated(infix, "gu");
    this.known = new Map();
  }

  /** Find the half-open offsets of the words of a text, in units of UTF-16 as JavaScript counts them. */
  find(text) {
    const offsets = [];
    for (const { 0: run, index } of text.matchAll(RUN)) {
      for (const [start, end] of this.inside(run)) offsets.push([index + start, index + end]);
    }
    return offsets;
  }

  /** Find the words of a run without white space; runs repeat, so their words are kept. */
  inside(run) {
    if (this.known.size >= MOST_RUNS) this.known.clear();
    if (!this.known.has(run)) this.known.set(run, this.found(run));
    return this.known.get(run);
  }

  found(run) {
    const offsets = [];
    let end = 0;
    for (const piece of this.pieces(run)) {
      const start = end;
      end += piece.length;
      if (!this.fine || CONTRACTION.test(piece)) {
        offsets.push([start, end]);
        continue;
      }
      // What comes before a piece counts, what comes after does not.
      const before = run.slice(0, end);
      PIECE.lastIndex = start;
      for (let part = PIECE.exec(before); part; part = PIECE.exec(before)) offsets.push([part.index, PIECE.lastIndex]);
    }
    return offsets;
  }

  pieces(rest) {
    const { special } = this;
    const before = [];
    const behind = [];
    while (rest && !special.has(rest)) {
      let first = this.prefix.exec(rest)?.[0].length ?? 0;
      const left = rest.slice(first);
      const last = first && special.has(left) ? 0 : this.suffix.exec(left)?.[0].length ?? 0;
      const end = rest.length - last;
      if (last && special.has(rest.slice(0, end))) first = 0;
      if (!first && !last) break;
      before.push(rest.slice(0, first));
      behind.unshift(rest.slice(end));
      rest = rest.slice(first, end);
    }
    const middle = special.get(rest) ?? (this.url.test(rest) ? [rest] : this.cut(rest));
    return this.joined([...before, ...middle, ...behind].filter((piece) => piece));
  }

  cut(rest) {
    const ends = [0];
    for (const { 0: found, index } of rest.matchAll(this.infix)) if (index) ends.push(index, index + found.length);
    return [...ends, rest.length].slice(1).map((end, number) => rest.slice(ends[number], end));
  }

  /** Join pieces that form a special run, such as a smiley; the longest run first, then the first one. */
  joined(pieces) {
    const found = pieces.flatMap((piece, place) =>
      (this.inner.get(piece) ?? [])
        .filter(({ wanted }) => wanted.every((one, number) => one === pieces[place + number]))
        .map(({ wanted, become }) => ({ place, size: wanted.length, become })),
    );
    const seen = new Set();
    const joined = pieces.map((piece) => [piece]);
    for (const { place, size, become } of found.sort((a, b) => b.size - a.size || a.place - b.place)) {
      if (!seen.has(place) && !seen.has(place + size - 1)) {
        joined.fill([], place, place + size);
        joined[place] = become;
      }
      for (let number = 0; number < size; number++) seen.add(place + number);
    }
    return joined.flat();
  }
}

/** Stand for the words of a text in a language without rules. */
export const NO_WORDS = {
  find() {
    throw new Error("Found a text in a language whose words are not found here. Give words to `tag`.");
  },
};

function shapeOf(character) {
  const code = character.codePointAt(0);
  if (code >> 16) return code;
  if (IS_DIGIT.test(character)) return 0x64;
  if (/\p{Uppercase}/u.test(character)) return 0x58;
  return /\p{L}/u.test(character) ? 0x78 : code;
}

/** A whole number of 64 bits, as its two halves; JavaScript's own large integers each take memory and time. */
class Whole {
  high = 0;
  low = 0;

  set(low) {
    this.high = 0;
    this.low = low;
  }

  /** Multiply by 2^40 + 0x1b3, the base of the hashes, and add a number of 32 bits. */
  next(code) {
    const product = this.low * 0x1b3 + code;
    this.high = (this.high * 0x1b3 + this.low * 256 + Math.floor(product / 2 ** 32)) >>> 0;
    this.low = product >>> 0;
  }

  add({ high, low }) {
    const sum = this.low + low;
    this.high = (this.high + high + Math.floor(sum / 2 ** 32)) >>> 0;
    this.low = sum >>> 0;
  }

  /** Multiply by a number of 64 bits. */
  multiply(high, low) {
    const above = this.low >>> 16;
    const below = this.low & 0xffff;
    const middle = above * (low & 0xffff) + Math.floor((below * (low & 0xffff)) / 2 ** 16);
    const carried = above * (low >>> 16) + Math.floor((middle + below * (low >>> 16)) / 2 ** 16);
    this.high = (Math.imul(this.high, low) + Math.imul(this.low, high) + carried) >>> 0;
    this.low = Math.imul(this.low, low) >>> 0;
  }

  /** Spread the bits (the finaliser of MurmurHash3), and give the remainder by a number below 2^26. */
  scrambled(buckets) {
    this.low = (this.low ^ (this.high >>> 1)) >>> 0;
    this.multiply(0xff51afd7, 0xed558ccd);
    this.low = (this.low ^ (this.high >>> 1)) >>> 0;
    this.multiply(0xc4ceb9fe, 0x1a85ec53);
    this.low = (this.low ^ (this.high >>> 1)) >>> 0;
    return ((this.high % buckets) * (2 ** 32 % buckets) + this.low) % buckets;
  }
}

/**
 * The numbers of known words. They are looked up in the bytes of their JSON list: as strings in a map, tens of thousands
 * of words would take more memory than the rest of the page's objects.
 */
export class Vocabulary {
  /** Read a JSON list of strings; `bytes` are kept. */
  constructor(bytes) {
    this.bytes = bytes;
    let count = 0;
    for (let end = 0; (end = this.endOf(bytes.indexOf(QUOTE, end))); ) count++;
    this.begins = new Uint32Array(count);
    this.slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * count + 1))).fill(-1);
    let end = 0;
    for (let number = 0; number < count; number++) {
      const begin = bytes.indexOf(QUOTE, end);
      end = this.endOf(begin);
      const slot = this.slotOf(bytes.subarray(begin, end));
      this.begins[number] = begin;
      this.slots[slot] = number;
    }
  }

  /** The place after the string of JSON at `begin`; 0 where there is none. */
  endOf(begin) {
    if (begin < 0) return 0;
    let place = begin + 1;
    for (; this.bytes[place] !== QUOTE; place++) if (this.bytes[place] === BACKSLASH) place++;
    return place + 1;
  }

  /** Give the number of a word; undefined where it is not known. */
  get(word) {
    const number = this.slots[this.slotOf(ENCODER.encode(JSON.stringify(word)))];
    return number < 0 ? undefined : number;
  }

  /** The slot of a string of JSON, with its quotes: the one that has it, or the free one that would. */
  slotOf(string) {
    let hash = 0;
    for (const byte of string) hash = Math.imul(hash ^ byte, 0x01000193);
    let slot = (hash ^ (hash >>> 15)) & (this.slots.length - 1);
    while (this.slots[slot] >= 0 && !this.isAt(this.begins[this.slots[slot]], string)) {
      slot = (slot + 1) & (this.slots.length - 1);
    }
    return slot;
  }

  isAt(begin, string) {
    for (let n = 0; n < string.length; n++) if (this.bytes[begin + n] !== string[n]) return false;
    return true;
  }
}

const whole = new Whole();
const length = new Whole();

/** Hash a word's shape and its runs of 2 to 4 characters, each to one of some buckets. */
export function features(word, buckets) {
  const characters = [...word];
  const isLong = characters.length > 64;
  const short = isLong ? [...characters.slice(0, 32), ...characters.slice(-32)] : characters;
  const shape = short.map(shapeOf);
  const kept = shape.filter((code, n) => n < 2 || code !== shape[n - 1] || code !== shape[n - 2]);
  whole.set(0);
  for (const code of kept.reverse()) whole.next(code + 1);
  whole.next(103);
  if (isLong) {
    length.set(characters.length);
    length.multiply(0x9e3779b9, 0x7f4a7c15);
    whole.add(length);
  }
  const ids = [whole.scrambled(buckets)];
  const codes = [0xe000, ...Array.from(short.join("").toLowerCase(), (one) => one.codePointAt(0)), 0xe001];
  for (const size of [2, 3, 4]) {
    for (let start = 0; start + size <= codes.length; start++) {
      whole.set(size);
      for (let place = start; place < start + size; place++) whole.next(codes[place]);
      ids.push(whole.scrambled(buckets));
    }
  }
  return ids;
}

/** Find the numbers of the words that follow a blank line, without the first word. */
export function paragraphStarts(text, words) {
  const follows = (number) => /\n\s*\n/u.test(text.slice(words[number - 1][1], words[number][0]));
  return words.map((_, number) => number).filter((number) => number && follows(number));
}

/**
 * Read the spans of tags of any scheme: half-open runs of words, and their labels. None goes on at `paragraphs`, the
 * numbers of words.
 */
export function spans(tags, paragraphs = []) {
  const found = [];
  let isOpen = false;
  tags.forEach((tag, place) => {
    const [prefix, ...rest] = tag.split("-");
    const label = rest.join("-");
    const goesOn = isOpen && "IEL".includes(prefix) && !paragraphs.includes(place);
    if (goesOn && label === found.at(-1)[2]) found.at(-1)[1] = place + 1;
    else if (tag !== "O") found.push([place, place + 1, label]);
    isOpen = tag !== "O" && !"ESLU".includes(prefix);
  });
  return found;
}
