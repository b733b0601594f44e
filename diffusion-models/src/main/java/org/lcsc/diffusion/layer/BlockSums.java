package org.lcsc.diffusion.layer;

/**
 * Sums over parts of an array of some thousand values, in eight partial sums: one alone would wait
 * for every addition before. Stateless.
 */
final class BlockSums {

  private BlockSums() {}

  /** Sum of {@code x[from ... from + count - 1]}. */
  static double sum(float[] x, int from, int count) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int i = from;
    for (; i <= from + count - 8; i += 8) {
      s0 += x[i];
      s1 += x[i + 1];
      s2 += x[i + 2];
      s3 += x[i + 3];
      s4 += x[i + 4];
      s5 += x[i + 5];
      s6 += x[i + 6];
      s7 += x[i + 7];
    }
    double sum = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
    for (; i < from + count; i++) {
      sum += x[i];
    }
    return sum;
  }

  /** Sum of (x - mean)^2. */
  static double squares(float[] x, int from, int count, float mean) {
    return products(x, x, from, count, mean, mean);
  }

  /** Sum of (x - mean) g. */
  static double products(float[] x, float[] g, int from, int count, float mean) {
    return products(x, g, from, count, mean, 0);
  }

  private static double products(
      float[] x, float[] g, int from, int count, float meanX, float meanG) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int i = from;
    for (; i <= from + count - 8; i += 8) {
      s0 += (x[i] - meanX) * (g[i] - meanG);
      s1 += (x[i + 1] - meanX) * (g[i + 1] - meanG);
      s2 += (x[i + 2] - meanX) * (g[i + 2] - meanG);
      s3 += (x[i + 3] - meanX) * (g[i + 3] - meanG);
      s4 += (x[i + 4] - meanX) * (g[i + 4] - meanG);
      s5 += (x[i + 5] - meanX) * (g[i + 5] - meanG);
      s6 += (x[i + 6] - meanX) * (g[i + 6] - meanG);
      s7 += (x[i + 7] - meanX) * (g[i + 7] - meanG);
    }
    double sum = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
    for (; i < from + count; i++) {
      sum += (x[i] - meanX) * (g[i] - meanG);
    }
    return sum;
  }
}
