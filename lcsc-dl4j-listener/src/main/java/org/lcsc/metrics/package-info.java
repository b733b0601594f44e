/**
 * Measures of sample quality in a feature space. {@link org.lcsc.metrics.FeatureExtractor} defines
 * the space, {@link org.lcsc.metrics.FeatureStatistics} accumulates its mean and covariance, {@link
 * org.lcsc.metrics.FrechetDistance} compares two of them (FID), {@link
 * org.lcsc.metrics.KernelDistance} compares the features themselves (KID). {@link
 * org.lcsc.metrics.FeatureDistance} and {@link org.lcsc.metrics.DifferentiableFeatureExtractor} are
 * what searches by gradients need of both.
 */
package org.lcsc.metrics;
