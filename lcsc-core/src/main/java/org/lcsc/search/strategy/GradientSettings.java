package org.lcsc.search.strategy;

/** Settings of a strategy that needs an objective with a gradient. */
interface GradientSettings extends StrategySettings {

  @Override
  default int evaluations() {
    return 200;
  }

  @Override
  default boolean wantsGradients() {
    return true;
  }
}
