package org.lcsc.search.strategy;

import java.util.Objects;

/** A strategy that changes what another asks or receives. */
abstract class StrategyDecorator extends SavedStrategy {

  /** The other. */
  final SearchStrategy strategy;

  StrategyDecorator(SearchStrategy strategy) {
    this.strategy = Objects.requireNonNull(strategy, "strategy");
  }

  @Override
  public final String name() {
    return strategy.name();
  }

  @Override
  public final int dimension() {
    return strategy.dimension();
  }

  @Override
  public double[][] ask() {
    return strategy.ask();
  }

  @Override
  public double fidelity() {
    return strategy.fidelity();
  }

  @Override
  public final String toString() {
    return getClass().getSimpleName() + "[" + configuration() + ", " + strategy + "]";
  }
}
