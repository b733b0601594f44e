package org.lcsc.consistency;

/**
 * A curriculum that is entered at a later iteration, as by a training that starts from a model
 * which has been through the iterations before.
 *
 * @param whole the curriculum
 * @param startAt iterations of it that are done, at least 0
 */
record ContinuedCurriculum(ConsistencyCurriculum whole, int startAt)
    implements ConsistencyCurriculum {

  private int at(int iteration) {
    return (int) Math.min(Integer.MAX_VALUE, (long) iteration + startAt);
  }

  @Override
  public int levels(int iteration) {
    return whole.levels(at(iteration));
  }

  @Override
  public double targetRate(int iteration) {
    return whole.targetRate(at(iteration));
  }

  @Override
  public double[] probabilities(double[] sigmas) {
    return whole.probabilities(sigmas);
  }

  @Override
  public double weight(double sigma, double next) {
    return whole.weight(sigma, next);
  }
}
