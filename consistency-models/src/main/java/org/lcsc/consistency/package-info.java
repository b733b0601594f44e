/**
 * What a consistency model (Song et al. 2023, arXiv:2303.01469) is parameterised and scheduled by.
 * {@link org.lcsc.consistency.ConsistencyParameterisation} turns a network into a consistency
 * function; {@link org.lcsc.consistency.ConsistencyCurriculum} says how finely noise is
 * discretised, which pairs of neighbouring levels are compared, how they weigh and how slowly the
 * target network follows, as {@link org.lcsc.consistency.ConsistencyTraining} and {@link
 * org.lcsc.consistency.ImprovedConsistencyTraining} set it. Formulas only: it holds no training and
 * no sampling.
 */
package org.lcsc.consistency;
