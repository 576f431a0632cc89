/**
 * The two steps of a labeler's network that take its time, in WebAssembly with SIMD (`steps.c`), or in plain JavaScript
 * where that is missing or a security policy refuses it; `network.mjs` calls either.
 *
 * Both work on one memory. Addresses are in bytes; matrices are packed as `steps.c` says.
 */
import { SIMD } from "./simd.mjs";

const PANEL = 16;
const BLOCK = 32;
const PAGE = 1 << 16;

/** The number of results of a matrix with so many outputs: whole panels. */
export const padded = (outputs) => Math.ceil(outputs / PANEL) * PANEL;

/** Hands out parts of a memory that grows; `grown` gives the memory for a number of bytes. */
class Space {
  constructor(begin, grown) {
    Object.assign(this, { next: begin, grown });
    this.take(0);
  }

  /** Take room for some bytes; give their address. */
  take(bytes) {
    const address = this.next;
    this.next = Math.ceil((address + bytes) / 16) * 16;
    this.bytes = new Uint8Array(this.grown(this.next));
    this.signed = new Int8Array(this.bytes.buffer);
    this.floats = new Float32Array(this.bytes.buffer);
    this.view = new DataView(this.bytes.buffer);
    return address;
  }

  /** Take room for some numbers of 32 bits; give their address. */
  takeFloats(count) {
    return this.take(4 * count);
  }

  /** The numbers at an address, until more room is taken. */
  read(address, count) {
    return this.floats.subarray(address / 4, address / 4 + count);
  }

  /** Pack a matrix (outputs, inputs), of which `at` gives the numbers in order; a bias has one input. */
  pack(outputs, inputs, at) {
    const matrix = this.takeFloats(padded(outputs) * inputs);
    for (let output = 0; output < outputs; output++) {
      const panel = matrix / 4 + (output - (output % PANEL)) * inputs + (output % PANEL);
      for (let input = 0; input < inputs; input++) this.floats[panel + input * PANEL] = at(output * inputs + input);
    }
    return { matrix, outputs, inputs };
  }
}

/** Multiplies and reads by the compiled module. */
class Compiled {
  name = "simd";

  constructor({ memory, products, recur, __heap_base: heap }) {
    Object.assign(this, { productsOf: products, recurOf: recur });
    this.space = new Space(heap.value, (bytes) => {
      const missing = bytes - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
      return memory.buffer;
    });
  }

  /** Multiply a matrix by `rows` vectors, `stride` numbers apart, and add its bias: (rows, padded outputs). */
  products({ matrix, bias, outputs, inputs }, vectors, stride, rows, results) {
    this.productsOf(matrix, bias, outputs, vectors, inputs, stride, rows, results);
  }

  /** Read `time` vectors with a gated recurrent unit; see `recur` in `steps.c`. */
  recur({ input, recurrent, scratch }, vectors, stride, begin, states, statesStride, time, backward) {
    this.recurOf(
      input.matrix, input.bias, recurrent.matrix, recurrent.bias, vectors, input.inputs, stride, begin, scratch, states,
      recurrent.inputs, statesStride, time, backward,
    );
  }
}

/** Multiplies and reads without WebAssembly. */
class Plain {
  name = "plain";

  constructor() {
    let buffer = new ArrayBuffer(PAGE);
    this.space = new Space(0, (bytes) => {
      if (bytes > buffer.byteLength) {
        const larger = new ArrayBuffer(Math.max(bytes, 2 * buffer.byteLength));
        new Uint8Array(larger).set(new Uint8Array(buffer));
        buffer = larger;
      }
      return buffer;
    });
  }

  products({ matrix, bias, outputs, inputs }, vectors, stride, rows, results) {
    const { floats } = this.space;
    const width = padded(outputs);
    for (let row = 0; row < rows; row++) {
      const vector = vectors / 4 + row * stride;
      for (let output = 0; output < outputs; output += 4) {
        let at = matrix / 4 + (output - (output % PANEL)) * inputs + (output % PANEL);
        let [a, b, c, d] = floats.subarray(bias / 4 + output, bias / 4 + output + 4);
        for (let input = vector; input < vector + inputs; input++, at += PANEL) {
          const value = floats[input];
          a += floats[at] * value;
          b += floats[at + 1] * value;
          c += floats[at + 2] * value;
          d += floats[at + 3] * value;
        }
        floats.set([a, b, c, d], results / 4 + row * width + output);
      }
    }
  }

  recur({ input, recurrent, scratch }, vectors, stride, begin, states, statesStride, time, backward) {
    const { floats } = this.space;
    const width = recurrent.inputs;
    const given = scratch / 4;
    const kept = given + padded(3 * width);
    let state = begin;
    for (let number = 0; number < time; number++) {
      const place = backward ? time - 1 - number : number;
      const next = states + 4 * place * statesStride;
      this.products(input, vectors + 4 * place * stride, stride, 1, scratch);
      this.products(recurrent, state, width, 1, 4 * kept);
      for (let n = 0; n < width; n++) {
        const reset = sigmoid(floats[given + n] + floats[kept + n]);
        const update = sigmoid(floats[given + width + n] + floats[kept + width + n]);
        const candidate = Math.tanh(floats[given + 2 * width + n] + reset * floats[kept + 2 * width + n]);
        floats[next / 4 + n] = candidate + update * (floats[state / 4 + n] - candidate);
      }
      state = next;
    }
  }
}

const sigmoid = (value) => 1 / (1 + Math.exp(-value));

/** How many numbers a gated recurrent unit needs to work with, by the width of its state. */
export const scratchOf = (width) => (BLOCK + 1) * padded(3 * width);

/** Make the steps: compiled ones, or plain ones where WebAssembly has no SIMD or the page's policy refuses it. */
export async function makeSteps() {
  try {
    const module = Uint8Array.from(atob(SIMD), (character) => character.charCodeAt(0));
    const { instance } = await WebAssembly.instantiate(module);
    return new Compiled(instance.exports);
  } catch (error) {
    if (globalThis.WebAssembly && !(error instanceof WebAssembly.CompileError)) throw error;
    return new Plain();
  }
}
