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
import { Judge, Passed } from "./judging.mjs";
import { EnglishWords, NO_WORDS, Vocabulary, features, paragraphStarts, spans } from "./words.mjs";

const ENDED = "Found a file of weights that ends too soon. Copy the whole file.";
/** How many words' features are kept. */
const MOST_WORDS = 1 << 13;

/** Chooses the tags of the words of a row: each by itself, or with a random field (CRF) all together. */
export class Head {
  constructor({ layer, tags, scheme, temperature, threshold_offset, crf }) {
    Object.assign(this, { layer, tags, hasSpans: scheme !== null, temperature, offset: threshold_offset });
    // null stands for what the tag scheme forbids.
    const known = (scores) => scores.map((score) => score ?? -1e4);
    this.field = crf && { between: crf.transitions.map(known), start: known(crf.start), end: known(crf.end) };
  }

  /**
   * Give each word's tag, of scores (time, tags) in one array, and with `logs(word, tag)` the logarithm of a tag's
   * probability. `after` is the tag before the row, null where a text begins; `goesOn` says that anything may follow it.
   * Spans begin again at `paragraphs`, the numbers of words.
   */
  choose(scores, after, goesOn, paragraphs = []) {
    const width = this.tags.length;
    if (this.hasSpans && paragraphs.length) {
      const borders = [0, ...paragraphs, scores.length / width];
      const parts = borders.slice(1).map((end, n) => this.choose(scores.subarray(borders[n] * width, end * width), null, false));
      const part = (word) => paragraphs.filter((first) => first <= word).length;
      const logs = (word, tag) => parts[part(word)].logs(word - borders[part(word)], tag);
      return { ids: parts.flatMap(({ ids }) => ids), logs };
    }
    let best = scores;
    if (this.field) {
      const { between, start, end } = this.field;
      const free = end.map(() => 0);
      // With an offset each word gets the tag that is likeliest by itself, which does not bind the next one.
      const begin = after === null ? start : this.offset ? free : between[after];
      const field = { between, start: begin, end: goesOn ? free : end };
      const before = scores;
      scores = through(before, field, logSum);
      best = this.offset ? scores : through(before, field, highest);
    }
    const ids = [];
    const sums = [];
    for (let begin = 0; begin < scores.length; begin += width) {
      ids.push(bestOf(best, begin, width, this.offset * this.temperature));
      sums.push(logSum(scores, begin, width, this.temperature));
    }
    return { ids, logs: (word, tag) => scores[word * width + tag] / this.temperature - sums[word] };
  }
}

/** The place of the highest of `width` scores, the first one lowered by an offset. */
function bestOf(scores, begin, width, offset) {
  let best = 0;
  for (let tag = 1; tag < width; tag++) {
    if (scores[begin + tag] > scores[begin + best] - (best ? 0 : offset)) best = tag;
  }
  return best;
}

function highest(values, begin, width) {
  let most = -Infinity;
  for (let n = begin; n < begin + width; n++) if (values[n] > most) most = values[n];
  return most;
}

/** The logarithm of the sum of the exponentials of `width` values, each divided by the temperature. */
function logSum(values, begin, width, temperature = 1) {
  const most = highest(values, begin, width);
  let sum = 0;
  for (let n = begin; n < begin + width; n++) sum += Math.exp((values[n] - most) / temperature);
  return most / temperature + Math.log(sum);
}

/** For each tag of each word, join the scores of all sequences of tags that go through it. */
function through(scores, { between, start, end }, join) {
  const width = start.length;
  const ahead = Float64Array.from(scores);
  const behind = Float64Array.from(scores);
  const sums = new Float64Array(width);
  const last = scores.length - width;
  for (let tag = 0; tag < width; tag++) {
    ahead[tag] += start[tag];
    behind[last + tag] += end[tag];
  }
  for (let done = width; done < scores.length; done += width) {
    const back = last - done;
    for (let tag = 0; tag < width; tag++) {
      for (let before = 0; before < width; before++) sums[before] = ahead[done - width + before] + between[before][tag];
      ahead[done + tag] += join(sums, 0, width);
      for (let next = 0; next < width; next++) sums[next] = behind[back + width + next] + between[tag][next];
      behind[back + tag] += join(sums, 0, width);
    }
  }
  for (let place = 0; place < ahead.length; place++) ahead[place] += behind[place] - scores[place];
  return ahead;
}

/** The vectors of the first `words` words of a row of a network's output (rows, time, width), in one array. */
function rowOf({ data, dims: [, time, width] }, row, words) {
  const begin = row * time * width;
  return data.subarray(begin, begin + words * width);
}

/** An exported model; `about` is its `labels.json`. */
export class Model {
  /**
   * Load a model from a folder or address. `ort` runs its network: onnxruntime-node or onnxruntime-web, or `runtime` of
   * `network.mjs`, for which `network` is `model.safetensors`.
   */
  static async load(folder, ort, network = "model.onnx") {
    const [read, open] = await reader(folder);
    const about = parsed(await read("labels.json"));
    const vocabulary = new Vocabulary(await read("vocabulary.json"));
    const rules = about.language === "en" ? parsed(await read("words.json")) : null;
    const session = ort.load ? await ort.load(await open(network)) : await ort.InferenceSession.create(await read(network));
    return new Model(about, vocabulary, rules, session, ort.Tensor);
  }

  constructor(about, vocabulary, rules, session, Tensor) {
    Object.assign(this, { about, vocabulary, session, Tensor, known: new Map() });
    this.heads = about.heads.map((one) => new Head(one));
    this.words = rules ? new EnglishWords(rules, { fine: about.words === "fine" }) : NO_WORDS;
    this.judge = about.reader && new Judge(about.reader);
  }

  /** Label a text: offsets of its words, and by layer the tags of words or the spans of characters. */
  async label(text) {
    if (typeof text !== "string") throw new TypeError(`Expected a string, got ${typeof text}.`);
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
    const withStates = this.judge ? [1] : [];
    const { layers: [above], scores } = await this.run(rows, this.emptyStates(rows.length), { withStates });
    const before = this.heads.map(() => null);
    return rows.map((words, row) => {
      const heads = this.choose(scores.map((one) => rowOf(one, row, words.length)), before, false, paragraphs[row]);
      return this.judged(heads, () => rowOf(above, row, words.length), new Passed(), words.length, paragraphs[row]);
    });
  }

  /** Give the first words' tags, those of the second reader's layer with its probabilities; `states` gives theirs. */
  judged(heads, states, passed, count, paragraphs = []) {
    return heads.map(({ tags, probabilities }, number) => {
      const judges = this.judge && this.heads[number].layer === this.judge.layer;
      const found = judges ? spans([...passed.tags, ...tags], paragraphs) : [];
      const judged = judges ? this.judge.judge(states(), tags, found, probabilities, passed, count) : probabilities;
      return { tags: tags.slice(0, count), probabilities: judged.slice(0, count) };
    });
  }

  /** Give the tags of a text without the spans that the second reader takes for wrong. */
  dropped(heads, paragraphs = []) {
    return heads.map(({ tags, probabilities }, number) => {
      const judges = this.judge && this.heads[number].layer === this.judge.layer;
      const kept = judges ? this.judge.dropped(tags, spans(tags, paragraphs), probabilities) : tags;
      return { tags: kept, probabilities };
    });
  }

  /** Give the states of both layers before a text, (ways, rows, width). */
  emptyStates(rows) {
    return this.about.widths.map((width) => new Float32Array(2 * rows * width));
  }

  /**
   * Read rows from some states: each head's scores, and the states of the layers whose numbers are in `withStates`
   * (rows, time, 2 · width).
   */
  async run(rows, states, { withStates = [] } = {}) {
    const { Tensor } = this;
    // ONNX Runtime takes large integers, `runtime` those of 32 bits.
    const large = Tensor.whole ?? ((values) => BigInt64Array.from(values, BigInt));
    const whole = (values, dims) => new Tensor("int64", large(values), dims);
    const places = new Map();
    const time = Math.max(...rows.map((words) => words.length));
    const positions = new Int32Array(rows.length * time);
    rows.forEach((words, row) => {
      words.forEach((word, place) => {
        if (!places.has(word)) places.set(word, places.size);
        positions[row * time + place] = places.get(word);
      });
    });
    const distinct = [...places.keys()];
    const hashed = distinct.map((word) => this.features(word));
    const most = Math.max(...hashed.map((ids) => ids.length));
    const padded = new Int32Array(distinct.length * most).fill(this.about.buckets);
    hashed.forEach((ids, place) => padded.set(ids, place * most));
    const ids = Int32Array.from(distinct, (word) => this.vocabulary.get(word) ?? this.vocabulary.get("xxunk"));
    const inputs = {
      words: whole(ids, [distinct.length]),
      features: whole(padded, [distinct.length, most]),
      positions: whole(positions, [rows.length, time]),
      lengths: new Tensor("int32", Int32Array.from(rows, (words) => words.length), [rows.length]),
    };
    ["first", "second"].forEach((name, layer) => {
      inputs[name] = new Tensor("float32", states[layer], [2, rows.length, this.about.widths[layer]]);
    });
    const scores = this.heads.map((_, number) => `scores_${number}`);
    const layers = withStates.map((number) => ["first_states", "second_states"][number]);
    const found = await this.session.run(inputs, [...layers, ...scores]);
    return { layers: layers.map((name) => found[name]), scores: scores.map((name) => found[name]) };
  }

  features(word) {
    if (this.known.size >= MOST_WORDS) this.known.clear();
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
          const sum = one.logs(word, first) + two.logs(word, second);
          if (good && sum > best) [best, one.ids[word], two.ids[word]] = [sum, first, second];
        }));
      });
    }
    return chosen.map(({ ids, logs }, number) => ({
      tags: ids.map((tag) => this.heads[number].tags[tag]),
      probabilities: ids.map((tag, word) => Math.exp(logs(word, tag))),
    }));
  }
}

/** Tags words that are still arriving, each when `lookAhead` words after it are there, `stride` of them at once. */
export class Stream {
  constructor(model, { lookAhead = 48, stride = Math.max(1, lookAhead >> 1) } = {}) {
    Object.assign(this, { model, lookAhead, stride, states: model.emptyStates(1), calls: 0, words: [], passed: new Passed() });
    this.means = this.states.map((state) => state.slice(state.length / 2));
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
    const { layers, scores } = await this.model.run([words], begun, { withStates: [0, 1] });
    this.calls += 1;
    // Forward states are carried. Backward states begin in the mean of those before; the last ten calls count. The mean
    // is renewed after each of the first eight calls, then after every eighth.
    const isRenewed = this.calls < 8 || this.calls % 8 === 0;
    this.states = this.states.map((state, layer) => {
      const found = rowOf(layers[layer], 0, count);
      const both = state.length;
      const half = both / 2;
      this.means[layer] = this.means[layer].map((mean, n) => {
        let sum = 0;
        for (let word = 0; word < count; word++) sum += found[word * both + half + n];
        return mean + (sum / count - mean) / Math.min(this.calls, 10);
      });
      return state.map((begin, n) => {
        if (n < half) return found[(count - 1) * both + n];
        return isRenewed ? this.means[layer][n - half] : begin;
      });
    });
    const row = scores.map((one) => rowOf(one, 0, words.length));
    const heads = this.model.choose(row, this.after, goesOn);
    this.after = heads.map(({ tags }, number) => this.model.heads[number].tags.indexOf(tags[count - 1]));
    const judged = this.model.judged(heads, () => rowOf(layers[1], 0, words.length), this.passed, count);
    const kept = this.model.dropped(judged);
    this.words = this.words.slice(count);
    return words.slice(0, count).map((word, place) => [word, ...kept.map(({ tags }) => tags[place])]);
  }
}

const parsed = (bytes) => JSON.parse(new TextDecoder().decode(bytes));

/** What reads files of a folder or of an address, and what opens one to fill arrays with its bytes, one after another. */
async function reader(folder) {
  if (/^https?:/u.test(folder)) {
    const ask = async (name) => {
      const answer = await fetch(new URL(name, folder));
      if (!answer.ok) throw new Error(`Found no ${name}: status ${answer.status}. Serve the whole folder.`);
      return answer;
    };
    return [async (name) => new Uint8Array(await (await ask(name)).arrayBuffer()), async (name) => filling((await ask(name)).body)];
  }
  const [{ open, readFile }, { join }] = await Promise.all([import("node:fs/promises"), import("node:path")]);
  const handleOf = async (name) => {
    const file = await open(join(folder, name));
    return {
      fill: async (bytes) => {
        for (let done = 0, read = 1; read && done < bytes.length; done += read) {
          read = (await file.read(bytes, done)).bytesRead;
          if (!read) throw new Error(ENDED);
        }
        return bytes;
      },
      close: () => file.close(),
    };
  };
  return [(name) => readFile(join(folder, name)), handleOf];
}

/** Fill arrays with the bytes of a stream. */
function filling(stream) {
  const reader = stream.getReader();
  let rest = new Uint8Array();
  return {
    fill: async (bytes) => {
      for (let done = 0; done < bytes.length; ) {
        if (!rest.length) rest = (await reader.read()).value;
        if (!rest) throw new Error(ENDED);
        const part = rest.subarray(0, bytes.length - done);
        bytes.set(part, done);
        done += part.length;
        rest = rest.subarray(part.length);
      }
      return bytes;
    },
    close: () => reader.cancel(),
  };
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

/** Whether Node.js was given this very file, not another one of its name that imports it. */
async function isCommand() {
  const given = globalThis.process?.argv?.[1];
  return Boolean(given?.endsWith("run.mjs")) && (await import("node:fs")).realpathSync(given) === import.meta.filename;
}

if (await isCommand()) await main();
