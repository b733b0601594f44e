/**
 * Objectives made of samples and a feature space: {@link org.lcsc.metrics.objective.FidObjective}
 * scores by FID, {@link org.lcsc.metrics.objective.FeatureObjective} by FID or KID with the
 * gradient.
 */
package org.lcsc.metrics.objective;
