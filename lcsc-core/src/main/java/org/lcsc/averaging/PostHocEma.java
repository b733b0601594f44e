package org.lcsc.averaging;

import java.util.Arrays;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Power-function averages of any width, chosen after training (post-hoc EMA; Karras et al. 2024,
 * "Analyzing and Improving the Training Dynamics of Diffusion Models", Section 3.2): keeps two
 * averages of different widths beside training and snapshots of both, and reconstructs another
 * width as the combination of the snapshots whose profile is nearest to it in the least squares
 * sense. The normal equations have closed-form entries ({@link PowerProfile#product}); no data is
 * needed.
 *
 * <pre>{@code
 * try (PostHocEma averages = new PostHocEma(0.05, 0.1, parameters, 200, 50)) {
 *   averages.update(weights); // after every update
 *   INDArray wide = averages.reconstruct(0.15);
 * }
 * }</pre>
 *
 * <p>Memory: {@code 2 (snapshots + 1)} copies of the parameters, outside the Java heap. Not
 * thread-safe.
 */
public final class PostHocEma implements AutoCloseable {

  private final PowerEma[] averages;
  private final CheckpointWindow[] snapshots;
  private final int interval;

  /**
   * Averages before the first update.
   *
   * @param narrow sigma_rel of one average; the paper's is 0.05
   * @param wide sigma_rel of the other, above {@code narrow}; the paper's is 0.10
   * @param parameters P
   * @param interval updates between snapshots, at least 1
   * @param capacity snapshots kept of each average, at least 1; the oldest are dropped, and with
   *     them the early part of wide averages
   */
  public PostHocEma(double narrow, double wide, long parameters, int interval, int capacity) {
    Refuse.argument(!(narrow < wide), "the two widths must ascend, got %s and %s", narrow, wide);
    if (interval < 1 || capacity < 1) {
      throw new IllegalArgumentException(
          "interval and capacity must be at least 1, got " + interval + " and " + capacity);
    }
    this.interval = interval;
    averages = new PowerEma[] {new PowerEma(narrow, parameters), new PowerEma(wide, parameters)};
    snapshots = new CheckpointWindow[2];
    for (int i = 0; i < 2; i++) {
      snapshots[i] = CheckpointWindow.builder(parameters).capacity(capacity).build();
    }
  }

  /**
   * Takes in the weights after an update.
   *
   * @param parameters float32, P elements; not modified
   */
  public void update(INDArray parameters) {
    for (int i = 0; i < 2; i++) {
      averages[i].update(parameters);
      if (averages[i].updates() % interval == 0) {
        snapshots[i].record(averages[i].updates(), averages[i].parameters());
      }
    }
  }

  /**
   * Continues from saved averages; their snapshots are restored through {@link #snapshots}.
   *
   * @param narrow {@link PowerEma#parameters()} of the saved narrow one; copied
   * @param wide that of the wide one; copied
   * @param updates {@link #updates()} of the saved ones, at least 0
   */
  public void restore(INDArray narrow, INDArray wide, long updates) {
    averages[0].restore(narrow, updates);
    averages[1].restore(wide, updates);
  }

  /**
   * The snapshots of an average, numbered by the updates they were taken after; for saving and
   * restoring.
   *
   * @param index 0 for the narrow one, 1 for the wide one
   */
  public CheckpointWindow snapshots(int index) {
    return snapshots[index];
  }

  /** Updates taken in. */
  public long updates() {
    return averages[0].updates();
  }

  /** The two averages, live, the narrow one first. */
  public PowerEma average(int index) {
    return averages[index];
  }

  /**
   * The average of a width over the updates so far.
   *
   * @param width sigma_rel, see {@link PowerProfile#ofWidth}; from about the narrow one's to 0.28,
   *     narrower ones are reconstructed poorly
   * @return a new float32 {@code [P]}, outside any workspace
   * @throws IllegalStateException before the first update
   */
  public INDArray reconstruct(double width) {
    Refuse.state(updates() == 0, "a post-hoc average needs an update, there was none");
    long[][] times = {snapshotTimes(0), snapshotTimes(1)};
    double[] weights = weights(times, width);
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return sum(times, weights);
    }
  }

  private INDArray sum(long[][] times, double[] weights) {
    INDArray sum = null;
    int next = 0;
    for (int i = 0; i < 2; i++) {
      int count = times[i].length - 1;
      INDArray part = averages[i].parameters().mul((float) weights[next + count]);
      if (count > 0) {
        double[] ofSnapshots =
            Arrays.copyOf(Arrays.copyOfRange(weights, next, next + count), snapshots[i].size());
        INDArray merged = snapshots[i].merge(ofSnapshots);
        part.addi(merged);
        merged.close();
      }
      next += count + 1;
      if (sum == null) {
        sum = part;
      } else {
        sum.addi(part);
        part.close();
      }
    }
    return sum;
  }

  /**
   * How far the reconstructed average is from that of a width: the norm of the difference of their
   * profiles over that of the width's own. It is large where the snapshots that are kept do not
   * reach back as far as the width does.
   *
   * @param width as in {@link #reconstruct}
   * @throws IllegalStateException before the first update
   */
  public double error(double width) {
    Refuse.state(updates() == 0, "a post-hoc average needs an update, there was none");
    long[][] times = {snapshotTimes(0), snapshotTimes(1)};
    double[][] system = system(times, width);
    double[] weights = weights(system);
    PowerProfile target = PowerProfile.ofWidth(width);
    double own = target.product(updates(), target, updates());
    double squared = own;
    int n = weights.length;
    for (int row = 0; row < n; row++) {
      squared -= 2 * weights[row] * system[row][n];
      for (int column = 0; column < n; column++) {
        squared += weights[row] * system[row][column] * weights[column];
      }
    }
    return Math.sqrt(Math.max(0, squared) / own);
  }

  /** Times of an average's snapshots, ascending, and of the average as it is now. */
  private long[] snapshotTimes(int index) {
    long[] iterations = snapshots[index].iterations();
    long now = updates();
    // A snapshot of this very moment would make the equations singular.
    int count =
        iterations.length > 0 && iterations[iterations.length - 1] == now
            ? iterations.length - 1
            : iterations.length;
    long[] times = Arrays.copyOf(iterations, count + 1);
    times[count] = now;
    return times;
  }

  /** The least squares weights of both averages' snapshots at these times, for a width now. */
  double[] weights(long[][] times, double width) {
    return weights(system(times, width));
  }

  private static double[] weights(double[][] system) {
    double[] weights =
        LinearSystem.solve(Arrays.stream(system).map(double[]::clone).toArray(double[][]::new));
    double sum = Arrays.stream(weights).sum();
    for (int i = 0; i < weights.length; i++) {
      weights[i] /= sum;
    }
    return weights;
  }

  /** The normal equations: products of the profiles with each other, and last with the width's. */
  private double[][] system(long[][] times, double width) {
    int n = times[0].length + times[1].length;
    PowerProfile[] profiles = new PowerProfile[n];
    double[] at = new double[n];
    for (int i = 0, row = 0; i < 2; i++) {
      for (long time : times[i]) {
        profiles[row] = averages[i].profile();
        at[row++] = time;
      }
    }
    PowerProfile target = PowerProfile.ofWidth(width);
    double[][] system = new double[n][n + 1];
    for (int row = 0; row < n; row++) {
      for (int column = 0; column < n; column++) {
        system[row][column] = profiles[row].product(at[row], profiles[column], at[column]);
      }
      system[row][n] = profiles[row].product(at[row], target, updates());
    }
    return system;
  }

  @Override
  public void close() {
    for (CheckpointWindow window : snapshots) {
      window.close();
    }
  }

  @Override
  public String toString() {
    return "PostHocEma(" + averages[0] + ", " + averages[1] + ", every " + interval + ")";
  }
}
