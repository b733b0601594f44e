/**
 * The search for combination coefficients alpha (LCSC paper, Eq. 7 and Algorithm 1). {@link
 * org.lcsc.search.CheckpointSearch} is the main type: it runs a {@link
 * org.lcsc.search.strategy.SearchStrategy} such as {@link
 * org.lcsc.search.strategy.EvolutionarySearch}, or {@link org.lcsc.search.strategy.GradientSearch}
 * where the objective has a gradient, over a window of checkpoints within a {@link
 * org.lcsc.search.SearchBudget}, keeps the state from which a killed search continues and a {@link
 * org.lcsc.search.SearchLog} of every evaluation, and returns a {@link
 * org.lcsc.search.SearchResult}.
 */
package org.lcsc.search;
