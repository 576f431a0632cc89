/**
 * Runs a labeler's network on its weights as `Labeler.save` stores them, in place of ONNX Runtime; `steps.mjs` has what
 * takes the time.
 *
 *     import { Model } from "./run.mjs";
 *     import { runtime } from "./network.mjs";
 *     const model = await Model.load("https://…/model/", runtime, "model.safetensors");
 *
 * Inputs and outputs are those of the network in `model.onnx`. Tables of vectors stay in 8 or 16 bits. Addresses are those
 * of `steps.mjs`.
 */
import { makeSteps, padded, scratchOf } from "./steps.mjs";

/** Numbers in some shape, as ONNX Runtime's tensors hold them, but whole numbers in 32 bits. */
class Tensor {
  static whole(values) {
    return values;
  }

  constructor(type, data, dims) {
    Object.assign(this, { type, data, dims });
  }
}

/** A labeler's network; `arrays` are its weights by their names, in the memory of `steps`. */
class Network {
  constructor(arrays, steps) {
    const linear = (weight, bias) => ({ ...arrays.get(weight), bias: arrays.get(bias).matrix });
    const unit = (name) => {
      const part = (one) => linear(`${name}.stacks.0.weight_${one}_l0`, `${name}.stacks.0.bias_${one}_l0`);
      const recurrent = part("hh");
      return { input: part("ih"), recurrent, scratch: steps.space.takeFloats(scratchOf(recurrent.inputs)) };
    };
    const embedder = "encoder.embedder";
    this.steps = steps;
    this.table = arrays.get(`${embedder}.table.weight`);
    this.buckets = arrays.get(`${embedder}.buckets.weight`);
    this.norm = linear(`${embedder}.norm.weight`, `${embedder}.norm.bias`);
    this.up = linear(`${embedder}.up.weight`, `${embedder}.up.bias`);
    this.down = linear(`${embedder}.down.weight`, `${embedder}.down.bias`);
    this.layers = ["encoder", "second"].map((layer) => [
      unit(`${layer}.forward_encoder`),
      unit(`${layer}.backward_encoder`),
    ]);
    this.heads = [];
    for (let name = "heads.0.output"; arrays.has(`${name}.weight`); name = `heads.${this.heads.length}.output`) {
      this.heads.push(linear(`${name}.weight`, `${name}.bias`));
    }
    this.begin = steps.space.next;
    this.sum = new Float64Array(this.table.width);
  }

  /**
   * Give what `names` says: the states of both layers (rows, time, 2 · width), the scores of each head (rows, time,
   * tags). All are copies: another text may be read before these are looked at.
   */
  async run({ words, features, positions, lengths, first, second }, names) {
    const { space } = this.steps;
    const [rows, time] = positions.dims;
    const { width } = this.table;
    const [below, above] = this.layers.map(([way]) => 2 * way.recurrent.inputs);
    const widths = { first_states: below, second_states: above };
    this.heads.forEach(({ outputs }, head) => {
      widths[`scores_${head}`] = outputs;
    });
    const result = {};
    for (const name of names) result[name] = zeros(rows, time, widths[name]);
    // What the last run wrote is written over.
    space.next = this.begin;
    const vectors = this.vectors(words.data, features);
    for (let row = 0; row < rows; row++) {
      const count = lengths.data[row];
      space.next = vectors.after;
      // For each word the states of the first layer, then its vector: what the second layer reads.
      const read = space.takeFloats(count * (below + width));
      const states = space.takeFloats(count * above);
      const beside = read + 4 * below;
      for (let word = 0; word < count; word++) {
        const from = vectors.begin / 4 + positions.data[row * time + word] * width;
        space.floats.copyWithin(beside / 4 + word * (below + width), from, from + width);
      }
      this.layer(0, beside, below + width, first, row, read, below + width, count);
      this.layer(1, read, below + width, second, row, states, above, count);
      this.copy(read, below + width, result.first_states, row, count);
      this.copy(states, above, result.second_states, row, count);
      this.heads.forEach((head, number) => {
        const scores = space.takeFloats(count * padded(head.outputs));
        this.steps.products(head, states, above, count, scores);
        this.copy(scores, padded(head.outputs), result[`scores_${number}`], row, count);
      });
    }
    return result;
  }

  /** Copy the vectors of a row's words, `stride` numbers apart, to a tensor (rows, time, width) that is asked for. */
  copy(from, stride, tensor, row, count) {
    if (!tensor) return;
    const [, time, width] = tensor.dims;
    const { floats } = this.steps.space;
    for (let word = 0; word < count; word++) {
      const [source, target] = [from / 4 + word * stride, (row * time + word) * width];
      for (let n = 0; n < width; n++) tensor.data[target + n] = floats[source + n];
    }
  }

  /** Write the vectors of words, of their numbers and the features that are not padding; give where they are. */
  vectors(words, { data, dims: [count, most] }) {
    const { space } = this.steps;
    const { width } = this.table;
    const begin = space.takeFloats(count * width);
    const after = space.next;
    const normed = space.takeFloats(count * width);
    const wide = space.takeFloats(count * padded(this.up.outputs));
    const down = space.takeFloats(count * padded(width));
    for (let word = 0; word < count; word++) {
      const sum = this.sum.fill(0);
      let hashed = word * most;
      while (hashed < (word + 1) * most && data[hashed] < this.buckets.rows) this.buckets.add(space, data[hashed++], sum);
      const mean = hashed - word * most;
      for (let n = 0; n < width; n++) sum[n] /= mean;
      this.table.add(space, words[word], sum);
      this.normalise(sum, normed / 4 + word * width);
    }
    this.steps.products(this.up, normed, width, count, wide);
    const bent = space.read(wide, count * padded(this.up.outputs));
    // The Gaussian error linear unit.
    for (let n = 0; n < bent.length; n++) bent[n] = (bent[n] * (1 + erf(bent[n] * Math.SQRT1_2))) / 2;
    this.steps.products(this.down, wide, padded(this.up.outputs), count, down);
    const { floats } = space;
    for (let word = 0; word < count; word++) {
      for (let n = 0; n < width; n++) {
        const place = word * width + n;
        floats[begin / 4 + place] = floats[normed / 4 + place] + floats[down / 4 + word * padded(width) + n];
      }
    }
    return { begin, after };
  }

  /** Write numbers to a place, with mean 0 and variance 1, then scaled and shifted. */
  normalise(sum, place) {
    const { floats } = this.steps.space;
    const [weight, bias] = [this.norm.matrix / 4, this.norm.bias / 4];
    let mean = 0;
    let variance = 0;
    for (let n = 0; n < sum.length; n++) mean += sum[n] / sum.length;
    for (let n = 0; n < sum.length; n++) variance += (sum[n] - mean) ** 2 / sum.length;
    const deviation = Math.sqrt(variance + 1e-5);
    for (let n = 0; n < sum.length; n++) {
      floats[place + n] = ((sum[n] - mean) / deviation) * floats[weight + n] + floats[bias + n];
    }
  }

  /** Read a row of vectors in both directions: for each word the forward state, then the backward one. */
  layer(number, vectors, stride, { data, dims: [, rows] }, row, states, statesStride, count) {
    const { space } = this.steps;
    this.layers[number].forEach((unit, way) => {
      const width = unit.recurrent.inputs;
      const begin = space.takeFloats(width);
      space.read(begin, width).set(data.subarray((way * rows + row) * width, (way * rows + row + 1) * width));
      this.steps.recur(unit, vectors, stride, begin, states + 4 * way * width, statesStride, count, way);
    });
  }
}

/** What `Model.load` takes in place of ONNX Runtime; `load` takes what fills arrays with the bytes of a file. */
export const runtime = {
  Tensor,
  async load(file) {
    const steps = await makeSteps();
    try {
      return new Network(await arraysOf(file, steps.space), steps);
    } finally {
      await file.close();
    }
  },
};

/** The error function, to 1.5e-7 (Abramowitz and Stegun 1964, 7.1.26). */
function erf(value) {
  const t = 1 / (1 + 0.3275911 * Math.abs(value));
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(value) * (1 - series * Math.exp(-value * value));
}

const zeros = (...dims) => new Tensor("float32", new Float32Array(dims.reduce((size, one) => size * one)), dims);

const FLOAT = new Float32Array(1);
const BITS = new Uint32Array(FLOAT.buffer);

/** The number that 16 bits stand for: those of 32 bits with the same exponent and fraction, times 2^(127 - 15). */
function half(bits) {
  BITS[0] = ((bits & 0x8000) << 16) | ((bits & 0x7fff) << 13);
  return FLOAT[0] * 2 ** 112;
}

/** How numbers of each type are read from a `DataView`: their bytes, and the number at an offset. */
const TYPES = {
  F32: { size: 4, at: (view, offset) => view.getFloat32(offset, true) },
  F16: { size: 2, at: (view, offset) => half(view.getUint16(offset, true)) },
  I8: { size: 1, at: (view, offset) => view.getInt8(offset) },
};

/** Rows of numbers that stay in memory as they are stored; bytes have a scale for each row, at the address `scales`. */
class Table {
  constructor(address, rows, width, type) {
    Object.assign(this, { address, rows, width, type, scales: null });
  }

  /** Add a row to a sum. */
  add({ view, floats, signed }, row, sum) {
    const { size, at } = this.type;
    const begin = this.address + row * this.width * size;
    const scale = this.scales === null ? 1 : floats[this.scales / 4 + row];
    if (this.type === TYPES.I8) {
      for (let n = 0; n < this.width; n++) sum[n] += scale * signed[begin + n];
      return;
    }
    for (let n = 0; n < this.width; n++) sum[n] += scale * at(view, begin + n * size);
  }
}

/** Read the arrays of a file of safetensors to memory, by their names: tables as they are, others packed in 32 bits. */
async function arraysOf(file, space) {
  const start = await file.fill(new Uint8Array(8));
  const size = Number(new DataView(start.buffer).getBigUint64(0, true));
  const about = JSON.parse(new TextDecoder().decode(await file.fill(new Uint8Array(size))));
  delete about.__metadata__;
  const arrays = new Map();
  // One for all arrays that are packed: new ones would wait for the garbage collector while the next are read.
  let scratch = new Uint8Array();
  const inOrder = Object.entries(about).sort(([, one], [, other]) => one.data_offsets[0] - other.data_offsets[0]);
  for (const [name, { dtype, shape, data_offsets: [from, to] }] of inOrder) {
    const type = TYPES[dtype];
    if (!type) throw new Error(`Found weights of the type ${dtype}. Give a model that seqlabel saved.`);
    const [rows, width = 1] = shape;
    if (/\.(?:table|buckets)\.weight$/u.test(name)) {
      const address = space.take(to - from);
      await file.fill(space.bytes.subarray(address, address + to - from));
      arrays.set(name, new Table(address, rows, width, type));
    } else {
      if (scratch.length < to - from) scratch = new Uint8Array(to - from);
      await file.fill(scratch.subarray(0, to - from));
      const view = new DataView(scratch.buffer);
      arrays.set(name, space.pack(rows, width, (place) => type.at(view, place * type.size)));
    }
  }
  for (const [name, array] of arrays) {
    if (array instanceof Table) array.scales = arrays.get(`${name}|scale`)?.matrix ?? null;
  }
  return arrays;
}
