package com.example.parts;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.lcsc.config.Kind;
import org.lcsc.config.Require;
import org.lcsc.search.strategy.SearchStrategy;
import org.lcsc.search.strategy.StrategySettings;

/**
 * A search strategy: steps from the best so far in random directions of the sum 0. Not thread-safe.
 */
public final class Wander implements SearchStrategy {

  /**
   * Settings.
   *
   * @param step standard deviation of a coefficient's step, above 0; default 0.1
   */
  @Kind("wander")
  public record Settings(double step) implements StrategySettings {

    public Settings() {
      this(0.1);
    }

    public Settings {
      Require.positive("step", step);
    }

    @Override
    public boolean searchesGroups() {
      return false;
    }

    @Override
    public SearchStrategy create(Start start) {
      return new Wander(start.initial()[0], step, start.seed());
    }
  }

  private final double step;
  private final long seed;
  private double[] best;
  private double bestScore = Double.POSITIVE_INFINITY;
  private int asked;

  private Wander(double[] start, double step, long seed) {
    this.best = start.clone();
    this.step = step;
    this.seed = seed;
  }

  @Override
  public String name() {
    return "wander";
  }

  @Override
  public int dimension() {
    return best.length;
  }

  @Override
  public double[][] ask() {
    double[] candidate = best.clone();
    if (asked > 0) {
      SplittableRandom random = new SplittableRandom(seed + asked);
      double sum = 0;
      for (int i = 1; i < candidate.length; i++) {
        double move = step * random.nextGaussian();
        candidate[i] += move;
        sum += move;
      }
      candidate[0] -= sum;
    }
    return new double[][] {candidate};
  }

  @Override
  public void tell(double[] scores) {
    if (scores[0] < bestScore) {
      best = ask()[0];
      bestScore = scores[0];
    }
    asked++;
  }

  @Override
  public byte[] snapshot() {
    ByteBuffer bytes = ByteBuffer.allocate(12 + 8 * best.length);
    bytes.putInt(asked).putDouble(bestScore);
    bytes.asDoubleBuffer().put(best);
    return bytes.array();
  }

  @Override
  public void restore(byte[] snapshot) {
    if (snapshot.length != 12 + 8 * best.length) {
      throw new IllegalArgumentException("snapshot of another number of coefficients");
    }
    ByteBuffer bytes = ByteBuffer.wrap(snapshot);
    asked = bytes.getInt();
    bestScore = bytes.getDouble();
    bytes.asDoubleBuffer().get(best);
  }
}
