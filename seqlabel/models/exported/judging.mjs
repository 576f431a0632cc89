/** Judges the spans that a model found with its second reader, as `judging.py` does; the network is in `run.mjs`. */

/** A span's words, the word before, the word after, near words, and the row. */
const VIEWS = 5;
const AROUND = 30;
const MOST_WORDS = 1280;
const STREAM_SHARE = 0.4;

/** What was read before the next words: of a text that begins, nothing. */
export class Seen {
  constructor() {
    Object.assign(this, { tail: [], total: null, counts: new Map(), words: 0, spans: 0, sure: [], open: null });
  }
}

const added = (one, other) => one.map((value, n) => value + other[n]);
const scaled = (values, factor) => values.map((value) => value * factor);
const sumOf = (rows, width) => rows.reduce(added, new Array(width).fill(0));
const least = (values) => values.reduce((one, other) => Math.min(one, other), 1);

function logOdds(share) {
  const inside = Math.min(Math.max(share, 1e-4), 1 - 1e-4);
  return Math.log(inside / (1 - inside));
}

/** Add the states of some words to a sum, (width,). */
function addStates(sum, words) {
  for (const word of words) for (let n = 0; n < sum.length; n++) sum[n] += word[n];
  return sum;
}

/** A second reader; `about` is the part `reader` of `labels.json`. */
export class Judge {
  constructor({ layer, labels, least, leasts, near, sure, weights, states }) {
    // (views, hidden, width), one after another.
    const signs = atob(states);
    const bytes = new Uint8Array(signs.length);
    for (let n = 0; n < signs.length; n++) bytes[n] = signs.charCodeAt(n);
    const projection = new Float32Array(bytes.buffer);
    const hidden = weights.bias.length;
    const width = projection.length / (VIEWS * hidden);
    // Sums are written into one array: one for each span would be megabytes of a long text.
    const sum = new Float64Array(width);
    Object.assign(this, { layer, labels, least, leasts, near, sure, weights, projection, width, hidden, sum });
  }

  /**
   * Give each word of a span the probability that the span is right. `spans` are those of `tags`, `chances` the
   * probabilities of the words' tags; `seen` is what was read before, which then holds the first `count` words too.
   */
  judge(states, tags, spans, chances, seen, count) {
    const { width } = this;
    const own = Array.from({ length: states.length / width }, (_, n) => states.subarray(n * width, (n + 1) * width));
    const read = [...seen.tail, ...own];
    const shift = seen.tail.length;
    const totalOf = (words) => addStates(Float64Array.from(seen.total ?? new Float64Array(width)), words);
    const words = seen.words + own.length;
    const whole = spans.length ? totalOf(own).map((value) => value / words) : null;
    const chanceOf = ([start, end]) => chances.slice(start, end);
    const isSure = spans.map((span) => least(chanceOf(span)) >= this.sure);
    const sure = spans.filter((_, number) => isSure[number]);
    const sureOf = this.labels.map((one) => sure.filter(([, , label]) => label === one).length);
    const goesOn = spans.length && seen.open && spans[0][0] === 0 && spans[0][2] === seen.open.label;
    const carried = goesOn && !"BSU".includes(tags[0][0]);
    const likely = spans.map((span, number) => {
      const [start, end, label] = span;
      const isNear = ([one, other]) => one < end + AROUND && other > start - AROUND;
      const itself = Number(isSure[number]);
      const nearBefore = seen.sure.filter((place) => place > start - AROUND).length;
      const near = nearBefore + sure.filter(isNear).length - itself;
      const counts = this.labels.map((one, n) => (seen.counts.get(one) ?? 0) + sureOf[n] - (one === label ? itself : 0));
      const inside = chanceOf(span);
      const odds = logOdds(least(inside));
      const mean = inside.reduce((sum, one) => sum + one, 0) / inside.length;
      const numbers = [
        odds / 3,
        logOdds(mean) / 3,
        Math.log(end - start),
        Math.log(words) / 5,
        Math.log1p(near),
        Math.log1p(seen.spans + spans.length),
        odds ** 2 / 10,
        Number(words === 1),
      ];
      return this.probability(this.units(read, start + shift, end + shift, whole), label, counts, numbers);
    });
    if (carried) likely[0] = seen.open.probability;
    const judged = chances.slice(0, count);
    spans.forEach(([start, end], number) => judged.fill(likely[number], start, end));

    const left = spans.map((span, n) => ({ span, sure: isSure[n] })).filter(({ span }) => span[0] < count);
    if (carried) left.shift();
    for (const { span, sure } of left) seen.counts.set(span[2], (seen.counts.get(span[2]) ?? 0) + Number(sure));
    seen.spans += left.length;
    seen.total = totalOf(own.slice(0, count));
    seen.words += count;
    const places = [...seen.sure, ...left.filter(({ sure }) => sure).map(({ span }) => span[1])];
    seen.sure = places.map((place) => place - count).filter((place) => place > -AROUND);
    // A copy, which does not keep the states of all words.
    seen.tail = read.slice(0, shift + count).slice(-this.near).map((word) => word.slice());
    const going = spans.findLastIndex(([start, end]) => start < count && end >= count);
    seen.open = going < 0 ? null : { label: spans[going][2], probability: likely[going] };
    if (seen.words > MOST_WORDS) {
      for (const [label, number] of seen.counts) seen.counts.set(label, number / 2);
      const total = seen.total.map((value) => value / 2);
      Object.assign(seen, { total, spans: seen.spans / 2, words: seen.words / 2 });
    }
    return judged;
  }

  /** Give the tags of a text without the spans whose probability is too low; a stream drops fewer. */
  dropped(tags, spans, judged, inStream = false) {
    const result = [...tags];
    for (const [start, end, label] of spans) {
      const lowest = (this.leasts[label] ?? this.least) * (inStream ? STREAM_SHARE : 1);
      if (least(judged.slice(start, end)) < lowest) result.fill("O", start, end);
    }
    return result;
  }

  /** What the words in and around a span add to the hidden units; `whole` is the mean of the text. */
  units(read, start, end, whole) {
    const { hidden, near } = this;
    const units = new Array(hidden).fill(0);
    this.addView(units, 0, read.slice(start, end));
    if (start) this.addView(units, 1, [read[start - 1]]);
    if (end < read.length) this.addView(units, 2, [read[end]]);
    this.addView(units, 3, read.slice(Math.max(start - near, 0), end + near));
    this.addView(units, 4, [whole]);
    return units;
  }

  /** Add to the hidden units what the mean of some words' states gives them in one view. */
  addView(units, view, words) {
    const { hidden, width, projection } = this;
    const states = addStates(this.sum.fill(0), words);
    for (let unit = 0; unit < hidden; unit++) {
      const begin = (view * hidden + unit) * width;
      let sum = 0;
      for (let n = 0; n < width; n++) sum += projection[begin + n] * states[n];
      units[unit] += sum / words.length;
    }
  }

  probability(units, label, counts, numbers) {
    const { weights } = this;
    const times = (values, rows) => sumOf(values.map((value, n) => scaled(rows[n], value)), this.hidden);
    const known = this.labels.indexOf(label);
    let sum = known < 0 ? units : added(units, weights.labels[known]);
    sum = added(sum, times(counts.map(Math.log1p), weights.counts));
    sum = added(added(sum, times(numbers, weights.numbers)), weights.bias);
    const odds = weights.out ? sum.reduce((all, one, n) => all + Math.max(one, 0) * weights.out[n], weights.out_bias[0]) : sum[0];
    return 1 / (1 + Math.exp(-Math.min(Math.max(odds, -30), 30)));
  }
}
