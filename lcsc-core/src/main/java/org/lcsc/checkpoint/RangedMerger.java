package org.lcsc.checkpoint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lcsc.io.Text;
import org.lcsc.objective.TimeRanges;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Merges a model for each of several ranges of noise levels, one after the other in one vector
 * {@code [R * P]}. To a search the ranges are groups with coefficients of their own, which all act
 * on the same checkpoints.
 *
 * @param merger forms a single model, of {@code G * K} coefficients
 * @param ranges R of them
 */
record RangedMerger(CheckpointMerger merger, TimeRanges ranges) implements CheckpointMerger {

  @Override
  public int size() {
    return merger.size();
  }

  @Override
  public int groups() {
    return ranges.size() * merger.groups();
  }

  @Override
  public String grouping() {
    String groups = merger.grouping();
    return "time ranges " + ranges.boundaries() + (groups.isEmpty() ? "" : ", each " + groups);
  }

  @Override
  public long[] checksums() {
    return merger.checksums();
  }

  @Override
  public long[] iterations() {
    return merger.iterations();
  }

  @Override
  public long parameters() {
    return ranges.size() * merger.parameters();
  }

  /** In row-major order the ranges of a candidate are rows of a taller matrix. */
  @Override
  public void merge(double[][] coefficients, INDArray out) {
    int length = merger.groups() * merger.size();
    List<double[]> rows = new ArrayList<>();
    for (double[] candidate : coefficients) {
      if (candidate.length != ranges.size() * length) {
        throw new IllegalArgumentException(
            Text.format(
                "expected %d coefficients for %d time ranges, got %d",
                ranges.size() * length, ranges.size(), candidate.length));
      }
      for (int range = 0; range < ranges.size(); range++) {
        rows.add(Arrays.copyOfRange(candidate, range * length, (range + 1) * length));
      }
    }
    merger.merge(rows.toArray(double[][]::new), out.reshape('c', rows.size(), merger.parameters()));
  }

  @Override
  public double[] dot(INDArray vector) {
    int length = merger.groups() * merger.size();
    double[] products = new double[ranges.size() * length];
    for (int range = 0; range < ranges.size(); range++) {
      double[] part = merger.dot(ranges.part(vector, range));
      System.arraycopy(part, 0, products, range * length, length);
    }
    return products;
  }

  @Override
  public double[][][] centredGrams() {
    double[][][] grams = merger.centredGrams();
    double[][][] repeated = new double[groups()][][];
    for (int i = 0; i < repeated.length; i++) {
      repeated[i] = grams[i % grams.length];
    }
    return repeated;
  }
}
