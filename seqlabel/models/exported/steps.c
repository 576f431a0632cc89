/*
 * The two steps of a labeler's network that take its time, in WebAssembly with SIMD; `steps.mjs` has them in plain
 * JavaScript too, and `network.mjs` calls either. No memory is allocated here: callers pass addresses.
 *
 * This command, in this folder, builds the module and writes it into `simd.mjs` (Debian: apt install clang lld):
 *
 *     clang --target=wasm32 -O2 -msimd128 -nostdlib -Wl,--no-entry,--export=__heap_base,--strip-all -o steps.wasm steps.c
 *     echo "export const SIMD = \"$(base64 -w 0 steps.wasm)\";" > simd.mjs && rm steps.wasm
 *
 * Matrices (outputs, inputs) are packed in panels of 16 outputs, the last one filled up with zeros: for each panel the
 * 16 weights of the first input, then those of the second. Biases and results have as many numbers as panels hold.
 */

typedef float Four __attribute__((vector_size(16)));
typedef int FourInts __attribute__((vector_size(16)));
/* Addresses of numbers need not be multiples of 16. */
typedef float Unaligned __attribute__((vector_size(16), aligned(4)));

enum { PANEL = 16, BLOCK = 32 };

static Four load(const float *from) { return *(const Unaligned *)from; }
static void store(float *to, Four values) { *(Unaligned *)to = values; }
static Four all(float value) { return (Four){value, value, value, value}; }
static int padded(int outputs) { return (outputs + PANEL - 1) / PANEL * PANEL; }

/* Multiply a packed matrix by `count` vectors, at most two, and add the bias. */
static inline __attribute__((always_inline)) void multiply(const float *matrix, const float *bias, int outputs,
                                                           const float *vectors, int inputs, int stride, int count,
                                                           float *results) {
  int width = padded(outputs);
  for (int first = 0; first < width; first += PANEL) {
    Four sums[2][4];
    for (int row = 0; row < count; row++)
      for (int part = 0; part < 4; part++) sums[row][part] = load(bias + first + 4 * part);
    const float *weights = matrix + first * inputs;
    for (int input = 0; input < inputs; input++, weights += PANEL)
      for (int row = 0; row < count; row++) {
        Four value = all(vectors[row * stride + input]);
        for (int part = 0; part < 4; part++) sums[row][part] += load(weights + 4 * part) * value;
      }
    for (int row = 0; row < count; row++)
      for (int part = 0; part < 4; part++) store(results + row * width + first + 4 * part, sums[row][part]);
  }
}

/*
 * Multiply a packed matrix by each of `rows` vectors and add the bias.
 * vectors: (rows, inputs), `stride` numbers apart. results: (rows, padded outputs).
 */
__attribute__((export_name("products"), noinline)) void products(const float *matrix, const float *bias, int outputs,
                                                                 const float *vectors, int inputs, int stride,
                                                                 int rows, float *results) {
  int width = padded(outputs);
  int row = 0;
  for (; row + 1 < rows; row += 2)
    multiply(matrix, bias, outputs, vectors + row * stride, inputs, stride, 2, results + row * width);
  if (row < rows) multiply(matrix, bias, outputs, vectors + row * stride, inputs, stride, 1, results + row * width);
}

/* The exponential function, to two units in the last place: 2^whole times a polynomial of the rest (Cephes, expf). */
static Four exponential(Four x) {
  x = __builtin_wasm_max_f32x4(__builtin_wasm_min_f32x4(x, all(88.0f)), all(-87.0f));
  /* Adding 1.5 · 2^23 rounds to a whole number. */
  Four shifted = x * 1.44269504f + 12582912.0f;
  Four whole = shifted - 12582912.0f;
  Four rest = x - whole * 0.693359375f + whole * 2.12194440e-4f;
  Four series = rest * 1.9875691500e-4f + 1.3981999507e-3f;
  series = series * rest + 8.3334519073e-3f;
  series = series * rest + 4.1665795894e-2f;
  series = series * rest + 1.6666665459e-1f;
  series = series * rest + 5.0000001201e-1f;
  series = series * rest * rest + rest + 1.0f;
  return (Four)((FourInts)series + ((FourInts)shifted << 23));
}

static Four sigmoid(Four x) { return 1.0f / (1.0f + exponential(-x)); }

/* Load at most four numbers. */
static Four load_some(const float *from, int count) {
  if (count >= 4) return load(from);
  Four values = all(0.0f);
  for (int n = 0; n < count; n++) values[n] = from[n];
  return values;
}

/* Give the next state of a gated recurrent unit: `given` and `kept` hold the three gates, `width` numbers apart. */
static void step(const float *given, const float *kept, const float *state, float *next, int width) {
  for (int place = 0; place < width; place += 4, given += 4, kept += 4) {
    int count = width - place;
    Four reset = sigmoid(load(given) + load(kept));
    Four update = sigmoid(load(given + width) + load(kept + width));
    Four candidate = load_some(given + 2 * width, count) + reset * load_some(kept + 2 * width, count);
    candidate = 2.0f * sigmoid(2.0f * candidate) - 1.0f;
    Four changed = candidate + update * (load_some(state + place, count) - candidate);
    if (count >= 4)
      store(next + place, changed);
    else
      for (int n = 0; n < count; n++) next[place + n] = changed[n];
  }
}

/*
 * Read vectors with a gated recurrent unit, from the last one if `backward`.
 * input, input_bias, recurrent, recurrent_bias: the packed matrices of the gates reset, update and candidate.
 * vectors: (time, inputs), `stride` numbers apart. begin: the state before the first vector that is read.
 * scratch: 33 · padded(3 · width) numbers. states: (time, width), `states_stride` numbers apart.
 */
__attribute__((export_name("recur"))) void recur(const float *input, const float *input_bias, const float *recurrent,
                                                 const float *recurrent_bias, const float *vectors, int inputs,
                                                 int stride, const float *begin, float *scratch, float *states,
                                                 int width, int states_stride, int time, int backward) {
  int gates = 3 * width;
  float *kept = scratch + BLOCK * padded(gates);
  const float *state = begin;
  for (int done = 0; done < time; done += BLOCK) {
    int count = time - done < BLOCK ? time - done : BLOCK;
    int first = backward ? time - done - count : done;
    products(input, input_bias, gates, vectors + first * stride, inputs, stride, count, scratch);
    for (int number = 0; number < count; number++) {
      int place = backward ? count - 1 - number : number;
      products(recurrent, recurrent_bias, gates, state, width, width, 1, kept);
      float *next = states + (first + place) * states_stride;
      step(scratch + place * padded(gates), kept, state, next, width);
      state = next;
    }
  }
}
