/**
 * Strategies for studies, beside those of the library: {@link
 * org.lcsc.experiment.strategy.BayesianSearch}.
 */
package org.lcsc.experiment.strategy;
