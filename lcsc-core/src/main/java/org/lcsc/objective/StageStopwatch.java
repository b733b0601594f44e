package org.lcsc.objective;

/**
 * Sums the time that the stages of an evaluation take: what passed since the stage before counts
 * for the one that is named as done. Not thread-safe.
 */
public final class StageStopwatch {

  private static final double NANO = 1e-9;

  private long last = System.nanoTime();
  private double sampling;
  private double features;
  private double statistics;

  /** What passed so far counts for no stage. */
  public void restart() {
    lap();
  }

  public void sampled() {
    sampling += lap();
  }

  public void featuresExtracted() {
    features += lap();
  }

  public void statisticsDone() {
    statistics += lap();
  }

  private double lap() {
    long now = System.nanoTime();
    double seconds = (now - last) * NANO;
    last = now;
    return seconds;
  }

  public StageSeconds seconds() {
    return new StageSeconds(0, sampling, features, statistics);
  }
}
