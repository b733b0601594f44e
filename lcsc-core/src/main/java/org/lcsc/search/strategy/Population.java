package org.lcsc.search.strategy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The best of everything told so far, best first: the candidate parents CP of Algorithm 1. What
 * does not fit can never become a parent again and is forgotten. Non-finite scores rank last, equal
 * scores by age.
 */
final class Population {

  private static final Comparator<Individual> BY_RANK =
      Comparator.comparingDouble(Individual::rankedScore).thenComparingLong(Individual::index);

  private final int capacity;
  private final List<Individual> individuals = new ArrayList<>();

  /** Candidates told so far. */
  private long told;

  Population(int capacity) {
    this.capacity = capacity;
  }

  void add(double[][] candidates, double[] scores) {
    for (int i = 0; i < scores.length; i++) {
      individuals.add(new Individual(told++, scores[i], candidates[i].clone()));
    }
    individuals.sort(BY_RANK);
    if (individuals.size() > capacity) {
      individuals.subList(capacity, individuals.size()).clear();
    }
  }

  /** The score to beat for becoming a parent; infinite where a parent's score is not finite. */
  double threshold() {
    return individuals.get(individuals.size() - 1).rankedScore();
  }

  /** The coefficients to draw from: those with a finite score, or all where none has one. */
  List<double[]> parents() {
    List<double[]> finite =
        individuals.stream()
            .filter(i -> Double.isFinite(i.score()))
            .map(Individual::coefficients)
            .toList();
    return finite.isEmpty() ? individuals.stream().map(Individual::coefficients).toList() : finite;
  }

  void write(DataOutputStream out) throws IOException {
    out.writeLong(told);
    out.writeInt(individuals.size());
    for (Individual individual : individuals) {
      out.writeLong(individual.index());
      out.writeDouble(individual.score());
      for (double a : individual.coefficients()) {
        out.writeDouble(a);
      }
    }
  }

  static Population read(DataInputStream in, int capacity, int dimension) throws IOException {
    Population population = new Population(capacity);
    population.told = in.readLong();
    int size = in.readInt();
    if (size < 0 || size > capacity) {
      throw new IOException("it holds " + size + " parents, at most " + capacity + " are possible");
    }
    for (int i = 0; i < size; i++) {
      long index = in.readLong();
      double score = in.readDouble();
      double[] coefficients = new double[dimension];
      for (int k = 0; k < dimension; k++) {
        coefficients[k] = in.readDouble();
      }
      population.individuals.add(new Individual(index, score, coefficients));
    }
    return population;
  }

  /** A candidate with its score and the order in which it was told. */
  private record Individual(long index, double score, double[] coefficients) {
    double rankedScore() {
      return Double.isFinite(score) ? score : Double.POSITIVE_INFINITY;
    }
  }
}
