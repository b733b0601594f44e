/**
 * How coefficients are proposed, one class per strategy. {@link
 * org.lcsc.search.strategy.SearchStrategy} is the main type (ask/tell for scores alone), {@link
 * org.lcsc.search.strategy.GradientStrategy} its extension for values with gradients.
 */
package org.lcsc.search.strategy;
