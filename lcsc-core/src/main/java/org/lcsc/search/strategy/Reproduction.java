package org.lcsc.search.strategy;

import java.util.List;
import java.util.Random;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.search.strategy.EvolutionarySearch.Parameters;

/** Draws a child from parents: lines 8 to 10 of Algorithm 1. Stateless but for the generator. */
record Reproduction(Parameters parameters, int groups, Random random) {

  /** Draws of one child; with sums near 1 to start from, a second draw is already rare. */
  private static final int MAX_DRAWS = 100;

  /**
   * A child of two parents drawn uniformly, with replacement.
   *
   * @param parents coefficients, every group of sum 1, best first, at least one; not modified
   * @param sigma expected length of the mutation of every group
   * @return coefficients, every group of sum 1
   */
  double[] child(List<double[]> parents, double sigma) {
    for (int draw = 0; draw < MAX_DRAWS; draw++) {
      double[] child = cross(draw(parents), draw(parents));
      boolean[] mutated = mutate(child, sigma);
      if (parameters.normalisation() == Normalisation.PROJECT) {
        project(child, mutated);
        return child;
      }
      if (parameters.normalisation() == Normalisation.CONVEX) {
        for (int k = 0; k < child.length; k++) {
          child[k] = Math.max(0, child[k]);
        }
      }
      if (Coefficients.areDivisible(child, parameters.minimumSum(), groups)) {
        return Coefficients.normalised(child, parameters.minimumSum(), groups);
      }
    }
    return parents.get(0).clone();
  }

  private double[] draw(List<double[]> parents) {
    return parents.get(random.nextInt(parents.size()));
  }

  private double[] cross(double[] father, double[] mother) {
    double kind = random.nextDouble();
    double[] child = father.clone();
    if (kind < parameters.mixProbability()) {
      double lambda = random.nextDouble();
      for (int k = 0; k < child.length; k++) {
        child[k] = lambda * father[k] + (1 - lambda) * mother[k];
      }
    } else if (kind < parameters.mixProbability() + parameters.exchangeProbability()) {
      for (int k = 0; k < child.length; k++) {
        if (random.nextBoolean()) {
          child[k] = mother[k];
        }
      }
    }
    return child;
  }

  /** Adds the noise in place and tells which coefficients got some. */
  private boolean[] mutate(double[] child, double sigma) {
    boolean[] mutated = new boolean[child.length];
    for (int k = 0; k < child.length; k++) {
      mutated[k] = random.nextDouble() < parameters.mutationProbability();
    }
    int size = child.length / groups;
    int count = 0;
    for (int from = 0; from < child.length; from += size) {
      int ofGroup = count(mutated, from, from + size);
      // A change of a single coefficient would be undone by restoring the sum.
      while (ofGroup < 2) {
        int k = from + random.nextInt(size);
        ofGroup += mutated[k] ? 0 : 1;
        mutated[k] = true;
      }
      count += ofGroup;
    }
    double deviation = sigma * Math.sqrt(groups) / Math.sqrt(count);
    for (int k = 0; k < child.length; k++) {
      if (mutated[k]) {
        child[k] += deviation * random.nextGaussian();
      }
    }
    return mutated;
  }

  private void project(double[] child, boolean[] mutated) {
    int size = child.length / groups;
    for (int from = 0; from < child.length; from += size) {
      int to = from + size;
      double excess = (Coefficients.sum(child, from, to) - 1) / count(mutated, from, to);
      for (int k = from; k < to; k++) {
        if (mutated[k]) {
          child[k] -= excess;
        }
      }
    }
  }

  private static int count(boolean[] mutated, int from, int to) {
    int count = 0;
    for (int k = from; k < to; k++) {
      count += mutated[k] ? 1 : 0;
    }
    return count;
  }
}
