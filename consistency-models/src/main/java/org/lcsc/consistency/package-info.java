/**
 * Consistency models (Song et al. 2023, arXiv:2303.01469): distilled from a teacher, trained from
 * data alone or tuned from a diffusion model, and sampled in one step or a few. {@link
 * org.lcsc.consistency.ConsistencyBatches} is the main type: it feeds Deeplearning4j's ordinary
 * {@code fit}. {@link org.lcsc.consistency.ConsistencyCurriculum} says how finely noise is
 * discretised, which pairs of neighbouring levels are compared, how they weigh and how slowly the
 * target network follows; {@link org.lcsc.consistency.ConsistencySampler} draws the samples.
 */
package org.lcsc.consistency;
