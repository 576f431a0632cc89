// What is slow in Python, one small call at a time: the steps of two-way GRUs on 8-bit integers, what words add to their
// gates, softmax heads, a CRF's sums, the best trees of arcs, and the hashed features of words.
//
// No torch, no NumPy headers: arrays come in by the buffer protocol, and the caller (`seqlabel.native`) has checked
// their shapes; numbers of rows are checked here. Everything runs without the interpreter's lock. What a row gives depends
// on that row alone. Where memory is lacking, the caller gets MemoryError.
//
// Integers: a state lies between -1 and 1 and is stored as round(127 * state) + 128 in one unsigned byte. Products with
// weights of 8 bits are summed in 32 bits, so the sums are exact, whatever instructions made them; the 128 is taken off
// by a term that the caller computed from the weights. Weights lie in blocks of 16 outputs times 4 inputs.

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <new>
#include <numeric>
#include <stdexcept>
#include <vector>

#if defined(__GNUC__) && defined(__x86_64__)
#define SEQLABEL_X86 1
#include <cpuid.h>
#include <immintrin.h>
#if defined(__clang__) ? __clang_major__ >= 13 : __GNUC__ >= 11
#define SEQLABEL_AVX_VNNI 1
#endif
#if defined(__linux__) && (defined(__clang__) || __GNUC__ >= 11)
#define SEQLABEL_AMX 1
#include <sys/syscall.h>
#include <unistd.h>
#endif
#define INLINE inline __attribute__((always_inline))
#else
#define INLINE inline
#endif

namespace {

constexpr int kVersion = 6;  // of the functions' arguments and the order of weights; one more where these change
constexpr int kRows = 16;    // rows that share one reading of the weights
constexpr int kSteps = 8;    // time steps whose input products are made together
constexpr int kBlock = 16;   // outputs of a block of weights
constexpr int kInputs = 4;   // inputs of a block of weights

enum class Level { portable, avx2, avx_vnni, vnni, amx };

// The 8-bit weights of one direction: `blocks` blocks of 16 outputs, each with `groups` groups of 4 inputs.
struct Matrix {
  const int8_t* weights;
  const int32_t* offset;  // what the 128 of every input adds to each output
  int blocks;
  int groups;
};

// sums[r][o] = sum over inputs of (row[r][i] - 128) * weight[o][i], for `count` rows, at most kRows.
using Product = void (*)(const Matrix&, const uint8_t* const* rows, int count, int32_t* sums, int stride);

void product_portable(const Matrix& m, const uint8_t* const* rows, int count, int32_t* sums, int stride) {
  for (int r = 0; r < count; ++r) {
    for (int b = 0; b < m.blocks; ++b) {
      int32_t acc[kBlock];
      for (int o = 0; o < kBlock; ++o) acc[o] = -m.offset[b * kBlock + o];
      const int8_t* w = m.weights + static_cast<size_t>(b) * m.groups * kBlock * kInputs;
      for (int g = 0; g < m.groups; ++g, w += kBlock * kInputs) {
        const uint8_t* x = rows[r] + g * kInputs;
        for (int o = 0; o < kBlock; ++o)
          for (int i = 0; i < kInputs; ++i) acc[o] += static_cast<int32_t>(x[i]) * w[o * kInputs + i];
      }
      std::memcpy(sums + static_cast<size_t>(r) * stride + b * kBlock, acc, sizeof acc);
    }
  }
}

#ifdef SEQLABEL_X86
// N rows at once with a block of weights. A product of bytes takes unsigned times signed ones: the states' signs are
// given to the weights, so that a pair of products is at most 2 * 128 * 127 and 16 bits hold it: nothing saturates.
template <int N>
__attribute__((target("avx2"))) INLINE void avx2_rows(const Matrix& m, const int8_t* const* signs,
                                                      const int8_t* const* sizes, int b, int32_t* sums, int stride) {
  __m256i acc[N][2];
  const int8_t *sign[N], *size[N];
  for (int r = 0; r < N; ++r) {
    sign[r] = signs[r], size[r] = sizes[r];
    for (__m256i& sum : acc[r]) sum = _mm256_setzero_si256();
  }
  const __m256i ones = _mm256_set1_epi16(1);
  const int8_t* w = m.weights + static_cast<size_t>(b) * m.groups * kBlock * kInputs;
  const int inputs = m.groups * kInputs;
  for (int i = 0; i < inputs; i += kInputs, w += kBlock * kInputs) {
    const __m256i half[2] = {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(w)),
                             _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w) + 1)};
    for (int r = 0; r < N; ++r) {
      int32_t four[2];
      std::memcpy(four, sign[r] + i, sizeof four[0]);
      std::memcpy(four + 1, size[r] + i, sizeof four[1]);
      const __m256i state = _mm256_set1_epi32(four[0]), magnitude = _mm256_set1_epi32(four[1]);
      for (int k = 0; k < 2; ++k) {
        const __m256i pairs = _mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(half[k], state));
        acc[r][k] = _mm256_add_epi32(acc[r][k], _mm256_madd_epi16(ones, pairs));
      }
    }
  }
  for (int r = 0; r < N; ++r)
    for (int k = 0; k < 2; ++k)
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + static_cast<size_t>(r) * stride + b * kBlock) + k, acc[r][k]);
}

__attribute__((target("avx2"))) void product_avx2(const Matrix& m, const uint8_t* const* rows, int count,
                                                  int32_t* sums, int stride) {
  const int inputs = m.groups * kInputs;
  thread_local std::vector<int8_t> room;
  room.resize(static_cast<size_t>(2 * kRows) * inputs);
  const int8_t *signs[kRows], *sizes[kRows];
  for (int r = 0; r < count; ++r) {
    int8_t* sign = room.data() + static_cast<size_t>(2 * r) * inputs;
    int8_t* size = sign + inputs;
    for (int i = 0; i < inputs; ++i) {
      const int state = rows[r][i] - 128;
      sign[i] = static_cast<int8_t>(state);
      size[i] = static_cast<int8_t>(state < 0 ? -state : state);  // 128 as its bits, which are read without a sign
    }
    signs[r] = sign, sizes[r] = size;
  }
  for (int b = 0; b < m.blocks; ++b) {
    int r = 0;
    for (; r + 4 <= count; r += 4) avx2_rows<4>(m, signs + r, sizes + r, b, sums + static_cast<size_t>(r) * stride, stride);
    int32_t* rest = sums + static_cast<size_t>(r) * stride;
    switch (count - r) {
      case 3: avx2_rows<3>(m, signs + r, sizes + r, b, rest, stride); break;
      case 2: avx2_rows<2>(m, signs + r, sizes + r, b, rest, stride); break;
      case 1: avx2_rows<1>(m, signs + r, sizes + r, b, rest, stride); break;
      default: break;
    }
  }
}

#ifdef SEQLABEL_AVX_VNNI
#define AVX_VNNI __attribute__((target("avx2,avxvnni")))

// N rows at once with a block of weights, each output in S sums: enough in flight to hide the latency.
template <int N, int S>
AVX_VNNI INLINE void avx_vnni_rows(const Matrix& m, const uint8_t* const* rows, int b, int32_t* sums, int stride) {
  __m256i acc[N][2][S];
  const uint8_t* row[N];
  for (int r = 0; r < N; ++r) {
    row[r] = rows[r];
    for (auto& half : acc[r])
      for (__m256i& sum : half) sum = _mm256_setzero_si256();
  }
  const int8_t* w = m.weights + static_cast<size_t>(b) * m.groups * kBlock * kInputs;
  auto add = [&](int g, int s) AVX_VNNI {
    const __m256i half[2] = {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + g * kBlock * kInputs)),
                             _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + g * kBlock * kInputs) + 1)};
    for (int r = 0; r < N; ++r) {
      int32_t four;
      std::memcpy(&four, row[r] + g * kInputs, sizeof four);
      const __m256i x = _mm256_set1_epi32(four);
      for (int k = 0; k < 2; ++k) acc[r][k][s] = _mm256_dpbusd_avx_epi32(acc[r][k][s], x, half[k]);
    }
  };
  int g = 0;
  for (; g + S <= m.groups; g += S)
    for (int s = 0; s < S; ++s) add(g + s, s);
  for (; g < m.groups; ++g) add(g, 0);
  for (int r = 0; r < N; ++r)
    for (int k = 0; k < 2; ++k) {
      const int output = b * kBlock + k * kBlock / 2;
      __m256i sum = _mm256_sub_epi32(acc[r][k][0], _mm256_loadu_si256(reinterpret_cast<const __m256i*>(m.offset + output)));
      for (int s = 1; s < S; ++s) sum = _mm256_add_epi32(sum, acc[r][k][s]);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + static_cast<size_t>(r) * stride + output), sum);
    }
}

AVX_VNNI void product_avx_vnni(const Matrix& m, const uint8_t* const* rows, int count, int32_t* sums, int stride) {
  for (int b = 0; b < m.blocks; ++b) {
    int r = 0;
    for (; r + 4 <= count; r += 4) avx_vnni_rows<4, 1>(m, rows + r, b, sums + static_cast<size_t>(r) * stride, stride);
    int32_t* rest = sums + static_cast<size_t>(r) * stride;
    switch (count - r) {
      case 3: avx_vnni_rows<3, 2>(m, rows + r, b, rest, stride); break;
      case 2: avx_vnni_rows<2, 2>(m, rows + r, b, rest, stride); break;
      case 1: avx_vnni_rows<1, 4>(m, rows + r, b, rest, stride); break;
      default: break;
    }
  }
}

// AVX-VNNI is the byte products of AVX-512 VNNI for vectors of 256 bits, which most laptops since 2021 have.
bool has_avx_vnni() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned kAvxVnni = 1u << 4;
  return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & kAvxVnni);
}
#endif

// N rows and M blocks at once: enough sums in flight to hide the latency of an instruction.
template <int N, int M>
__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))) INLINE void vnni_blocks(
    const Matrix& m, const uint8_t* const* rows, int b, int32_t* sums, int stride) {
  __m512i acc[N][M];
  for (int k = 0; k < M; ++k) {
    const __m512i off = _mm512_sub_epi32(_mm512_setzero_si512(), _mm512_loadu_si512(m.offset + (b + k) * kBlock));
    for (int r = 0; r < N; ++r) acc[r][k] = off;
  }
  const size_t size = static_cast<size_t>(m.groups) * kBlock * kInputs;
  const int8_t* w = m.weights + b * size;
  for (int g = 0; g < m.groups; ++g, w += kBlock * kInputs) {
    __m512i x[N];
    for (int r = 0; r < N; ++r) {
      int32_t four;
      std::memcpy(&four, rows[r] + g * kInputs, sizeof four);
      x[r] = _mm512_set1_epi32(four);
    }
    for (int k = 0; k < M; ++k) {
      const __m512i some = _mm512_loadu_si512(w + k * size);
      for (int r = 0; r < N; ++r) acc[r][k] = _mm512_dpbusd_epi32(acc[r][k], x[r], some);
    }
  }
  for (int r = 0; r < N; ++r)
    for (int k = 0; k < M; ++k)
      _mm512_storeu_si512(sums + static_cast<size_t>(r) * stride + (b + k) * kBlock, acc[r][k]);
}

template <int N, int M>
__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))) INLINE void vnni_rows(
    const Matrix& m, const uint8_t* const* rows, int32_t* sums, int stride) {
  int b = 0;
  for (; b + M <= m.blocks; b += M) vnni_blocks<N, M>(m, rows, b, sums, stride);
  for (; b < m.blocks; ++b) vnni_blocks<N, 1>(m, rows, b, sums, stride);
}

// One row, one block after another: the weights are read from the first byte to the last, as the processor fetches
// memory fastest, with kSplit sums for every output, enough to hide the latency.
__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))) void vnni_row(const Matrix& m, const uint8_t* row,
                                                                              int32_t* sums) {
  constexpr int kSplit = 8;
  const int8_t* w = m.weights;
  for (int b = 0; b < m.blocks; ++b) {
    __m512i acc[kSplit];
    for (__m512i& sum : acc) sum = _mm512_setzero_si512();
    int g = 0;
    for (; g + kSplit <= m.groups; g += kSplit)
      for (int s = 0; s < kSplit; ++s, w += kBlock * kInputs) {
        int32_t four;
        std::memcpy(&four, row + (g + s) * kInputs, sizeof four);
        acc[s] = _mm512_dpbusd_epi32(acc[s], _mm512_set1_epi32(four), _mm512_loadu_si512(w));
      }
    for (; g < m.groups; ++g, w += kBlock * kInputs) {
      int32_t four;
      std::memcpy(&four, row + g * kInputs, sizeof four);
      acc[0] = _mm512_dpbusd_epi32(acc[0], _mm512_set1_epi32(four), _mm512_loadu_si512(w));
    }
    __m512i sum = _mm512_sub_epi32(acc[0], _mm512_loadu_si512(m.offset + b * kBlock));
    for (int s = 1; s < kSplit; ++s) sum = _mm512_add_epi32(sum, acc[s]);
    _mm512_storeu_si512(sums + b * kBlock, sum);
  }
}

__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))) void product_vnni(const Matrix& m,
                                                                                  const uint8_t* const* rows,
                                                                                  int count, int32_t* sums,
                                                                                  int stride) {
  while (count >= 8) {
    vnni_rows<8, 2>(m, rows, sums, stride);
    rows += 8, count -= 8, sums += static_cast<size_t>(8) * stride;
  }
  switch (count) {
    case 7: vnni_rows<7, 2>(m, rows, sums, stride); break;
    case 6: vnni_rows<6, 2>(m, rows, sums, stride); break;
    case 5: vnni_rows<5, 2>(m, rows, sums, stride); break;
    case 4: vnni_rows<4, 3>(m, rows, sums, stride); break;
    case 3: vnni_rows<3, 4>(m, rows, sums, stride); break;
    case 2: vnni_rows<2, 6>(m, rows, sums, stride); break;
    case 1: vnni_row(m, rows[0], sums); break;
    default: break;
  }
}

#ifdef SEQLABEL_AMX
// Weights lie as tiles: 16 groups of 4 inputs, 64 bytes each, are the 16 rows of a tile with 16 outputs. Four tiles of
// sums share one reading of the states; of inputs that do not fill a tile, the rest has tiles of its own.
__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,amx-tile,amx-int8"))) void product_amx(
    const Matrix& m, const uint8_t* const* rows, int count, int32_t* sums, int stride) {
  constexpr int kTile = 64;  // bytes of a row of a tile, and inputs of a whole one
  // A few rows are read faster without tiles, whose sums wait for each other.
  if (count < 3) return product_vnni(m, rows, count, sums, stride);
  const int inputs = m.groups * kInputs, rest = inputs % kTile, padded = inputs - rest + (rest ? kTile : 0);
  thread_local std::vector<uint8_t> states;
  thread_local std::vector<int32_t> negated;
  states.resize(static_cast<size_t>(count) * padded);
  negated.resize(static_cast<size_t>(m.blocks) * kBlock);
  for (int r = 0; r < count; ++r) std::memcpy(states.data() + static_cast<size_t>(r) * padded, rows[r], inputs);
  for (int o = 0; o < m.blocks * kBlock; ++o) negated[o] = -m.offset[o];
  alignas(64) uint8_t config[64] = {1};
  auto shape = [&](int tile, int lines, int bytes) {
    config[16 + 2 * tile] = static_cast<uint8_t>(bytes);
    config[48 + tile] = static_cast<uint8_t>(lines);
  };
  for (int tile = 0; tile < 5; ++tile) shape(tile, count, kTile);
  shape(5, kTile / kInputs, kTile);
  shape(6, count, rest ? rest : kTile);
  shape(7, rest ? rest / kInputs : kTile / kInputs, kTile);
  _tile_loadconfig(config);
  const size_t size = static_cast<size_t>(m.groups) * kBlock * kInputs;
  int b = 0;
  for (; b + 4 <= m.blocks; b += 4) {
    const int8_t* w = m.weights + b * size;
    // A step of no bytes: every row of the tile begins with the same numbers.
    _tile_loadd(0, negated.data() + b * kBlock, 0);
    _tile_loadd(1, negated.data() + (b + 1) * kBlock, 0);
    _tile_loadd(2, negated.data() + (b + 2) * kBlock, 0);
    _tile_loadd(3, negated.data() + (b + 3) * kBlock, 0);
    int i = 0;
    for (; i + kTile <= inputs; i += kTile) {
      const int8_t* part = w + static_cast<size_t>(i) * kBlock;
      _tile_loadd(4, states.data() + i, padded);
      _tile_loadd(5, part, kTile);
      _tile_dpbusd(0, 4, 5);
      _tile_loadd(5, part + size, kTile);
      _tile_dpbusd(1, 4, 5);
      _tile_loadd(5, part + 2 * size, kTile);
      _tile_dpbusd(2, 4, 5);
      _tile_loadd(5, part + 3 * size, kTile);
      _tile_dpbusd(3, 4, 5);
    }
    if (rest) {
      const int8_t* part = w + static_cast<size_t>(i) * kBlock;
      _tile_loadd(6, states.data() + i, padded);
      _tile_loadd(7, part, kTile);
      _tile_dpbusd(0, 6, 7);
      _tile_loadd(7, part + size, kTile);
      _tile_dpbusd(1, 6, 7);
      _tile_loadd(7, part + 2 * size, kTile);
      _tile_dpbusd(2, 6, 7);
      _tile_loadd(7, part + 3 * size, kTile);
      _tile_dpbusd(3, 6, 7);
    }
    const size_t line = static_cast<size_t>(stride) * sizeof(int32_t);
    _tile_stored(0, sums + b * kBlock, line);
    _tile_stored(1, sums + (b + 1) * kBlock, line);
    _tile_stored(2, sums + (b + 2) * kBlock, line);
    _tile_stored(3, sums + (b + 3) * kBlock, line);
  }
  for (; b < m.blocks; ++b) {
    const int8_t* w = m.weights + b * size;
    _tile_loadd(0, negated.data() + b * kBlock, 0);
    int i = 0;
    for (; i + kTile <= inputs; i += kTile) {
      _tile_loadd(4, states.data() + i, padded);
      _tile_loadd(5, w + static_cast<size_t>(i) * kBlock, kTile);
      _tile_dpbusd(0, 4, 5);
    }
    if (rest) {
      _tile_loadd(6, states.data() + i, padded);
      _tile_loadd(7, w + static_cast<size_t>(i) * kBlock, kTile);
      _tile_dpbusd(0, 6, 7);
    }
    _tile_stored(0, sums + b * kBlock, static_cast<size_t>(stride) * sizeof(int32_t));
  }
  _tile_release();
}

// The system grants the tiles' registers to a process that asks for them.
bool has_tiles() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  constexpr unsigned kTiles = 1u << 24, kInt8 = 1u << 25;
  if (!(d & kTiles) || !(d & kInt8)) return false;
  constexpr long kAskForState = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kAskForState, kTileData) == 0;
}
#endif
#endif

// e^x to within two units of the last place, without a branch, so that a compiler makes vectors of it.
INLINE float exponential(float x) {
  x = x < -87.0f ? -87.0f : x > 87.0f ? 87.0f : x;
  const float shifted = x * 1.44269504f + 12582912.0f;  // 1.5 * 2^23: the low bits are the rounded whole number
  const float whole = shifted - 12582912.0f;
  const float rest = (x - whole * 0.693359375f) - whole * -2.12194440e-4f;
  float sum = 1.9875691500e-4f;
  sum = sum * rest + 1.3981999507e-3f;
  sum = sum * rest + 8.3334519073e-3f;
  sum = sum * rest + 4.1665795894e-2f;
  sum = sum * rest + 1.6666665459e-1f;
  sum = sum * rest + 5.0000001201e-1f;
  sum = sum * rest * rest + rest + 1.0f;
  int32_t bits, power;
  std::memcpy(&bits, &sum, sizeof bits);
  std::memcpy(&power, &shifted, sizeof power);
  bits = static_cast<int32_t>(static_cast<uint32_t>(bits) + (static_cast<uint32_t>(power) << 23));
  std::memcpy(&sum, &bits, sizeof sum);
  return sum;
}

INLINE float sigmoid(float x) { return 1.0f / (1.0f + exponential(-x)); }

// One step of one row: `gates` is what the words and the layer below add, `sums` the products with the state before.
// `before` (width) is 127 times the state and is replaced; `byte` (width) is the state as products take it.
// The candidate's weights are doubled by the caller: tanh(x) = 2 * sigmoid(2x) - 1.
INLINE void step_body(const float* __restrict gates, const int32_t* __restrict sums, const float* __restrict scale,
                      const float* __restrict bias, float* __restrict before, uint8_t* __restrict byte, int width) {
  for (int j = 0; j < width; ++j) {
    const float reset = sigmoid(gates[j] + static_cast<float>(sums[j]) * scale[j]);
    const float update = sigmoid(gates[width + j] + static_cast<float>(sums[width + j]) * scale[width + j]);
    const float inner = bias[j] + static_cast<float>(sums[2 * width + j]) * scale[2 * width + j];
    const float candidate = 254.0f * sigmoid(gates[2 * width + j] + reset * inner) - 127.0f;
    const float far = before[j] - candidate;
    const float after = update < 0.5f ? candidate + update * far : before[j] - far * (1.0f - update);
    before[j] = after;
    // Rounds half to even, as everything here that makes integers does.
    byte[j] = static_cast<uint8_t>(static_cast<int32_t>((after + 12582912.0f) - 12582912.0f) + 128);
  }
}

INLINE void add_body(float* __restrict gates, const int32_t* __restrict sums, const float* __restrict scale, int width) {
  for (int j = 0; j < width; ++j) gates[j] += static_cast<float>(sums[j]) * scale[j];
}

INLINE void widen_body(const uint16_t* __restrict half, float* __restrict out, int width) {
  for (int j = 0; j < width; ++j) {
    const uint32_t bits = static_cast<uint32_t>(half[j]) << 16;
    std::memcpy(out + j, &bits, sizeof bits);
  }
}

// out[r][o] = bias[o] + sum over inputs of row[r][i] * weight[i][o], the inputs in order, each product added by one
// fused instruction where there is one: the same to the bit, however many rows there are. Weights lie in blocks of 16
// outputs, (outputs / 16, inputs, 16), so that each is read from its first byte to its last; they are floats, or the bits
// of floats of 16 bits, which are half as much to read and become the same floats.
struct Linear {
  const float* weights;
  const uint16_t* halves;  // instead of `weights`
  const float* bias;
  int inputs, outputs;
};

struct Floats4 {
  float v[4];
};
INLINE Floats4 load4(const float* from) {
  Floats4 f;
  std::memcpy(&f, from, sizeof f);
  return f;
}
INLINE Floats4 load4(const uint16_t* from) {
  Floats4 f;
  for (int i = 0; i < 4; ++i) {
    // The exponent counts from -15 instead of from -127; the product is exact, also for the smallest numbers.
    const uint32_t bits = static_cast<uint32_t>(from[i] & 0x7fff) << 13;
    float value;
    std::memcpy(&value, &bits, sizeof value);
    value *= 5.192296858534828e33f;  // 2^112
    f.v[i] = from[i] & 0x8000 ? -value : value;
  }
  return f;
}
INLINE void store4(float* to, const Floats4& f) { std::memcpy(to, &f, sizeof f); }
INLINE Floats4 spread4(float x) { return {{x, x, x, x}}; }
INLINE Floats4 add4(const Floats4& x, const Floats4& w, Floats4 sum) {
#ifdef __FP_FAST_FMAF
  for (int i = 0; i < 4; ++i) sum.v[i] = __builtin_fmaf(x.v[i], w.v[i], sum.v[i]);
#else
  for (int i = 0; i < 4; ++i) sum.v[i] += x.v[i] * w.v[i];
#endif
  return sum;
}

#define LINEAR(NAME, ATTRIBUTE, FLOATS, LANES, MORE, LOAD, STORE, SPREAD, ADD)                                   \
  template <int N, int M, class W>                                                                               \
  ATTRIBUTE INLINE void blocks_##NAME(const Linear& l, const W* weights, const float* x, float* out, int o) {    \
    FLOATS sum[N][M];                                                                                            \
    const W* line[M];                                                                                            \
    for (int k = 0; k < M; ++k) {                                                                                \
      const int output = o + k * LANES;                                                                          \
      line[k] = weights + static_cast<size_t>(output / kBlock) * kBlock * l.inputs + output % kBlock;            \
      for (int r = 0; r < N; ++r) sum[r][k] = LOAD(l.bias + output);                                             \
    }                                                                                                            \
    for (int i = 0; i < l.inputs; ++i)                                                                           \
      for (int k = 0; k < M; ++k) {                                                                              \
        const FLOATS w = LOAD(line[k] + static_cast<size_t>(i) * kBlock);                                        \
        for (int r = 0; r < N; ++r)                                                                              \
          sum[r][k] = ADD(SPREAD(x[static_cast<size_t>(r) * l.inputs + i]), w, sum[r][k]);                       \
      }                                                                                                          \
    for (int r = 0; r < N; ++r)                                                                                  \
      for (int k = 0; k < M; ++k) STORE(out + static_cast<size_t>(r) * l.outputs + o + k * LANES, sum[r][k]);    \
  }                                                                                                              \
  template <int N, int M, class W>                                                                               \
  ATTRIBUTE INLINE void rows_##NAME(const Linear& l, const W* weights, const float* x, float* out) {             \
    int o = 0;                                                                                                   \
    for (; o + M * LANES <= l.outputs; o += M * LANES) blocks_##NAME<N, M>(l, weights, x, out, o);               \
    for (; o < l.outputs; o += LANES) blocks_##NAME<N, 1>(l, weights, x, out, o);                                \
  }                                                                                                              \
  template <class W>                                                                                             \
  ATTRIBUTE void all_##NAME(const Linear& l, const W* weights, const float* x, int64_t count, float* out) {      \
    for (; count >= 8; count -= 8, x += 8 * l.inputs, out += 8 * l.outputs)                                      \
      rows_##NAME<8, MORE>(l, weights, x, out);                                                                  \
    switch (count) {                                                                                             \
      case 7: rows_##NAME<7, MORE>(l, weights, x, out); break;                                                   \
      case 6: rows_##NAME<6, MORE>(l, weights, x, out); break;                                                   \
      case 5: rows_##NAME<5, MORE>(l, weights, x, out); break;                                                   \
      case 4: rows_##NAME<4, 2>(l, weights, x, out); break;                                                      \
      case 3: rows_##NAME<3, 3>(l, weights, x, out); break;                                                      \
      case 2: rows_##NAME<2, 4>(l, weights, x, out); break;                                                      \
      case 1: rows_##NAME<1, 8>(l, weights, x, out); break;                                                      \
      default: break;                                                                                            \
    }                                                                                                            \
  }                                                                                                              \
  ATTRIBUTE void linear_##NAME(const Linear& l, const float* x, int64_t count, float* out) {                     \
    if (l.halves)                                                                                                \
      all_##NAME(l, l.halves, x, count, out);                                                                    \
    else                                                                                                         \
      all_##NAME(l, l.weights, x, count, out);                                                                   \
  }

LINEAR(portable, , Floats4, 4, 1, load4, store4, spread4, add4)
#ifdef SEQLABEL_X86
#define AVX2 __attribute__((target("avx2,fma,f16c")))
#define AVX512 __attribute__((target("avx512f")))
AVX2 INLINE __m256 load8(const float* from) { return _mm256_loadu_ps(from); }
AVX2 INLINE __m256 load8(const uint16_t* from) {
  return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}
AVX512 INLINE __m512 load16(const float* from) { return _mm512_loadu_ps(from); }
AVX512 INLINE __m512 load16(const uint16_t* from) {
  return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
}
LINEAR(avx2, AVX2, __m256, 8, 1, load8, _mm256_storeu_ps, _mm256_set1_ps,
       _mm256_fmadd_ps)
LINEAR(vnni, AVX512, __m512, 16, 2, load16, _mm512_storeu_ps, _mm512_set1_ps,
       _mm512_fmadd_ps)
#endif

// Rows of numbers, or of bytes with a scale for each row.
struct Table {
  const float* floats;
  const int8_t* bytes;
  const float* scales;
};

INLINE void add_row(const Table& table, int64_t row, float* __restrict sum, int width) {
  if (table.scales) {
    const int8_t* bytes = table.bytes + row * width;
    const float scale = table.scales[row];
    for (int j = 0; j < width; ++j) sum[j] += static_cast<float>(bytes[j]) * scale;
  } else {
    const float* floats = table.floats + row * width;
    for (int j = 0; j < width; ++j) sum[j] += floats[j];
  }
}

// The vector of a word before the residual layer: its own row and the mean of its features, normalised.
INLINE void embed_body(const Table& own, const Table& buckets, int64_t word, const int32_t* features, int64_t count,
                       const float* __restrict weight, const float* __restrict bias, float* __restrict out, int width) {
  std::fill(out, out + width, 0.0f);
  for (int64_t f = 0; f < count; ++f) add_row(buckets, features[f], out, width);
  const float share = count ? 1.0f / static_cast<float>(count) : 0.0f;
  for (int j = 0; j < width; ++j) out[j] *= share;
  add_row(own, word, out, width);
  double sum = 0.0, squares = 0.0;
  for (int j = 0; j < width; ++j) sum += out[j];
  const double mean = sum / width;
  for (int j = 0; j < width; ++j) squares += (out[j] - mean) * (out[j] - mean);
  const float middle = static_cast<float>(mean), inverse = static_cast<float>(1.0 / std::sqrt(squares / width + 1e-5));
  for (int j = 0; j < width; ++j) out[j] = (out[j] - middle) * inverse * weight[j] + bias[j];
}

// The bits of bfloat16, rounded half to even.
INLINE void narrow_body(const float* __restrict floats, uint16_t* __restrict half, int width) {
  for (int j = 0; j < width; ++j) {
    uint32_t bits;
    std::memcpy(&bits, floats + j, sizeof bits);
    half[j] = static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
  }
}

constexpr float kNever = -1e30f;  // the score of outputs that pad a head

// Scores of a row lie in whole blocks of 16, which a compiler makes vectors of: a plain loop over floats it may not
// reorder.
INLINE float highest_body(const float* __restrict scores, int padded) {
  float lanes[kBlock];
  for (int j = 0; j < kBlock; ++j) lanes[j] = scores[j];
  for (int k = kBlock; k < padded; k += kBlock)
    for (int j = 0; j < kBlock; ++j) lanes[j] = scores[k + j] > lanes[j] ? scores[k + j] : lanes[j];
  float highest = lanes[0];
  for (int j = 1; j < kBlock; ++j) highest = std::max(highest, lanes[j]);
  return highest;
}

INLINE bool reaches_body(const float* __restrict block, float limit) {
  int32_t any = 0;
  for (int j = 0; j < kBlock; ++j) any |= block[j] >= limit;
  return any != 0;
}

// The first output whose score is at least `limit`, which one reaches.
INLINE int first_body(const float* __restrict scores, float limit) {
  int k = 0;
  while (!reaches_body(scores + k, limit)) k += kBlock;
  while (scores[k] < limit) ++k;
  return k;
}

// The sum of e^(score - highest) over all outputs. What is 25 below adds nothing that a float holds.
INLINE float total_body(const float* __restrict scores, int padded, float highest, float inverse) {
  float lanes[kBlock] = {};
  const float least = highest - 25.0f / inverse;
  for (int k = 0; k < padded; k += kBlock) {
    if (!reaches_body(scores + k, least)) continue;
    for (int j = 0; j < kBlock; ++j) lanes[j] += exponential((scores[k + j] - highest) * inverse);
  }
  float total = 0.0f;
  for (int j = 0; j < kBlock; ++j) total += lanes[j];
  return total;
}

// The best of a word's tags after `offset` is taken off the first, and its probability without that. `scores` lie in
// whole blocks, and are used up.
INLINE void softmax_body(float* __restrict scores, int tags, float temperature, float offset, int64_t* tag,
                         float* probability) {
  const int padded = (tags + kBlock - 1) / kBlock * kBlock;
  for (int k = tags; k < padded; ++k) scores[k] = kNever;
  const float highest = highest_body(scores, padded);
  int best = 0;
  if (offset == 0.0f) {
    best = first_body(scores, highest);
  } else {
    const float first = scores[0];
    scores[0] = kNever;
    const float other = highest_body(scores, padded);
    if (other > first - offset * temperature) best = first_body(scores, other);
    scores[0] = first;
  }
  const float inverse = 1.0f / temperature;
  *tag = best;
  *probability = exponential((scores[best] - highest) * inverse) / total_body(scores, padded, highest, inverse);
}

// A head whose scores are first computed in 8 bits. Every score that the errors of rounding could make the highest, and
// those near it, are then computed from the weights themselves: the best tag is that of the exact scores.
struct Quick {
  Matrix matrix;
  const float* scale;    // of each output
  const float* bias;     // of each output
  const float* weights;  // (outputs, inputs)
  int inputs, tags;
  float reach;   // half the largest sum of an output's magnitudes: the error of a state is at most half a step
  float coarse;  // half the largest step of an output's weights
};

constexpr float kNear = 6.0f;  // nats below the best within which scores are exact

// The row as bytes, and its largest magnitude, 127 steps.
INLINE float round_body(const float* __restrict row, uint8_t* __restrict bytes, int width) {
  float lanes[kBlock] = {};
  int i = 0;
  for (; i + kBlock <= width; i += kBlock)
    for (int j = 0; j < kBlock; ++j) lanes[j] = std::fabs(row[i + j]) > lanes[j] ? std::fabs(row[i + j]) : lanes[j];
  float largest = 0.0f;
  for (int j = 0; j < kBlock; ++j) largest = std::max(largest, lanes[j]);
  for (; i < width; ++i) largest = std::max(largest, std::fabs(row[i]));
  const float steps = largest > 0.0f ? 127.0f / largest : 0.0f;
  for (i = 0; i < width; ++i)
    bytes[i] = static_cast<uint8_t>(static_cast<int32_t>((row[i] * steps + 12582912.0f) - 12582912.0f) + 128);
  return largest;
}

INLINE float exact_body(const float* __restrict row, const float* __restrict weights, int width, float bias) {
  float lanes[kBlock] = {};
  int i = 0;
  for (; i + kBlock <= width; i += kBlock)
    for (int j = 0; j < kBlock; ++j) lanes[j] += row[i + j] * weights[i + j];
  float sum = bias;
  for (; i < width; ++i) sum += row[i] * weights[i];
  for (int j = 0; j < kBlock; ++j) sum += lanes[j];
  return sum;
}

INLINE void quick_body(const Quick& q, const float* __restrict row, float largest, const int32_t* __restrict sums,
                       float* __restrict scores, float temperature, int64_t* tag, float* probability) {
  const int padded = q.matrix.blocks * kBlock;
  for (int k = 0; k < padded; ++k)
    scores[k] = static_cast<float>(sums[k]) * (largest * q.scale[k]) + q.bias[k];
  for (int k = q.tags; k < padded; ++k) scores[k] = kNever;
  float magnitudes[kBlock] = {};
  for (int i = 0; i + kBlock <= q.inputs; i += kBlock)
    for (int j = 0; j < kBlock; ++j) magnitudes[j] += std::fabs(row[i + j]);
  // Of inputs that fill no block, each counts as the largest, as do half a step of each.
  float magnitude = largest * static_cast<float>(q.inputs % kBlock) + largest * static_cast<float>(q.inputs) / 254.0f;
  for (int j = 0; j < kBlock; ++j) magnitude += magnitudes[j];
  const float error = largest / 127.0f * q.reach + magnitude * q.coarse;
  const float top = highest_body(scores, padded);
  // A little more than the bound, for the errors of the floats themselves.
  const float limit = top - std::max(kNear * temperature, 2.02f * error + 1e-4f);
  int best = -1;
  for (int k = 0; k < padded; k += kBlock) {
    if (!reaches_body(scores + k, limit)) continue;
    for (int o = k; o < k + kBlock; ++o) {
      if (scores[o] < limit) continue;
      scores[o] = exact_body(row, q.weights + static_cast<size_t>(o) * q.inputs, q.inputs, q.bias[o]);
      if (best < 0 || scores[o] > scores[best]) best = o;
    }
  }
  *tag = best;
  *probability = 1.0f / total_body(scores, padded, scores[best], 1.0f / temperature);
}

struct Kernels {
  Product product;
  void (*step)(const float*, const int32_t*, const float*, const float*, float*, uint8_t*, int);
  void (*add)(float*, const int32_t*, const float*, int);
  void (*widen)(const uint16_t*, float*, int);
  void (*linear)(const Linear&, const float*, int64_t, float*);
  void (*embed)(const Table&, const Table&, int64_t, const int32_t*, int64_t, const float*, const float*, float*, int);
  void (*narrow)(const float*, uint16_t*, int);
  void (*softmax)(float*, int, float, float, int64_t*, float*);
  float (*round)(const float*, uint8_t*, int);
  void (*quick)(const Quick&, const float*, float, const int32_t*, float*, float, int64_t*, float*);
};

#define KERNELS(NAME, ATTRIBUTE)                                                                                 \
  ATTRIBUTE void step_##NAME(const float* g, const int32_t* s, const float* c, const float* b, float* h,         \
                             uint8_t* q, int w) {                                                                \
    step_body(g, s, c, b, h, q, w);                                                                              \
  }                                                                                                              \
  ATTRIBUTE void add_##NAME(float* g, const int32_t* s, const float* c, int w) { add_body(g, s, c, w); }         \
  ATTRIBUTE void widen_##NAME(const uint16_t* h, float* o, int w) { widen_body(h, o, w); }                       \
  ATTRIBUTE void embed_##NAME(const Table& t, const Table& b, int64_t word, const int32_t* f, int64_t n,         \
                              const float* g, const float* c, float* o, int w) {                                 \
    embed_body(t, b, word, f, n, g, c, o, w);                                                                    \
  }                                                                                                              \
  ATTRIBUTE void narrow_##NAME(const float* f, uint16_t* h, int w) { narrow_body(f, h, w); }                     \
  ATTRIBUTE void softmax_##NAME(float* s, int n, float t, float o, int64_t* tag, float* p) {                     \
    softmax_body(s, n, t, o, tag, p);                                                                            \
  }                                                                                                              \
  ATTRIBUTE float round_##NAME(const float* r, uint8_t* b, int w) { return round_body(r, b, w); }                \
  ATTRIBUTE void quick_##NAME(const Quick& q, const float* r, float l, const int32_t* s, float* v, float t,      \
                              int64_t* tag, float* p) {                                                          \
    quick_body(q, r, l, s, v, t, tag, p);                                                                        \
  }                                                                                                              \
  constexpr Kernels NAME##_kernels{product_##NAME, step_##NAME,    add_##NAME,   widen_##NAME, linear_##NAME,    \
                                   embed_##NAME,   narrow_##NAME,  softmax_##NAME, round_##NAME, quick_##NAME};

KERNELS(portable, )
#ifdef SEQLABEL_X86
KERNELS(avx2, AVX2)
#ifdef SEQLABEL_AVX_VNNI
constexpr Kernels avx_vnni_kernels{product_avx_vnni, step_avx2,   add_avx2,     widen_avx2, linear_avx2,
                                   embed_avx2,       narrow_avx2, softmax_avx2, round_avx2, quick_avx2};
#endif
KERNELS(vnni, __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,avx512dq,prefer-vector-width=512"))))
#ifdef SEQLABEL_AMX
constexpr Kernels amx_kernels{product_amx, step_vnni,   add_vnni,     widen_vnni, linear_vnni,
                              embed_vnni,  narrow_vnni, softmax_vnni, round_vnni, quick_vnni};
#endif
#endif

Level find_level() {
#ifdef SEQLABEL_X86
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")) {
#ifdef SEQLABEL_AMX
    if (has_tiles()) return Level::amx;
#endif
    return Level::vnni;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
#ifdef SEQLABEL_AVX_VNNI
    if (has_avx_vnni()) return Level::avx_vnni;
#endif
    return Level::avx2;
  }
#endif
  return Level::portable;
}

Level best_level() {
  static const Level best = find_level();
  return best;
}

const Kernels& kernels_of(Level level) {
#ifdef SEQLABEL_X86
#ifdef SEQLABEL_AMX
  if (level == Level::amx) return amx_kernels;
#endif
  if (level == Level::vnni) return vnni_kernels;
#ifdef SEQLABEL_AVX_VNNI
  // A processor with AVX-512 VNNI need not have AVX-VNNI.
  static const bool has_bytes = has_avx_vnni();
  if (level == Level::avx_vnni && has_bytes) return avx_vnni_kernels;
#endif
  if (level == Level::avx2 || level == Level::avx_vnni) return avx2_kernels;
#endif
  return portable_kernels;
}

// One direction of a layer.
struct Way {
  Matrix inner, below;
  const float *inner_scale, *below_scale, *candidate_bias;
  bool backward;
};

struct Rows {
  const int64_t *begin, *length;
  int64_t count;
};

// What a layer reads: rows of a table of gates, (table rows, 2, 3 * width) of bfloat16, and the states below, in bytes.
struct Input {
  const uint16_t* table;
  const int64_t* places;
  const uint8_t* below;
  int below_width;
};

// Where a layer writes: bytes or floats (words, 2 * width), and the state of each row, (rows, width), in and out.
struct Output {
  uint8_t* bytes;
  float* floats;
  float* states;
};

void run_way(const Kernels& k, const Way& way, int number, int width, const Rows& rows, const Input& in,
             const Output& out) {
  const int gates_width = 3 * width, sums_width = way.inner.blocks * kBlock;
  const int padded = way.inner.groups * kInputs;
  std::vector<int64_t> order(rows.count);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return rows.length[a] > rows.length[b]; });
  // As much room as the longest rows need: clearing the most would take longer than reading a short row.
  const size_t together = static_cast<size_t>(std::min<int64_t>(kRows, rows.count));
  const size_t steps = rows.count ? static_cast<size_t>(std::min<int64_t>(kSteps, rows.length[order[0]])) : 0;
  std::vector<float> gates(steps * together * gates_width), before(together * width);
  std::vector<int32_t> sums(static_cast<size_t>(kRows) * std::max(sums_width, way.below.blocks * kBlock));
  std::vector<uint8_t> bytes(kRows * padded);
  const uint8_t* states[kRows];
  for (int r = 0; r < kRows; ++r) states[r] = bytes.data() + static_cast<size_t>(r) * padded;
  for (int64_t first = 0; first < rows.count; first += kRows) {
    const int most = static_cast<int>(std::min<int64_t>(kRows, rows.count - first));
    const int64_t* row = order.data() + first;
    std::fill(bytes.begin(), bytes.end(), 128);
    std::fill(before.begin(), before.end(), 0.0f);
    if (out.states)
      for (int r = 0; r < most; ++r)
        for (int j = 0; j < width; ++j) {
          const float state = out.states[row[r] * width + j];
          before[r * width + j] = state;
          bytes[r * padded + j] = static_cast<uint8_t>(static_cast<int32_t>(std::nearbyint(state)) + 128);
        }
    const int64_t longest = rows.length[row[0]];
    auto word = [&](int r, int64_t time) {
      return rows.begin[row[r]] + (way.backward ? rows.length[row[r]] - 1 - time : time);
    };
    int active = most;
    for (int64_t begin = 0; begin < longest; begin += kSteps) {
      const int64_t end = std::min<int64_t>(begin + kSteps, longest);
      // The gates of all words of these steps, the products with the layer below in groups of rows.
      const uint8_t* waiting[kRows];
      float* waiting_gates[kRows];
      int held = 0;
      auto flush = [&] {
        k.product(way.below, waiting, held, sums.data(), way.below.blocks * kBlock);
        for (int w = 0; w < held; ++w)
          k.add(waiting_gates[w], sums.data() + static_cast<size_t>(w) * way.below.blocks * kBlock, way.below_scale,
                gates_width);
        held = 0;
      };
      int reading = active;
      for (int64_t time = begin; time < end; ++time) {
        while (reading > 0 && rows.length[row[reading - 1]] <= time) --reading;
        for (int r = 0; r < reading; ++r) {
          const int64_t place = word(r, time);
          float* into = gates.data() + (static_cast<size_t>(time - begin) * together + r) * gates_width;
          k.widen(in.table + (in.places[place] * 2 + number) * gates_width, into, gates_width);
          if (in.below) {
            waiting[held] = in.below + place * in.below_width;
            waiting_gates[held++] = into;
            if (held == kRows) flush();
          }
        }
      }
      if (held) flush();
      for (int64_t time = begin; time < end; ++time) {
        while (active > 0 && rows.length[row[active - 1]] <= time) --active;
        k.product(way.inner, states, active, sums.data(), sums_width);
        for (int r = 0; r < active; ++r) {
          float* state = before.data() + static_cast<size_t>(r) * width;
          uint8_t* byte = bytes.data() + static_cast<size_t>(r) * padded;
          k.step(gates.data() + (static_cast<size_t>(time - begin) * together + r) * gates_width,
                 sums.data() + static_cast<size_t>(r) * sums_width, way.inner_scale, way.candidate_bias, state, byte,
                 width);
          const size_t place = static_cast<size_t>(word(r, time)) * 2 * width + static_cast<size_t>(number) * width;
          if (out.bytes) std::memcpy(out.bytes + place, byte, width);
          if (out.floats)
            for (int j = 0; j < width; ++j) out.floats[place + j] = state[j] / 127.0f;
        }
      }
    }
    if (out.states)
      for (int r = 0; r < most; ++r)
        std::memcpy(out.states + row[r] * width, before.data() + static_cast<size_t>(r) * width, width * sizeof(float));
  }
}

// What turns words into what they add to the gates of layers: an embedder, and a linear map for each layer.
struct Embedder {
  Table own, buckets;
  const float *norm_weight, *norm_bias;
  Linear up, down;
  int width;
};

struct Gates {
  Linear map;
  uint16_t* out;  // (words, outputs), bfloat16
};

void run_gates(const Kernels& k, const Embedder& e, const int32_t* features, const int64_t* offsets,
               const int64_t* words, int64_t count, const std::vector<Gates>& layers) {
  const int width = e.width, wide = e.up.outputs;
  int widest = 0;
  for (const Gates& layer : layers) widest = std::max(widest, layer.map.outputs);
  std::vector<float> vectors(kRows * width), hidden(kRows * wide), down(kRows * e.down.outputs), gates(kRows * widest);
  for (int64_t first = 0; first < count; first += kRows) {
    const int most = static_cast<int>(std::min<int64_t>(kRows, count - first));
    for (int r = 0; r < most; ++r) {
      const int64_t word = first + r;
      k.embed(e.own, e.buckets, words[word], features + offsets[word], offsets[word + 1] - offsets[word],
              e.norm_weight, e.norm_bias, vectors.data() + r * width, width);
    }
    k.linear(e.up, vectors.data(), most, hidden.data());
    for (int j = 0; j < most * wide; ++j)
      hidden[j] *= 0.5f * (1.0f + std::erf(hidden[j] * 0.70710678f));  // GELU (Hendrycks and Gimpel 2016)
    k.linear(e.down, hidden.data(), most, down.data());
    for (int r = 0; r < most; ++r)
      for (int j = 0; j < width; ++j) vectors[r * width + j] += down[r * e.down.outputs + j];
    for (const Gates& layer : layers) {
      k.linear(layer.map, vectors.data(), most, gates.data());
      k.narrow(gates.data(), layer.out + first * layer.map.outputs, most * layer.map.outputs);
    }
  }
}

// The forward-backward algorithm on probabilities scaled at each word (Rabiner 1989), in 64 bits.
// Returns false where a row's sums vanish: every allowed sequence is too much worse than a forbidden one.
bool marginals_of_row(const float* scores, int64_t length, int tags, const double* steps, const double* turned,
                      const double* start, const double* end, float* out, std::vector<double>& room) {
  room.resize(static_cast<size_t>(length) * tags * 2 + 2 * tags);
  double* chance = room.data();
  double* ahead = chance + length * tags;
  double* state = ahead + length * tags;
  double* next = state + tags;
  for (int64_t t = 0; t < length; ++t) {
    const float* s = scores + t * tags;
    const float highest = *std::max_element(s, s + tags);
    for (int k = 0; k < tags; ++k) chance[t * tags + k] = std::exp(static_cast<double>(s[k]) - highest);
  }
  auto advance = [&](const double* matrix) {  // next = state * matrix
    std::fill(next, next + tags, 0.0);
    for (int from = 0; from < tags; ++from) {
      const double weight = state[from];
      if (weight == 0.0) continue;
      const double* line = matrix + static_cast<size_t>(from) * tags;
      for (int to = 0; to < tags; ++to) next[to] += weight * line[to];
    }
    std::swap(state, next);
  };
  auto scale = [&](const double* by) {
    double total = 0.0;
    for (int k = 0; k < tags; ++k) total += state[k] *= by[k];
    for (int k = 0; k < tags; ++k) state[k] /= total;
  };
  std::copy(start, start + tags, state);
  for (int64_t t = 0; t < length; ++t) {
    if (t) advance(steps);
    std::copy(state, state + tags, ahead + t * tags);
    scale(chance + t * tags);
  }
  std::copy(end, end + tags, state);
  bool whole = true;
  for (int64_t t = length - 1; t >= 0; --t) {
    if (t < length - 1) advance(turned);
    double total = 0.0;
    double* share = ahead + t * tags;
    for (int k = 0; k < tags; ++k) total += share[k] *= chance[t * tags + k] * state[k];
    for (int k = 0; k < tags; ++k) out[t * tags + k] = static_cast<float>(share[k] / total);
    whole = whole && std::isfinite(total) && total > 0.0;
    scale(chance + t * tags);
  }
  return whole;
}

// Viterbi (1967); of equal ways the one by the lower tag, as torch's argmax chooses.
void best_of_row(const float* scores, int64_t length, int tags, const float* before, const float* start,
                 const float* end, int64_t* out, std::vector<float>& room) {
  room.resize(static_cast<size_t>(length) * tags);
  float* reached = room.data();
  for (int k = 0; k < tags; ++k) reached[k] = start[k] + scores[k];
  for (int64_t t = 1; t < length; ++t) {
    const float* last = reached + (t - 1) * tags;
    for (int to = 0; to < tags; ++to) {
      const float* line = before + static_cast<size_t>(to) * tags;
      float best = last[0] + line[0];
      for (int from = 1; from < tags; ++from) best = std::max(best, last[from] + line[from]);
      reached[t * tags + to] = best + scores[t * tags + to];
    }
  }
  auto highest = [&](const float* a, const float* b) {
    int best = 0;
    for (int k = 1; k < tags; ++k)
      if (a[k] + b[k] > a[best] + b[best]) best = k;
    return best;
  };
  int tag = highest(reached + (length - 1) * tags, end);
  out[length - 1] = tag;
  for (int64_t t = length - 1; t > 0; --t)
    out[t - 1] = tag = highest(reached + (t - 1) * tags, before + static_cast<size_t>(tag) * tags);
}

// The best tree with one root of the arcs of a sentence (Chu and Liu 1965, Edmonds 1967), with the choices among equal
// scores of `best_tree` in `seqlabel.native.arborescences`.
//
// Nodes are the root, 0, and the words, from 1. A cycle becomes one node, which takes the number of one of its members
// and stands last; what is needed to open it again is kept.
class TreeSearch {
 public:
  // arcs: (words, 1 + words), the score of being the root, then of each word as the head; heads: (words,), as columns.
  void run(const float* arcs, int words, int64_t* heads) {
    const int columns = words + 1;
    int roots = 0;
    heads_.assign(columns, 0);
    for (int word = 0; word < words; ++word) {
      const float* row = arcs + static_cast<size_t>(word) * columns;
      int best = 0;
      for (int head = 1; head < columns; ++head)
        if (head != word + 1 && row[head] > row[best]) best = head;
      heads_[word + 1] = best;
      roots += best == 0;
    }
    nodes_.resize(columns);
    std::iota(nodes_.begin(), nodes_.end(), 0);
    find_cycle();
    if (roots != 1 || !cycle_.empty()) {
      weigh(arcs, words);
      search();
    }
    std::copy(heads_.begin() + 1, heads_.end(), heads);
  }

 private:
  struct Contraction {
    std::vector<int> outside;            // the nodes that are not in the cycle, the root first
    std::vector<int> members, heads;     // the nodes of the cycle, and the head of each
    std::vector<int> entering, leaving;  // for each of `outside`, the member that it enters at best, and that heads it
  };

  static constexpr double kForbidden = -1e30;

  double& weight(int node, int head) { return weights_[static_cast<size_t>(node) * size_ + head]; }

  // Arcs as weights: less than any other tree can gain, a second root always costs more than it brings.
  void weigh(const float* arcs, int words) {
    size_ = words + 1;
    weights_.assign(static_cast<size_t>(size_) * size_, kForbidden);
    double least = arcs[0], most = arcs[0];
    for (int word = 0; word < words; ++word)
      for (int head = 0; head < size_; ++head) {
        if (head == word + 1) continue;
        const double score = arcs[static_cast<size_t>(word) * size_ + head];
        least = std::min(least, score);
        most = std::max(most, score);
        weight(word + 1, head) = score;
      }
    for (int word = 0; word < words; ++word) weight(word + 1, 0) -= 1 + words * (most - least);
  }

  void search() {
    contractions_.clear();
    for (;;) {
      for (size_t at = 1; at < nodes_.size(); ++at) {
        int best = nodes_[0];
        for (const int head : nodes_)
          if (weight(nodes_[at], head) > weight(nodes_[at], best)) best = head;
        heads_[nodes_[at]] = best;
      }
      find_cycle();
      if (cycle_.empty()) break;
      contract();
    }
    for (; !contractions_.empty(); contractions_.pop_back()) open(contractions_.back());
  }

  // The nodes of a cycle of `heads_`, each followed by its head; none where there is no cycle.
  void find_cycle() {
    cycle_.clear();
    walks_.assign(heads_.size(), 0);
    for (size_t at = 1; at < nodes_.size(); ++at) {
      const int start = nodes_[at];
      int node = start;
      for (; node && !walks_[node]; node = heads_[node]) walks_[node] = start;
      if (!node || walks_[node] != start) continue;
      int member = node;
      do {
        cycle_.push_back(member);
        member = heads_[member];
      } while (member != node);
      return;
    }
  }

  void contract() {
    Contraction made;
    made.members = cycle_;
    for (const int member : cycle_) made.heads.push_back(heads_[member]);
    std::vector<char> is_member(heads_.size(), 0);
    for (const int member : cycle_) is_member[member] = 1;
    for (const int node : nodes_)
      if (!is_member[node]) made.outside.push_back(node);

    const int joint = cycle_[0];
    std::vector<double> kept;
    for (const int member : cycle_) kept.push_back(weight(member, heads_[member]));
    for (const int node : made.outside) {
      size_t enters = 0;
      int leaves = cycle_[0];
      for (size_t at = 1; at < cycle_.size(); ++at) {
        if (weight(cycle_[at], node) - kept[at] > weight(cycle_[enters], node) - kept[enters]) enters = at;
        if (weight(node, cycle_[at]) > weight(node, leaves)) leaves = cycle_[at];
      }
      made.entering.push_back(cycle_[enters]);
      made.leaving.push_back(leaves);
      weight(joint, node) = weight(cycle_[enters], node) - kept[enters];
      weight(node, joint) = weight(node, leaves);
    }
    weight(joint, joint) = kForbidden;
    nodes_ = made.outside;
    nodes_.push_back(joint);
    contractions_.push_back(std::move(made));
  }

  void open(const Contraction& made) {
    const int joint = made.members[0];
    const int head = heads_[joint];
    int broken = joint;
    for (size_t at = 0; at < made.outside.size(); ++at) {
      const int node = made.outside[at];
      if (node == head) broken = made.entering[at];
      if (node && heads_[node] == joint) heads_[node] = made.leaving[at];
    }
    for (size_t at = 0; at < made.members.size(); ++at) heads_[made.members[at]] = made.heads[at];
    heads_[broken] = head;
  }

  int size_ = 0;
  std::vector<double> weights_;  // (nodes, heads), of those nodes that are left
  std::vector<int> heads_, nodes_, walks_, cycle_;
  std::vector<Contraction> contractions_;
};

// The share of one column of a row in the sum of e^(score / temperature).
float share_of(const float* row, int columns, int64_t column, float temperature) {
  float highest = row[0], sum = 0;
  for (int i = 1; i < columns; ++i) highest = row[i] > highest ? row[i] : highest;
  const float inverse = 1.0f / temperature;
  for (int i = 0; i < columns; ++i) sum += exponential((row[i] - highest) * inverse);
  return exponential((row[column] - highest) * inverse) / sum;
}

// The features of words as `seqlabel.text.hashing` defines them, each hash modulo 2^64.
constexpr size_t kLongest = 64;  // characters; of a longer word the first and the last 32 count
constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15, kBase = 0x100000001B3, kShape = 103;
constexpr uint32_t kBegin = 0xE000, kEnd = 0xE001;  // the borders of a word

int32_t bucket_of(uint64_t hash, uint64_t buckets) {  // the finaliser of MurmurHash3
  hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
  hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
  return static_cast<int32_t>((hash ^ (hash >> 33)) % buckets);
}

// For each code below `known`, what it is in a shape; others are themselves.
struct Shapes {
  const uint32_t* kinds;
  size_t known;
};

void add_shape(const std::vector<uint32_t>& word, const Shapes& shapes, uint64_t buckets, std::vector<int32_t>& out) {
  uint64_t sum = 0, power = 1;
  uint32_t last = 0;
  int same = 0;
  const bool is_long = word.size() > kLongest;
  for (size_t i = 0; i < word.size(); ++i) {
    if (is_long && i == kLongest / 2) i = word.size() - kLongest / 2;
    const uint32_t kind = word[i] < shapes.known ? shapes.kinds[word[i]] : word[i];
    same = same && kind == last ? same + 1 : 1;
    last = kind;
    if (same > 2) continue;
    sum += (static_cast<uint64_t>(kind) + 1) * power;
    power *= kBase;
  }
  out.push_back(bucket_of(sum * kBase + kShape + (is_long ? word.size() * kMultiplier : 0), buckets));
}

void add_ngrams(const std::vector<uint32_t>& codes, size_t n, uint64_t buckets, std::vector<int32_t>& out) {
  for (size_t first = 0; first + n <= codes.size(); ++first) {
    uint64_t hash = n;
    for (size_t i = first; i < first + n; ++i) hash = hash * kBase + codes[i];
    out.push_back(bucket_of(hash, buckets));
  }
}

// A view of an argument's memory, given back when it goes; None is no memory.
class View {
 public:
  ~View() {
    if (held_) PyBuffer_Release(&view_);
  }
  bool of(PyObject* object, bool writable = false) {
    if (object == Py_None) return true;
    if (PyObject_GetBuffer(object, &view_, PyBUF_C_CONTIGUOUS | (writable ? PyBUF_WRITABLE : 0)) != 0) return false;
    return held_ = true;
  }
  template <class T>
  T* at() const {
    return held_ ? static_cast<T*>(view_.buf) : nullptr;
  }
  Py_ssize_t bytes() const { return held_ ? view_.len : 0; }
  Py_ssize_t size() const { return held_ ? view_.len / view_.itemsize : 0; }
  bool is_half() const { return held_ && view_.itemsize == sizeof(uint16_t); }

 private:
  Py_buffer view_{};
  bool held_ = false;
};

// Leaves the interpreter's lock until the end of a block, however it ends.
class Unlocked {
 public:
  Unlocked() : state_(PyEval_SaveThread()) {}
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;
  ~Unlocked() { PyEval_RestoreThread(state_); }

 private:
  PyThreadState* state_;
};

// A function as Python calls it: memory that is lacking is an exception there, and does not end the process.
template <PyObject* (*function)(PyObject*, PyObject*)>
PyObject* guarded(PyObject* self, PyObject* args) {
  try {
    return function(self, args);
  } catch (const std::bad_alloc&) {
  } catch (const std::length_error&) {
  }
  return PyErr_NoMemory();
}

Level level_of(int number) {
  const Level best = best_level();
  const Level asked = number < 0 ? best : static_cast<Level>(number);
  return asked > best ? best : asked;
}

PyObject* py_level(PyObject*, PyObject*) { return PyLong_FromLong(static_cast<long>(best_level())); }

// product(weights, offset, rows, inputs, out, level): the sums of every row (rows, inputs) with every output.
PyObject* py_product(PyObject*, PyObject* args) {
  PyObject* objects[4];
  int inputs, level;
  if (!PyArg_ParseTuple(args, "OOOiOi", &objects[0], &objects[1], &objects[2], &inputs, &objects[3], &level))
    return nullptr;
  View v[4];
  for (int i = 0; i < 4; ++i)
    if (!v[i].of(objects[i], i == 3)) return nullptr;
  const int outputs = static_cast<int>(v[1].bytes() / static_cast<Py_ssize_t>(sizeof(int32_t)));
  const Matrix matrix{v[0].at<const int8_t>(), v[1].at<const int32_t>(), outputs / kBlock, inputs / kInputs};
  const int64_t count = v[2].bytes() / std::max(inputs, 1);
  const Kernels& kernels = kernels_of(level_of(level));
  {
    const Unlocked unlocked;
    for (int64_t first = 0; first < count; first += kRows) {
      const uint8_t* rows[kRows];
      const int some = static_cast<int>(std::min<int64_t>(kRows, count - first));
      for (int r = 0; r < some; ++r) rows[r] = v[2].at<const uint8_t>() + (first + r) * inputs;
      kernels.product(matrix, rows, some, v[3].at<int32_t>() + first * outputs, outputs);
    }
  }
  Py_RETURN_NONE;
}

// Whether all numbers are those of rows of a table; else an exception says which were found.
template <class T>
bool are_rows(const char* name, const View& view, const View& table, size_t bytes_of_row) {
  const int64_t rows = table.bytes() / static_cast<Py_ssize_t>(std::max<size_t>(bytes_of_row, 1));
  const T* numbers = view.at<const T>();
  const int64_t count = view.bytes() / static_cast<Py_ssize_t>(sizeof(T));
  if (!count) return true;
  const auto [least, most] = std::minmax_element(numbers, numbers + count);
  if (*least >= 0 && *most < rows) return true;
  PyErr_Format(PyExc_ValueError, "%s: Found %lld to %lld in %lld rows. Give numbers of rows.", name,
               static_cast<long long>(*least), static_cast<long long>(*most), static_cast<long long>(rows));
  return false;
}

// Where each row begins among all words; false with an exception where the rows' lengths are not those of the words.
bool begins_of(const View& lengths, int64_t words, std::vector<int64_t>& begins) {
  begins.resize(static_cast<size_t>(lengths.bytes()) / sizeof(int64_t));
  int64_t sum = 0, least = 1;
  for (size_t row = 0; row < begins.size(); ++row) {
    const int64_t length = lengths.at<const int64_t>()[row];
    begins[row] = sum;
    least = std::min(least, length);
    sum += length;
  }
  if (sum == words && least > 0) return true;
  PyErr_Format(PyExc_ValueError, "lengths: Found a sum of %lld for %lld words. Give lengths from 1 that add up to them.",
               static_cast<long long>(sum), static_cast<long long>(words));
  return false;
}

// layer(table, places, lengths, below, way_forward, way_backward, width, out, exact, states, level)
// way: (inner, inner_offset, inner_scale, candidate_bias, below, below_offset, below_scale), or None to leave it out.
PyObject* py_layer(PyObject*, PyObject* args) {
  PyObject *table, *places, *lengths, *below, *ways[2], *out, *states;
  int width, exact, level;
  if (!PyArg_ParseTuple(args, "OOOOOOiOiOi", &table, &places, &lengths, &below, &ways[0], &ways[1], &width, &out,
                        &exact, &states, &level))
    return nullptr;
  View table_view, places_view, lengths_view, below_view, out_view, states_view, parts[2][7];
  if (!table_view.of(table) || !places_view.of(places) || !lengths_view.of(lengths) || !below_view.of(below) ||
      !out_view.of(out, true) || !states_view.of(states, true))
    return nullptr;
  const int outputs = (3 * width + kBlock - 1) / kBlock;
  const int groups = (width + kInputs - 1) / kInputs;
  const int64_t words = places_view.bytes() / static_cast<Py_ssize_t>(sizeof(int64_t));
  std::vector<int64_t> begins;
  if (!begins_of(lengths_view, words, begins) ||
      !are_rows<int64_t>("places", places_view, table_view, 6 * width * sizeof(uint16_t)))
    return nullptr;
  const int64_t count = static_cast<int64_t>(begins.size());
  const int below_width = below == Py_None || !words ? 0 : static_cast<int>(below_view.bytes() / words);
  Way way[2];
  for (int number = 0; number < 2; ++number) {
    if (ways[number] == Py_None) continue;
    for (int part = 0; part < 7; ++part) {
      PyObject* item = PyTuple_GetItem(ways[number], part);
      if (!item || !parts[number][part].of(item)) return nullptr;
    }
    auto& p = parts[number];
    way[number] = Way{{p[0].at<const int8_t>(), p[1].at<const int32_t>(), outputs, groups},
                      {p[4].at<const int8_t>(), p[5].at<const int32_t>(), outputs, below_width / kInputs},
                      p[2].at<const float>(),
                      p[6].at<const float>(),
                      p[3].at<const float>(),
                      number == 1};
  }
  const Kernels& kernels = kernels_of(level_of(level));
  const Rows rows{begins.data(), lengths_view.at<const int64_t>(), count};
  const Input input{table_view.at<const uint16_t>(), places_view.at<const int64_t>(), below_view.at<const uint8_t>(),
                    below_width};
  {
    const Unlocked unlocked;
    for (int number = 0; number < 2; ++number) {
      if (ways[number] == Py_None) continue;
      float* carried = states_view.at<float>();
      const Output output{exact ? nullptr : out_view.at<uint8_t>(), exact ? out_view.at<float>() : nullptr,
                          carried ? carried + number * count * width : nullptr};
      run_way(kernels, way[number], number, width, rows, input, output);
    }
  }
  Py_RETURN_NONE;
}

// A linear map from its weights (outputs / 16, inputs, 16), of 32 or 16 bits, and bias (outputs,).
Linear linear_of(const View& weights, const View& bias) {
  const int outputs = static_cast<int>(bias.size());
  const int inputs = static_cast<int>(weights.size() / std::max(outputs, 1));
  const bool half = weights.is_half();
  return Linear{half ? nullptr : weights.at<const float>(), half ? weights.at<const uint16_t>() : nullptr,
                bias.at<const float>(), inputs, outputs};
}

Table table_of(const View& numbers, const View& scales) {
  return Table{numbers.at<const float>(), numbers.at<const int8_t>(), scales.at<const float>()};
}

// gates(features, offsets, words, own, own_scales, buckets, bucket_scales, norm_weight, norm_bias, up, up_bias, down,
//       down_bias, layers, level); layers: a tuple of (weights, bias, out)
PyObject* py_gates(PyObject*, PyObject* args) {
  PyObject *objects[13], *layers;
  int level;
  if (!PyArg_ParseTuple(args, "OOOOOOOOOOOOOOi", &objects[0], &objects[1], &objects[2], &objects[3], &objects[4],
                        &objects[5], &objects[6], &objects[7], &objects[8], &objects[9], &objects[10], &objects[11],
                        &objects[12], &layers, &level))
    return nullptr;
  View v[13];
  for (int i = 0; i < 13; ++i)
    if (!v[i].of(objects[i])) return nullptr;
  const Py_ssize_t number = PyTuple_Size(layers);
  if (number < 0) return nullptr;
  std::vector<View> parts(static_cast<size_t>(number) * 3);
  std::vector<Gates> maps;
  for (Py_ssize_t i = 0; i < number; ++i) {
    PyObject* layer = PyTuple_GetItem(layers, i);
    for (Py_ssize_t part = 0; part < 3; ++part) {
      PyObject* item = layer ? PyTuple_GetItem(layer, part) : nullptr;
      if (!item || !parts[i * 3 + part].of(item, part == 2)) return nullptr;
    }
    maps.push_back(Gates{linear_of(parts[i * 3], parts[i * 3 + 1]), parts[i * 3 + 2].at<uint16_t>()});
  }
  const Embedder embedder{table_of(v[3], v[4]),    table_of(v[5], v[6]),   v[7].at<const float>(),
                          v[8].at<const float>(),  linear_of(v[9], v[10]), linear_of(v[11], v[12]),
                          static_cast<int>(v[7].bytes() / static_cast<Py_ssize_t>(sizeof(float)))};
  const int64_t count = v[2].bytes() / static_cast<Py_ssize_t>(sizeof(int64_t));
  auto row_of = [&](const View& scales) { return embedder.width * (scales.bytes() ? 1 : sizeof(float)); };
  if (!are_rows<int32_t>("features", v[0], v[5], row_of(v[6])) || !are_rows<int64_t>("words", v[2], v[3], row_of(v[4])))
    return nullptr;
  const Kernels& kernels = kernels_of(level_of(level));
  {
    const Unlocked unlocked;
    run_gates(kernels, embedder, v[0].at<const int32_t>(), v[1].at<const int64_t>(), v[2].at<const int64_t>(), count, maps);
  }
  Py_RETURN_NONE;
}

// linear(rows, weights, bias, out, level)
PyObject* py_linear(PyObject*, PyObject* args) {
  PyObject* objects[4];
  int level;
  if (!PyArg_ParseTuple(args, "OOOOi", &objects[0], &objects[1], &objects[2], &objects[3], &level)) return nullptr;
  View v[4];
  for (int i = 0; i < 4; ++i)
    if (!v[i].of(objects[i], i == 3)) return nullptr;
  const Linear map = linear_of(v[1], v[2]);
  const int64_t count = v[3].bytes() / static_cast<Py_ssize_t>(sizeof(float)) / std::max(map.outputs, 1);
  const Kernels& kernels = kernels_of(level_of(level));
  {
    const Unlocked unlocked;
    kernels.linear(map, v[0].at<const float>(), count, v[3].at<float>());
  }
  Py_RETURN_NONE;
}

// softmax(states, weights, bias, tags, temperature, offset, quick, ids, scores, level)
// quick: (blocks, offset, scale, weights, reach, coarse), or None for exact scores of all tags
PyObject* py_softmax(PyObject*, PyObject* args) {
  PyObject *objects[5], *quick;
  int tags, level;
  float temperature, offset;
  if (!PyArg_ParseTuple(args, "OOOiffOOOi", &objects[0], &objects[1], &objects[2], &tags, &temperature, &offset, &quick,
                        &objects[3], &objects[4], &level))
    return nullptr;
  View v[5], parts[4];
  for (int i = 0; i < 5; ++i)
    if (!v[i].of(objects[i], i > 2)) return nullptr;
  const Linear map = linear_of(v[1], v[2]);
  Quick q{};
  if (quick != Py_None) {
    PyObject* arrays[4];
    if (!PyArg_ParseTuple(quick, "OOOOff", &arrays[0], &arrays[1], &arrays[2], &arrays[3], &q.reach, &q.coarse))
      return nullptr;
    for (int i = 0; i < 4; ++i)
      if (!parts[i].of(arrays[i])) return nullptr;
    const int blocks = map.outputs / kBlock;
    const int groups = static_cast<int>(parts[0].bytes() / std::max(map.outputs * kInputs, 1));
    q.matrix = Matrix{parts[0].at<const int8_t>(), parts[1].at<const int32_t>(), blocks, groups};
    q.scale = parts[2].at<const float>();
    q.bias = map.bias;
    q.weights = parts[3].at<const float>();
    q.inputs = map.inputs;
    q.tags = tags;
  }
  const int64_t count = v[3].bytes() / static_cast<Py_ssize_t>(sizeof(int64_t));
  const Kernels& kernels = kernels_of(level_of(level));
  const float* states = v[0].at<const float>();
  int64_t* ids = v[3].at<int64_t>();
  float* chances = v[4].at<float>();
  {
    const Unlocked unlocked;
    std::vector<float> scores(static_cast<size_t>(kRows) * map.outputs);
    // Tiles take 16 rows at once; others take them in two parts.
    constexpr int kTogether = 16;
    std::vector<int32_t> sums(q.weights ? static_cast<size_t>(kTogether) * map.outputs : 0);
    const int padded = q.matrix.groups * kInputs;
    std::vector<uint8_t> bytes(q.weights ? static_cast<size_t>(kTogether) * padded : 0, 128);
    const int piece = level_of(level) == Level::amx ? kTogether : kRows;
    for (int64_t first = 0; first < count; first += q.weights ? kTogether : kRows) {
      const float* row = states + first * map.inputs;
      if (q.weights) {
        const int most = static_cast<int>(std::min<int64_t>(kTogether, count - first));
        const uint8_t* rows[kTogether];
        float largest[kTogether];
        for (int r = 0; r < most; ++r) {
          uint8_t* into = bytes.data() + static_cast<size_t>(r) * padded;
          rows[r] = into;
          largest[r] = kernels.round(row + static_cast<size_t>(r) * map.inputs, into, map.inputs);
        }
        for (int r = 0; r < most; r += piece)
          kernels.product(q.matrix, rows + r, std::min(piece, most - r), sums.data() + static_cast<size_t>(r) * map.outputs,
                          map.outputs);
        for (int r = 0; r < most; ++r)
          kernels.quick(q, row + static_cast<size_t>(r) * map.inputs, largest[r],
                        sums.data() + static_cast<size_t>(r) * map.outputs, scores.data(), temperature, ids + first + r,
                        chances + first + r);
        continue;
      }
      const int64_t most = std::min<int64_t>(kRows, count - first);
      kernels.linear(map, row, most, scores.data());
      for (int64_t r = 0; r < most; ++r)
        kernels.softmax(scores.data() + r * map.outputs, tags, temperature, offset, ids + first + r, chances + first + r);
    }
  }
  Py_RETURN_NONE;
}

// marginals(scores, lengths, tags, steps, turned, start, end, out) -> the numbers of rows whose sums vanished
PyObject* py_marginals(PyObject*, PyObject* args) {
  PyObject* objects[7];
  int tags;
  if (!PyArg_ParseTuple(args, "OOiOOOOO", &objects[0], &objects[1], &tags, &objects[2], &objects[3], &objects[4],
                        &objects[5], &objects[6]))
    return nullptr;
  View v[7];
  for (int i = 0; i < 7; ++i)
    if (!v[i].of(objects[i], i == 6)) return nullptr;
  const int64_t count = v[1].bytes() / static_cast<Py_ssize_t>(sizeof(int64_t));
  std::vector<int64_t> lost;
  {
    const Unlocked unlocked;
    std::vector<double> room;
    int64_t begin = 0;
    for (int64_t row = 0; row < count; ++row) {
      const int64_t length = v[1].at<const int64_t>()[row];
      if (!marginals_of_row(v[0].at<const float>() + begin * tags, length, tags, v[2].at<const double>(),
                            v[3].at<const double>(), v[4].at<const double>(), v[5].at<const double>(),
                            v[6].at<float>() + begin * tags, room))
        lost.push_back(row);
      begin += length;
    }
  }
  PyObject* list = PyList_New(0);
  for (int64_t row : lost) {
    PyObject* number = list ? PyLong_FromLongLong(row) : nullptr;
    if (!number || PyList_Append(list, number) != 0) Py_CLEAR(list);
    Py_XDECREF(number);
  }
  return list;
}

// viterbi(scores, lengths, tags, before, start, end, out): `before` (tag, the tag before it)
PyObject* py_viterbi(PyObject*, PyObject* args) {
  PyObject* objects[6];
  int tags;
  if (!PyArg_ParseTuple(args, "OOiOOOO", &objects[0], &objects[1], &tags, &objects[2], &objects[3], &objects[4],
                        &objects[5]))
    return nullptr;
  View v[6];
  for (int i = 0; i < 6; ++i)
    if (!v[i].of(objects[i], i == 5)) return nullptr;
  const int64_t count = v[1].bytes() / static_cast<Py_ssize_t>(sizeof(int64_t));
  {
    const Unlocked unlocked;
    std::vector<float> room;
    int64_t begin = 0;
    for (int64_t row = 0; row < count; ++row) {
      const int64_t length = v[1].at<const int64_t>()[row];
      best_of_row(v[0].at<const float>() + begin * tags, length, tags, v[2].at<const float>(), v[3].at<const float>(),
                  v[4].at<const float>(), v[5].at<int64_t>() + begin, room);
      begin += length;
    }
  }
  Py_RETURN_NONE;
}

// trees(arcs, lengths, temperature, heads, shares): `arcs` (words, 1 + words) of each sentence, one after another
PyObject* py_trees(PyObject*, PyObject* args) {
  PyObject* objects[4];
  float temperature;
  if (!PyArg_ParseTuple(args, "OOfOO", &objects[0], &objects[1], &temperature, &objects[2], &objects[3]))
    return nullptr;
  View v[4];
  for (int i = 0; i < 4; ++i)
    if (!v[i].of(objects[i], i >= 2)) return nullptr;
  const int64_t count = v[1].bytes() / static_cast<Py_ssize_t>(sizeof(int64_t));
  {
    const Unlocked unlocked;
    TreeSearch search;
    const float* arcs = v[0].at<const float>();
    int64_t* heads = v[2].at<int64_t>();
    float* shares = v[3].at<float>();
    for (int64_t sentence = 0; sentence < count; ++sentence) {
      const int words = static_cast<int>(v[1].at<const int64_t>()[sentence]);
      search.run(arcs, words, heads);
      for (int word = 0; word < words; ++word, arcs += words + 1)
        shares[word] = share_of(arcs, words + 1, heads[word], temperature);
      heads += words;
      shares += words;
    }
  }
  Py_RETURN_NONE;
}

// The code points of a str; false with an exception if it is not a str.
bool codes_of(PyObject* text, std::vector<uint32_t>& codes) {
  const Py_ssize_t size = PyUnicode_GetLength(text);
  if (size < 0) return false;
  codes.resize(static_cast<size_t>(size));
  return size == 0 || PyUnicode_AsUCS4(text, codes.data(), size, 0) != nullptr;
}

// features(words, lowered, kinds, min_n, max_n, buckets) -> ids and offsets, as the memory of arrays
PyObject* py_features(PyObject*, PyObject* args) {
  PyObject *words, *lowered, *kinds;
  int shortest, longest;
  unsigned long long buckets;
  if (!PyArg_ParseTuple(args, "OOOiiK", &words, &lowered, &kinds, &shortest, &longest, &buckets)) return nullptr;
  View view;
  if (!view.of(kinds)) return nullptr;
  const Shapes shapes{view.at<const uint32_t>(), static_cast<size_t>(view.bytes()) / sizeof(uint32_t)};
  std::vector<uint32_t> word, small;
  std::vector<int32_t> ids;
  std::vector<int64_t> offsets{0};
  const Py_ssize_t count = PyList_Size(words);
  if (count < 0) return nullptr;
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* texts[2] = {PyList_GetItem(words, i), PyList_GetItem(lowered, i)};
    if (!texts[0] || !texts[1] || !codes_of(texts[0], word) || !codes_of(texts[1], small)) return nullptr;
    small.insert(small.begin(), kBegin);
    small.push_back(kEnd);
    add_shape(word, shapes, buckets, ids);
    for (int n = shortest; n <= longest; ++n) add_ngrams(small, static_cast<size_t>(n), buckets, ids);
    offsets.push_back(static_cast<int64_t>(ids.size()));
  }
  PyObject* found = PyByteArray_FromStringAndSize(reinterpret_cast<const char*>(ids.data()),
                                                  static_cast<Py_ssize_t>(ids.size() * sizeof(int32_t)));
  PyObject* ends = PyByteArray_FromStringAndSize(reinterpret_cast<const char*>(offsets.data()),
                                                 static_cast<Py_ssize_t>(offsets.size() * sizeof(int64_t)));
  PyObject* both = found && ends ? PyTuple_Pack(2, found, ends) : nullptr;
  Py_XDECREF(found);
  Py_XDECREF(ends);
  return both;
}

PyMethodDef methods[] = {
    {"features", guarded<py_features>, METH_VARARGS, "The hashed features of words; see seqlabel.native."},
    {"level", py_level, METH_NOARGS, "The best instructions of this processor; see seqlabel.native.compiled.Level."},
    {"product", guarded<py_product>, METH_VARARGS, "Sums of bytes times 8-bit weights; see seqlabel.native."},
    {"layer", guarded<py_layer>, METH_VARARGS, "A two-way GRU layer over rows of words; see seqlabel.native."},
    {"gates", guarded<py_gates>, METH_VARARGS, "What words add to the gates of layers; see seqlabel.native."},
    {"linear", guarded<py_linear>, METH_VARARGS, "A linear map of rows; see seqlabel.native."},
    {"softmax", guarded<py_softmax>, METH_VARARGS, "The best tags of a softmax head; see seqlabel.native."},
    {"marginals", guarded<py_marginals>, METH_VARARGS, "A CRF's marginals; see seqlabel.native."},
    {"viterbi", guarded<py_viterbi>, METH_VARARGS, "A CRF's best tags; see seqlabel.native."},
    {"trees", guarded<py_trees>, METH_VARARGS, "The best trees of sentences; see seqlabel.native."},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef module = {PyModuleDef_HEAD_INIT, "_steps", "Compiled steps of recurrent layers and CRFs.", -1, methods,
                      nullptr, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit__steps() {
  PyObject* made = PyModule_Create(&module);
  if (made && PyModule_AddIntConstant(made, "version", kVersion) != 0) Py_CLEAR(made);
  return made;
}
