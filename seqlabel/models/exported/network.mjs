/**
 * Runs a labeler's network in plain JavaScript, on its weights as `Labeler.save` stores them; in place of ONNX Runtime.
 *
 *     import { Model } from "./run.mjs";
 *     import { plain } from "./network.mjs";
 *     const model = await Model.load("https://…/model/", plain, "model.safetensors");
 *
 * Inputs and outputs are those of the network in `model.onnx`. Sums are of double precision.
 */

/** Numbers in some shape, as ONNX Runtime's tensors hold them. */
class Tensor {
  constructor(type, data, dims) {
    Object.assign(this, { type, data, dims });
  }
}

class InferenceSession {
  /** Build a network of the bytes of a file of safetensors. */
  static async create(bytes) {
    return new InferenceSession(tensorsOf(bytes));
  }

  constructor(tensors) {
    this.tensors = tensors;
    this.heads = Object.keys(tensors).filter((name) => /^heads\.\d+\.output\.weight$/u.test(name)).length;
  }

  /** Give the states of both layers (rows, time, 2 · width) and the scores of each head (rows, time, tags). */
  async run({ words, features, positions, lengths, first, second }) {
    const [rows, time] = positions.dims;
    const most = features.dims[1];
    const distinct = Array.from(words.data, (id, place) =>
      this.vector(Number(id), Array.from(features.data.subarray(place * most, (place + 1) * most), Number)),
    );
    const found = { first_states: [], second_states: [] };
    const scores = Array.from({ length: this.heads }, () => []);
    for (let row = 0; row < rows; row++) {
      const places = positions.data.subarray(row * time, row * time + lengths.data[row]);
      const vectors = Array.from(places, (place) => distinct[Number(place)]);
      const below = this.layer("encoder", vectors, first, row);
      const states = this.layer("second", below.map((state, word) => joined(state, vectors[word])), second, row);
      found.first_states.push(below);
      found.second_states.push(states);
      scores.forEach((some, head) => some.push(states.map((state) => this.linear(`heads.${head}.output`, state))));
    }
    scores.forEach((some, head) => {
      found[`scores_${head}`] = some;
    });
    return Object.fromEntries(Object.entries(found).map(([name, some]) => [name, padded(some, time)]));
  }

  linear(name, vector) {
    return product(this.tensors[`${name}.weight`], this.tensors[`${name}.bias`], vector);
  }

  /** Give the vector of a word, of its number and the features that are not padding. */
  vector(id, features) {
    const name = "encoder.embedder";
    const own = this.row(`${name}.table.weight`, id);
    const buckets = this.tensors[`${name}.buckets.weight`].dims[0];
    const hashed = features.filter((one) => one < buckets).map((one) => this.row(`${name}.buckets.weight`, one));
    const parts = own.map((value, n) => value + hashed.reduce((sum, row) => sum + row[n], 0) / hashed.length);
    const mean = parts.reduce((sum, value) => sum + value, 0) / parts.length;
    const variance = parts.reduce((sum, value) => sum + (value - mean) ** 2, 0) / parts.length;
    const [scale, bias] = ["weight", "bias"].map((one) => this.tensors[`${name}.norm.${one}`].data);
    const normed = parts.map((value, n) => ((value - mean) / Math.sqrt(variance + 1e-5)) * scale[n] + bias[n]);
    // The Gaussian error linear unit.
    const bent = this.linear(`${name}.up`, normed).map((value) => (value * (1 + erf(value * Math.SQRT1_2))) / 2);
    return this.linear(`${name}.down`, bent).map((value, n) => value + normed[n]);
  }

  /** Give a row of a table of vectors, which may be of bytes with a scale for each row. */
  row(name, number) {
    const { data, dims } = this.tensors[name];
    const scale = this.tensors[`${name}|scale`]?.data[number] ?? 1;
    return Float32Array.from(data.subarray(number * dims[1], (number + 1) * dims[1]), (value) => value * scale);
  }

  /** Read a row of vectors in both directions: for each word the forward state and the backward one, joined. */
  layer(name, vectors, { data, dims: [, rows, width] }, row) {
    const begin = (way) => data.subarray((way * rows + row) * width, (way * rows + row + 1) * width);
    const ahead = this.states(`${name}.forward_encoder`, vectors, begin(0));
    const behind = this.states(`${name}.backward_encoder`, vectors.toReversed(), begin(1)).reverse();
    return ahead.map((state, word) => joined(state, behind[word]));
  }

  /** Give the states of a gated recurrent unit after each vector. */
  states(name, vectors, state) {
    const part = (one) => this.tensors[`${name}.stacks.0.${one}_l0`];
    const width = state.length;
    return vectors.map((vector) => {
      const given = product(part("weight_ih"), part("bias_ih"), vector);
      const kept = product(part("weight_hh"), part("bias_hh"), state);
      state = state.map((value, n) => {
        const reset = sigmoid(given[n] + kept[n]);
        const update = sigmoid(given[width + n] + kept[width + n]);
        const candidate = Math.tanh(given[2 * width + n] + reset * kept[2 * width + n]);
        return (1 - update) * candidate + update * value;
      });
      return state;
    });
  }
}

/** What `Model.load` takes in place of ONNX Runtime. */
export const plain = { InferenceSession, Tensor };

const sigmoid = (value) => 1 / (1 + Math.exp(-value));

/** The error function, to 1.5e-7 (Abramowitz and Stegun 1964, 7.1.26). */
function erf(value) {
  const t = 1 / (1 + 0.3275911 * Math.abs(value));
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(value) * (1 - series * Math.exp(-value * value));
}

function joined(one, other) {
  const both = new Float32Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

/** The products of a matrix's rows (out, in) with a vector, and a bias added. */
function product({ data, dims: [rows, width] }, { data: bias }, vector) {
  const result = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const begin = row * width;
    // Four sums side by side do not wait for one another.
    let a = bias[row];
    let b = 0;
    let c = 0;
    let d = 0;
    let n = 0;
    for (; n + 3 < width; n += 4) {
      a += data[begin + n] * vector[n];
      b += data[begin + n + 1] * vector[n + 1];
      c += data[begin + n + 2] * vector[n + 2];
      d += data[begin + n + 3] * vector[n + 3];
    }
    for (; n < width; n++) a += data[begin + n] * vector[n];
    result[row] = a + b + c + d;
  }
  return result;
}

/** Rows of vectors as one tensor (rows, time, width), with zeros behind the shorter ones. */
function padded(rows, time) {
  const width = rows[0][0].length;
  const data = new Float32Array(rows.length * time * width);
  rows.forEach((row, place) => row.forEach((vector, word) => data.set(vector, (place * time + word) * width)));
  return new Tensor("float32", data, [rows.length, time, width]);
}

/** The number that 16 bits stand for. */
function half(bits) {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent ? sign * (1024 + fraction) * 2 ** (exponent - 25) : sign * fraction * 2 ** -24;
}

/** The tensors of a file of safetensors, by their names. */
function tensorsOf(bytes) {
  const size = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const { __metadata__: _, ...about } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + size)));
  const halves = Float32Array.from({ length: 1 << 16 }, (_, bits) => half(bits));
  const readers = {
    F32: (buffer) => new Float32Array(buffer),
    F16: (buffer) => Float32Array.from(new Uint16Array(buffer), (bits) => halves[bits]),
    I8: (buffer) => new Int8Array(buffer),
  };
  return Object.fromEntries(
    Object.entries(about).map(([name, { dtype, shape, data_offsets: [from, to] }]) => {
      if (!readers[dtype]) throw new Error(`Found weights of the type ${dtype}. Give a model that seqlabel saved.`);
      const begin = bytes.byteOffset + 8 + size;
      return [name, new Tensor(dtype, readers[dtype](bytes.buffer.slice(begin + from, begin + to)), shape)];
    }),
  );
}
