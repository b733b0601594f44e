package org.lcsc.metrics;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lcsc.config.Kind;
import org.lcsc.config.Require;
import org.lcsc.io.HostArrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The metrics of this library. Stateless and thread-safe. */
public final class Metrics {

  private Metrics() {}

  /** At most so many rows, evenly spread. */
  static INDArray spread(INDArray rows, int limit) {
    int total = (int) rows.size(0);
    if (total <= limit) {
      return rows;
    }
    long[] chosen = new long[limit];
    for (int i = 0; i < limit; i++) {
      chosen[i] = (long) i * total / limit;
    }
    return rows.get(NDArrayIndex.indices(chosen), NDArrayIndex.all()).dup('c');
  }

  /**
   * {@link FidInfinity}, where there are more features kept than they have dimensions.
   *
   * @param points sizes that the line is fitted to, at least 2; default {@value FidInfinity#POINTS}
   */
  @Kind("fid-infinity")
  public record AtInfinity(int points) implements Metric {

    public AtInfinity() {
      this(FidInfinity.POINTS);
    }

    public AtInfinity {
      Require.atLeast("points", points, 2);
    }

    @Override
    public int place() {
      return 10;
    }

    @Override
    public Measured measure(Features f) {
      int smallest = FidInfinity.smallestFor((int) f.generated().size(0));
      // Below, the line would be fitted to singular covariances.
      if (smallest <= f.reference().dimension()) {
        return null;
      }
      double value =
          FidInfinity.of(f.reference(), f.generated(), points, smallest, f.seed()).value();
      return new Measured(Map.of("FID-inf", value), Map.of("fidInfinity", value));
    }
  }

  /**
   * FDr: the Frechet distance of generated images divided by that of held-out real ones, 1 where a
   * model is as near to the training images as these are; its mean over feature spaces does not
   * depend on their scales (Yang et al., 2026, "Representation Frechet Loss for Visual
   * Generation").
   *
   * <p>The distance falls as 1/N, so both are means over groups of equal size, that of the smaller
   * set.
   */
  @Kind("fdr")
  public record FrechetRatio() implements Metric {

    @Override
    public int place() {
      return 15;
    }

    @Override
    public Measured measure(Features f) {
      int group =
          f.heldOut() == null ? 0 : (int) Math.min(f.heldOut().size(0), f.generated().size(0));
      if (group < 2) {
        return null;
      }
      double ratio =
          meanDistance(f.reference(), f.generated(), group)
              / meanDistance(f.reference(), f.heldOut(), group);
      return new Measured(Map.of(), Map.of("frechetRatio", ratio), Map.of("FDr", ratio));
    }

    /** Mean over groups of so many rows; each group is spread over all of them. */
    private static double meanDistance(
        FrechetDistance.Reference reference, INDArray features, int size) {
      float[] rows = HostArrays.floats(features);
      int dimension = reference.dimension();
      int groups = rows.length / dimension / size;
      double sum = 0;
      for (int g = 0; g < groups; g++) {
        float[] group = new float[size * dimension];
        for (int i = 0; i < size; i++) {
          System.arraycopy(rows, (i * groups + g) * dimension, group, i * dimension, dimension);
        }
        FrechetDistance.Accumulator accumulator = reference.accumulator(size);
        accumulator.add(group);
        sum += accumulator.distance();
      }
      return sum / groups;
    }
  }

  /**
   * {@link KernelDistance} over subsets.
   *
   * @param subsets number of subsets, at least 1; default 100
   * @param subsetSize most images of either set in a subset, from 2 to 10,000; default 1,000
   */
  @Kind("kid")
  public record Kid(int subsets, int subsetSize) implements Metric {

    /** The square of it is held in memory, in double precision. */
    private static final int LARGEST_SUBSET = 10_000;

    public Kid() {
      this(100, 1_000);
    }

    public Kid {
      Require.atLeast("subsets", subsets, 1);
      Require.between("subsetSize", subsetSize, 2, LARGEST_SUBSET);
    }

    @Override
    public int place() {
      return 20;
    }

    @Override
    public Measured measure(Features f) {
      if (f.real() == null) {
        return null;
      }
      int size = (int) Math.min(subsetSize, Math.min(f.generated().size(0), f.real().size(0)));
      KernelDistance.Estimate kid =
          KernelDistance.overSubsets(f.generated(), f.real(), subsets, size, f.seed());
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("mean", kid.mean());
      json.put("deviation", kid.deviation());
      json.put("subsets", subsets);
      json.put("subsetSize", size);
      return new Measured(Map.of("KID", kid.mean()), Map.of("kid", json));
    }
  }

  /**
   * {@link GaussianDiscrepancy} to the real images.
   *
   * @param bandwidth of the kernel, above 0; default 10
   */
  @Kind("cmmd")
  public record Cmmd(double bandwidth) implements Metric {

    public Cmmd() {
      this(GaussianDiscrepancy.BANDWIDTH);
    }

    public Cmmd {
      Require.positive("bandwidth", bandwidth);
    }

    @Override
    public int place() {
      return 22;
    }

    @Override
    public Measured measure(Features f) {
      if (f.real() == null) {
        return null;
      }
      double value = GaussianDiscrepancy.between(f.generated(), f.real(), bandwidth);
      return new Measured(Map.of("CMMD", value), Map.of("cmmd", value));
    }
  }

  /**
   * {@link SlicedDistance} to as many real images as generated ones, MIND.
   *
   * @param directions number of directions, at least 1; default {@value SlicedDistance#DIRECTIONS}
   */
  @Kind("mind")
  public record Mind(int directions) implements Metric {

    public Mind() {
      this(SlicedDistance.DIRECTIONS);
    }

    public Mind {
      Require.atLeast("directions", directions, 1);
    }

    @Override
    public int place() {
      return 25;
    }

    @Override
    public Measured measure(Features f) {
      if (f.real() == null) {
        return null;
      }
      int count = (int) Math.min(f.generated().size(0), f.real().size(0));
      double value =
          SlicedDistance.between(
              spread(f.generated(), count), spread(f.real(), count), directions, f.seed());
      return new Measured(Map.of("MIND", value), Map.of("mind", value));
    }
  }

  /**
   * {@link PrecisionRecall}, against as many real images as generated ones.
   *
   * @param neighbours k, at least 1; default {@value PrecisionRecall#DEFAULT_NEIGHBOURS}
   */
  @Kind("precision-recall")
  public record PrecisionAndRecall(int neighbours) implements Metric {

    public PrecisionAndRecall() {
      this(PrecisionRecall.DEFAULT_NEIGHBOURS);
    }

    public PrecisionAndRecall {
      Require.atLeast("neighbours", neighbours, 1);
    }

    @Override
    public int place() {
      return 30;
    }

    @Override
    public Measured measure(Features f) {
      int generated = (int) f.generated().size(0);
      // The shares depend on the numbers. Of fewer real images all count.
      INDArray real = f.real() == null ? null : spread(f.real(), generated);
      if (real == null || Math.min(real.size(0), generated) <= neighbours) {
        return null;
      }
      PrecisionRecall shares = PrecisionRecall.between(real, f.generated(), neighbours);
      Map<String, Double> columns = new LinkedHashMap<>();
      columns.put("precision", shares.precision());
      columns.put("recall", shares.recall());
      columns.put("density", shares.density());
      columns.put("coverage", shares.coverage());
      return new Measured(columns, new LinkedHashMap<>(columns));
    }
  }

  /**
   * {@link FeatureLikelihood}, FLD with its gap, where held-out images are known and are not what
   * is scored: the likelihood of images under Gaussians about themselves says nothing.
   *
   * @param images most images of each set, at least 2, evenly spread; default 2,000. The time grows
   *     with the square
   */
  @Kind("fld")
  public record Fld(int images) implements Metric {

    /** Generated images that are looked at for whether they are the held-out ones. */
    private static final int PROBES = 100;

    public Fld() {
      this(2_000);
    }

    public Fld {
      Require.atLeast("images", images, 2);
    }

    @Override
    public int place() {
      return 35;
    }

    @Override
    public Measured measure(Features f) {
      if (f.real() == null || f.heldOut() == null || f.real().size(0) < 2 || isHeldOut(f)) {
        return null;
      }
      FeatureLikelihood likelihood =
          FeatureLikelihood.of(
              spread(f.real(), images), spread(f.heldOut(), images), spread(f.generated(), images));
      Map<String, Double> columns = new LinkedHashMap<>();
      columns.put("FLD", likelihood.divergence());
      columns.put("FLD gap", likelihood.gap());
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("divergence", likelihood.divergence());
      json.put("gap", likelihood.gap());
      json.put("images", images);
      return new Measured(columns, Map.of("featureLikelihood", json));
    }

    private static boolean isHeldOut(Features f) {
      double none = 1e-9 * f.reference().moments().trace();
      return Arrays.stream(NearestNeighbours.nearest(spread(f.generated(), PROBES), f.heldOut()))
          .allMatch(distance -> distance <= none);
    }
  }

  /** {@link MemorisationCheck}, where the nearest training images are looked for. */
  @Kind("copying")
  public record Copying() implements Metric {

    @Override
    public int place() {
      return 40;
    }

    @Override
    public Measured measure(Features f) {
      if (f.training() == null) {
        return null;
      }
      MemorisationCheck check =
          MemorisationCheck.ofSquaredDistances(
              NearestNeighbours.nearest(f.generated(), f.training()), f.heldOutDistances());
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("sampleMedian", check.sampleMedian());
      json.put("heldOutMedian", check.heldOutMedian());
      json.put("closeShare", check.closeShare());
      json.put("zScore", check.zScore());
      return new Measured(Map.of("copying z", check.zScore()), Map.of("memorisation", json));
    }
  }
}
