package org.lcsc.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import org.lcsc.config.Kind;
import org.lcsc.config.Require;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The metrics of this library. Stateless and thread-safe. */
public final class Metrics {

  private Metrics() {}

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
   * {@link KernelDistance} over subsets.
   *
   * @param subsets number of subsets, at least 1; default 100
   * @param subsetSize most images of either set in a subset, at least 2; default 1,000
   */
  @Kind("kid")
  public record Kid(int subsets, int subsetSize) implements Metric {

    public Kid() {
      this(100, 1_000);
    }

    public Kid {
      Require.atLeast("subsets", subsets, 1);
      Require.atLeast("subsetSize", subsetSize, 2);
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
      // The shares depend on the numbers.
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

    /** At most so many rows, evenly spread. */
    private static INDArray spread(INDArray rows, int limit) {
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
