/**
 * Measures of sample quality in a feature space. {@link org.lcsc.metrics.FeatureExtractor} defines
 * the space, {@link org.lcsc.metrics.FeatureStatistics} accumulates its mean and covariance, {@link
 * org.lcsc.metrics.FrechetDistance} compares two of them (FID), with {@link
 * org.lcsc.metrics.FidInfinity} for its limit of infinitely many samples. {@link
 * org.lcsc.metrics.KernelDistance} (KID), {@link org.lcsc.metrics.PrecisionRecall} and {@link
 * org.lcsc.metrics.MemorisationCheck} compare the features themselves; {@link
 * org.lcsc.metrics.InceptionScore} needs class probabilities, {@link org.lcsc.metrics.Lpips} the
 * activations of several layers. {@link org.lcsc.metrics.FeatureDistance} and {@link
 * org.lcsc.metrics.DifferentiableFeatureExtractor} are what searches by gradients need.
 */
package org.lcsc.metrics;
