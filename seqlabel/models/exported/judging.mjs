/** Judges the spans that a model found with its second reader, as `judging.py` does; the network is in `run.mjs`. */

/** A span's words, the word before, the word after, near words, and the passage. */
const VIEWS = 5;

/** The last words before the next ones: of a text that begins, none. */
export class Passed {
  constructor() {
    Object.assign(this, { states: [], tags: [], chances: [], judged: [] });
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
  constructor({ layer, labels, least, leasts, near, before, after, sure, weights, states }) {
    // (views, hidden, width), one after another.
    const signs = atob(states);
    const bytes = new Uint8Array(signs.length);
    for (let n = 0; n < signs.length; n++) bytes[n] = signs.charCodeAt(n);
    const projection = new Float32Array(bytes.buffer);
    const hidden = weights.bias.length;
    const width = projection.length / (VIEWS * hidden);
    // Sums are written into one array: one for each span would be megabytes of a long text.
    const sum = new Float64Array(width);
    Object.assign(this, { layer, labels, least, leasts, near, before, after, sure, weights });
    Object.assign(this, { projection, width, hidden, sum });
  }

  /**
   * Give each word of a span the probability that the span is right. `spans` are those of the tags of the words before
   * and of `tags`, `chances` the probabilities of the words' tags; `passed` are the words before, which then end with
   * the first `count` words.
   */
  judge(states, tags, spans, chances, passed, count) {
    const { width } = this;
    const own = Array.from({ length: states.length / width }, (_, n) => states.subarray(n * width, (n + 1) * width));
    const read = [...passed.states, ...own];
    const first = passed.tags.length;
    const last = first + count;
    const allChances = [...passed.chances, ...chances];
    const chanceOf = ([start, end]) => allChances.slice(start, end);
    const isSure = spans.map((span) => least(chanceOf(span)) >= this.sure);
    const judged = [...passed.judged, ...chances.slice(0, count)];
    // Spans are in order: those of a passage begin where those of the one before did, or later.
    let begin = 0;
    spans.forEach((span, number) => {
      const [start, end, label] = span;
      if (end <= first || start >= last) return;
      let probability = judged[first - 1];
      if (start >= first) {
        const low = Math.max(start - this.before, 0);
        const high = Math.min(end + this.after, read.length);
        while (spans[begin][1] <= low) begin += 1;
        const sure = [];
        let stop = begin;
        for (; stop < spans.length && spans[stop][0] < high; stop++) {
          if (isSure[stop] && stop !== number) sure.push(spans[stop][2]);
        }
        const counts = this.labels.map((one) => sure.filter((name) => name === one).length);
        const inside = chanceOf(span);
        const odds = logOdds(least(inside));
        const mean = inside.reduce((sum, one) => sum + one, 0) / inside.length;
        const numbers = [
          odds / 3,
          logOdds(mean) / 3,
          Math.log(end - start),
          Math.log(high - low) / 5,
          Math.log1p(sure.length),
          Math.log1p(stop - begin),
          odds ** 2 / 10,
        ];
        probability = this.probability(this.units(read, start, end, low, high), label, counts, numbers);
      }
      judged.fill(probability, Math.max(start, first), Math.min(end, last));
    });
    const kept = Math.max(last - this.before, 0);
    // Copies, which do not keep the states of all words.
    passed.states = read.slice(kept, last).map((word) => word.slice());
    passed.tags = [...passed.tags, ...tags].slice(kept, last);
    passed.chances = allChances.slice(kept, last);
    passed.judged = judged.slice(kept);
    return judged.slice(first);
  }

  /** Give the tags of a text without the spans whose probability is too low. */
  dropped(tags, spans, judged) {
    const result = [...tags];
    for (const [start, end, label] of spans) {
      const lowest = this.leasts[label] ?? this.least;
      if (least(judged.slice(start, end)) < lowest) result.fill("O", start, end);
    }
    return result;
  }

  /** What the words in and around a span add to the hidden units; the passage is from `low` up to `high`. */
  units(read, start, end, low, high) {
    const { hidden, near } = this;
    const units = new Array(hidden).fill(0);
    this.addView(units, 0, read.slice(start, end));
    if (start) this.addView(units, 1, [read[start - 1]]);
    if (end < read.length) this.addView(units, 2, [read[end]]);
    this.addView(units, 3, read.slice(Math.max(start - near, 0), end + near));
    this.addView(units, 4, read.slice(low, high));
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
