package org.lcsc.checkpoint;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The product of coefficients and checkpoints, {@code [B, rows] x [rows, P]}, block by block: the
 * sums of a block stay in the cache while its rows go by, three at a time, each read and widened
 * once for all candidates. Sums are float32, one term after the other in the order of the slots, so
 * that a candidate's merge depends neither on the other candidates nor on the storage.
 *
 * <p>Not thread-safe.
 */
final class BlockMerge {

  /**
   * Parameters per block. Measured for 16 candidates: 512 to 8,192 take the same time within a
   * tenth; 16-bit types want the shorter ones, whose widening stays in the first-level cache.
   */
  private static final int WIDTH = 1_024;

  /** Where each block ends in a copy to a device, blocks had better be few. */
  private static final int DEVICE_WIDTH = 16_384;

  /**
   * Rows per pass. Measured on HotSpot 17: three rows for two candidates are the most that C2 still
   * vectorises, and the fastest: 65 GFLOP/s, against 45 to 55 of one candidate's four rows.
   */
  private static final int ROWS = 3;

  private final TileStore store;
  private final int width;
  private final BlockReader reader;
  private final float[][] values = new float[ROWS][];
  private final float[] zeros;

  BlockMerge(TileStore store) {
    this.store = store;
    width = store.direct() ? WIDTH : DEVICE_WIDTH;
    reader = new BlockReader(store, width);
    Arrays.setAll(values, row -> BlockReader.array(width));
    zeros = BlockReader.array(width);
  }

  /**
   * Merges.
   *
   * @param coefficients {@code [G][B][rows]}, a column per slot
   * @param groups which parameters they are for
   * @param out float32 {@code [B, P]}, row-major
   */
  void merge(float[][][] coefficients, ParameterGroups groups, INDArray out) {
    int candidates = coefficients[0].length;
    int rows = coefficients[0][0].length;
    float[][][] passes =
        Arrays.stream(coefficients).map(BlockMerge::byPass).toArray(float[][][]::new);
    float[][] sums = arrays(candidates);
    float[][] merged = BlockReader.splits(store.type()) ? arrays(candidates) : sums;
    boolean flat = store.direct() || candidates == 1;
    FlatArray target =
        flat
            ? new FlatArray(
                candidates == 1 ? out.reshape('c', new long[] {out.size(1)}) : out, store.direct())
            : null;
    store.forEachBlock(
        groups,
        width,
        (group, from, count) -> {
          sum(passes[group], rows, from, count, sums);
          for (int candidate = 0; candidate < candidates; candidate++) {
            if (merged != sums) {
              BlockReader.join(sums[candidate], merged[candidate], count);
            }
            if (flat) {
              target.write(candidate * out.size(1) + from, merged[candidate], count);
            }
          }
          if (!flat) {
            float[][] block = new float[candidates][];
            Arrays.setAll(block, candidate -> Arrays.copyOf(merged[candidate], count));
            out.get(NDArrayIndex.all(), NDArrayIndex.interval(from, from + count))
                .assign(Nd4j.createFromArray(block));
          }
        });
  }

  private float[][] arrays(int candidates) {
    float[][] arrays = new float[candidates][];
    Arrays.setAll(arrays, candidate -> BlockReader.array(width));
    return arrays;
  }

  /**
   * One group's coefficients, {@code [B][rows]}, as each pass wants them: candidate by candidate.
   */
  private static float[][] byPass(float[][] coefficients) {
    int rows = coefficients[0].length;
    float[][] passes = new float[(rows + ROWS - 1) / ROWS][ROWS * coefficients.length];
    for (int candidate = 0; candidate < coefficients.length; candidate++) {
      for (int row = 0; row < rows; row++) {
        passes[row / ROWS][ROWS * candidate + row % ROWS] = coefficients[candidate][row];
      }
    }
    return passes;
  }

  /** The sums of one block. */
  private void sum(float[][] passes, int rows, long from, int count, float[][] sums) {
    for (float[] candidate : sums) {
      Arrays.fill(candidate, 0, count, 0f);
    }
    reader.open(from, count);
    for (int pass = 0; pass < passes.length; pass++) {
      float[] first = row(ROWS * pass, rows, 0);
      float[] second = row(ROWS * pass + 1, rows, 1);
      float[] third = row(ROWS * pass + 2, rows, 2);
      int candidate = 0;
      for (; candidate + 1 < sums.length; candidate += 2) {
        addToTwo(
            sums[candidate],
            sums[candidate + 1],
            first,
            second,
            third,
            passes[pass],
            ROWS * candidate,
            count);
      }
      if (candidate < sums.length) {
        addToOne(sums[candidate], first, second, third, passes[pass], ROWS * candidate, count);
      }
    }
  }

  private float[] row(int row, int rows, int into) {
    if (row >= rows) {
      return zeros;
    }
    reader.read(row, values[into]);
    return values[into];
  }

  // Multiplication and addition, not Math.fma: as fast on the processors measured, and where there
  // is no such instruction Java would compute it by BigDecimal. All loads come before the stores,
  // or C2 does not vectorise.
  private static void addToTwo(
      float[] sumA,
      float[] sumB,
      float[] x,
      float[] y,
      float[] z,
      float[] coefficients,
      int at,
      int count) {
    float ax = coefficients[at];
    float ay = coefficients[at + 1];
    float az = coefficients[at + 2];
    float bx = coefficients[at + 3];
    float by = coefficients[at + 4];
    float bz = coefficients[at + 5];
    for (int i = 0; i < count; i++) {
      float xi = x[i];
      float yi = y[i];
      float zi = z[i];
      float a = sumA[i] + ax * xi + ay * yi + az * zi;
      float b = sumB[i] + bx * xi + by * yi + bz * zi;
      sumA[i] = a;
      sumB[i] = b;
    }
  }

  private static void addToOne(
      float[] sum, float[] x, float[] y, float[] z, float[] coefficients, int at, int count) {
    float ax = coefficients[at];
    float ay = coefficients[at + 1];
    float az = coefficients[at + 2];
    for (int i = 0; i < count; i++) {
      sum[i] = sum[i] + ax * x[i] + ay * y[i] + az * z[i];
    }
  }
}
