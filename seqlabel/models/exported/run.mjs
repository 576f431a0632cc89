/**
 * Labels words of texts with an exported model, by ONNX Runtime in Node.js or a browser; words are found in `words.mjs`.
 *
 *     ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node
 *     node run.mjs < texts.txt            # one text a line; prints a JSON object for each
 *     node run.mjs --stream < text.txt    # one long text; prints each word with its tags, at most 48 words behind
 *
 * In a browser: `import * as ort from "onnxruntime-web"`, then `await Model.load("https://…/exported/", ort)`.
 * Offsets are in units of UTF-16, as JavaScript counts them. It does the same as `run.py`.
 */
import { Judge, Seen } from "./judging.mjs";
import { EnglishWords, NO_WORDS, features, paragraphStarts, spans } from "./words.mjs";

/** Chooses the tags of the words of a row: each by itself, or with a random field (CRF) all together. */
export class Head {
  constructor({ layer, tags, scheme, temperature, threshold_offset, crf }) {
    Object.assign(this, { layer, tags, hasSpans: scheme !== null, temperature, offset: threshold_offset });
    // null stands for what the tag scheme forbids.
    const known = (scores) => scores.map((score) => score ?? -1e4);
    this.field = crf && { between: crf.transitions.map(known), start: known(crf.start), end: known(crf.end) };
  }

  /**
   * Give each word's tag and the logarithms of all tags' probabilities, of scores (time, tags). `after` is the tag
   * before the row, null where a text begins; `goesOn` says that anything may follow it. Spans begin again at
   * `paragraphs`, the numbers of words.
   */
  choose(scores, after, goesOn, paragraphs = []) {
    if (this.hasSpans && paragraphs.length) {
      const borders = [0, ...paragraphs, scores.length];
      const parts = paragraphs.map((end, n) => scores.slice(borders[n], end));
      const chosen = [...parts, scores.slice(paragraphs.at(-1))].map((part) => this.choose(part, null, false));
      return { ids: chosen.flatMap(({ ids }) => ids), logs: chosen.flatMap(({ logs }) => logs) };
    }
    let best = scores;
    if (this.field) {
      const { between, start, end } = this.field;
      const free = end.map(() => 0);
      // With an offset each word gets the tag that is likeliest by itself, which does not bind the next one.
      const begin = after === null ? start : this.offset ? free : between[after];
      const field = { between, start: begin, end: goesOn ? free : end };
      best = through(scores, field, (values) => Math.max(...values));
      scores = through(scores, field, logSum).map(logSoftmax);
    }
    const logs = scores.map((row) => logSoftmax(row.map((score) => score / this.temperature)));
    if (this.offset) best = logs.map(([first, ...others]) => [first - this.offset, ...others]);
    return { ids: best.map((row) => row.indexOf(Math.max(...row))), logs };
  }
}

function logSum(values) {
  const highest = Math.max(...values);
  return highest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - highest), 0));
}

function logSoftmax(values) {
  const all = logSum(values);
  return values.map((value) => value - all);
}

/** For each tag of each word, join the scores of all sequences of tags that go through it. */
function through(scores, { between, start, end }, join) {
  const last = scores.length - 1;
  const ahead = [start.map((score, tag) => score + scores[0][tag])];
  const behind = [end.map((score, tag) => score + scores[last][tag])];
  for (let word = 1; word <= last; word++) {
    const [one, other] = [ahead.at(-1), behind.at(-1)];
    ahead.push(scores[word].map((score, tag) => score + join(one.map((sum, before) => sum + between[before][tag]))));
    behind.push(scores[last - word].map((score, tag) => score + join(other.map((sum, next) => sum + between[tag][next]))));
  }
  return ahead.map((row, word) => row.map((sum, tag) => sum + behind[last - word][tag] - scores[word][tag]));
}

/** The rows of the first `words` words of a row of a network's output, (rows, time, width). */
function wordsOf({ data, dims: [, time, width] }, row, words) {
  return Array.from({ length: words }, (_, word) => {
    const begin = (row * time + word) * width;
    return Array.from(data.subarray(begin, begin + width));
  });
}

/** An exported model; `about` is its `labels.json`. */
export class Model {
  /**
   * Load a model from a folder or address. `ort` runs its network: onnxruntime-node or onnxruntime-web, or `plain` of
   * `network.mjs`, for which `network` is `model.safetensors`.
   */
  static async load(folder, ort, network = "model.onnx") {
    const read = await reader(folder);
    const [about, vocabulary] = (await Promise.all([read("labels.json"), read("vocabulary.json")])).map(parsed);
    const rules = about.language === "en" ? parsed(await read("words.json")) : null;
    const session = await ort.InferenceSession.create(await read(network));
    return new Model(about, vocabulary, rules, session, ort.Tensor);
  }

  constructor(about, vocabulary, rules, session, Tensor) {
    Object.assign(this, { about, session, Tensor, known: new Map() });
    this.heads = about.heads.map((one) => new Head(one));
    this.ids = new Map(vocabulary.map((word, number) => [word, number]));
    this.words = rules ? new EnglishWords(rules, { fine: about.words === "fine" }) : NO_WORDS;
    this.judge = about.reader && new Judge(about.reader);
  }

  /** Label a text: offsets of its words, and by layer the tags of words or the spans of characters. */
  async label(text) {
    const tokens = this.words.find(text);
    const result = { text, tokens, tags: {}, spans: {} };
    const paragraphs = paragraphStarts(text, tokens);
    const tagged = await this.tag(tokens.map(([start, end]) => text.slice(start, end)), paragraphs);
    const characters = ([first, after, label]) => [tokens[first][0], tokens[after - 1][1], label];
    this.heads.forEach(({ layer, hasSpans }, number) => {
      const { tags } = tagged[number];
      if (hasSpans) result.spans[layer] = spans(tags, paragraphs).map(characters);
      else result.tags[layer] = tags;
    });
    return result;
  }

  /**
   * Give for each head the tags of a text's words and their probabilities; a long text is read in windows. `paragraphs`
   * are the numbers of the words that follow a blank line, which no span crosses.
   */
  async tag(words, paragraphs = []) {
    const { window, context, rows } = this.about;
    const result = this.heads.map(() => ({ tags: [], probabilities: [] }));
    const firsts = [0, ...(rows === "paragraph" ? paragraphs : [])];
    for (const [number, first] of firsts.entries()) {
      const last = firsts[number + 1] ?? words.length;
      for (let start = first; start < last; start += window) {
        const begin = Math.max(start - context, first);
        const stop = Math.min(start + window, last);
        const row = words.slice(begin, Math.min(stop + context, last));
        const starts = paragraphs.map((place) => place - begin).filter((place) => place > 0 && place < row.length);
        const [found] = await this.judgedRows([row], [starts]);
        result.forEach((one, head) => {
          one.tags.push(...found[head].tags.slice(start - begin, stop - begin));
          one.probabilities.push(...found[head].probabilities.slice(start - begin, stop - begin));
        });
      }
    }
    return this.dropped(result, paragraphs);
  }

  /** Tag several rows of words at once, none of them empty; rows of like length take the least time. */
  async tagRows(rows, paragraphs = []) {
    return (await this.judgedRows(rows, paragraphs)).map((row, number) => this.dropped(row, paragraphs[number]));
  }

  async judgedRows(rows, paragraphs = []) {
    const { layers, scores } = await this.run(rows, this.emptyStates(rows.length));
    const before = this.heads.map(() => null);
    return rows.map((words, row) => {
      const heads = this.choose(scores.map((one) => wordsOf(one, row, words.length)), before, false, paragraphs[row]);
      return this.judged(heads, () => wordsOf(layers[1], row, words.length), new Seen(), words.length, paragraphs[row]);
    });
  }

  /** Give the first words' tags, those of the second reader's layer with its probabilities; `states` gives theirs. */
  judged(heads, states, seen, count, paragraphs = []) {
    return heads.map(({ tags, probabilities }, number) => {
      const judges = this.judge && this.heads[number].layer === this.judge.layer;
      const found = judges ? spans(tags, paragraphs) : [];
      const judged = judges ? this.judge.judge(states(), tags, found, probabilities, seen, count) : probabilities;
      return { tags: tags.slice(0, count), probabilities: judged.slice(0, count) };
    });
  }

  /** Give the tags of a text without the spans that the second reader takes for wrong. */
  dropped(heads, paragraphs = []) {
    return heads.map(({ tags, probabilities }, number) => {
      const judges = this.judge && this.heads[number].layer === this.judge.layer;
      return { tags: judges ? this.judge.dropped(tags, spans(tags, paragraphs), probabilities) : tags, probabilities };
    });
  }

  /** Give the states of both layers before a text, (ways, rows, width). */
  emptyStates(rows) {
    return this.about.widths.map((width) => new Float32Array(2 * rows * width));
  }

  /** Read rows from some states: both layers' states (rows, time, 2 · width) and each head's scores. */
  async run(rows, states) {
    const { Tensor } = this;
    const whole = (values, dims) => new Tensor("int64", BigInt64Array.from(values, BigInt), dims);
    const distinct = [...new Set(rows.flat())];
    const places = new Map(distinct.map((word, place) => [word, place]));
    const time = Math.max(...rows.map((words) => words.length));
    const positions = rows.flatMap((words) => Array.from({ length: time }, (_, n) => places.get(words[n]) ?? 0));
    const hashed = distinct.map((word) => this.features(word));
    const most = Math.max(...hashed.map((ids) => ids.length));
    const padded = hashed.flatMap((ids) => [...ids, ...new Array(most - ids.length).fill(this.about.buckets)]);
    const inputs = {
      words: whole(distinct.map((word) => this.ids.get(word) ?? this.ids.get("xxunk")), [distinct.length]),
      features: whole(padded, [distinct.length, most]),
      positions: whole(positions, [rows.length, time]),
      lengths: new Tensor("int32", Int32Array.from(rows, (words) => words.length), [rows.length]),
    };
    ["first", "second"].forEach((name, layer) => {
      inputs[name] = new Tensor("float32", states[layer], [2, rows.length, this.about.widths[layer]]);
    });
    const found = await this.session.run(inputs);
    const scores = this.heads.map((_, number) => found[`scores_${number}`]);
    return { layers: [found.first_states, found.second_states], scores };
  }

  features(word) {
    if (this.known.size >= 1 << 16) this.known.clear();
    if (!this.known.has(word)) this.known.set(word, features(word, this.about.buckets));
    return this.known.get(word);
  }

  /** Choose the tags of one row's words by the scores of each head; see `Head`. */
  choose(scores, after, goesOn, paragraphs = []) {
    const chosen = this.heads.map((head, number) => head.choose(scores[number], after[number], goesOn, paragraphs));
    if (this.about.together) {
      // The likeliest pair of tags that go together, where those of two heads do not.
      const { heads, allowed } = this.about.together;
      const [one, two] = heads.map((number) => chosen[number]);
      one.ids.forEach((tag, word) => {
        if (allowed[tag][two.ids[word]]) return;
        let best = -Infinity;
        allowed.forEach((goes, first) => goes.forEach((good, second) => {
          const sum = one.logs[word][first] + two.logs[word][second];
          if (good && sum > best) [best, one.ids[word], two.ids[word]] = [sum, first, second];
        }));
      });
    }
    return chosen.map(({ ids, logs }, number) => ({
      tags: ids.map((tag) => this.heads[number].tags[tag]),
      probabilities: ids.map((tag, word) => Math.exp(logs[word][tag])),
    }));
  }
}

/** Tags words that are still arriving, each when `lookAhead` words after it are there, `stride` of them at once. */
export class Stream {
  constructor(model, { lookAhead = 48, stride = Math.max(1, lookAhead >> 1) } = {}) {
    Object.assign(this, { model, lookAhead, stride, states: model.emptyStates(1), calls: 0, words: [], seen: new Seen() });
    this.after = model.heads.map(() => null);
  }

  /** Take the next words; give those that are ready, each with its tag of every head. */
  async feed(words) {
    this.words.push(...words);
    const ready = [];
    while (this.words.length > this.lookAhead) {
      ready.push(...(await this.tagged(this.words.slice(0, this.lookAhead + 1), this.stride, true)));
    }
    return ready;
  }

  /** End the text; give the words that are left, each with its tag of every head. */
  async close() {
    return this.words.length ? this.tagged(this.words, this.words.length, false) : [];
  }

  async tagged(words, count, goesOn) {
    const begun = this.states.map((state) => (goesOn ? state : state.map((one, n) => (n < state.length / 2 ? one : 0))));
    const { layers, scores } = await this.model.run([words], begun);
    this.calls += 1;
    this.states = this.states.map((state, layer) => {
      const found = wordsOf(layers[layer], 0, count);
      const width = state.length / 2;
      // Forward states are carried. Backward states begin in the mean of those before; the last ten calls count.
      return state.map((mean, n) => {
        if (n < width) return found.at(-1)[n];
        const now = found.reduce((sum, word) => sum + word[n], 0) / count;
        return mean + (now - mean) / Math.min(this.calls, 10);
      });
    });
    const row = scores.map((one) => wordsOf(one, 0, words.length));
    const heads = this.model.choose(row, this.after, goesOn);
    this.after = heads.map(({ tags }, number) => this.model.heads[number].tags.indexOf(tags[count - 1]));
    const judged = this.model.judged(heads, () => wordsOf(layers[1], 0, words.length), this.seen, count);
    const kept = this.model.dropped(judged);
    this.words = this.words.slice(count);
    return words.slice(0, count).map((word, place) => [word, ...kept.map(({ tags }) => tags[place])]);
  }
}

const parsed = (bytes) => JSON.parse(new TextDecoder().decode(bytes));

/** What reads files of a folder or of an address. */
async function reader(folder) {
  if (/^https?:/u.test(folder)) {
    return async (name) => {
      const answer = await fetch(new URL(name, folder));
      if (!answer.ok) throw new Error(`Found no ${name}: status ${answer.status}. Serve the whole folder.`);
      return new Uint8Array(await answer.arrayBuffer());
    };
  }
  const [{ readFile }, { join }] = await Promise.all([import("node:fs/promises"), import("node:path")]);
  return (name) => readFile(join(folder, name));
}

/** Label standard input with the model beside this file: each line, or all of it as one stream of words. */
async function main() {
  const [ort, { createInterface }] = await Promise.all([import("onnxruntime-node"), import("node:readline")]);
  const model = await Model.load(import.meta.dirname, ort);
  const stream = process.argv.includes("--stream") ? new Stream(model) : null;
  const print = (tagged) => tagged.forEach((one) => console.log(one.join("\t")));
  for await (const text of createInterface({ input: process.stdin })) {
    const cut = () => model.words.find(text).map(([start, end]) => text.slice(start, end));
    if (stream) print(await stream.feed(cut()));
    else console.log(JSON.stringify(await model.label(text)));
  }
  if (stream) print(await stream.close());
}

if (globalThis.process?.argv?.[1]?.endsWith("run.mjs")) await main();
